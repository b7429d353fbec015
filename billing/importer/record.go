package importer

import (
	"encoding/json"
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/money"
)

// Kind says what a file holds, or what a record is.
type Kind string

// The kinds. Refunds, balance entries and applications come from Stripe only; generic records carry their cells as they are.
const (
	Customers      Kind = "customers"
	Invoices       Kind = "invoices"
	Payments       Kind = "payments"
	CreditNotes    Kind = "credit_notes"
	OpenBalances   Kind = "open_balances"
	Rates          Kind = "rates"
	Generic        Kind = "generic"
	Refunds        Kind = "refunds"
	BalanceEntries Kind = "balance_entries"
	Applications   Kind = "applications"
)

// Kinds lists what a CSV or XLSX file may be said to hold.
func Kinds() []Kind {
	return []Kind{Customers, Invoices, Payments, CreditNotes, OpenBalances, Rates, Generic}
}

// Record is one thing read from a file: the one part that its Kind names is set. External is what the source calls it,
// unique there per kind; Rows are the rows (of a table) or the place (of an object) it was read from, counted from 1; Raw
// is the source itself as JSON, with everything we have no field for.
type Record struct {
	Kind     Kind            `json:"kind"`
	External string          `json:"external"`
	Rows     []int           `json:"rows,omitempty"`
	Notes    []Note          `json:"notes,omitempty"`
	Raw      json.RawMessage `json:"raw,omitempty"`

	Customer   *Customer         `json:"customer,omitempty"`
	Invoice    *Invoice          `json:"invoice,omitempty"`
	Payment    *Payment          `json:"payment,omitempty"`
	CreditNote *CreditNote       `json:"credit_note,omitempty"`
	Balance    *OpenBalance      `json:"open_balance,omitempty"`
	Rate       *Rate             `json:"rate,omitempty"`
	Refund     *Refund           `json:"refund,omitempty"`
	Entry      *BalanceEntry     `json:"balance_entry,omitempty"`
	Apply      *Application      `json:"application,omitempty"`
	Generic    map[string]string `json:"generic,omitempty"`
}

// Note is something a person should know about a record that was read all the same, such as a value we do not know.
type Note struct {
	Field string `json:"field"`
	Key   string `json:"key"`
	Got   string `json:"got"`
}

// Customer is somebody who is billed. External ids of other records name it by Account.
type Customer struct {
	Account     string         `json:"account"`
	Name        string         `json:"name"`
	Kind        string         `json:"kind,omitempty"`
	Parent      string         `json:"parent,omitempty"`
	Tier        string         `json:"tier,omitempty"`
	Region      string         `json:"region,omitempty"`
	SalesOwner  string         `json:"sales_owner,omitempty"`
	Country     string         `json:"country,omitempty"`
	Language    string         `json:"language,omitempty"`
	Entity      string         `json:"entity,omitempty"`
	Currency    money.Currency `json:"currency,omitempty"`
	TermsDays   *int           `json:"terms_days,omitempty"`
	TaxID       string         `json:"tax_id,omitempty"`
	TaxExempt   string         `json:"tax_exempt,omitempty"`
	Address     string         `json:"address,omitempty"`
	Phone       string         `json:"phone,omitempty"`
	ContactName string         `json:"contact_name,omitempty"`
	Emails      []string       `json:"emails,omitempty"`
}

// Document is what invoices and credit notes have in common. Amounts are in units of Currency at its minor unit, and
// Net + Tax + Rounding = Total; the nets of the lines add up to Net (for a document whose prices include tax: the nets after tax).
type Document struct {
	Number        string          `json:"number"`
	Customer      string          `json:"customer"`
	CustomerName  string          `json:"customer_name,omitempty"`
	SoldTo        string          `json:"sold_to,omitempty"`
	Entity        string          `json:"entity,omitempty"`
	Currency      money.Currency  `json:"currency"`
	IssuedOn      time.Time       `json:"issued_on"`
	PurchaseOrder string          `json:"purchase_order,omitempty"`
	TaxInclusive  bool            `json:"tax_inclusive,omitempty"`
	Net           decimal.Decimal `json:"net"`
	Tax           decimal.Decimal `json:"tax"`
	Total         decimal.Decimal `json:"total"`
	Lines         []Line          `json:"lines"`
	Taxes         []Tax           `json:"taxes,omitempty"`

	DiscountLabel string          `json:"discount_label,omitempty"` // what a discount on the document is called; its amount is within the lines
	Rounding      decimal.Decimal `json:"rounding,omitzero"`        // cash rounding of the total
	Withholding   decimal.Decimal `json:"withholding,omitzero"`     // what the customer is to withhold; noted, part of Total
}

// Line is one line of a document. Net is after its own discount and before tax. InvoiceLine says, on a credit note, which
// line of the invoice goes back, in the words of the source.
type Line struct {
	No          int             `json:"no"`
	External    string          `json:"external,omitempty"`
	InvoiceLine string          `json:"invoice_line,omitempty"`
	Product     string          `json:"product,omitempty"`
	Description string          `json:"description,omitempty"`
	Quantity    decimal.Decimal `json:"quantity"`
	UnitPrice   decimal.Decimal `json:"unit_price"`
	Discount    decimal.Decimal `json:"discount"`
	Net         decimal.Decimal `json:"net"`
	TaxCategory string          `json:"tax_category"`
	TaxRate     decimal.Decimal `json:"tax_rate"`
	Tax         decimal.Decimal `json:"tax"`
	CostCentre  string          `json:"cost_centre,omitempty"`
	Location    string          `json:"location,omitempty"`
	ServiceFrom time.Time       `json:"service_from,omitzero"`
	ServiceTo   time.Time       `json:"service_to,omitzero"`
	More        []LineTax       `json:"more_taxes,omitempty"` // beside TaxCategory, TaxRate and Tax
	Charge      bool            `json:"charge,omitempty"`     // for the document as a whole, such as freight
}

// LineTax is a further tax on a line, told from others by its code.
type LineTax struct {
	Code     string          `json:"code"`
	Category string          `json:"category"`
	Rate     decimal.Decimal `json:"rate"`
	Tax      decimal.Decimal `json:"tax"`

	unsaid bool // what it comes to is to be worked out
}

// Taxed is all tax on the line.
func (l Line) Taxed() decimal.Decimal {
	sum := l.Tax
	for _, t := range l.More {
		sum = sum.Add(t.Tax)
	}
	return sum
}

// Rate is the rate of all tax on the line.
func (l Line) Rate() decimal.Decimal {
	sum := l.TaxRate
	for _, t := range l.More {
		sum = sum.Add(t.Rate)
	}
	return sum
}

// Tax is the tax of a document for one category (EN 16931 code: S, Z, E, AE, K, G, O) and rate in per cent. Code tells a
// further tax on the same lines from the ordinary one, whose code is empty: only the ordinary ones add up to the net.
type Tax struct {
	Code     string          `json:"code,omitempty"`
	Category string          `json:"category"`
	Rate     decimal.Decimal `json:"rate"`
	Net      decimal.Decimal `json:"net"`
	Tax      decimal.Decimal `json:"tax"`
}

// Invoice is what a customer was asked to pay. Standing is how it stood in the source when the file was made; it is no
// part of the invoice's content.
type Invoice struct {
	Document
	DueOn       time.Time `json:"due_on,omitzero"`
	ServiceFrom time.Time `json:"service_from,omitzero"`
	ServiceTo   time.Time `json:"service_to,omitzero"`
	Standing    Standing  `json:"standing,omitzero"`
}

// Standing is what had become of an invoice in its source. Paid and Open are nil where the source does not say.
type Standing struct {
	Status    string           `json:"status,omitempty"`
	Paid      *decimal.Decimal `json:"paid,omitempty"`
	Open      *decimal.Decimal `json:"open,omitempty"`
	SettledOn time.Time        `json:"settled_on,omitzero"`
	Disputed  bool             `json:"disputed,omitempty"`
}

// CreditNote is what was given back. Its amounts are positive. Invoice is the invoice it corrects, by number or by the
// source's id. The four buckets add up to the total where the source says where the money went.
type CreditNote struct {
	Document
	Invoice  string          `json:"invoice,omitempty"`
	Reason   string          `json:"reason,omitempty"`
	Memo     string          `json:"memo,omitempty"`
	Status   string          `json:"status,omitempty"`  // how it stood in the source; no part of the content
	Buckets  bool            `json:"buckets,omitempty"` // the source says where the money went
	Reduce   decimal.Decimal `json:"to_invoice"`
	Balance  decimal.Decimal `json:"to_balance"`
	Refunded decimal.Decimal `json:"to_refund"`
	Outside  decimal.Decimal `json:"settled_outside"`
	Refunds  []string        `json:"refunds,omitempty"`
	OurKey   string          `json:"our_key,omitempty"` // the key it was issued under from here, by what the source says; "" for others
}

// Payment is money received. Fee is what somebody kept on the way: Amount is what arrived before it. What is applied
// never exceeds the amount.
type Payment struct {
	Number        string          `json:"number"`
	Customer      string          `json:"customer"`
	CustomerName  string          `json:"customer_name,omitempty"`
	Entity        string          `json:"entity,omitempty"`
	Currency      money.Currency  `json:"currency"`
	Amount        decimal.Decimal `json:"amount"`
	Fee           decimal.Decimal `json:"fee"`
	ReceivedOn    time.Time       `json:"received_on"`
	Method        string          `json:"method,omitempty"`
	BankReference string          `json:"bank_reference,omitempty"`
	Applied       []Applied       `json:"applied,omitempty"`
}

// Applied says how much of a payment settles an invoice, named by number or by the source's id.
type Applied struct {
	Invoice string          `json:"invoice"`
	Amount  decimal.Decimal `json:"amount"`
}

// OpenBalance is one item still open at a customer when books are taken over: an invoice (positive), or a credit or
// payment not yet applied (negative). Open is never more than Original and has its sign.
type OpenBalance struct {
	Customer     string          `json:"customer"`
	CustomerName string          `json:"customer_name,omitempty"`
	Entity       string          `json:"entity,omitempty"`
	Number       string          `json:"number"`
	Type         string          `json:"type"` // invoice, credit_note or payment
	Currency     money.Currency  `json:"currency"`
	IssuedOn     time.Time       `json:"issued_on"`
	DueOn        time.Time       `json:"due_on,omitzero"`
	Original     decimal.Decimal `json:"original"`
	Open         decimal.Decimal `json:"open"`
	Disputed     decimal.Decimal `json:"disputed"`
}

// Rate is an exchange rate: units of Quote for one unit of Base on a day, and who says so.
type Rate struct {
	Base   money.Currency  `json:"base"`
	Quote  money.Currency  `json:"quote"`
	On     time.Time       `json:"on"`
	Rate   decimal.Decimal `json:"rate"`
	Source string          `json:"source,omitempty"`
}

// Refund is money sent back to a customer. Payment and CreditNote are the source's ids of what it belongs to.
type Refund struct {
	Number     string          `json:"number"`
	Customer   string          `json:"customer,omitempty"`
	Payment    string          `json:"payment,omitempty"`
	Currency   money.Currency  `json:"currency"`
	Amount     decimal.Decimal `json:"amount"`
	RefundedOn time.Time       `json:"refunded_on"`
	Method     string          `json:"method,omitempty"`
	Reason     string          `json:"reason,omitempty"`
	Status     string          `json:"status,omitempty"`
}

// BalanceEntry is a movement of a customer's credit balance: positive amounts are credit to the customer.
type BalanceEntry struct {
	Number     string          `json:"number"`
	Customer   string          `json:"customer"`
	Currency   money.Currency  `json:"currency"`
	Amount     decimal.Decimal `json:"amount"`
	Type       string          `json:"type"`
	On         time.Time       `json:"on"`
	Invoice    string          `json:"invoice,omitempty"`
	CreditNote string          `json:"credit_note,omitempty"`
}

// Application says that a payment read elsewhere settles an invoice; both are named by the source's ids.
type Application struct {
	Payment  string          `json:"payment"`
	Invoice  string          `json:"invoice"`
	Currency money.Currency  `json:"currency"`
	Amount   decimal.Decimal `json:"amount"`
	On       time.Time       `json:"on"`
}
