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

// InvoiceKind tells an invoice from a debit memo, which charges more and is owed, paid, disputed and credited like one.
type InvoiceKind string

// The kinds of invoice.
const (
	PlainInvoice InvoiceKind = "invoice"
	DebitMemo    InvoiceKind = "debit_memo"
)

// Origin says whether a document was made here or brought in from another system.
type Origin string

// The origins of a document.
const (
	Issued   Origin = "issued"
	Imported Origin = "imported"
)

// Invoice is what a customer was asked to pay. It is never changed once issued.
type Invoice struct {
	ID            InvoiceID
	EntityID      EntityID
	Number        string
	ReferenceKey  string
	Series        string
	FiscalYear    int
	SequenceNo    *int64 // nil on an imported one
	Kind          InvoiceKind
	Origin        Origin
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
	Rounding      decimal.Decimal // cash rounding of the total, up or down
	Total         decimal.Decimal // Net + Tax + Rounding
	FxRate        decimal.Decimal // base currency of the entity for one unit of Currency, on IssuedOn
	PostedAt      time.Time

	PricesIncludeTax bool
	Discount         decimal.Decimal // document discounts in the price basis, already taken off the lines
	Withholding      decimal.Decimal // what the customer is to withhold for the tax authority; noted, part of Total
	CorrectsID       *InvoiceID      // what a debit memo charges more on, or a rebill replaces
	ApprovedDueOn    *time.Time      // the day to pay by as it was approved, where that had passed by IssuedOn, which is DueOn then
	ReasonCode       string          // of a debit memo
	CaseID           *int64
	CreditRequestID  *int64
	ApprovalID       *int64
	ExternalSystem   string
	ExternalID       string
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
	List        decimal.Decimal // Quantity × UnitPrice in the price basis, before the document discount
	Discount    decimal.Decimal // its share of a document discount
	DiscountID  *int64
	Net         decimal.Decimal // without tax, after the discount; informative where prices include tax
	TaxCategory string
	TaxRate     decimal.Decimal // per cent
	TaxShare    decimal.Decimal
	CostCentre  string
	Location    string
	Charge      bool         // for the document as a whole, such as freight, and no supply of its own
	ExemptionID *ExemptionID // why it bears no tax, of category E
}

// Amount is what the line came to in the price basis of its invoice, after the discount.
func (l InvoiceLine) Amount() decimal.Decimal { return l.List.Sub(l.Discount) }

// InvoiceDiscount is a discount on the document, such as a coupon, spread over the lines that it is for.
type InvoiceDiscount struct {
	ID        int64
	InvoiceID InvoiceID
	Position  int
	Label     string
	Amount    decimal.Decimal // in the price basis of the invoice
}

// InvoiceTax is the tax of an invoice for one category and rate. Code tells two taxes of one category and rate apart.
type InvoiceTax struct {
	ID        InvoiceTaxID
	InvoiceID InvoiceID
	Code      string
	Category  string
	Rate      decimal.Decimal
	Net       decimal.Decimal
	Tax       decimal.Decimal
}

// NewInvoice is an invoice to issue. SoldToID 0 means the customer itself; DueOn zero means the customer's terms;
// a zero service period means the day of issue. With PricesIncludeTax unit prices and discounts are with tax, and a line
// has one tax.
type NewInvoice struct {
	EntityID         EntityID
	CustomerID       CustomerID
	SoldToID         CustomerID
	Currency         money.Currency
	IssuedOn         time.Time
	DueOn            time.Time
	ServiceFrom      time.Time
	ServiceTo        time.Time
	PurchaseOrder    string
	PricesIncludeTax bool
	Discounts        []NewDiscount
	Rounding         decimal.Decimal // cash rounding of the total
	Withholding      decimal.Decimal
	Lines            []NewLine
	Stated           StatedSums
	By               Actor
}

// StatedSums are the sums that whoever orders an invoice expects; nil ones are not said. An invoice that comes to others is
// refused, with the difference.
type StatedSums struct{ Net, Tax, Total *decimal.Decimal }

// NewDiscount is a discount on the document. Lines are the places in the invoice it is for, none meaning all that are no
// charges. A line takes part in one discount at most.
type NewDiscount struct {
	Label  string          `json:"label"`
	Amount decimal.Decimal `json:"amount"`
	Lines  []int           `json:"lines,omitempty"`
}

// LineTax is a tax on a line. Code "" is the ordinary one.
type LineTax struct {
	Code     string          `json:"code,omitempty"`
	Category string          `json:"category"`
	Rate     decimal.Decimal `json:"rate"` // per cent
}

// NewLine is a line of an invoice to issue. Its list amount is quantity × unit price at the currency's minor unit.
type NewLine struct {
	Product     string          `json:"product,omitempty"`
	Description string          `json:"description"`
	Quantity    decimal.Decimal `json:"quantity"`
	UnitPrice   decimal.Decimal `json:"unit_price"`
	TaxCategory string          `json:"tax_category"`
	TaxRate     decimal.Decimal `json:"tax_rate"` // per cent
	MoreTaxes   []LineTax       `json:"more_taxes,omitempty"`
	CostCentre  string          `json:"cost_centre,omitempty"`
	Location    string          `json:"location,omitempty"`
	Charge      bool            `json:"charge,omitempty"`    // on the document as a whole
	Exemption   string          `json:"exemption,omitempty"` // the customer's certificate, of category E; "" is the one that holds on the day
}

// taxes lists every tax on the line, the ordinary one first.
func (l NewLine) taxes() []LineTax {
	return append([]LineTax{{Category: l.TaxCategory, Rate: l.TaxRate}}, l.MoreTaxes...)
}
