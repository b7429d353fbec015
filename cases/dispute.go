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

// NewDispute asks for a dispute line: a contested amount, including tax, of an invoice or of one of its lines.
type NewDispute struct {
	InvoiceID     billing.InvoiceID
	InvoiceLineID *billing.InvoiceLineID
	Contested     decimal.Decimal
	ReasonCode    string
	Claim         string
}
