package billing

import (
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/dunning"
	"makegood/internal/access"
	"makegood/internal/money"
)

// PaymentID names a payment.
type PaymentID int64

// Actor is who acts.
type Actor = access.Actor

// Payment is money received from a customer.
type Payment struct {
	ID             PaymentID
	EntityID       EntityID
	Number         string
	Series         string
	FiscalYear     int
	SequenceNo     *int64 // nil on an imported one
	CustomerID     CustomerID
	Currency       money.Currency
	Amount         decimal.Decimal
	ReceivedOn     time.Time
	Method         string
	BankReference  string
	FxRate         decimal.Decimal
	IdempotencyKey *string
	PostedAt       time.Time
	Origin         Origin
	ExternalSystem string
	ExternalID     string
}

// AmountOf is a sum in the payment's currency.
func (p Payment) AmountOf(value decimal.Decimal) money.Amount { return money.Of(value, p.Currency) }

// NewPayment is a payment to record. What is not allocated stays as unapplied cash of the customer.
type NewPayment struct {
	EntityID       EntityID
	CustomerID     CustomerID
	Currency       money.Currency
	Amount         decimal.Decimal
	ReceivedOn     time.Time
	Method         string // "" means bank_transfer
	BankReference  string
	Allocate       []Allocate
	IdempotencyKey string
	By             Actor
}

// Allocate says how much of a payment settles an invoice.
type Allocate struct {
	InvoiceID InvoiceID
	Amount    decimal.Decimal
}

// AllocationSource is what was applied to an invoice.
type AllocationSource string

// The sources of an allocation.
const (
	FromPayment    AllocationSource = "payment"
	FromCreditMemo AllocationSource = "credit_memo"
	FromTransfer   AllocationSource = "transfer"
	FromWriteOff   AllocationSource = "write_off"
	FromReversal   AllocationSource = "reversal"
)

// Allocation is a part of a payment, a credit memo or another source applied to an invoice. One that takes another back
// names it and has its amount below zero.
type Allocation struct {
	ID          int64
	EntityID    EntityID
	CustomerID  CustomerID
	SourceKind  AllocationSource
	SourceID    int64
	InvoiceID   InvoiceID
	Currency    money.Currency
	Amount      decimal.Decimal
	AllocatedOn time.Time
	PostedAt    time.Time
	ReversesID  *int64
	Reason      string
}

// ItemKind says which document an open item stands for.
type ItemKind string

// The kinds of open item.
const (
	InvoiceItem  ItemKind = "invoice"
	PaymentItem  ItemKind = "payment"
	MemoItem     ItemKind = "credit_memo"
	TransferItem ItemKind = "transfer"
)

// OpenItem is what is still open on a document: owed on an invoice, unapplied on a payment or a memo. Held is the
// disputed part of an invoice.
type OpenItem struct {
	Kind       ItemKind
	DocumentID int64
	Number     string
	CustomerID CustomerID
	EntityID   EntityID
	Currency   money.Currency
	Original   decimal.Decimal
	Open       decimal.Decimal
	Held       decimal.Decimal // by disputes of cases
	DueOn      time.Time

	BaseOpen      decimal.Decimal // what Open is worth in base currency, as it was booked
	Reserved      decimal.Decimal // kept by pending refunds and transfers
	RoundingGiven decimal.Decimal // cash rounding that went back with credits
	OpenedOn      time.Time
	ClosedOn      *time.Time

	SaidDisputed decimal.Decimal `db:"-" gorm:"-"` // of an invoice read to be shown: what an imported file said is in dispute of it, and no case holds
}

// Disputed is what is in dispute of what is open.
func (o OpenItem) Disputed() decimal.Decimal { return o.Open.Sub(o.Collectible()) }

// Collectible is what may be asked for: open and not disputed, by the rule of dunning.Divide.
func (o OpenItem) Collectible() decimal.Decimal {
	return dunning.Divide([]dunning.Item{{InvoiceID: o.DocumentID, DueOn: o.DueOn, Open: o.Open, Held: o.Held.Add(o.SaidDisputed)}}, decimal.Zero, decimal.Zero)[0].Collectible()
}
