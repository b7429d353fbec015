package billing

import (
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/ledger"
	"makegood/internal/money"
)

// CustomerFilter narrows a list of customers; the zero value of a field does not narrow. After is the account the
// page before ended with.
type CustomerFilter struct {
	EntityIDs []EntityID
	Query     string // part of the name, the account or a domain
	Tier      Tier
	After     string
	Limit     int
}

// InvoiceFilter narrows a list of invoices, newest first. After is the Next of the page before.
type InvoiceFilter struct {
	CustomerID CustomerID
	EntityIDs  []EntityID
	Query      string // part of the number, the purchase order or the customer's name
	OpenOnly   bool
	Overdue    bool
	After      string
	Limit      int
}

// PaymentFilter narrows a list of payments, newest first.
type PaymentFilter struct {
	CustomerID CustomerID
	EntityIDs  []EntityID
	Query      string
	Unapplied  bool
	After      string
	Limit      int
}

// MemoFilter narrows a list of credit memos, newest first.
type MemoFilter struct {
	CustomerID CustomerID
	EntityIDs  []EntityID
	InvoiceID  InvoiceID
	Kind       Kind
	Query      string
	After      string
	Limit      int
}

// InvoiceRow is an invoice in a list.
type InvoiceRow struct {
	Invoice
	CustomerName string
	Account      string
	Open         decimal.Decimal
	Held         decimal.Decimal // in dispute, also by what an imported file said
}

// PaymentRow is a payment in a list; Open is what is not applied yet.
type PaymentRow struct {
	Payment
	CustomerName string
	Account      string
	Open         decimal.Decimal
}

// MemoRow is a credit memo in a list; Open is what is not applied yet.
type MemoRow struct {
	CreditMemo
	CustomerName  string
	Account       string
	InvoiceNumber string
	Open          decimal.Decimal
}

// Page is one page of a list; Next is "" on the last.
type Page[T any] struct {
	Rows []T
	Next string
}

// FoundInvoice is an invoice that a reference in a text led to. Exact means by its very number.
type FoundInvoice struct {
	Invoice
	Customer  Customer
	SoldTo    Customer
	Reference string
	Exact     bool
	ByOrder   bool // found by the customer's purchase order
	ByAmount  bool // found by total, day and customer; Reference is empty
	ByMemo    bool // found by the number of a credit memo on it
	ByPayment bool // found by a payment applied to it: its number, or the reference the bank gave
}

// InvoiceDetail is an invoice with all that has happened to it.
type InvoiceDetail struct {
	Invoice
	Customer     Customer
	SoldTo       Customer
	Entity       Entity
	Lines        []LineDetail
	Taxes        []TaxDetail
	Discounts    []InvoiceDiscount
	Open         OpenItem
	Holds        []Hold // not released
	Memos        []CreditMemo
	Allocations  []AllocationDetail
	Reservations []Reservation // held by pending requests
}

// LineDetail is an invoice line with what was given back on it. Remaining is what may still be credited.
type LineDetail struct {
	InvoiceLine
	Credited      decimal.Decimal // in the price basis of the invoice, like Reserved and Remaining
	Reserved      decimal.Decimal
	Remaining     decimal.Decimal
	DiscountGiven decimal.Decimal // share of the document discount that went back with credits
	QuantityGiven decimal.Decimal // credited by quantity
	HeldAmount    decimal.Decimal // disputed, including tax
}

// TaxDetail is a tax group of an invoice with what was given back on it.
type TaxDetail struct {
	InvoiceTax
	CreditedNet decimal.Decimal
	ReservedNet decimal.Decimal
	CreditedTax decimal.Decimal
	ReservedTax decimal.Decimal
}

// AllocationDetail is an allocation with the number and, for a payment, the day of what was applied.
type AllocationDetail struct {
	Allocation
	SourceNumber  string
	SourceOn      time.Time
	InvoiceNumber string
	TakenBack     bool
}

// Reservation is what a pending credit request keeps on an invoice line.
type Reservation struct {
	CreditRequestID int64
	InvoiceLineID   InvoiceLineID
	Amount          decimal.Decimal // in the price basis of the invoice
	ReservedAt      time.Time
}

// RequestNumber is the number the credit request goes by.
func (r Reservation) RequestNumber() string { return requestNumber(r.CreditRequestID) }

// MemoDetail is a credit memo with its parts, its invoice and what was booked for it.
type MemoDetail struct {
	CreditMemo
	Lines       []CreditMemoLine
	Taxes       []CreditMemoTax
	Invoice     Invoice
	Customer    Customer
	Entity      Entity
	Allocations []AllocationDetail
	Entries     []ledger.Entry
	Open        decimal.Decimal  // of what went to the balance, not used yet
	Elsewhere   []GatewayPosting // in another system, where it is issued in one
	RebilledAs  string           // number of the invoice that replaces what a rebill credited
}

// PaymentDetail is a payment with what it settled and what was booked for it.
type PaymentDetail struct {
	Payment
	Customer    Customer
	Entity      Entity
	Allocations []AllocationDetail
	Entries     []ledger.Entry
	Open        decimal.Decimal
}

// Position is how a customer stands, in its own currency. The age groups count days past due and add up to Open;
// Unapplied is cash and credits not used yet.
type Position struct {
	Currency          money.Currency
	NotDue            decimal.Decimal
	Days1to30         decimal.Decimal
	Days31to60        decimal.Decimal
	Days61to90        decimal.Decimal
	Days91to120       decimal.Decimal
	Over120           decimal.Decimal
	Open              decimal.Decimal
	OpenInvoices      int
	Disputed          decimal.Decimal
	Collectible       decimal.Decimal // what may be paid, due or not: open less in dispute, invoice by invoice
	Unapplied         decimal.Decimal
	PayNow            decimal.Decimal // what is due and not in dispute, less what is unapplied
	CreditsIn12Months CreditSum
	PaidInvoices      int             // settled by payments in the last 12 months
	AveragePayDay     decimal.Decimal // days from issue to receipt, weighted by amount, over those payments

	CreditLimit *decimal.Decimal // as it is today; nil on a past day, and without one
	CreditHold  string           // why nothing more is sold to it on credit
}

// CreditSum is how often and how much was credited, including tax.
type CreditSum struct {
	Count int
	Sum   decimal.Decimal
}

// Fault is something in the books that cannot be right: which check found it, on which row, and what is wrong.
type Fault struct {
	Check  string
	Row    string
	Detail string
}
