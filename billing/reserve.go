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

// ReserveTx keeps an adjustment's amounts for a credit request, so that nobody else gives them. It locks what they are
// on, and the family of who is paid back, and works the adjustment out again: ErrOverHeadroom (with what remains and who
// holds the rest) when it no longer fits, ErrAdjustmentChanged when it would now be another, ErrAlreadyReserved when the
// request holds something.
func (s *Service) ReserveTx(ctx context.Context, tx *db.Tx, creditRequestID int64, a Adjustment) error {
	if err := lockFor(ctx, tx, a); err != nil {
		return err
	}
	if a.paysOut().IsPositive() {
		if err := lockFamilies(ctx, tx, []CustomerID{a.CustomerID}); err != nil {
			return err
		}
	}
	held, err := db.Value[bool](ctx, tx, `select exists (select from line_reservations where credit_request_id = $1 and state <> 'released')
		or exists (select from item_reservations where credit_request_id = $1 and state <> 'released')`, creditRequestID)
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
	queueReservation(&batch, creditRequestID, now, tx)
	if batch.Len() == 0 {
		return nil
	}
	if err := tx.Batch(ctx, &batch); err != nil {
		return fmt.Errorf("reserve: %w", err)
	}
	return nil
}

// LockAdjustmentTx locks what an adjustment is on (its invoices, then the open items it takes from) until the
// transaction ends. A caller that prepares and reserves in one transaction does so under this lock, or is refused when
// somebody came between.
func (s *Service) LockAdjustmentTx(ctx context.Context, tx *db.Tx, in AdjustmentInput) error {
	return lockFor(ctx, tx, Adjustment{Kind: in.Kind, InvoiceID: in.InvoiceID, Items: in.Items})
}

// locked is what an adjustment is on, under lock.
type locked struct {
	invoices map[InvoiceID]lockedInvoice
	items    []itemState
}

// lockFor locks in one order: invoices by id, then the rest by kind and id.
func lockFor(ctx context.Context, tx *db.Tx, a Adjustment) error {
	if ids := a.invoices(); len(ids) > 0 {
		if _, err := lockInvoices(ctx, tx, ids); err != nil {
			return err
		}
	}
	if others := a.otherItems(); len(others) > 0 {
		if _, err := readItems(ctx, tx, others, true); err != nil {
			return err
		}
	}
	return nil
}

// input is the proposal an adjustment was worked out from.
func (a Adjustment) input() AdjustmentInput {
	in := AdjustmentInput{
		Kind: a.Kind, InvoiceID: a.InvoiceID, ReasonCode: a.ReasonCode, Refund: a.ToRefund, SettledOutside: a.SettledOutside,
		EntityID: a.EntityID, CustomerID: a.CustomerID, Currency: a.Currency, Items: a.Items, ToCustomerID: a.ToCustomerID,
		Reverses: a.Reverses, Bill: a.Bill, Method: a.Method, Destination: a.Destination,
	}
	for _, l := range a.Lines {
		p := AdjustLine{InvoiceLineID: l.InvoiceLineID, Quantity: l.Quantity}
		switch {
		case l.InvoiceLineID == 0:
			p.Amount, p.Description, p.Tax = l.Amount, l.Description, LineTax{Category: l.TaxCategory, Rate: l.TaxRate}
		case l.ByList:
			p.List = l.List
		case !l.ByQuantity:
			p.Amount = l.Amount
		}
		in.Lines = append(in.Lines, p)
	}
	return in
}

// asConflict says of a proposal that fitted before that somebody else was first.
func asConflict(err error) error {
	if e, ok := errors.AsType[*errs.Error](err); ok {
		for _, f := range e.Fields {
			if f.Key == keyRemaining || f.Key == keyRemainingHeld {
				return &errs.Error{Kind: errs.Conflict, Key: f.Key, Params: f.Params, Err: ErrOverHeadroom}
			}
		}
	}
	return err
}

// queueReservation lines up what a request keeps. A request that comes back after a withdrawal takes its old rows over.
func queueReservation(batch *pgx.Batch, request int64, a Adjustment, tx *db.Tx) {
	for _, l := range a.Lines {
		if l.InvoiceLineID == 0 {
			continue // nothing limits a credit on account but its approval
		}
		batch.Queue(`with kept as (update invoice_line_balances set reserved = reserved + $4, discount_given = discount_given + $6,
				quantity_given = quantity_given + $7 where invoice_line_id = $2)
			insert into line_reservations (credit_request_id, invoice_line_id, invoice_id, amount, state, reserved_at, discount, quantity)
			values ($1, $2, $3, $4, 'held', $5, $6, $7)
			on conflict (credit_request_id, invoice_line_id) do update set amount = excluded.amount, state = 'held',
				reserved_at = excluded.reserved_at, discount = excluded.discount, quantity = excluded.quantity`,
			request, l.InvoiceLineID, a.InvoiceID, l.Amount, tx.Now(), l.Discount, l.quantityGiven())
	}
	for _, t := range a.Taxes {
		if t.InvoiceTaxID == 0 {
			continue
		}
		batch.Queue(`with kept as (update invoice_tax_balances set reserved_net = reserved_net + $4, reserved_tax = reserved_tax + $5
				where invoice_tax_id = $2)
			insert into tax_reservations (credit_request_id, invoice_tax_id, invoice_id, net, tax, state)
			values ($1, $2, $3, $4, $5, 'held')
			on conflict (credit_request_id, invoice_tax_id) do update set net = excluded.net, tax = excluded.tax, state = 'held'`,
			request, t.InvoiceTaxID, a.InvoiceID, t.Net, t.Tax)
	}
	if !a.Rounding.IsZero() && a.InvoiceID != 0 && a.Kind.Credits() {
		batch.Queue(`with kept as (update open_items set rounding_given = rounding_given + $3 where kind = 'invoice' and document_id = $2)
			insert into rounding_reservations (credit_request_id, invoice_id, rounding, state) values ($1, $2, $3, 'held')
			on conflict (credit_request_id) do update set invoice_id = excluded.invoice_id, rounding = excluded.rounding, state = 'held'`,
			request, a.InvoiceID, a.Rounding)
	}
	queuePayout(batch, request, a, tx)
	for _, i := range a.Items {
		if a.Kind == WriteOff {
			continue // who pays meanwhile is welcome; posting looks again at what is open
		}
		batch.Queue(`with kept as (update open_items set reserved = reserved + $4 where kind = $2 and document_id = $3)
			insert into item_reservations (credit_request_id, item_kind, item_id, amount, state, reserved_at) values ($1, $2, $3, $4, 'held', $5)
			on conflict (credit_request_id, item_kind, item_id) do update set amount = excluded.amount, state = 'held', reserved_at = excluded.reserved_at`,
			request, i.Kind, i.ID, i.Amount, tx.Now())
	}
}

// quantityGiven is the quantity that counts against the line's own.
func (l AdjustmentLine) quantityGiven() decimal.Decimal {
	if l.ByQuantity && l.Quantity != nil {
		return *l.Quantity
	}
	return decimal.Zero
}

// ReleaseReservationTx gives back what a credit request keeps. It locks what that is on; without a reservation it does
// nothing.
func (s *Service) ReleaseReservationTx(ctx context.Context, tx *db.Tx, creditRequestID int64) error {
	invoices, err := db.Values[InvoiceID](ctx, tx, `select invoice_id from line_reservations where credit_request_id = $1 and state = 'held'
		union select invoice_id from rounding_reservations where credit_request_id = $1 and state = 'held' order by 1`, creditRequestID)
	if err != nil {
		return fmt.Errorf("look for reservation: %w", err)
	}
	if len(invoices) > 0 {
		if _, err := lockInvoices(ctx, tx, invoices); err != nil {
			return err
		}
	}
	var batch pgx.Batch
	batch.Queue(`with freed as (update line_reservations set state = 'released' where credit_request_id = $1 and state = 'held'
			returning invoice_line_id, amount, discount, quantity)
		update invoice_line_balances b set reserved = b.reserved - f.amount, discount_given = b.discount_given - f.discount,
			quantity_given = b.quantity_given - f.quantity from freed f where b.invoice_line_id = f.invoice_line_id`, creditRequestID)
	batch.Queue(`with freed as (update tax_reservations set state = 'released' where credit_request_id = $1 and state = 'held' returning invoice_tax_id, net, tax)
		update invoice_tax_balances b set reserved_net = b.reserved_net - f.net, reserved_tax = b.reserved_tax - f.tax
		from freed f where b.invoice_tax_id = f.invoice_tax_id`, creditRequestID)
	batch.Queue(`with freed as (update rounding_reservations set state = 'released' where credit_request_id = $1 and state = 'held' returning invoice_id, rounding)
		update open_items o set rounding_given = o.rounding_given - f.rounding from freed f where o.kind = 'invoice' and o.document_id = f.invoice_id`, creditRequestID)
	batch.Queue(endItems("released"), creditRequestID)
	batch.Queue(endPayout("released"), creditRequestID)
	if err := tx.Batch(ctx, &batch); err != nil {
		return fmt.Errorf("release reservation: %w", err)
	}
	return nil
}

// endItems is the statement that ends what a request keeps of unapplied items.
func endItems(state string) string {
	return `with freed as (update item_reservations set state = '` + state + `' where credit_request_id = $1 and state = 'held' returning item_kind, item_id, amount)
		update open_items o set reserved = o.reserved - f.amount from freed f where o.kind = f.item_kind and o.document_id = f.item_id`
}

func (a Adjustment) isKept(lines []usedLine, taxes []usedTax) bool {
	if len(lines) != len(a.Lines) || len(taxes) != len(a.Taxes) {
		return false
	}
	amounts := make(map[InvoiceLineID]decimal.Decimal, len(lines))
	for _, l := range lines {
		amounts[l.InvoiceLineID] = l.Amount
	}
	for _, l := range a.Lines {
		if amount, there := amounts[l.InvoiceLineID]; !there || !amount.Equal(l.Amount) {
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
