package credits

import (
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/money"
)

// ID names a credit request.
type ID int64

// State is where a request stands.
type State string

// The states. A failed request is one whose posting was refused; it keeps what it reserved until it is retried or
// withdrawn.
const (
	Draft     State = "draft"
	Pending   State = "pending"
	Returned  State = "returned" // asked back: the requester answers or changes it, and it keeps what it reserved
	Approved  State = "approved"
	Posted    State = "posted"
	Rejected  State = "rejected"
	Withdrawn State = "withdrawn"
	Expired   State = "expired"
	Failed    State = "failed"
)

// Request is a proposal of an adjustment. Net, Tax and Total are in Currency; AuthorityAmount, what is compared with limits, and
// WindowAmount, what already counted with it when it was submitted, are in billing.AuthorityCurrency.
type Request struct {
	ID              ID
	Number          string
	CaseID          *cases.ID
	Kind            billing.Kind
	AuthorityKind   billing.Kind       // whose limits decide it: of a reversal that of what is taken back
	CustomerID      billing.CustomerID // 0 for a batch over several customers
	FamilyID        billing.CustomerID // 0 for a batch over several families
	EntityID        billing.EntityID
	InvoiceID       billing.InvoiceID // what it concerns; 0 on account and for several
	Currency        money.Currency
	ReasonCode      string
	RootCauseID     *int64
	Explanation     string // for approvers and auditors, never for the customer
	CustomerNote    string // what the customer is told beside the figures
	Net             decimal.Decimal
	Tax             decimal.Decimal
	Total           decimal.Decimal
	AuthorityAmount decimal.Decimal
	AuthorityRate   decimal.Decimal
	WindowAmount    decimal.Decimal
	State           State
	ContentVersion  int
	Digest          []byte // of its content
	Seal            []byte // of its content and the evidence it was submitted with; nil before that
	OwnLimit        bool
	Warnings        []Warning
	RequesterID     int64
	CreatedAt       time.Time
	SubmittedAt     *time.Time
	ApprovedAt      *time.Time
	EndedAt         *time.Time
	ApprovalID      *int64
	MemoID          *billing.MemoID
	Failure         string // message key of why posting was refused
	FailureParams   map[string]string
	IdempotencyKey  *string
	Version         int
	ExpiresAt       *time.Time // when it ends by itself unless it is decided
	ReturnedUntil   *time.Time // of a returned one: when it ends unless it is answered
	EditorIDs       []int64    // who changed its lines beside the requester
	ByAssistant     bool       // made with a token of kind assistant

	Rounding       decimal.Decimal
	Content        *billing.Adjustment // as it was frozen
	Proposal       *ProposeInput       // as it was asked for
	DocumentKind   billing.DocumentKind
	DocumentID     *int64
	DocumentNumber string // what the request became
}

// Amount is a sum in the request's currency.
func (r Request) Amount(value decimal.Decimal) money.Amount { return money.Of(value, r.Currency) }

// AuthorityTotal is what limits see of it: the total, or of a rebill that bills more than it gives back the new invoice.
func (r Request) AuthorityTotal() money.Amount {
	return money.Of(r.AuthorityAmount, billing.AuthorityCurrency)
}

// Line is the part of a request on one invoice line.
type Line struct {
	CreditRequestID ID
	InvoiceLineID   billing.InvoiceLineID
	DisputeLineID   *cases.DisputeID
	Description     string
	Quantity        *decimal.Decimal
	Amount          decimal.Decimal // in the price basis of the invoice
	Net             decimal.Decimal
	TaxCategory     string
	TaxRate         decimal.Decimal
	TaxShare        decimal.Decimal
}

// Tax is the part of a request on one tax group of the invoice.
type Tax struct {
	CreditRequestID ID
	InvoiceTaxID    billing.InvoiceTaxID
	Code            string
	Category        string
	Rate            decimal.Decimal
	Net             decimal.Decimal
	Tax             decimal.Decimal
}

// EvidenceKind says what a piece of evidence is.
type EvidenceKind string

// The kinds of evidence.
const (
	CustomerMail EvidenceKind = "customer_mail"
	ContractPage EvidenceKind = "contract_page"
	Ticket       EvidenceKind = "ticket"
	Document     EvidenceKind = "document"
	Calculation  EvidenceKind = "calculation"
	Note         EvidenceKind = "note"
)

// Evidence is why a request is right.
type Evidence struct {
	ID              int64
	CreditRequestID ID
	Kind            EvidenceKind
	Label           string
	CaseMessageID   *cases.MessageID
	SheetID         *int64 // the calculation sheet it stands for

	CaseAttachmentID *int64 // the file of the case it is
	Later            bool   `db:"-"`      // it came when the request had been submitted, and is not what was sealed
	SHA256           []byte `db:"sha256"` // of the sheet or document, as it was when it was added
	AddedBy          int64
	AddedByName      string
	AddedAt          time.Time
}
