// Package gateway issues credit notes where a company's invoices really live. Posting in this ledger comes first and never
// waits for it; what the other system made of a note is held against what was posted here.
package gateway

import (
	"context"
	"errors"

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

// Line is a part of a note on an invoice line, named by its id in the other system, or by its place among the lines of the
// invoice, or a line of its own without either. Net is without tax, after discounts. In a document whose prices include tax it is
// with.
type Line struct {
	InvoiceLine string
	No          int             // from 1, among the lines that are not below zero; 0 for a line of its own
	List        decimal.Decimal // what the invoice line with that number came to, before discounts
	Description string
	Net         decimal.Decimal
	Discount    decimal.Decimal // the line's share of the invoice's discounts, already taken off
}

// Taking names a note of the other system that was taken back here. Key is an idempotency key of its own. Invoice and Total say
// which note it has to be: a person may have given the id, and mistyped it.
type Taking struct {
	Key      string
	ID       string // the note's id there
	Invoice  string // the id there of the invoice it credits
	Currency money.Currency
	Total    decimal.Decimal // of the note there, in units of Currency
}

// Outcome is what the other system made of a note. Difference is its total less ours: zero is agreement, anything else a
// case for somebody.
type Outcome struct {
	ID         string
	Number     string
	Total      decimal.Decimal
	Difference decimal.Decimal
}

// Gateway is the system that issues a company's documents. Issue and Void may be called again after any failure. Its errors tell
// what to do: Invalid and Conflict will not get better by themselves, Unavailable will.
type Gateway interface {
	Issue(ctx context.Context, n Note) (Outcome, error)
	// Void takes an issued note back. One that is void already is given back as it is. A note on another invoice, or of another
	// total, is refused with ErrOtherNote and stays.
	Void(ctx context.Context, t Taking) (Outcome, error)
}

// What gateways refuse.
var (
	ErrRefused = errs.New(errs.Invalid, "billing.gateway.refused")
	ErrKeyUsed = errs.New(errs.Conflict, "billing.gateway.key_used")
	ErrAway    = errs.New(errs.Unavailable, "billing.gateway.away")
	// ErrUnanswered is ErrAway after something was sent: it may have been done. Asking again tells.
	ErrUnanswered = errs.New(errs.Unavailable, "billing.gateway.unanswered")
	// ErrLinesDiffer is refused before anything is sent: the invoice there has not the lines that were credited here.
	ErrLinesDiffer = errs.New(errs.Invalid, "billing.gateway.lines_differ")
	// ErrOtherNote is refused before anything is voided: the note of this id is not the one that was issued for the memo.
	ErrOtherNote = errs.New(errs.Invalid, "billing.gateway.other_note")
)

// Answered tells whether an error is what the other system answered to the request that was to change something. Any other error came
// before, from looking up or from this side: it says nothing of what an earlier attempt has done there.
func Answered(err error) bool {
	_, answered := errors.AsType[answeredError](err)
	return answered
}

// answeredError marks such an answer.
type answeredError struct{ error }

// Unwrap gives the refusal itself.
func (e answeredError) Unwrap() error { return e.error }

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
