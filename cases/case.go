package cases

import (
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases/clock"
	"makegood/internal/money"
)

// ID names a case.
type ID int64

// Topic is the live topic of one case.
func (id ID) Topic() string { return "case:" + strconv.FormatInt(int64(id), 10) }

// Type is what a customer wants.
type Type string

// The types of case.
const (
	Inquiry      Type = "inquiry"
	Dispute      Type = "dispute"
	Concession   Type = "concession"
	Cancellation Type = "cancellation"
	Refund       Type = "refund"
	Remittance   Type = "remittance"
)

// Types lists every type.
func Types() []Type {
	return []Type{Inquiry, Dispute, Concession, Cancellation, Refund, Remittance}
}

// Priority is how urgent a case is, P1 first.
type Priority = clock.Priority

// WaitingOn names whom a waiting case waits for.
type WaitingOn = clock.WaitingOn

// The priorities, and those a case may wait for, under this package's name.
const (
	P1 = clock.P1
	P2 = clock.P2
	P3 = clock.P3
	P4 = clock.P4

	OnNobody     WaitingOn = ""
	OnCustomer             = clock.OnCustomer
	OnApprover             = clock.OnApprover
	OnBilling              = clock.OnBilling
	OnUpstream             = clock.OnUpstream
	OnThirdParty           = clock.OnThirdParty
)

// CreditState is how far money for the case has come. Only the first four are kept on the case; the others are what
// can happen to one credit request.
type CreditState string

// The states of credit.
const (
	CreditNone      CreditState = "none"
	CreditPending   CreditState = "pending"
	CreditApproved  CreditState = "approved"
	CreditPosted    CreditState = "posted"
	CreditRejected  CreditState = "rejected"
	CreditWithdrawn CreditState = "withdrawn"
	CreditFailed    CreditState = "failed"
	CreditReturned  CreditState = "returned" // asked back: the requester has to answer
	CreditExpired   CreditState = "expired"
	CreditReversed  CreditState = "reversed" // posted, then taken back
)

// Case is one matter of a customer, from its first message to its closing. NextClock, NextDueAt, ClockPaused and
// Breached repeat what its clocks say, for lists. Version counts the changes a person has to know of.
type Case struct {
	ID               ID
	Number           string
	Type             Type
	Subject          string
	Status           Status
	WaitingOn        WaitingOn
	Priority         Priority
	PriorityReason   string // why a person or an escalation overrode the computed priority; "" means computed
	Topic            string
	Language         string
	CustomerID       *billing.CustomerID
	ContactID        *billing.ContactID
	EntityID         *billing.EntityID
	TeamID           *int64
	AssigneeID       *int64
	RootCauseID      *int64
	Resolution       string
	CreditState      CreditState
	Disputed         decimal.Decimal
	DisputedCurrency money.Currency
	RiskBase         decimal.Decimal // in billing.AuthorityCurrency
	Snippet          string
	PolicyID         *int64
	NextClock        clock.Kind
	NextDueAt        *time.Time
	ClockPaused      bool
	Breached         bool
	OpenedAt         time.Time
	LastCustomerAt   *time.Time
	LastReplyAt      *time.Time
	UnansweredSince  *time.Time
	ResolvedAt       *time.Time
	ClosedAt         *time.Time
	MergedInto       *ID
	FollowsID        *ID
	FollowUpAt       *time.Time // when it comes back, or came back
	FollowUpNote     string
	FollowUpDue      bool // that moment has come
	UndonePoints     int  // required points of its checklist that nobody has ticked; the database counts
	Version          int
}

// InDispute is the amount in dispute; in the authority currency when several currencies are in dispute.
func (c Case) InDispute() money.Amount { return money.Of(c.Disputed, c.DisputedCurrency) }

// Risk is the amount in dispute in the authority currency.
func (c Case) Risk() money.Amount { return money.Of(c.RiskBase, billing.AuthorityCurrency) }

// entity is the legal entity for access; 0 when the case belongs to none yet.
func (c Case) entity() int64 {
	if c.EntityID == nil {
		return 0
	}
	return int64(*c.EntityID)
}

// Participant is somebody who takes part in a case by mail. One put in copy by an inbound mail is not accepted and
// gets nothing until an agent accepts them.
type Participant struct {
	CaseID    ID
	Address   string
	Name      string
	ContactID *billing.ContactID
	Accepted  bool
	AddedAt   time.Time
	// AcceptedAt is since when somebody takes part who was let in later; nil for whoever took part from the beginning.
	AcceptedAt *time.Time
}

// LinkedInvoice is an invoice a case is about, with what tied it to the case and how sure that is (0 to 100).
type LinkedInvoice struct {
	CaseID     ID
	InvoiceID  billing.InvoiceID
	Evidence   string
	Confidence int
	LinkedAt   time.Time
}

// Warning is something the agent should know: a message key with its parameters.
type Warning struct {
	ID     int64
	CaseID ID
	Key    string
	Params map[string]string
	At     time.Time
}

// Notice tells a person something about a case.
type Notice struct {
	ID             int64
	UserID         int64
	CaseID         *ID
	Key            string
	Params         map[string]string
	Urgent         bool // quiet hours do not hold back its mail
	CreatedAt      time.Time
	ReadAt         *time.Time
	AcknowledgedAt *time.Time
}
