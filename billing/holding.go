package billing

import (
	"context"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// PlaceHoldTx holds a disputed amount of an invoice, or changes the hold that the dispute has already. See
// PlaceHoldsTx.
func (s *Service) PlaceHoldTx(ctx context.Context, tx *db.Tx, in HoldInput) error {
	return s.PlaceHoldsTx(ctx, tx, []HoldInput{in})
}

// PlaceHoldsTx holds disputed amounts, at most what is open on their invoices: a dispute about what is paid has
// nothing to keep from collection and places none. It locks all the invoices in one order, then the entities' books
// until the transaction ends; whoever places several places them in one call.
func (s *Service) PlaceHoldsTx(ctx context.Context, tx *db.Tx, in []HoldInput) error {
	ids := make([]InvoiceID, len(in))
	for i, h := range in {
		if !h.Amount.IsPositive() {
			return errs.InvalidField("amount", "billing.bad_amount")
		}
		ids[i] = h.InvoiceID
	}
	invoices, err := lockInvoices(ctx, tx, ids)
	if err != nil {
		return err
	}
	var events []audit.Event
	for _, h := range in {
		event, placed, err := placeHold(ctx, tx, h, invoices)
		if err != nil {
			return err
		}
		if placed {
			events = append(events, event)
		}
	}
	return audit.RecordTx(ctx, tx, events...)
}

// placeHold writes one hold and keeps the sum of holds on the invoice's open item in step.
func placeHold(ctx context.Context, tx *db.Tx, in HoldInput, invoices map[InvoiceID]lockedInvoice) (audit.Event, bool, error) {
	invoice := invoices[in.InvoiceID]
	earlier, err := activeHold(ctx, tx, in.DisputeLineID)
	if err != nil {
		return audit.Event{}, false, err
	}
	before := decimal.Zero
	if earlier != nil {
		if before = earlier.Amount; earlier.InvoiceID != in.InvoiceID {
			return audit.Event{}, false, errs.New(errs.Conflict, "billing.hold_elsewhere")
		}
	}
	amount := decimal.Min(in.Amount, invoice.Open.Sub(invoice.Held.Sub(before)))
	if !amount.IsPositive() || (earlier != nil && amount.Equal(before)) {
		return audit.Event{}, false, nil
	}
	if _, err := tx.Exec(ctx, `insert into holds (invoice_id, invoice_line_id, dispute_line_id, case_id, currency, amount, reason_code, placed_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8)
		on conflict (dispute_line_id) do update set invoice_id = excluded.invoice_id, invoice_line_id = excluded.invoice_line_id,
			case_id = excluded.case_id, currency = excluded.currency, amount = excluded.amount, reason_code = excluded.reason_code,
			placed_at = excluded.placed_at, released_at = null, release_reason = ''`,
		in.InvoiceID, in.InvoiceLineID, in.DisputeLineID, in.CaseID, invoice.Currency, amount, in.ReasonCode, tx.Now()); err != nil {
		return audit.Event{}, false, fmt.Errorf("place hold: %w", err)
	}
	if err := changeHeld(ctx, tx, in.InvoiceID, amount.Sub(before)); err != nil {
		return audit.Event{}, false, err
	}
	invoice.Held = invoice.Held.Add(amount).Sub(before)
	invoices[in.InvoiceID] = invoice
	return audit.Event{Stream: audit.Books(int64(invoice.EntityID)), By: actorOr(in.By, "billing.hold"), What: "hold.placed", Data: map[string]any{
		"invoice": invoice.Number, "dispute_line_id": in.DisputeLineID, "case_id": in.CaseID, "reason_code": in.ReasonCode,
		"amount": amount.String(), "before": before.String(), "currency": invoice.Currency,
	}}, true, nil
}

// ReleaseHoldTx ends the hold of a dispute; without one it does nothing. It locks the invoice, then the entity's
// books until the transaction ends.
func (s *Service) ReleaseHoldTx(ctx context.Context, tx *db.Tx, disputeLineID int64, reason string) error {
	hold, err := activeHold(ctx, tx, disputeLineID)
	if err != nil || hold == nil {
		return err
	}
	invoice, err := lockInvoice(ctx, tx, hold.InvoiceID)
	if err != nil {
		return err
	}
	// The amount is read again under the lock: it may have been changed or released before we got it.
	amounts, err := db.Values[decimal.Decimal](ctx, tx, `update holds set released_at = $2, release_reason = $3
		where dispute_line_id = $1 and released_at is null returning amount`, disputeLineID, tx.Now(), reason)
	if err != nil {
		return fmt.Errorf("release hold: %w", err)
	}
	if len(amounts) == 0 {
		return nil
	}
	if err := changeHeld(ctx, tx, hold.InvoiceID, amounts[0].Neg()); err != nil {
		return err
	}
	return audit.RecordTx(ctx, tx, audit.Event{
		Stream: audit.Books(int64(invoice.EntityID)), By: access.SystemActor("billing.hold"), What: "hold.released",
		Data: map[string]any{
			"invoice": invoice.Number, "dispute_line_id": disputeLineID, "case_id": hold.CaseID,
			"amount": amounts[0].String(), "currency": invoice.Currency, "reason": reason,
		},
	})
}

// activeHold reads the hold of a dispute; nil when there is none.
func activeHold(ctx context.Context, r db.Reader, disputeLineID int64) (*Hold, error) {
	list, err := db.List[Hold](ctx, r, `select * from holds where dispute_line_id = $1 and released_at is null`, disputeLineID)
	if err != nil {
		return nil, fmt.Errorf("read hold: %w", err)
	}
	if at := slices.IndexFunc(list, func(h Hold) bool { return h.ReleasedAt == nil }); at >= 0 {
		return &list[at], nil
	}
	return nil, nil //nolint:nilnil // "none" is an answer here, not a failure
}

func changeHeld(ctx context.Context, tx *db.Tx, invoice InvoiceID, by decimal.Decimal) error {
	if _, err := tx.Exec(ctx, `update open_items set held = held + $2 where kind = 'invoice' and document_id = $1`, invoice, by); err != nil {
		return fmt.Errorf("change held amount: %w", err)
	}
	return nil
}
