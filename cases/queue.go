package cases

import (
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases/clock"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// View is a standing selection of the queue.
type View string

// The views. An empty view selects all cases, whatever their status.
const (
	ViewAll             View = ""
	ViewMine            View = "mine"
	ViewWatched         View = "watched"  // by the actor
	ViewCovering        View = "covering" // due, of colleagues of the team who are away for the day
	ViewClosing         View = "closing"  // holds up the close, around the end of a month
	ViewAllOpen         View = "all_open"
	ViewUnassigned      View = "unassigned"
	ViewTriage          View = "triage" // open, and of no known customer yet
	ViewBreached        View = "breached"
	ViewDue60           View = "due_60"
	ViewWaitingCustomer View = "waiting_customer"
	ViewWaitingApprover View = "waiting_approver"
	ViewAtRisk          View = "at_risk"
	ViewFollowUps       View = "follow_ups" // put off to a moment that has come
	ViewSnoozed         View = "snoozed"    // put off to a moment that has not
	ViewResolved        View = "resolved"
)

// Views lists the standing views, in the order of the screen.
func Views() []View {
	return []View{
		ViewMine, ViewWatched, ViewCovering, ViewClosing, ViewAllOpen, ViewUnassigned, ViewTriage, ViewBreached, ViewDue60,
		ViewWaitingCustomer, ViewWaitingApprover, ViewAtRisk, ViewFollowUps, ViewSnoozed, ViewResolved,
	}
}

// Sort is the order of the queue.
type Sort string

// The orders: follow-ups that are due and then the tightest deadline first, the oldest first, the most money first, the newest first, and the last
// resolved first. Without one, each view has its own. By deadline and by amount only open work is sorted.
const (
	SortDue      Sort = "due"
	SortAge      Sort = "age"
	SortRisk     Sort = "risk"
	SortNewest   Sort = "newest"
	SortResolved Sort = "resolved"
)

// among refuses an order in which only open work is kept: of all there ever was, each page would read and sort everything.
func (s Sort) among(onlyOpen bool) error {
	if !onlyOpen && (s == SortDue || s == SortRisk) {
		return errs.InvalidField("sort", "view.sorts_open_work")
	}
	return nil
}

// CountCap is where counts stop counting.
const CountCap = 1000

// Filter narrows the queue; zero values do not narrow. After is the Next of the page before. Query is read by the filter
// package, in the reader's zone.
type Filter struct {
	View       View
	AssigneeID int64
	TeamID     int64
	Status     []Status
	CustomerID billing.CustomerID
	InvoiceID  billing.InvoiceID
	Type       Type
	Breached   bool
	Query      string
	Zone       *time.Location // whose days a Query means; nil means UTC
	Sort       Sort
	After      string
	Limit      int // 0 means 50, at most 200
}

// QueueRow is one case in a list.
type QueueRow struct {
	ID               ID
	Number           string
	Type             Type
	Subject          string
	Snippet          string
	Status           Status
	WaitingOn        WaitingOn
	Priority         Priority
	Language         string
	CustomerID       *billing.CustomerID
	CustomerName     string
	CustomerAccount  string
	Tier             billing.Tier
	EntityID         *billing.EntityID
	Disputed         decimal.Decimal
	DisputedCurrency money.Currency
	RiskBase         decimal.Decimal
	CreditState      CreditState
	AssigneeID       *int64
	AssigneeName     string
	NextClock        clock.Kind
	NextDueAt        *time.Time
	ClockPaused      bool
	Breached         bool
	OpenedAt         time.Time
	LastCustomerAt   *time.Time
	LastReplyAt      *time.Time
	UnansweredSince  *time.Time
	ResolvedAt       *time.Time
	FollowUpAt       *time.Time
	FollowUpDue      bool
	Version          int
}

// InDispute is the amount in dispute.
func (r QueueRow) InDispute() money.Amount { return money.Of(r.Disputed, r.DisputedCurrency) }

// Page is one page of the queue; Next is "" on the last.
type Page struct {
	Rows    []QueueRow
	Next    string
	Bounded bool // the words name something besides, and of all that they are in only the newest was looked through
}
