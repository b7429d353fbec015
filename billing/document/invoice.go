package document

import (
	"time"

	"makegood/internal/money"
)

// Kind says what a document named in a list or as a source is.
type Kind string

// The kinds of document a customer meets on their account.
const (
	InvoiceKind    Kind = "invoice"
	DebitMemoKind  Kind = "debit_memo"
	CreditMemoKind Kind = "credit_memo"
	PaymentKind    Kind = "payment"
	RefundKind     Kind = "refund"
	WriteOffKind   Kind = "write_off"
	TransferKind   Kind = "transfer"
	ChargebackKind Kind = "chargeback"
	ReversalKind   Kind = "reversal"
)

// Part is the part of a document that counts here: what of a payment settled an invoice, what of a credit is refunded.
type Part struct {
	Kind   Kind
	Number string
	Date   time.Time
	Amount money.Amount // positive
}

// Payment tells the customer how to pay. Without an account the entity's bank lines are printed.
type Payment struct {
	Due       time.Time // BT-9
	Terms     string    // BT-20, in the customer's language
	Account   []string  // bank, account number, BIC (BG-17)
	Reference string    // what to quote (BT-83); the document's number when empty
}

// Invoice is everything an invoice prints: particulars of art. 226 of the VAT Directive, EN 16931 terms in brackets.
// With Replaces it is a rebill: the corrected invoice that stands in the place of others.
type Invoice struct {
	Language Language
	Currency money.Currency // BT-5; every amount is in it

	Number     string       // BT-1
	Date       time.Time    // BT-2
	Replaces   []InvoiceRef // BG-3, the invoices this one is in place of
	CreditedBy []InvoiceRef // the credit memos that took those back
	SupplyFrom time.Time    // BT-73
	SupplyTo   time.Time    // BT-74
	Order      string       // BT-13, the customer's purchase order
	CaseNumber string
	Reason     string // why the invoice was made anew, in the customer's language

	Entity   Entity
	Customer Customer

	Lines            []Line
	Discounts        []Discount // BG-20
	PricesIncludeTax bool       // of unit prices, lists and discounts; Net is always without tax
	TaxName          string
	Taxes            []TaxGroup
	Net              money.Amount // Σ of the lines, after discounts (BT-109)
	Tax              money.Amount // Σ of the tax groups (BT-110)
	Rounding         money.Amount // cash rounding (BT-114)
	Total            money.Amount // Net + Tax + Rounding (BT-112)
	HomeTax          *HomeTax

	Settled []Part // payments and credits applied so far (BT-113)
	Open    money.Amount
	// Withholding is the part of Open that the customer keeps back and pays to the tax authority instead of the seller.
	Withholding money.Amount
	Payment     Payment
}

// DebitMemo charges more than was billed: for the invoices it names, or for the account where it names none. It is an
// invoice in law (art. 219 and 226 of the VAT Directive), so it carries an invoice's particulars.
type DebitMemo struct {
	Language Language
	Currency money.Currency

	Title      string // as of a credit memo
	Number     string
	Date       time.Time
	Originals  []InvoiceRef // the invoices it charges more for, none for a charge on the account
	SupplyFrom time.Time
	SupplyTo   time.Time
	Order      string
	CaseNumber string
	Reason     string // why, in the customer's language; required

	Entity   Entity
	Customer Customer

	Lines            []Line
	Discounts        []Discount
	PricesIncludeTax bool
	TaxName          string
	Taxes            []TaxGroup
	Net              money.Amount
	Tax              money.Amount
	Rounding         money.Amount
	Total            money.Amount
	HomeTax          *HomeTax

	Withholding money.Amount // the part of Total that the customer keeps back for the tax authority
	Payment     Payment
}

// Reversal takes a credit memo back (in German a Storno): what Memo credited is owed again, to the same lines and taxes.
type Reversal struct {
	Number     string
	Date       time.Time
	CaseNumber string
	Reason     string // why, in the customer's language; required

	Memo CreditMemo // as it was issued

	// Settlements tell how the memo's own are undone: same buckets, same sum. OpenAfter is what the invoice asks for now.
	// Without any, the memo's own are printed as undone, without OpenAfter.
	Settlements []Settlement
}
