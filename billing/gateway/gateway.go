// Package gateway issues credit notes where a company's invoices really live. Posting in this ledger comes first and never
// waits for it; what the other system made of a note is held against what was posted here.
package gateway

import (
	"context"

	"github.com/shopspring/decimal"

	"makegood/internal/errs"
	"makegood/internal/money"
)

// Note is a posted credit memo to be issued elsewhere. Key is the idempotency key: the same note sent again is the same
// note there. Amounts are in units of Currency and positive; the four buckets add up to Total.
type Note struct {
	Key      string
	Number   string // the memo's number here
	Invoice  string // the invoice's id in the other system
	Currency money.Currency
	Reason   string
	Memo     string
	Lines    []Line
	Total    decimal.Decimal

	ToInvoice, ToBalance, ToRefund, Outside decimal.Decimal
}

// Line is a part of a note on an invoice line, named by its id in the other system, or a line of its own without one.
// Net is without tax. In a document whose prices include tax it is with.
type Line struct {
	InvoiceLine string
	Description string
	Net         decimal.Decimal
}

// Outcome is what the other system made of a note. Difference is its total less ours: zero is agreement, anything else a
// case for somebody.
type Outcome struct {
	System     string
	ID         string
	Number     string
	Total      decimal.Decimal
	Difference decimal.Decimal
	Earlier    bool // it was there already, from an earlier attempt
}

// Agrees tells whether the other system credited what was posted here.
func (o Outcome) Agrees() bool { return o.Difference.IsZero() }

// Gateway is the system that issues a company's documents. Issue may be called again after any failure. Its errors tell
// what to do: Invalid and Conflict will not get better by themselves, Unavailable will.
type Gateway interface {
	Name() string
	Issue(ctx context.Context, n Note) (Outcome, error)
}

// What gateways refuse.
var (
	ErrRefused = errs.New(errs.Invalid, "billing.gateway.refused")
	ErrKeyUsed = errs.New(errs.Conflict, "billing.gateway.key_used")
	ErrAway    = errs.New(errs.Unavailable, "billing.gateway.away")
)

// Builtin is the gateway of a company whose books are this ledger: what is posted is issued.
type Builtin struct{}

// Name is builtin.
func (Builtin) Name() string { return "builtin" }

// Issue agrees with what was posted.
func (Builtin) Issue(_ context.Context, n Note) (Outcome, error) {
	return Outcome{System: "builtin", ID: n.Number, Number: n.Number, Total: n.Total}, nil
}

// check refuses a note that would not mean the same elsewhere.
func (n Note) check() error {
	switch {
	case n.Key == "":
		return errs.InvalidField("key", "error.required")
	case n.Invoice == "":
		return errs.InvalidField("invoice", "error.required")
	case len(n.Lines) == 0:
		return errs.InvalidField("lines", "error.required")
	case !n.Total.IsPositive():
		return errs.InvalidField("total", "billing.bad_amount")
	case !decimal.Sum(n.ToInvoice, n.ToBalance, n.ToRefund, n.Outside).Equal(n.Total):
		return errs.InvalidField("total", "billing.memo_does_not_add_up")
	}
	return nil
}
