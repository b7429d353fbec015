package credits

import (
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/money"
)

// ProposeInput is what somebody proposes: the input of an adjustment of any kind, with why and for which case. Which
// fields count depends on Kind, as in billing.AdjustmentInput, whose words these are. Of IdempotencyKey "" is none.
type ProposeInput struct {
	By           access.Actor `json:"-"`
	CaseID       *cases.ID    // of a reversal nil is the case of what is taken back
	Kind         billing.Kind
	InvoiceID    billing.InvoiceID
	ReasonCode   string
	RootCauseID  *int64
	ErrorBy      *int64 `json:",omitempty"` // whose error of the desk's people it puts right: they do not sign, and get no own limit
	Explanation  string // for approvers and auditors
	CustomerNote string // for the customer
	Lines        []ProposeLine
	Whole        bool // all that remains of the invoice, instead of lines

	Refund         decimal.Decimal // part of a credit that is paid out
	SettledOutside decimal.Decimal // part of a credit that was settled on another way

	EntityID   billing.EntityID // these three where there is no invoice to take them from
	CustomerID billing.CustomerID
	Currency   money.Currency

	Items        []billing.ItemPart
	ToCustomerID billing.CustomerID
	Reverses     billing.DocumentRef
	Bill         *billing.Bill
	Method       string
	Destination  string

	For *billing.GoodwillFor // concession: the incident it is given for, so that a service credit counts it as given

	Evidence       []NewEvidence `json:"-"`
	IdempotencyKey string        `json:"-"`
}

// ProposeLine is the proposed amount on one invoice line, in the price basis of the invoice: Net after the document
// discount, List before it, or Quantity alone. DisputeLineID ties it to what the customer contests; with Whole the lines
// contested in the case are tied by themselves. A credit on account has a Description and a Tax instead of an invoice line.
type ProposeLine struct {
	InvoiceLineID billing.InvoiceLineID
	Net           decimal.Decimal
	List          decimal.Decimal
	Quantity      *decimal.Decimal
	DisputeLineID *cases.DisputeID
	Description   string
	Tax           billing.LineTax
}

// NewEvidence is a piece of evidence to add.
type NewEvidence struct {
	Kind      EvidenceKind
	Label     string
	MessageID *cases.MessageID
	SheetID   *int64 // of a calculation: the sheet it was made with
	SHA256    []byte // of that sheet or of the document, as it is now

	AttachmentID *int64 // of a document or a calculation: the file of the case it is
}

// DecideInput decides the open step of a request. StepID, Digest and ContentVersion, when set, are what the person saw: the decision
// is refused when they are not the present ones. A rejection needs a comment.
type DecideInput struct {
	By             access.Actor
	ID             ID
	Comment        string
	StepID         StepID
	Digest         []byte
	ContentVersion int

	upTo *decimal.Decimal // of several at once: the most that each may be, in the authority currency
}

// WithdrawInput takes a request back.
type WithdrawInput struct {
	By      access.Actor
	ID      ID
	Comment string
}

// EvidenceInput adds evidence to a request that has not ended. It does not restart the chain.
type EvidenceInput struct {
	By access.Actor
	ID ID
	NewEvidence
}

// DelegateInput lets To decide in the actor's place for a time, up to MaxAmount if given (in the authority currency), for
// some kinds and in some legal entities; none named is all.
type DelegateInput struct {
	By        access.Actor
	To        int64
	From      time.Time
	Until     time.Time
	MaxAmount *decimal.Decimal
	Kinds     []billing.Kind
	EntityIDs []int64
	Note      string
}
