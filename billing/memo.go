package billing

import (
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/money"
)

// MemoID names a credit memo.
type MemoID int64

// CreditMemo is what was given back on an invoice. ToInvoice reduced the invoice, ToBalance became the customer's
// credit balance.
type CreditMemo struct {
	ID              MemoID
	EntityID        EntityID
	Number          string
	Series          string
	FiscalYear      int
	SequenceNo      *int64 // nil on an imported one
	CustomerID      CustomerID
	InvoiceID       *InvoiceID // nil for a credit on account
	Currency        money.Currency
	Kind            Kind
	ReasonCode      string
	Explanation     string
	IssuedOn        time.Time
	TaxPoint        time.Time
	Net             decimal.Decimal
	Tax             decimal.Decimal
	Total           decimal.Decimal
	ToInvoice       decimal.Decimal
	ToBalance       decimal.Decimal
	ToRefund        decimal.Decimal
	SettledOutside  decimal.Decimal
	FxRate          decimal.Decimal
	CreditRequestID *int64 // nil on an imported one
	ApprovalID      int64
	CaseID          *int64
	PostedAt        time.Time

	Rounding         decimal.Decimal
	Origin           Origin
	PricesIncludeTax bool
	DigestVersion    int
	ExternalSystem   string
	ExternalID       string
}

// Amount is a sum in the memo's currency.
func (m CreditMemo) Amount(value decimal.Decimal) money.Amount { return money.Of(value, m.Currency) }

// CreditMemoLine is the part of a memo on one invoice line.
type CreditMemoLine struct {
	ID            int64
	CreditMemoID  MemoID
	LineNo        int
	InvoiceLineID *InvoiceLineID // nil on account
	Description   string
	Quantity      *decimal.Decimal
	Amount        decimal.Decimal // in the price basis of the memo, after Discount
	Discount      decimal.Decimal
	Net           decimal.Decimal
	TaxCategory   string
	TaxRate       decimal.Decimal
	TaxShare      decimal.Decimal
}

// CreditMemoTax is the part of a memo on one tax group of its invoice.
type CreditMemoTax struct {
	CreditMemoID MemoID
	Position     int
	InvoiceTaxID *InvoiceTaxID // nil on account
	Code         string
	Category     string
	Rate         decimal.Decimal
	Net          decimal.Decimal
	Tax          decimal.Decimal
}

// PostAdjustment is an approved adjustment to be posted.
type PostAdjustment struct {
	CreditRequestID int64
	ApprovalID      int64
	CaseID          *int64
	Adjustment      Adjustment
	Explanation     string
	By              Actor
}

// Approval is the sign-off of an adjustment: who asked, who decided, over which content.
type Approval struct {
	CreditRequestID int64
	Digest          []byte
	RequesterID     int64
	DeciderIDs      []int64
	OwnLimit        bool // within the requester's own limit, so nobody else had to decide
}

// StoredDocument is a file made from a document, kept with its hash.
type StoredDocument struct {
	ID           int64
	DocumentKind string
	DocumentID   int64
	MediaType    string
	Filename     string
	SHA256       []byte `gorm:"column:sha256"`
	Content      []byte
	CreatedAt    time.Time
}
