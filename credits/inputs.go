package credits

import (
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/access"
)

// ProposeInput is what somebody proposes to give back. Of IdempotencyKey "" is none.
type ProposeInput struct {
	By             access.Actor
	CaseID         *cases.ID
	Kind           billing.Kind
	InvoiceID      billing.InvoiceID
	ReasonCode     string
	RootCauseID    *int64
	Explanation    string // for approvers and auditors
	CustomerNote   string // for the customer
	Lines          []ProposeLine
	Evidence       []NewEvidence
	IdempotencyKey string
}

// ProposeLine is the proposed amount on one invoice line, in the price basis of the invoice. DisputeLineID ties it to what the customer contests.
type ProposeLine struct {
	InvoiceLineID billing.InvoiceLineID
	Net           decimal.Decimal
	Quantity      *decimal.Decimal
	DisputeLineID *cases.DisputeID
}

// NewEvidence is a piece of evidence to add.
type NewEvidence struct {
	Kind      EvidenceKind
	Label     string
	MessageID *cases.MessageID
}

// DecideInput decides the open step of a request. StepID and Digest, when set, are what the person saw: the decision is
// refused when they are not the present ones. A rejection needs a comment.
type DecideInput struct {
	By      access.Actor
	ID      ID
	Comment string
	StepID  StepID
	Digest  []byte
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

// DelegateInput lets To decide in the actor's place for a time, up to MaxAmount if given (in the authority currency).
type DelegateInput struct {
	By        access.Actor
	To        int64
	From      time.Time
	Until     time.Time
	MaxAmount *decimal.Decimal
}
