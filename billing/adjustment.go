package billing

import (
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/money"
)

// Kind says what an adjustment does, which decides the documents it becomes and the accounts it is booked on.
type Kind string

// The kinds of adjustment. The first three give money back on what was billed; all go through the same approval.
const (
	BillingError Kind = "billing_error" // what was billed was wrong
	Concession   Kind = "concession"    // goodwill, without an error
	SLACredit    Kind = "sla_credit"    // owed under contract for a service shortfall
	Rebill       Kind = "rebill"        // credits all that remains of an invoice and bills it anew
	Debit        Kind = "debit"         // charges more, by a debit memo
	RefundOut    Kind = "refund"        // pays unapplied cash or credit out
	WriteOff     Kind = "write_off"     // gives up what is open on one or many invoices
	TransferOver Kind = "transfer"      // moves unapplied cash or credit to another customer of the family
	Reverse      Kind = "reversal"      // takes a posted adjustment back
)

// Kinds lists every kind of adjustment.
func Kinds() []Kind {
	return []Kind{BillingError, Concession, SLACredit, Rebill, Debit, RefundOut, WriteOff, TransferOver, Reverse}
}

// Credits tells whether the kind gives money back by a credit memo.
func (k Kind) Credits() bool {
	return k == BillingError || k == Concession || k == SLACredit || k == Rebill
}

// AdjustmentInput is what somebody proposes. Which fields count depends on the kind; what is asked for and cannot be
// is refused by the field's name. Amounts are in the currency of the invoice, or in Currency where there is none.
type AdjustmentInput struct {
	Kind       Kind
	InvoiceID  InvoiceID // what is credited, charged more or billed anew; 0 for a credit on account
	ReasonCode string
	Lines      []AdjustLine
	Whole      bool // all that remains of the invoice, instead of lines

	// How a credit settles, beyond reducing its own invoice; the rest is the customer's balance.
	Refund         decimal.Decimal
	SettledOutside decimal.Decimal

	// Where there is no invoice to take them from.
	EntityID   EntityID
	CustomerID CustomerID
	Currency   money.Currency

	Items        []ItemPart  // refund, transfer: taken from these payments and credits; write-off: given up on these invoices
	ToCustomerID CustomerID  // transfer
	Reverses     DocumentRef // reversal
	Bill         *Bill       // debit, rebill: what is charged
	Method       string      // refund: how it is paid, "" means bank_transfer
	Destination  string      // refund: where to, masked
}

// AdjustLine is what is proposed on one line. Of Amount, List and Quantity the first that is given decides: Amount
// after the document discount, in the price basis of the invoice (with tax where its prices include it); List before
// that discount, as printed; Quantity alone by the line's own price. A credit on account has no invoice line but a
// description and a tax.
type AdjustLine struct {
	InvoiceLineID InvoiceLineID
	Amount        decimal.Decimal
	List          decimal.Decimal
	Quantity      *decimal.Decimal
	Description   string
	Tax           LineTax
}

// ItemPart is a part of an open item: of a payment, a credit memo or a transfer, or of an invoice to be written off.
type ItemPart struct {
	Kind   ItemKind        `json:"kind"`
	ID     int64           `json:"id"`
	Number string          `json:"number,omitempty"` // filled in by preparation
	Amount decimal.Decimal `json:"amount"`
	Tax    decimal.Decimal `json:"tax"` // write-off: the tax that comes back with it, by the entity's policy
}

// DocumentKind says which document a reference names.
type DocumentKind string

// The documents of adjustments. An invoice is one where it stands in the place of another.
const (
	InvoiceDoc  DocumentKind = "invoice"
	MemoDoc     DocumentKind = "credit_memo"
	DebitDoc    DocumentKind = "debit_memo"
	RefundDoc   DocumentKind = "refund"
	WriteOffDoc DocumentKind = "write_off"
	TransferDoc DocumentKind = "transfer"
	ReversalDoc DocumentKind = "reversal"
)

// DocumentRef names a posted document.
type DocumentRef struct {
	Kind   DocumentKind `json:"kind"`
	ID     int64        `json:"id"`
	Number string       `json:"number,omitempty"` // filled in by preparation
}

// Bill is what a debit memo or a rebill charges. DueOn zero means the customer's terms.
type Bill struct {
	DueOn            time.Time       `json:"due_on"`
	ServiceFrom      time.Time       `json:"service_from"`
	ServiceTo        time.Time       `json:"service_to"`
	PurchaseOrder    string          `json:"purchase_order,omitempty"`
	PricesIncludeTax bool            `json:"prices_include_tax,omitempty"`
	Rounding         decimal.Decimal `json:"rounding"`
	Discounts        []NewDiscount   `json:"discounts,omitempty"`
	Lines            []NewLine       `json:"lines"`
}

// Adjustment is a proposal worked out to the last cent: what would be posted if it were approved as it is. InvoiceOpen,
// ToInvoice and ToBalance are as of the moment of preparation; they are decided when it is posted.
type Adjustment struct {
	Kind             Kind
	EntityID         EntityID
	CustomerID       CustomerID // 0 for write-offs of several customers
	InvoiceID        InvoiceID  // 0 on account
	InvoiceNumber    string
	Currency         money.Currency
	ReasonCode       string
	PricesIncludeTax bool
	Lines            []AdjustmentLine
	Taxes            []AdjustmentTax
	Net              decimal.Decimal
	Tax              decimal.Decimal
	Rounding         decimal.Decimal
	Total            decimal.Decimal // Net + Tax + Rounding; of a write-off Net alone, of which Tax is a part
	InvoiceOpen      decimal.Decimal
	ToInvoice        decimal.Decimal
	ToBalance        decimal.Decimal
	ToRefund         decimal.Decimal
	SettledOutside   decimal.Decimal
	Items            []ItemPart
	LeftOut          []string `json:",omitempty"` // numbers of what a batch was asked to give up and what was settled meanwhile
	ToCustomerID     CustomerID
	Reverses         DocumentRef
	Bill             *Bill  // as it will be issued, with its due day
	Billed           priced // the bill worked out; of a rebill that is taken back the sums of its own
	Method           string
	Destination      string
}

// AdjustmentLine is the part of an adjustment on one invoice line. Amount is List less Discount, in the price basis of
// the invoice; Net is without tax.
type AdjustmentLine struct {
	InvoiceLineID InvoiceLineID // 0 on account
	Description   string
	Quantity      *decimal.Decimal
	ByQuantity    bool // Quantity decided the amount and counts against the line's
	ByList        bool // List was asked for, the discount follows from it
	List          decimal.Decimal
	Discount      decimal.Decimal
	Amount        decimal.Decimal
	Net           decimal.Decimal
	TaxCategory   string
	TaxRate       decimal.Decimal
	TaxShare      decimal.Decimal
}

// AdjustmentTax is the part of an adjustment on one tax group of the invoice.
type AdjustmentTax struct {
	InvoiceTaxID InvoiceTaxID // 0 on account
	Code         string
	Category     string
	Rate         decimal.Decimal
	Net          decimal.Decimal
	Tax          decimal.Decimal
}

// BilledTotal is what a debit memo or the new invoice of a rebill comes to; zero where nothing is billed.
func (a Adjustment) BilledTotal() decimal.Decimal { return a.Billed.total() }

// BillsMore tells whether it bills more than it gives back, so that its bill is what whoever approves it answers for.
func (a Adjustment) BillsMore() bool { return a.BilledTotal().GreaterThan(a.Total) }

// SumOf is a sum in the adjustment's currency.
func (a Adjustment) SumOf(value decimal.Decimal) money.Amount { return money.Of(value, a.Currency) }
