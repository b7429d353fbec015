package cases

import (
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/access"
)

// OpenInput opens a case. Zero ReceivedAt means now; EntityID falls back to the customer's. Language falls back to that of
// the message, then the contact's, then the customer's.
type OpenInput struct {
	Type         Type
	Subject      string
	Topic        string
	Language     string
	CustomerID   *billing.CustomerID
	ContactID    *billing.ContactID
	EntityID     *billing.EntityID
	Source       string // "mail", "web", "api", "agent"
	Participants []Participant
	Invoices     []LinkedInvoice
	Disputes     []NewDispute
	Warnings     []Warning
	Message      *InboundMessage
	Note         string // an internal note that stands in the case from the start
	Follows      *ID
	// Customer is that of CustomerID, for a caller that has read it in this transaction already.
	Customer *billing.Customer
	// Acknowledge queues the acknowledgement with the case, as AcknowledgeTx would; its CaseID is not used.
	Acknowledge *AcknowledgeInput
	AssigneeID  *int64
	TeamID      *int64
	By          access.Actor
	ReceivedAt  time.Time

	// Priority overrides the computed one, for PriorityReason, which is written for people; "" leaves it.
	Priority       Priority
	PriorityReason string
	Tags           []string // lower case

	// Past opens a case that was over long ago: it is closed, at ReceivedAt, promises nothing and runs no clock. It takes no Disputes
	// and is not acknowledged.
	Past bool
	// Brought says that another helpdesk had the case, and how it stood there; nil of all others. With Past it is closed, at Brought.ClosedAt.
	Brought *Brought
}

// On names a case, the version of it the change was based on, and who acts.
type On struct {
	By      access.Actor
	ID      ID
	Version int
}

// ReplyInput answers the customer. To defaults to whoever wrote last, if accepted; Cc to the other accepted
// participants when CcAll. Then, if not "", is where the case goes with the reply: Waiting (on WaitingOn) or Resolved. What
// Macro does is done with it; where that names a status, it counts before Then.
type ReplyInput struct {
	On
	Body       string
	To         string
	Cc         []string
	CcAll      bool
	Then       Status
	WaitingOn  WaitingOn
	Resolution string // with Then Resolved
	RootCause  *int64 // with Then Resolved
	Macro      MacroID
	Files      []DraftFileID // of the draft, that go with it
	Attach     []NewFile     // further ones

	held time.Duration // that the mail waits beyond the undo window
}

// Sent is a reply on its way. Until UndoUntil it can be taken back.
type Sent struct {
	Case       Case
	MessageID  MessageID
	OutgoingID int64
	UndoUntil  time.Time
}

// UndoReplyInput takes back a reply that has not left yet.
type UndoReplyInput struct {
	By        access.Actor
	ID        ID
	MessageID MessageID
}

// NoteInput adds an internal note. Version 0 is allowed: a note contradicts nothing, but what its Macro does.
type NoteInput struct {
	On
	Body   string
	Macro  MacroID
	Files  []DraftFileID // of the draft, that stay with it
	Attach []NewFile     // further ones
}

// AssignInput gives a case to somebody, or to nobody (AssigneeID nil). It stays with its team (TeamID nil), goes to another, or to none
// (TeamID of 0).
type AssignInput struct {
	On
	AssigneeID *int64
	TeamID     *int64
}

// StatusInput moves a case. To Waiting needs WaitingOn, to Resolved of a dispute RootCause (or one set before).
type StatusInput struct {
	On
	To         Status
	WaitingOn  WaitingOn
	Resolution string
	RootCause  *int64
	Comment    string
}

// PriorityInput overrides the computed priority, which needs a reason. Computed takes the override back.
type PriorityInput struct {
	On
	Priority Priority
	Reason   string
	Computed bool
}

// LinkCustomerInput ties a case to a customer. Remember also keeps the last sender's address as a contact of theirs.
type LinkCustomerInput struct {
	On
	CustomerID billing.CustomerID
	Remember   bool
}

// LinkInvoiceInput ties an invoice to a case by an agent's own judgement.
type LinkInvoiceInput struct {
	On
	InvoiceID billing.InvoiceID
}

// AddDisputeInput contests an invoice or a line of it.
type AddDisputeInput struct {
	On
	NewDispute
}

// DecideDisputeInput decides a dispute line without a credit: Accepted 0 rejects it (needs Explanation). Withdrawn means
// the customer took it back.
type DecideDisputeInput struct {
	On
	DisputeID   DisputeID
	Accepted    decimal.Decimal
	Explanation string
	Withdrawn   bool
}

// AcknowledgeInput asks for the acknowledgement of a new case. InReplyTo and References thread it below the customer's mail.
type AcknowledgeInput struct {
	CaseID     ID
	InReplyTo  string
	References []string
}

// SettleInput records what a posted credit means for a dispute line.
type SettleInput struct {
	DisputeLineID   DisputeID
	Accepted        decimal.Decimal
	Credited        decimal.Decimal
	Explanation     string
	CreditRequestID *int64
	RootCauseID     *int64 // becomes the case's when it has none
	By              access.Actor
}

// DraftInput keeps what somebody has begun to write; an empty Body drops it.
type DraftInput struct {
	By   access.Actor
	ID   ID
	Kind MessageKind
	Body string
}

// ParticipantInput names a participant of a case.
type ParticipantInput struct {
	On
	Address string
}

// NoticeInput names a notice of the actor's own.
type NoticeInput struct {
	By access.Actor
	ID int64
}
