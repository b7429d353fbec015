package billing

import (
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"makegood/internal/money"
)

// Hold keeps a disputed amount of an invoice out of collection until the dispute is decided. It never changes what
// is owed. Wanted is what the dispute asks to keep; Amount is what is kept of it, never more than what is open, and the rest is
// Paid, Credited or WrittenOff: Wanted = Amount + Paid + Credited + WrittenOff.
type Hold struct {
	ID            int64
	InvoiceID     InvoiceID
	InvoiceLineID *InvoiceLineID
	DisputeLineID int64
	CaseID        int64
	Currency      money.Currency
	Digits        int16 // of the currency's minor unit
	Amount        decimal.Decimal
	Wanted        decimal.Decimal
	Paid          decimal.Decimal
	Credited      decimal.Decimal
	WrittenOff    decimal.Decimal
	ReasonCode    string
	PlacedAt      time.Time
	ChangedAt     *time.Time
	ReleasedAt    *time.Time
	ReleaseReason string
}

// asked is what the dispute wants to keep: older versions wrote only what was kept.
func (h Hold) asked() decimal.Decimal {
	if h.Wanted.IsZero() {
		return h.Amount
	}
	return h.Wanted
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

// queueHolds adds to a batch that the holds on invoices follow what is open by then. The invoices are locked.
func queueHolds(batch *pgx.Batch, now time.Time, ids ...InvoiceID) {
	if len(ids) > 0 {
		batch.Queue(`select settle_holds($1, $2)`, ids, now)
	}
}
