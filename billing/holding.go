package billing

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// PlaceHoldTx holds a disputed amount of an invoice, or changes the hold that the dispute has already. See
// PlaceHoldsTx.
func (s *Service) PlaceHoldTx(ctx context.Context, tx *db.Tx, in HoldInput) error {
	return s.PlaceHoldsTx(ctx, tx, []HoldInput{in})
}

// PlaceHoldsTx holds disputed amounts. What is kept is at most what is open on their lines and invoices, the earlier disputes
// first, and follows what is open from then on: a dispute about what is paid keeps nothing until the money goes back. It locks all
// the invoices in one order, then the entities' books until the transaction ends; whoever places several places them in one call.
func (s *Service) PlaceHoldsTx(ctx context.Context, tx *db.Tx, in []HoldInput) error {
	ids := make([]InvoiceID, len(in))
	for i, h := range in {
		if !h.Amount.IsPositive() {
			return errs.InvalidField("amount", "billing.bad_amount")
		}
		ids[i] = h.InvoiceID
	}
	g, err := lockForHolds(ctx, tx, ids, in)
	if err != nil {
		return err
	}
	var batch pgx.Batch
	var events []audit.Event
	for _, h := range in {
		event, placed, err := g.place(h)
		if err != nil {
			return err
		}
		if placed {
			events = append(events, event)
		}
	}
	g.queue(&batch, tx.Now())
	if err := audit.QueueTx(&batch, tx, events...); err != nil {
		return fmt.Errorf("record holds: %w", err)
	}
	if batch.Len() == 0 {
		return nil
	}
	if err := tx.Batch(ctx, &batch); err != nil {
		return fmt.Errorf("place holds: %w", err)
	}
	return nil
}

// placing is holds on their way, on invoices that are locked, with all that are on these: what is written is one row of each dispute.
type placing struct {
	invoices map[InvoiceID]lockedInvoice
	holds    map[InvoiceID][]Hold // in the order they were first placed, which is the order they are served in
	earlier  map[int64]InvoiceID  // where the disputes have one
	disputes []int64              // in the order of their first hold
	rows     map[int64][]any
}

// lockForHolds locks the invoices in the order of their ids and reads their holds and those that the disputes have, in one round trip.
func lockForHolds(ctx context.Context, tx *db.Tx, ids []InvoiceID, in []HoldInput) (*placing, error) {
	disputes := make([]int64, len(in))
	for n, h := range in {
		disputes[n] = h.DisputeLineID
	}
	var invoices []lockedInvoice
	var holds []Hold
	var batch pgx.Batch
	db.QueueList(&batch, &invoices, lockInvoicesQuery, ids)
	db.QueueList(&batch, &holds, `select * from holds where dispute_line_id = any ($1) or invoice_id = any ($2) and released_at is null order by id`, disputes, ids)
	if err := tx.Batch(ctx, &batch); err != nil {
		return nil, fmt.Errorf("lock invoices: %w", err)
	}
	g := &placing{earlier: map[int64]InvoiceID{}, rows: map[int64][]any{}, holds: map[InvoiceID][]Hold{}}
	for _, h := range holds {
		if h.ReleasedAt == nil {
			g.earlier[h.DisputeLineID] = h.InvoiceID
		} else {
			h.Wanted, h.Amount = decimal.Zero, decimal.Zero // keeps its place in the order
		}
		g.holds[h.InvoiceID] = append(g.holds[h.InvoiceID], h)
	}
	var err error
	g.invoices, err = allLocked(invoices, ids)
	return g, err
}

// place works out one hold; false when nothing more or less is kept from collection by it.
func (g *placing) place(in HoldInput) (audit.Event, bool, error) {
	invoice := g.invoices[in.InvoiceID]
	if of, there := g.earlier[in.DisputeLineID]; there && of != in.InvoiceID {
		return audit.Event{}, false, errs.New(errs.Conflict, "billing.hold_elsewhere")
	}
	g.earlier[in.DisputeLineID] = in.InvoiceID
	at := slices.IndexFunc(g.holds[in.InvoiceID], func(h Hold) bool { return h.DisputeLineID == in.DisputeLineID })
	if at < 0 {
		at = len(g.holds[in.InvoiceID])
		g.holds[in.InvoiceID] = append(g.holds[in.InvoiceID], Hold{DisputeLineID: in.DisputeLineID})
	}
	h, free := &g.holds[in.InvoiceID][at], invoice.Open
	for _, first := range g.holds[in.InvoiceID][:at] {
		free = free.Sub(first.asked())
	}
	before := h.Amount
	h.Wanted, h.Amount = in.Amount, decimal.Max(decimal.Zero, decimal.Min(in.Amount, free))
	if _, again := g.rows[in.DisputeLineID]; !again {
		g.disputes = append(g.disputes, in.DisputeLineID)
	}
	g.rows[in.DisputeLineID] = []any{
		in.InvoiceID, in.InvoiceLineID, in.DisputeLineID, in.CaseID, string(invoice.Currency), h.Amount, h.Wanted, int16(invoice.Currency.Digits()), in.ReasonCode,
	}
	if h.Amount.Equal(before) {
		return audit.Event{}, false, nil
	}
	return audit.Event{Stream: audit.Books(int64(invoice.EntityID)), By: actorOr(in.By, "billing.hold"), What: "hold.placed", Data: map[string]any{
		"invoice": invoice.Number, "dispute_line_id": in.DisputeLineID, "case_id": in.CaseID, "reason_code": in.ReasonCode,
		"amount": h.Amount.String(), "before": before.String(), "currency": invoice.Currency,
	}}, true, nil
}

// queue adds the rows to a batch, and works out what all the holds on their invoices keep.
func (g *placing) queue(batch *pgx.Batch, now time.Time) {
	if len(g.disputes) == 0 {
		return
	}
	rows := make([][]any, len(g.disputes))
	for n, dispute := range g.disputes {
		rows[n] = append(g.rows[dispute], now)
	}
	u := db.Table{Columns: []string{
		"invoice_id bigint", "invoice_line_id bigint", "dispute_line_id bigint", "case_id bigint", "currency text", "amount numeric", "wanted numeric",
		"digits smallint", "reason_code text", "placed_at timestamptz",
	}}.Unnest(rows)
	batch.Queue(`insert into holds (`+u.Names+`) select `+u.Values+` from `+u.From+`
		on conflict (dispute_line_id) do update set invoice_id = excluded.invoice_id, invoice_line_id = excluded.invoice_line_id,
			case_id = excluded.case_id, currency = excluded.currency, amount = excluded.amount, wanted = excluded.wanted, digits = excluded.digits, reason_code = excluded.reason_code,
			placed_at = excluded.placed_at, released_at = null, release_reason = ''`, u.Args...)
	queueHolds(batch, now, slices.Sorted(maps.Keys(g.invoices))...)
}

// ReleaseHoldTx ends the hold of a dispute; without one it does nothing. See ReleaseHoldsTx.
func (s *Service) ReleaseHoldTx(ctx context.Context, tx *db.Tx, disputeLineID int64, reason string) error {
	return s.ReleaseHoldsTx(ctx, tx, []ReleaseInput{{disputeLineID, reason}})
}

// ReleaseInput ends the hold of a dispute.
type ReleaseInput struct {
	DisputeLineID int64
	Reason        string
}

// ReleaseHoldsTx ends the holds of disputes, as far as they have any. It locks the invoices in one order until the
// transaction ends.
func (s *Service) ReleaseHoldsTx(ctx context.Context, tx *db.Tx, in []ReleaseInput) error {
	if len(in) == 0 {
		return nil
	}
	disputes, reasons := make([]int64, len(in)), make([]string, len(in))
	for i, r := range in {
		disputes[i], reasons[i] = r.DisputeLineID, r.Reason
	}
	var freed []freedHold
	var batch pgx.Batch
	batch.Queue(`select 1 from open_items where kind = 'invoice' and document_id in
		(select invoice_id from holds where dispute_line_id = any ($1) and released_at is null) order by document_id for update`, disputes)
	// Under the lock the holds are looked at again: one may have been changed or released before we got it.
	db.QueueList(&batch, &freed, `with freed as (
			update holds h set released_at = $3, release_reason = u.reason from unnest($1::bigint[], $2::text[]) as u(dispute, reason)
			where h.dispute_line_id = u.dispute and h.released_at is null
			returning h.dispute_line_id, h.invoice_id, h.case_id, h.amount, h.release_reason
		) select f.dispute_line_id, f.case_id, f.amount, f.release_reason, i.number, i.entity_id, i.currency from freed f join invoices i on i.id = f.invoice_id order by f.dispute_line_id`,
		disputes, reasons, tx.Now())
	// What later disputes ask for takes their place.
	batch.Queue(`select settle_holds(array(select invoice_id from holds where dispute_line_id = any ($1) and released_at = $2), $2)`, disputes, tx.Now())
	if err := tx.Batch(ctx, &batch); err != nil {
		return fmt.Errorf("release holds: %w", err)
	}
	var events []audit.Event
	for _, h := range freed {
		if h.Amount.IsZero() {
			continue // it kept nothing
		}
		events = append(events, audit.Event{
			Stream: audit.Books(int64(h.EntityID)), By: access.SystemActor("billing.hold"), What: "hold.released", Data: map[string]any{
				"invoice": h.Number, "dispute_line_id": h.DisputeLineID, "case_id": h.CaseID,
				"amount": h.Amount.String(), "currency": h.Currency, "reason": h.ReleaseReason,
			},
		})
	}
	return audit.RecordTx(ctx, tx, events...)
}

// freedHold is a hold that was just released, with its invoice.
type freedHold struct {
	DisputeLineID int64
	CaseID        int64
	Amount        decimal.Decimal
	ReleaseReason string
	Number        string
	EntityID      EntityID
	Currency      money.Currency
}
