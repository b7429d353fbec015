package billing

import (
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"
)

func queuePayment(batch *pgx.Batch, p Payment) {
	batch.Queue(`insert into payments (id, entity_id, number, series, fiscal_year, sequence_no, customer_id, currency, amount,
			received_on, method, bank_reference, fx_rate, idempotency_key, posted_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		p.ID, p.EntityID, p.Number, p.Series, p.FiscalYear, p.SequenceNo, p.CustomerID, p.Currency, p.Amount,
		p.ReceivedOn, p.Method, p.BankReference, p.FxRate, p.IdempotencyKey, p.PostedAt)
}

// queueAllocation writes that part of a source settles an invoice, and takes it off what is open there.
func queueAllocation(batch *pgx.Batch, from source, to lockedInvoice, row allocationRow) {
	on := from.settles(to)
	queueMove(batch, itemMove{InvoiceItem, int64(to.ID), row.Amount.Neg(), row.Base.Neg(), lastOf(from.lastDay(), on)})
	batch.Queue(`insert into allocations (id, entity_id, customer_id, source_kind, source_id, invoice_id, currency, amount, allocated_on, posted_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		row.ID, from.Entity.ID, from.CustomerID, from.Kind, from.ID, to.ID, from.Currency, row.Amount, on, from.PostedAt)
	if to.Held.IsPositive() {
		queueHolds(batch, from.PostedAt, to.ID)
	}
}

// allocationRow is what is new about an allocation beside its source and its invoice.
type allocationRow struct {
	ID           int64
	Amount, Base decimal.Decimal
}

// itemMove changes what is open on a document; Day is the latest day, by any date, of what is booked for it.
type itemMove struct {
	Kind         ItemKind
	ID           int64
	Amount, Base decimal.Decimal
	Day          time.Time
}

// queueMove changes what is open, and notes the day when nothing is.
func queueMove(batch *pgx.Batch, m itemMove) {
	batch.Queue(`update open_items set open = open + $3, base_open = base_open + $4,
			closed_on = case when open + $3 = 0 then greatest(closed_on, opened_on, $5::date,
				(select max(greatest(p.booked_on, p.dated_on, p.posted_on)) from postings p where p.item_kind = $1 and p.item_id = $2)) end
		where kind = $1 and document_id = $2`, m.Kind, m.ID, m.Amount, m.Base, m.Day)
}

// queueOpenItem writes what is open on a new document; Day is as in itemMove.
func queueOpenItem(batch *pgx.Batch, o OpenItem, day time.Time) {
	var closed *time.Time
	if o.Open.IsZero() {
		closed = &day
	}
	batch.Queue(`insert into open_items (kind, document_id, number, customer_id, entity_id, currency, original, open, base_open, due_on, opened_on, closed_on)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		o.Kind, o.DocumentID, o.Number, o.CustomerID, o.EntityID, o.Currency, o.Original, o.Open, o.BaseOpen, o.DueOn, o.OpenedOn, closed)
}

// orNull is nil for an id of nothing.
func orNull[T ~int64](id T) *T {
	if id == 0 {
		return nil
	}
	return &id
}
