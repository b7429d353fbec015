package reconcile

import (
	"cmp"
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/errs"
	"makegood/internal/money"
)

// Kind says what a document does to a customer's account.
type Kind string

// The kinds of document.
const (
	Invoice    Kind = "invoice"
	DebitMemo  Kind = "debit_memo"
	CreditMemo Kind = "credit_memo"
	Payment    Kind = "payment"
	Refund     Kind = "refund"
	WriteOff   Kind = "write_off"
	Exchange   Kind = "exchange" // a difference of exchange; its amount carries its sign
	Other      Kind = "other"    // whatever else moves the receivable, such as a chargeback; its amount carries its sign
)

// Status is a document's state, in words both systems were brought to. Only the three below mean anything here; an empty one
// says that the side does not tell, which differs from nothing.
type Status string

// The statuses with a meaning. A void document counts for nothing.
const (
	Open    Status = "open"    // an invoice not paid, a memo or payment not applied
	Settled Status = "settled" // paid, or applied whole
	Void    Status = "void"
)

// ErrKind is returned for a document of no known kind, ErrNegative for an amount below zero, ErrTaxCurrency for tax in
// another currency than its document. Each names the row.
var (
	ErrKind        = errs.New(errs.Invalid, "reconcile.unknown_kind")
	ErrNegative    = errs.New(errs.Invalid, "reconcile.negative_amount")
	ErrTaxCurrency = errs.New(errs.Invalid, "reconcile.tax_in_other_currency")
)

// Document is one row of one side. Amount is with tax, and not below zero except for Exchange and Other. Customer is the
// account by a name both sides share, or empty. TaxUnknown says that the side does not tell how much of it is tax.
type Document struct {
	Row        string // names the row for its reader; says nothing about what it is
	Kind       Kind
	ExternalID string // an id both systems keep, if there is one
	Number     string
	Customer   string
	Date       time.Time
	Amount     money.Amount
	Tax        money.Amount
	TaxUnknown bool
	Status     Status
	Invoice    string // for a credit memo: number of the invoice it credits, if known
}

// compare orders documents by what they are, so that the order of rows never matters.
func compare(a, b *Document) int {
	if c := cmp.Or(cmp.Compare(a.Kind, b.Kind), a.Date.Compare(b.Date), cmp.Compare(a.Number, b.Number)); c != 0 {
		return c // nearly always
	}
	return cmp.Or(
		cmp.Compare(a.ExternalID, b.ExternalID), cmp.Compare(a.Customer, b.Customer),
		cmp.Compare(a.Amount.Currency(), b.Amount.Currency()), a.Amount.Decimal().Cmp(b.Amount.Decimal()),
		a.Tax.Decimal().Cmp(b.Tax.Decimal()), cmp.Compare(a.Status, b.Status), cmp.Compare(a.Invoice, b.Invoice),
		cmp.Compare(a.Row, b.Row),
	)
}

// sign is +1 for what raises a receivable, −1 for what lowers it, 0 for a kind that is none.
func (k Kind) sign() int64 {
	switch k {
	case Invoice, DebitMemo, Refund, Exchange, Other:
		return 1
	case CreditMemo, Payment, WriteOff:
		return -1
	default:
		return 0
	}
}

// Effect is what the document does to the receivable within a period: nothing when it is void or dated outside.
func (d *Document) Effect(p Period) money.Amount { return money.Of(d.effect(p), d.Amount.Currency()) }

// effect is what the document does to the receivable within the period: nothing when it is void or dated outside.
func (d *Document) effect(p Period) decimal.Decimal {
	if d.Status == Void || !p.Holds(d.Date) {
		return decimal.Zero
	}
	return d.Amount.Decimal().Mul(decimal.NewFromInt(d.Kind.sign()))
}

func check(list []Document) error {
	for i := range list {
		d := &list[i]
		if d.Kind.sign() == 0 {
			return errs.New(ErrKind.Kind, ErrKind.Key, "row", d.Row, "kind", string(d.Kind))
		}
		if d.Kind != Exchange && d.Kind != Other && (d.Amount.IsNegative() || d.Tax.IsNegative()) {
			return errs.New(ErrNegative.Kind, ErrNegative.Key, "row", d.Row, "amount", d.Amount.String())
		}
		if !d.Tax.IsZero() && d.Tax.Currency() != d.Amount.Currency() {
			return errs.New(ErrTaxCurrency.Kind, ErrTaxCurrency.Key, "row", d.Row, "tax", d.Tax.String())
		}
	}
	return nil
}

// Period is the days that are compared, both included. A zero day leaves that end open.
type Period struct {
	From time.Time
	To   time.Time
}

// Holds tells whether a day is in the period.
func (p Period) Holds(day time.Time) bool {
	return (p.From.IsZero() || !day.Before(p.From)) && (p.To.IsZero() || !day.After(p.To))
}

// near tells whether a day is at most so many days from either end, on whichever side of it: a document of that day may
// stand in the other system before or after the cut-off.
func (p Period) near(day time.Time, days int) bool {
	return days > 0 && (!p.From.IsZero() && within(day, p.From, days) || !p.To.IsZero() && within(day, p.To, days))
}

func within(a, b time.Time, days int) bool {
	return a.Sub(b).Abs() <= time.Duration(days)*24*time.Hour
}
