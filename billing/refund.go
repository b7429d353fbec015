package billing

import (
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/document"
	"makegood/internal/money"
)

// ByBank is how money goes where nobody says how.
const ByBank = document.BankTransfer

// RefundID names a refund.
type RefundID int64

// Refund is money paid back to a customer out of unapplied cash or credit.
type Refund struct {
	ID              RefundID
	EntityID        EntityID
	Number          string
	Series          string
	FiscalYear      int
	SequenceNo      int64
	CustomerID      CustomerID
	Currency        money.Currency
	Amount          decimal.Decimal
	RefundedOn      time.Time
	Method          string
	Destination     string          // where to, masked
	FxRate          decimal.Decimal // of RefundedOn: a refund has its own rate
	ReasonCode      string
	Explanation     string
	CreditRequestID int64
	ApprovalID      int64
	CaseID          *int64
	PostedAt        time.Time
}

// WriteOffID names a write-off.
type WriteOffID int64

// WriteOffDocument is what was given up as uncollectable, on one or many invoices. TaxRelief is the part of Amount that
// is tax and comes back.
type WriteOffDocument struct {
	ID              WriteOffID
	EntityID        EntityID
	Number          string
	Series          string
	FiscalYear      int
	SequenceNo      int64
	CustomerID      *CustomerID // nil for a batch over several customers
	Currency        money.Currency
	Amount          decimal.Decimal
	TaxRelief       decimal.Decimal
	WrittenOffOn    time.Time
	ReasonCode      string
	Explanation     string
	CreditRequestID int64
	ApprovalID      int64
	CaseID          *int64
	PostedAt        time.Time
}

// TableName tells GORM where write-offs live.
func (WriteOffDocument) TableName() string { return "write_offs" }

// TransferID names a transfer.
type TransferID int64

// Transfer moved unapplied cash or credit to another customer of the family, where it is an open item of its own.
type Transfer struct {
	ID              TransferID
	EntityID        EntityID
	Number          string
	Series          string
	FiscalYear      int
	SequenceNo      int64
	ItemKind        ItemKind
	ItemID          int64
	CustomerID      CustomerID
	ToCustomerID    CustomerID
	Currency        money.Currency
	Amount          decimal.Decimal
	FxRate          decimal.Decimal
	MovedOn         time.Time
	ReasonCode      string
	Explanation     string
	CreditRequestID int64
	ApprovalID      int64
	CaseID          *int64
	PostedAt        time.Time
}

// Reversal took a posted adjustment back: afterwards everything stands as before it.
type Reversal struct {
	ID              int64
	EntityID        EntityID
	Number          string
	Series          string
	FiscalYear      int
	SequenceNo      int64
	DocumentKind    DocumentKind
	DocumentID      int64
	CustomerID      *CustomerID
	Currency        money.Currency
	Amount          decimal.Decimal
	ReversedOn      time.Time
	ReasonCode      string
	Explanation     string
	CreditRequestID int64
	ApprovalID      int64
	CaseID          *int64
	PostedAt        time.Time
}
