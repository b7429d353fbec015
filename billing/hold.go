package billing

import (
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/money"
)

// Hold keeps a disputed amount of an invoice out of collection until the dispute is decided. It never changes what
// is owed.
type Hold struct {
	ID            int64
	InvoiceID     InvoiceID
	InvoiceLineID *InvoiceLineID
	DisputeLineID int64
	CaseID        int64
	Currency      money.Currency
	Amount        decimal.Decimal
	ReasonCode    string
	PlacedAt      time.Time
	ReleasedAt    *time.Time
	ReleaseReason string
}

// HoldInput asks for a hold on an invoice, or on one of its lines.
type HoldInput struct {
	InvoiceID     InvoiceID
	InvoiceLineID *InvoiceLineID
	DisputeLineID int64
	CaseID        int64
	Amount        decimal.Decimal
	ReasonCode    string
	By            Actor // the zero Actor stands for the system
}
