// Package document makes the documents a customer gets from plain data: same data, same bytes. It knows no
// database and no clock; what it prints was decided before.
package document

import (
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/money"
)

// Language is the language of a document's labels, dates and numbers. What people wrote (names, reasons,
// descriptions) is printed as it is, whatever its script.
type Language string

// The languages documents are made in.
const (
	English    Language = "en"
	German     Language = "de"
	Chinese    Language = "zh"
	Japanese   Language = "ja"
	Portuguese Language = "pt"
)

// CreditMemo is everything a credit memo prints. The EU VAT Directive 2006/112/EC, art. 219, treats any
// document that amends the initial invoice and refers to it specifically and unambiguously as an invoice:
// hence the originals and the particulars of art. 226. EN 16931 terms stand in brackets.
type CreditMemo struct {
	Language Language
	Currency money.Currency // BT-5; every amount is in it

	Title      string       // what the law of the seller's country calls it; the language's own word when empty
	Number     string       // BT-1, sequential and unique (art. 226 no. 2)
	Date       time.Time    // BT-2, the day of issue; only the date is used
	Originals  []InvoiceRef // BG-3, at least one unless the memo is OnAccount
	OnAccount  bool         // a credit on the account as a whole: it corrects no invoice and names none
	SupplyFrom time.Time    // BT-73, first day of the supply, if known (art. 226 no. 7)
	SupplyTo   time.Time    // BT-74, last day
	CaseNumber string       // the case that led to it, for the customer's questions
	Reason     string       // why, in the customer's language; paragraphs by line breaks

	Entity   Entity
	Customer Customer

	Lines     []Line
	Discounts []Discount // document discounts that go back with the lines (BG-20); Net is without them
	TaxName   string     // "VAT" and its translations when empty; "GST", "Sales tax", …
	// PricesIncludeTax says that unit prices, lists and discounts are with tax, as on the invoice. Net amounts never are.
	PricesIncludeTax bool

	Taxes    []TaxGroup
	Net      money.Amount // Σ of the lines (BT-109)
	Tax      money.Amount // Σ of the tax groups (BT-110)
	Rounding money.Amount // cash rounding mirrored from the original (BT-114); the zero Amount is none
	Total    money.Amount // Net + Tax + Rounding (BT-112 and BT-115)
	HomeTax  *HomeTax

	// Withholding is the part of what is credited that the customer had noted to withhold for the tax authority, and does
	// not withhold any more. It is part of Total.
	Withholding money.Amount

	Settlements []Settlement // how the total settles; they add up to it
}

// InvoiceRef names an original invoice: number (BT-25) and date of issue (BT-26), and where the tax authority gave it one its
// stamp (Brazil: chave de acesso, Mexico: folio fiscal).
type InvoiceRef struct {
	Number string
	Date   time.Time
	Stamp  string
}

// Entity is the seller as its documents show it (BG-4).
type Entity struct {
	Name    string
	Address []string // street, postal code and city, country
	TaxIDs  []TaxID  // VAT id (art. 226 no. 3); Japan: the registration number of a qualified issuer
	Country string   // ISO 3166-1 alpha-2: its law names the document
	Brand   string   // #RRGGBB; a quiet blue when empty
	Legal   []string // register, directors, contact: the middle of the footer
	Bank    []string // bank lines: the right of the footer
}

// TaxID is a registration number with the name it goes by, such as "VAT ID" or "登録番号". Without a label
// the language's word for a VAT id is printed.
type TaxID struct {
	Label  string
	Number string
}

// Customer is the buyer (BG-7): the account the memo is addressed to.
type Customer struct {
	Name    string
	Contact string
	Address []string
	Account string
	TaxID   TaxID
}

// Line is one credited invoice line (BG-25). Amounts are positive: that they are credited is what the
// document says.
type Line struct {
	Description string
	Detail      string              // small print below: period, invoice line, cost centre
	Quantity    decimal.NullDecimal // BT-129
	Unit        string
	UnitPrice   decimal.NullDecimal // BT-146, excluding tax
	Net         money.Amount        // BT-131, after every discount and without tax
	Category    string              // BT-151
	TaxRate     decimal.Decimal     // BT-152, per cent
	MoreRates   []decimal.Decimal   // further taxes on the same net, per cent

	// List is quantity × price less OwnDiscount, in the price basis of the document and before document discounts; a
	// line that has none (the zero Amount) prints Net. Discount is the line's share of the document discounts:
	// List less Discount is Net, or Net and its tax where prices include it. Either all lines have a List or none.
	List        money.Amount
	OwnDiscount money.Amount // taken off this line alone (BT-136), printed in a column
	Discount    money.Amount

	Charge bool // for the document as a whole, such as freight (BG-21)
}

// Discount is a discount on the whole document in its price basis (BG-20). Label is what the customer knows it by; the
// language's words stand for an empty one.
type Discount struct {
	Label  string
	Amount money.Amount // positive
}

// Tax categories (EN 16931, from UNTDID 5305).
const (
	Standard       = "S"
	ZeroRated      = "Z"
	Exempt         = "E"
	ReverseCharge  = "AE"
	IntraCommunity = "K"
	Export         = "G"
	OutOfScope     = "O"
)

// TaxGroup is the memo's tax for one category and rate (BG-23; art. 226 nos. 8 to 10).
type TaxGroup struct {
	Category string
	Rate     decimal.Decimal
	Net      money.Amount
	Tax      money.Amount
	NoteCode string // a VATEX code for the note (BT-121), not printed
	Note     string // exemption reason or required mention (BT-120; art. 226 no. 11); reverse charge has one of its own

	// Code tells a further tax on the same net from the ordinary one, whose code is empty: only the ordinary groups add
	// up to the document's net. Name is what such a tax is called ("City tax"); TaxName when empty.
	Code string
	Name string
}

// HomeTax is the tax in the currency of the country where it is due, where the memo is in another one
// (art. 230; BT-111), with the rate of the original invoice.
type HomeTax struct {
	Tax    money.Amount
	Rate   decimal.Decimal // home currency for one unit of the memo's
	Source string
	Date   time.Time
}

// Bucket is one of the four ways a credit memo settles.
type Bucket string

// The buckets.
const (
	ReducesInvoice  Bucket = "reduces_invoice"
	CustomerBalance Bucket = "customer_balance"
	Refunded        Bucket = "refund"
	SettledOutside  Bucket = "outside"
)

// Settlement is the part of the total that goes one way.
type Settlement struct {
	Bucket    Bucket
	Reference string // the invoice reduced, or where a refund goes
	Amount    money.Amount
	OpenAfter *money.Amount // what the invoice still asks for afterwards
}
