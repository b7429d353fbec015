package letters

import (
	"time"

	"makegood/internal/money"
)

// A field tagged need:"yes" must be filled; need:"positive" is an amount above zero. Times are shown in their
// own location, so the caller sets the customer's or the entity's zone.

// variables is what every struct of variables can tell.
type variables interface {
	kind() Kind
	frame() Frame
	name() string
	values(p *page) (map[string]string, error) // what its own variables stand for in a wording
}

// Frame is what every letter carries. Subject is the customer's own and may be empty; CaseNumber is needed
// by every kind but Oversize, ContactProof, PortalCode and Statement, where there is no case yet.
type Frame struct {
	CaseNumber string
	Subject    string
	Entity     string `need:"yes"`
	Signature  string `need:"yes"`
}

func (f Frame) frame() Frame { return f }
func (f Frame) name() string { return "" }

// AcknowledgementVars say that the message arrived. AnswerBy and Invoices are optional; Invoices may hold only numbers
// that belong to the reader.
type AcknowledgementVars struct {
	Frame
	Name       string
	ReceivedAt time.Time `need:"yes"`
	AnswerBy   time.Time
	Invoices   []string
}

// ReplyVars wrap what an agent wrote; greeting and closing are the agent's own.
type ReplyVars struct {
	Frame
	Body  string `need:"yes"`
	Agent string
	Quote *Quote
}

// Quote is the customer's message below the answer.
type Quote struct {
	From string    `need:"yes"`
	At   time.Time `need:"yes"`
	Text string    `need:"yes"`
}

// Outcome is how a dispute line was decided.
type Outcome string

// The outcomes a customer is told.
const (
	Accepted       Outcome = "accepted"
	PartlyAccepted Outcome = "partly_accepted"
	Rejected       Outcome = "rejected"
	Withdrawn      Outcome = "withdrawn"
)

// Line is one decided dispute line. Explanation is needed unless the line was accepted or withdrawn.
type Line struct {
	Description string       `need:"yes"`
	Outcome     Outcome      `need:"yes"`
	Contested   money.Amount `need:"positive"`
	Credited    money.Amount `need:"yes"`
	Explanation string
}

// CreditPostedVars say that a memo was posted. Without Invoice the credit went to the account, and Open is not told.
// Refunded is optional; NewInvoice, the one that replaces what was credited, comes with NewAmount.
type CreditPostedVars struct {
	Frame
	Name     string
	Memo     string       `need:"yes"`
	Amount   money.Amount `need:"positive"`
	PostedAt time.Time    `need:"yes"`
	Invoice  string
	// Open is what is left to pay on the invoice after the memo.
	Open money.Amount
	// PayLink is where PayNow, what of that is not in dispute, is paid; both are optional.
	PayLink      string
	PayNow       money.Amount
	MemoAttached bool
	Refunded     money.Amount // what of the memo is paid out
	Kept         money.Amount // what of it stays on the account, as no invoice has taken it
	NewInvoice   string
	NewAmount    money.Amount
	Lines        []Line
}

// DebitPostedVars say that more is charged, and why. Without Invoice it is charged to the account.
type DebitPostedVars struct {
	Frame
	Name     string
	Memo     string       `need:"yes"`
	Amount   money.Amount `need:"positive"`
	PostedAt time.Time    `need:"yes"`
	DueOn    time.Time    `need:"yes"`
	Reason   string       `need:"yes"`
	Invoice  string
	Attached bool
}

// RefundPostedVars are the refund advice: money is on its way to the customer. Destination, masked, and From, the
// numbers of what is paid back, are optional.
type RefundPostedVars struct {
	Frame
	Name        string
	Refund      string       `need:"yes"`
	Amount      money.Amount `need:"positive"`
	PostedAt    time.Time    `need:"yes"`
	Destination string
	From        []string
	Attached    bool
}

// NudgeVars say that we wait for the customer. Question and ClosesAt are optional.
type NudgeVars struct {
	Frame
	Name     string
	AskedAt  time.Time `need:"yes"`
	Question string
	ClosesAt time.Time
}

// AutoCloseVars say that the case was closed for want of an answer. ReopenURL is a signed link and optional.
type AutoCloseVars struct {
	Frame
	Name        string
	AskedAt     time.Time `need:"yes"`
	ReopenUntil time.Time `need:"yes"`
	ReopenURL   string
}

// OversizeVars say that the message was too large to be taken in. Sizes are in bytes.
type OversizeVars struct {
	Frame
	Name       string
	ReceivedAt time.Time `need:"yes"`
	Size       int64     `need:"yes"`
	Limit      int64     `need:"yes"`
}

// ContactProofVars ask whoever gets the letter to show, by following the link, that they filled in the form. What was
// typed into the form does not stand in it: the letter may reach somebody who never saw the form.
type ContactProofVars struct {
	Frame
	URL    string    `need:"yes"`
	EndsAt time.Time `need:"yes"`
}

// PortalCodeVars let the reader in to the portal, once, by the code or by the link.
type PortalCodeVars struct {
	Frame
	Name   string
	Code   string    `need:"yes"`
	URL    string    `need:"yes"`
	EndsAt time.Time `need:"yes"`
}

// SurveyVars ask the reader how we did with a case that is settled. URL is a signed link to the page that asks, good until EndsAt.
type SurveyVars struct {
	Frame
	Name   string
	URL    string    `need:"yes"`
	EndsAt time.Time `need:"yes"`
}

// titled letters begin a conversation and have a subject of their own, a sentence with the variables {entity} and {account}.
type titled interface{ title() string }

func (ContactProofVars) title() string { return "proof.subject" }
func (PortalCodeVars) title() string   { return "code.subject" }

func (AcknowledgementVars) kind() Kind { return Acknowledgement }
func (ReplyVars) kind() Kind           { return Reply }
func (CreditPostedVars) kind() Kind    { return CreditPosted }
func (DebitPostedVars) kind() Kind     { return DebitPosted }
func (RefundPostedVars) kind() Kind    { return RefundPosted }
func (NudgeVars) kind() Kind           { return Nudge }
func (AutoCloseVars) kind() Kind       { return AutoClose }
func (OversizeVars) kind() Kind        { return Oversize }
func (ContactProofVars) kind() Kind    { return ContactProof }
func (PortalCodeVars) kind() Kind      { return PortalCode }
func (SurveyVars) kind() Kind          { return Survey }

func (v AcknowledgementVars) name() string { return v.Name }
func (v CreditPostedVars) name() string    { return v.Name }
func (v DebitPostedVars) name() string     { return v.Name }
func (v RefundPostedVars) name() string    { return v.Name }
func (v NudgeVars) name() string           { return v.Name }
func (v AutoCloseVars) name() string       { return v.Name }
func (v OversizeVars) name() string        { return v.Name }
func (v PortalCodeVars) name() string      { return v.Name }
func (v SurveyVars) name() string          { return v.Name }
