package billing

import (
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/money"
)

// InvoiceID names an invoice.
type InvoiceID int64

// InvoiceLineID names one line of an invoice.
type InvoiceLineID int64

// InvoiceTaxID names an invoice's tax of one category and rate.
type InvoiceTaxID int64

// Invoice is what a customer was asked to pay. It is never changed once issued.
type Invoice struct {
	ID            InvoiceID
	EntityID      EntityID
	Number        string
	ReferenceKey  string
	Series        string
	FiscalYear    int
	SequenceNo    int64
	CustomerID    CustomerID
	SoldToID      CustomerID
	Currency      money.Currency
	IssuedOn      time.Time
	DueOn         time.Time
	ServiceFrom   time.Time
	ServiceTo     time.Time
	PurchaseOrder string
	Net           decimal.Decimal
	Tax           decimal.Decimal
	Total         decimal.Decimal
	FxRate        decimal.Decimal // base currency of the entity for one unit of Currency, on IssuedOn
	PostedAt      time.Time
}

// Amount is a sum in the invoice's currency.
func (i Invoice) Amount(value decimal.Decimal) money.Amount { return money.Of(value, i.Currency) }

// InvoiceLine is one line of an invoice. TaxShare is informative: tax belongs to the invoice's tax groups.
type InvoiceLine struct {
	ID          InvoiceLineID
	InvoiceID   InvoiceID
	LineNo      int
	Product     string
	Description string
	Quantity    decimal.Decimal
	UnitPrice   decimal.Decimal
	Net         decimal.Decimal
	TaxCategory string
	TaxRate     decimal.Decimal // per cent
	TaxShare    decimal.Decimal
	CostCentre  string
}

// InvoiceTax is the tax of an invoice for one category and rate.
type InvoiceTax struct {
	ID        InvoiceTaxID
	InvoiceID InvoiceID
	Category  string
	Rate      decimal.Decimal
	Net       decimal.Decimal
	Tax       decimal.Decimal
}

// NewInvoice is an invoice to issue. SoldToID 0 means the customer itself; DueOn zero means the customer's terms;
// a zero service period means the day of issue.
type NewInvoice struct {
	EntityID      EntityID
	CustomerID    CustomerID
	SoldToID      CustomerID
	Currency      money.Currency
	IssuedOn      time.Time
	DueOn         time.Time
	ServiceFrom   time.Time
	ServiceTo     time.Time
	PurchaseOrder string
	Lines         []NewLine
	By            Actor
}

// NewLine is a line of an invoice to issue. Its net is quantity × unit price at the currency's minor unit.
type NewLine struct {
	Product     string
	Description string
	Quantity    decimal.Decimal
	UnitPrice   decimal.Decimal
	TaxCategory string
	TaxRate     decimal.Decimal // per cent
	CostCentre  string
}
