package billing

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"makegood/internal/db"
	"makegood/internal/errs"
)

// ReserveTx keeps an adjustment's amounts for a credit request, so that nobody else gives them. It locks the invoice
// and works the adjustment out again: ErrOverHeadroom (with what remains and who holds the rest) when it no longer
// fits, ErrAdjustmentChanged when its tax would now be another, ErrAlreadyReserved when the request holds something.
func (s *Service) ReserveTx(ctx context.Context, tx *db.Tx, creditRequestID int64, a Adjustment) error {
	if err := s.LockInvoiceTx(ctx, tx, a.InvoiceID); err != nil {
		return err
	}
	held, err := db.Value[bool](ctx, tx, `select exists (select from line_reservations where credit_request_id = $1 and state <> 'released')`, creditRequestID)
	if err != nil {
		return fmt.Errorf("look for reservation: %w", err)
	}
	if held {
		return ErrAlreadyReserved
	}
	now, err := s.PrepareAdjustment(ctx, tx, a.input())
	if err != nil {
		return asConflict(err)
	}
	if !bytes.Equal(now.Digest(creditRequestID), a.Digest(creditRequestID)) {
		return ErrAdjustmentChanged
	}
	var batch pgx.Batch
	queueReservation(&batch, creditRequestID, a, tx)
	if err := tx.Batch(ctx, &batch); err != nil {
		return fmt.Errorf("reserve: %w", err)
	}
	return nil
}

// input is the proposal an adjustment was worked out from.
func (a Adjustment) input() AdjustmentInput {
	in := AdjustmentInput{Kind: a.Kind, InvoiceID: a.InvoiceID, ReasonCode: a.ReasonCode}
	for _, l := range a.Lines {
		in.Lines = append(in.Lines, AdjustLine{InvoiceLineID: l.InvoiceLineID, Net: l.Net, Quantity: l.Quantity})
	}
	return in
}

// asConflict says of a proposal that fitted before that somebody else was first.
func asConflict(err error) error {
	if e, ok := errors.AsType[*errs.Error](err); ok {
		for _, f := range e.Fields {
			if f.Key == ErrOverHeadroom.Key {
				return &errs.Error{Kind: errs.Conflict, Key: f.Key, Params: f.Params}
			}
		}
	}
	return err
}

func queueReservation(batch *pgx.Batch, request int64, a Adjustment, tx *db.Tx) {
	// A request that comes back after a withdrawal takes its old rows over.
	for _, l := range a.Lines {
		batch.Queue(`with kept as (update invoice_line_balances set reserved_net = reserved_net + $4 where invoice_line_id = $2)
			insert into line_reservations (credit_request_id, invoice_line_id, invoice_id, net, state, reserved_at)
			values ($1, $2, $3, $4, 'held', $5)
			on conflict (credit_request_id, invoice_line_id) do update set net = excluded.net, state = 'held', reserved_at = excluded.reserved_at`,
			request, l.InvoiceLineID, a.InvoiceID, l.Net, tx.Now())
	}
	for _, t := range a.Taxes {
		batch.Queue(`with kept as (update invoice_tax_balances set reserved_net = reserved_net + $4, reserved_tax = reserved_tax + $5
				where invoice_tax_id = $2)
			insert into tax_reservations (credit_request_id, invoice_tax_id, invoice_id, net, tax, state)
			values ($1, $2, $3, $4, $5, 'held')
			on conflict (credit_request_id, invoice_tax_id) do update set net = excluded.net, tax = excluded.tax, state = 'held'`,
			request, t.InvoiceTaxID, a.InvoiceID, t.Net, t.Tax)
	}
}

// ReleaseReservationTx gives back what a credit request keeps. It locks the invoice; without a reservation it does
// nothing.
func (s *Service) ReleaseReservationTx(ctx context.Context, tx *db.Tx, creditRequestID int64) error {
	invoices, err := db.Values[InvoiceID](ctx, tx, `select distinct invoice_id from line_reservations
		where credit_request_id = $1 and state = 'held' order by 1`, creditRequestID)
	if err != nil || len(invoices) == 0 {
		return err
	}
	if _, err := lockInvoices(ctx, tx, invoices); err != nil {
		return err
	}
	var batch pgx.Batch
	batch.Queue(`with freed as (update line_reservations set state = 'released' where credit_request_id = $1 and state = 'held' returning invoice_line_id, net)
		update invoice_line_balances b set reserved_net = b.reserved_net - f.net from freed f where b.invoice_line_id = f.invoice_line_id`, creditRequestID)
	batch.Queue(`with freed as (update tax_reservations set state = 'released' where credit_request_id = $1 and state = 'held' returning invoice_tax_id, net, tax)
		update invoice_tax_balances b set reserved_net = b.reserved_net - f.net, reserved_tax = b.reserved_tax - f.tax
		from freed f where b.invoice_tax_id = f.invoice_tax_id`, creditRequestID)
	if err := tx.Batch(ctx, &batch); err != nil {
		return fmt.Errorf("release reservation: %w", err)
	}
	return nil
}

// usedLine and usedTax are reservations turned into credits.
type usedLine struct {
	InvoiceLineID InvoiceLineID
	Net           decimal.Decimal
}

type usedTax struct {
	InvoiceTaxID InvoiceTaxID
	Net, Tax     decimal.Decimal
}

// useReservation turns what the request keeps into credited amounts, and refuses when that is not exactly the
// adjustment. The caller holds the invoice's lock.
func useReservation(ctx context.Context, tx *db.Tx, request int64, a Adjustment) error {
	lines, err := db.List[usedLine](ctx, tx, `with used as (
			update line_reservations set state = 'used' where credit_request_id = $1 and state = 'held' and invoice_id = $2 returning invoice_line_id, net
		), moved as (
			update invoice_line_balances b set reserved_net = b.reserved_net - u.net, credited_net = b.credited_net + u.net
			from used u where b.invoice_line_id = u.invoice_line_id
		) select invoice_line_id, net from used`, request, a.InvoiceID)
	if err != nil {
		return fmt.Errorf("use line reservations: %w", err)
	}
	taxes, err := db.List[usedTax](ctx, tx, `with used as (
			update tax_reservations set state = 'used' where credit_request_id = $1 and state = 'held' and invoice_id = $2 returning invoice_tax_id, net, tax
		), moved as (
			update invoice_tax_balances b set reserved_net = b.reserved_net - u.net, credited_net = b.credited_net + u.net,
				reserved_tax = b.reserved_tax - u.tax, credited_tax = b.credited_tax + u.tax
			from used u where b.invoice_tax_id = u.invoice_tax_id
		) select invoice_tax_id, net, tax from used`, request, a.InvoiceID)
	if err != nil {
		return fmt.Errorf("use tax reservations: %w", err)
	}
	if !a.isKept(lines, taxes) {
		return ErrNotReserved
	}
	return nil
}

func (a Adjustment) isKept(lines []usedLine, taxes []usedTax) bool {
	if len(lines) != len(a.Lines) || len(taxes) != len(a.Taxes) {
		return false
	}
	nets := make(map[InvoiceLineID]decimal.Decimal, len(lines))
	for _, l := range lines {
		nets[l.InvoiceLineID] = l.Net
	}
	for _, l := range a.Lines {
		if net, there := nets[l.InvoiceLineID]; !there || !net.Equal(l.Net) {
			return false
		}
	}
	groups := make(map[InvoiceTaxID]usedTax, len(taxes))
	for _, t := range taxes {
		groups[t.InvoiceTaxID] = t
	}
	for _, t := range a.Taxes {
		if kept, there := groups[t.InvoiceTaxID]; !there || !kept.Net.Equal(t.Net) || !kept.Tax.Equal(t.Tax) {
			return false
		}
	}
	return true
}
