package credits

import (
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits/authority"
)

// Preview is what would happen if the proposal were submitted as it is. Nothing of it is stored.
type Preview struct {
	Adjustment      billing.Adjustment // lines, taxes, sums and where they go
	Invoices        []billing.Invoice  // it concerns
	Customers       []billing.Customer
	AuthorityKind   billing.Kind    // whose limits decide
	InvoiceOpen     Change          // what is open on the credited invoice
	AuthorityAmount decimal.Decimal // what is compared with limits, in billing.AuthorityCurrency: the total, or of a rebill that bills more than it gives back the new invoice
	Rate            decimal.Decimal
	RateOn          time.Time
	Window          Window
	Budget          Budget           // of a concession: the requester's team's, this month, without this one; zero without a team
	Chain           authority.Result // who must decide, and which rule says so
	Before          billing.Position // of the customer; zero for several
	After           billing.Position
	Warnings        []Warning
	Evidence        []Required // what the policy asks it to bring
}

// Change is a figure now and after posting.
type Change struct {
	Now   decimal.Decimal
	After decimal.Decimal
}

// Window is what counts together with a request: what the customer's family got or has pending within WindowDays, and
// what the same invoice got at any time; both in billing.AuthorityCurrency and without the request itself.
type Window struct {
	Family  decimal.Decimal
	Invoice decimal.Decimal
}

// WindowDays is how long requests for one customer family count together.
const WindowDays = 30

// Counted is the sum that is added to a request before it is compared with limits.
func (w Window) Counted() decimal.Decimal { return decimal.Max(w.Family, w.Invoice) }

// Row is a request in a list. What it concerns none of, or several, is "".
type Row struct {
	Request
	CaseNumber    string
	InvoiceNumber string
	CustomerName  string
	Account       string
	Tier          billing.Tier
	RequesterName string
	ReasonName    string
	RootCause     string
	ErrorBy       string // the name of whose error it puts right; "" for nobody's of the desk
	MemoNumber    string
	TakenBackBy   string // the reversal of what it became
}

// Detail is a request with its parts and all that was decided.
type Detail struct {
	Row
	Lines    []Line
	Taxes    []Tax
	Steps    []Step // in order, void ones included
	Evidence []Evidence

	Raised    []Raised   // what was noticed about what it asks for now
	Questions []Question // asked back, the oldest first
	Earlier   []Earlier  // what it asked for before it was changed, the oldest first
}

// Open is the step that waits for a decision; false when there is none.
func (d Detail) Open() (Step, bool) {
	for _, step := range d.Steps {
		if step.State == StepOpen {
			return step, true
		}
	}
	return Step{}, false
}

// WaitingItem is a request that waits for one person's decision. StandsInFor names whom they would decide for.
type WaitingItem struct {
	Row
	StepID        StepID
	LevelName     string
	RuleKey       string
	RuleParams    map[string]string
	Step          int // the first is 1
	Steps         int
	Needed        int
	Signed        int
	OpenedAt      time.Time
	StepDueAt     *time.Time
	StepBreached  bool
	EvidenceCount int
	OnBehalfOf    *int64
	StandsInFor   string
}

// ListFilter narrows a list of requests, newest first; zero values do not narrow. After is the Next of the page before.
type ListFilter struct {
	States     []State
	Kind       billing.Kind
	CustomerID billing.CustomerID
	CaseID     int64
	InvoiceID  billing.InvoiceID
	Requester  int64
	Query      string // part of a number, also of what it became, or of the customer's name
	After      string
	Limit      int // 0 means 50, at most 200
}

// Page is one page of a list; Next is "" on the last.
type Page[T any] struct {
	Rows []T
	Next string
}
