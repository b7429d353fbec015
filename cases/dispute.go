package cases

import (
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/money"
)

// DisputeID names a dispute line.
type DisputeID int64

// DisputeStatus is where a dispute line stands.
type DisputeStatus string

// The statuses of a dispute line.
const (
	DisputeOpen           DisputeStatus = "open"
	DisputeUnderReview    DisputeStatus = "under_review"
	DisputeAccepted       DisputeStatus = "accepted"
	DisputePartlyAccepted DisputeStatus = "partly_accepted"
	DisputeRejected       DisputeStatus = "rejected"
	DisputeWithdrawn      DisputeStatus = "withdrawn"
)

// Decided tells whether nothing is left to decide.
func (s DisputeStatus) Decided() bool { return s != DisputeOpen && s != DisputeUnderReview }

// DisputeLine is an invoice line, or a whole invoice, that a customer contests. Contested, Accepted and Credited include
// tax and are in the invoice's currency.
type DisputeLine struct {
	ID              DisputeID
	CaseID          ID
	InvoiceID       billing.InvoiceID
	InvoiceLineID   *billing.InvoiceLineID
	Currency        money.Currency
	Contested       decimal.Decimal
	ReasonCode      string
	Claim           string
	Status          DisputeStatus
	Accepted        decimal.Decimal
	Credited        decimal.Decimal
	Explanation     string
	CreditRequestID *int64
	OpenedAt        time.Time
	OpenedBy        *int64
	DecidedAt       *time.Time
	DecidedBy       *int64
	Version         int
}

// Amount is an amount in the line's currency.
func (d DisputeLine) Amount(value decimal.Decimal) money.Amount { return money.Of(value, d.Currency) }

// outcome is the status that an accepted amount means.
func (d DisputeLine) outcome(accepted decimal.Decimal) DisputeStatus {
	switch {
	case accepted.IsZero():
		return DisputeRejected
	case accepted.LessThan(d.Contested):
		return DisputePartlyAccepted
	}
	return DisputeAccepted
}

// DisputeParts is what became of what a dispute line contests, in its currency and including tax: the parts add up to it.
type DisputeParts struct {
	Disputed   decimal.Decimal // still in dispute, and kept from collection
	Credited   decimal.Decimal
	Paid       decimal.Decimal // by money, before it was decided
	WrittenOff decimal.Decimal
	Ended      decimal.Decimal // turned down or taken back, so owed again, or accepted without a credit of ours
}

// Parts divides what a line contests by its hold, which follows what is open on the invoice; the zero Hold is none, as of a line about what
// was paid before. A credit that settled the line counts first.
func (d DisputeLine) Parts(h billing.Hold) DisputeParts {
	rest := d.Contested
	take := func(most decimal.Decimal) decimal.Decimal {
		part := decimal.Max(decimal.Zero, decimal.Min(most, rest))
		rest = rest.Sub(part)
		return part
	}
	if d.Status.Decided() {
		p := DisputeParts{Credited: take(decimal.Max(d.Credited, h.Credited)), WrittenOff: take(h.WrittenOff), Paid: take(h.Paid)}
		p.Ended = rest
		return p
	}
	p := DisputeParts{Disputed: take(h.Amount), Credited: take(h.Credited), WrittenOff: take(h.WrittenOff)}
	p.Paid = rest
	return p
}

// NewDispute asks for a dispute line: a contested amount, including tax, of an invoice or of one of its lines.
type NewDispute struct {
	InvoiceID     billing.InvoiceID
	InvoiceLineID *billing.InvoiceLineID
	Contested     decimal.Decimal
	ReasonCode    string
	Claim         string
}
