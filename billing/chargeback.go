package billing

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"makegood/billing/ledger"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// ChargebackID names a chargeback.
type ChargebackID int64

// Chargeback is money of a payment that the bank took back, or (with ReversesID) gave back after all.
type Chargeback struct {
	ID             ChargebackID
	EntityID       EntityID
	Number         string
	Series         string
	FiscalYear     int
	SequenceNo     int64
	PaymentID      PaymentID
	CustomerID     CustomerID
	Currency       money.Currency
	Amount         decimal.Decimal
	ChargedOn      time.Time
	Reason         string
	FxRate         decimal.Decimal
	ReversesID     *ChargebackID
	IdempotencyKey *string
	PostedAt       time.Time
}

// NewChargeback is a chargeback to record: Amount of a payment, zero meaning all that is left of it.
type NewChargeback struct {
	By             Actor
	PaymentID      PaymentID
	Amount         decimal.Decimal
	ChargedOn      time.Time
	Reason         string
	IdempotencyKey string
}

// RecordChargeback records that the bank took a payment back: what it had settled is open again, the latest first, as far
// as the amount goes. The same key again gives the chargeback there is. A zero day is today; it is none to come, and none before the payment came in.
func (s *Service) RecordChargeback(ctx context.Context, in NewChargeback) (Chargeback, error) {
	if err := access.Can(in.By, access.RecordPayment, access.Object{}); err != nil {
		return Chargeback{}, err
	}
	var c Chargeback
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		var err error
		c, err = s.chargeBackTx(ctx, tx, in)
		return err
	})
	return c, err
}

func (s *Service) chargeBackTx(ctx context.Context, tx *db.Tx, in NewChargeback) (Chargeback, error) {
	if c, there, err := chargebackByKey(ctx, tx, in); err != nil || there {
		return c, err
	}
	p, list, err := s.lockPaymentTx(ctx, tx, in.PaymentID, in.By)
	if err != nil {
		return Chargeback{}, err
	}
	left := p.item.Open
	for _, a := range list {
		left = left.Add(a.Amount)
	}
	amount := in.Amount
	if amount.IsZero() {
		amount = left
	}
	switch {
	case !amount.IsPositive() || finer(amount, p.Currency.Digits()):
		return Chargeback{}, errs.InvalidField("amount", "billing.bad_amount")
	case amount.GreaterThan(left.Sub(p.item.Reserved)):
		return Chargeback{}, errs.InvalidField("amount", ErrOverOpen.Key, "open", p.Payment.AmountOf(left.Sub(p.item.Reserved)).String(), "number", p.Number)
	}
	on := dayOr(in.ChargedOn, p.entity, tx.Now())
	if err := p.entity.bankDay("on", on, tx.Now()); err != nil {
		return Chargeback{}, err
	}
	if on.Before(p.ReceivedOn) {
		return Chargeback{}, errs.InvalidField("on", "billing.charged_before_received", "day", p.ReceivedOn.Format(time.DateOnly))
	}
	booked, err := bookingDay(ctx, tx, p.entity.ID, on, in.By)
	if err != nil {
		return Chargeback{}, err
	}
	rate, _, err := s.Rate(ctx, tx, p.Currency, p.entity.BaseCurrency, on)
	if err != nil {
		return Chargeback{}, err
	}
	c := Chargeback{
		EntityID: p.entity.ID, PaymentID: p.ID, CustomerID: p.CustomerID, Currency: p.Currency, Amount: amount, ChargedOn: on,
		Reason: in.Reason, FxRate: rate, PostedAt: tx.Now(), IdempotencyKey: keyOrNil(in.IdempotencyKey),
	}
	if err := c.take(ctx, tx, p.entity); err != nil {
		return c, err
	}
	how := charging{Chargeback: c, booked: booked, by: in.By}
	if how.soft, err = s.freeTx(ctx, tx, p, list, how); err != nil {
		return c, err
	}
	return c, s.bookChargebackTx(ctx, tx, p, how)
}

// charging is a chargeback on its way into the books: on which day, by whom.
type charging struct {
	Chargeback
	booked booking
	by     Actor
	soft   bool // what was settled was taken back in a soft-closed month
}

// on is when a chargeback takes back what was settled, or settles it anew: on its own day, but never before that stands in the books itself,
// dated and booked as told.
func (c charging) on(ctx context.Context, tx *db.Tx, dated, booked time.Time) (settlingOn, error) {
	on := settlingOn{dated: lastOf(c.ChargedOn, dated)}
	var err error
	on.booked, err = bookingDay(ctx, tx, c.EntityID, lastOf(on.dated, booked), c.by)
	return on, err
}

// lockedPayment is a payment under lock with what is unapplied of it.
type lockedPayment struct {
	Payment
	entity Entity
	item   itemState
}

// lockPaymentTx locks the invoices a payment settles, then the payment, and gives its standing allocations, latest first.
func (s *Service) lockPaymentTx(ctx context.Context, tx *db.Tx, id PaymentID, by Actor) (lockedPayment, []Allocation, error) {
	payment, err := db.One[Payment](ctx, tx, `select * from payments where id = $1`, id)
	if payment, err = found(payment, err, ErrNoPayment, "read payment"); err != nil {
		return lockedPayment{}, nil, err
	}
	if err := access.Can(by, access.RecordPayment, access.Object{EntityID: int64(payment.EntityID)}); err != nil {
		return lockedPayment{}, nil, err
	}
	p := lockedPayment{Payment: payment}
	if p.entity, err = s.EntityByID(ctx, tx, payment.EntityID); err != nil {
		return p, nil, err
	}
	invoices, err := db.Values[InvoiceID](ctx, tx, `select distinct invoice_id from allocations where source_kind = 'payment' and source_id = $1 order by 1`, id)
	if err != nil {
		return p, nil, fmt.Errorf("find invoices of payment: %w", err)
	}
	if _, err := lockInvoices(ctx, tx, invoices); err != nil {
		return p, nil, err
	}
	items, err := readItems(ctx, tx, []ItemPart{{Kind: PaymentItem, ID: int64(id)}}, true)
	if err != nil {
		return p, nil, err
	}
	p.item = items[0]
	list, err := standing(ctx, tx, "a.source_kind = 'payment' and a.source_id = $1", id)
	return p, list, err
}

// take gives the chargeback its id and number.
func (c *Chargeback) take(ctx context.Context, tx *db.Tx, entity Entity) error {
	ids, err := nextIDs[ChargebackID](ctx, tx, "chargebacks", 1)
	if err != nil {
		return err
	}
	row := seriesOf(entity, "chargeback", "CB", entity.FiscalYear(c.ChargedOn))
	place, err := row.takeTx(ctx, tx, 1)
	c.ID, c.Series, c.FiscalYear, c.SequenceNo, c.Number = ids[0], row.Name, row.Year, place, row.number(place)
	return err
}

// freeTx takes allocations back until the amount is free; what was taken back too much settles its invoice again on the same day. What was
// settled only after the day of the chargeback is taken back on its own day: before that there was nothing to take back. It tells whether a soft-closed month takes it.
func (s *Service) freeTx(ctx context.Context, tx *db.Tx, p lockedPayment, list []Allocation, c charging) (soft bool, err error) {
	missing := c.Amount.Sub(p.item.Free()) // what a pending request keeps stays there
	for _, a := range list {
		if !missing.IsPositive() {
			break
		}
		booked, err := db.Value[time.Time](ctx, tx, `select max(booked_on) from journal_entries where document_kind = 'allocation' and document_id = $1`, a.ID)
		if err != nil {
			return soft, fmt.Errorf("read booking: %w", err)
		}
		on, err := c.on(ctx, tx, a.AllocatedOn, booked)
		if err != nil {
			return soft, err
		}
		soft = soft || on.booked.Soft
		if err := takeBackTx(ctx, tx, []Allocation{a}, takingBack{booked: on.booked, dated: on.dated, reason: c.Number, by: c.by}); err != nil {
			return soft, err
		}
		if missing = missing.Sub(a.Amount); missing.IsNegative() {
			rest := []ApplyPart{{Kind: PaymentItem, ID: int64(p.ID), InvoiceID: a.InvoiceID, Amount: missing.Neg()}}
			_, err := s.applyTx(ctx, tx, ApplyInput{By: c.by, Parts: rest}, &on)
			return soft, err
		}
	}
	return soft, nil
}

// bookChargebackTx writes the chargeback: Dr unapplied at the payment's rate, Cr cash at the day's, the difference
// realised.
func (s *Service) bookChargebackTx(ctx context.Context, tx *db.Tx, p lockedPayment, c charging) error {
	items, err := readItems(ctx, tx, []ItemPart{{Kind: PaymentItem, ID: int64(p.ID)}}, true)
	if err != nil {
		return err
	}
	item := items[0]
	var batch pgx.Batch
	queueChargeback(&batch, c.Chargeback)
	base := baseOfPart(item.Open, item.BaseOpen, c.Amount, item.Rate, p.entity.BaseCurrency.Digits())
	queueMove(&batch, itemMove{PaymentItem, int64(p.ID), c.Amount.Neg(), base.Neg(), lastOf(c.booked.Day, c.ChargedOn, c.PostedAt)})
	draft := c.draft(p)
	draft.Difference = ledger.FxDifference
	draft.Lines = []ledger.Line{
		{Account: ledger.Unapplied, CustomerID: new(int64(c.CustomerID)), Item: ledger.Item{Kind: string(PaymentItem), ID: int64(p.ID)}, Amount: c.Amount, Base: &base},
		{Account: receivedOn(p.Method), Amount: c.Amount.Neg()},
	}
	if err := ledger.Queue(&batch, c.PostedAt, draft); err != nil {
		return err
	}
	if err := tx.Batch(ctx, &batch); err != nil {
		return fmt.Errorf("book chargeback: %w", err)
	}
	return audit.RecordTx(ctx, tx, c.event("payment.charged_back", p))
}

func (c charging) draft(p lockedPayment) ledger.Draft {
	return ledger.Draft{
		EntityID: int64(c.EntityID), BookedOn: c.booked.Day, Soft: c.booked.Soft, DatedOn: c.ChargedOn, DocumentKind: ledger.Chargeback, DocumentID: int64(c.ID),
		DocumentNumber: c.Number, CustomerID: int64(c.CustomerID), Currency: c.Currency, BaseCurrency: p.entity.BaseCurrency, Rate: c.FxRate, By: c.by,
	}
}

func (c charging) event(what string, p lockedPayment) audit.Event {
	data := map[string]any{
		"number": c.Number, "payment": p.Number, "amount": c.Amount.String(), "currency": c.Currency, "reason": c.Reason, "customer_id": c.CustomerID,
	}
	booking{Soft: c.soft || c.booked.Soft}.tell(data)
	return audit.Event{Stream: audit.Books(int64(c.EntityID)), By: c.by, What: what, Data: data}
}

func queueChargeback(batch *pgx.Batch, c Chargeback) {
	batch.Queue(`insert into chargebacks (id, entity_id, number, series, fiscal_year, sequence_no, payment_id, customer_id, currency, amount,
			charged_on, reason, fx_rate, reverses_id, idempotency_key, posted_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		c.ID, c.EntityID, c.Number, c.Series, c.FiscalYear, c.SequenceNo, c.PaymentID, c.CustomerID, c.Currency, c.Amount,
		c.ChargedOn, c.Reason, c.FxRate, c.ReversesID, c.IdempotencyKey, c.PostedAt)
}

// WonChargeback says that the bank gave a charged back payment back.
type WonChargeback struct {
	By         Actor
	ID         ChargebackID
	ReturnedOn time.Time
	Reason     string
}

// RecordChargebackWon records that a chargeback was taken back: the money is here again, and settles again what it had
// settled before, as far as that is open. A second call gives the same. A zero day is today; it is none to come, and none before the bank took it.
func (s *Service) RecordChargebackWon(ctx context.Context, in WonChargeback) (Chargeback, error) {
	if err := access.Can(in.By, access.RecordPayment, access.Object{}); err != nil {
		return Chargeback{}, err
	}
	var c Chargeback
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		var err error
		c, err = s.wonTx(ctx, tx, in)
		return err
	})
	return c, err
}

func (s *Service) wonTx(ctx context.Context, tx *db.Tx, in WonChargeback) (Chargeback, error) {
	lost, err := db.One[Chargeback](ctx, tx, `select * from chargebacks where id = $1 and reverses_id is null`, in.ID)
	if lost, err = found(lost, err, ErrNoChargeback, "read chargeback"); err != nil {
		return Chargeback{}, err
	}
	p, _, err := s.lockPaymentTx(ctx, tx, lost.PaymentID, in.By)
	if err != nil {
		return Chargeback{}, err
	}
	before, err := db.List[Chargeback](ctx, tx, `select * from chargebacks where reverses_id = $1`, in.ID)
	if err != nil || len(before) == 1 {
		if err == nil {
			return before[0], nil
		}
		return Chargeback{}, fmt.Errorf("look for its end: %w", err)
	}
	on := dayOr(in.ReturnedOn, p.entity, tx.Now())
	if err := p.entity.bankDay("on", on, tx.Now()); err != nil {
		return Chargeback{}, err
	}
	if on.Before(lost.ChargedOn) {
		return Chargeback{}, errs.InvalidField("on", "billing.returned_before_charged", "day", lost.ChargedOn.Format(time.DateOnly))
	}
	booked, err := bookingDay(ctx, tx, p.entity.ID, on, in.By)
	if err != nil {
		return Chargeback{}, err
	}
	won := Chargeback{
		EntityID: lost.EntityID, PaymentID: lost.PaymentID, CustomerID: lost.CustomerID, Currency: lost.Currency, Amount: lost.Amount, ChargedOn: on,
		Reason: in.Reason, FxRate: lost.FxRate, ReversesID: &lost.ID, PostedAt: tx.Now(),
	}
	if err := won.take(ctx, tx, p.entity); err != nil {
		return won, err
	}
	how := charging{Chargeback: won, booked: booked, by: in.By}
	if err := s.bookWonTx(ctx, tx, p, lost, how); err != nil {
		return won, err
	}
	return won, s.settleAgainTx(ctx, tx, p, lost, how)
}

// bookWonTx mirrors what was booked when the money went.
func (s *Service) bookWonTx(ctx context.Context, tx *db.Tx, p lockedPayment, lost Chargeback, won charging) error {
	entries, err := ledger.Entries(ctx, tx, ledger.Chargeback, int64(lost.ID))
	if err != nil {
		return err
	}
	var batch pgx.Batch
	queueChargeback(&batch, won.Chargeback)
	how := takingBack{booked: won.booked, dated: won.ChargedOn, by: won.by, kind: ledger.Chargeback, number: won.Number}
	if err := how.mirror(&batch, tx.Now(), entries, int64(won.ID)); err != nil {
		return err
	}
	if err := tx.Batch(ctx, &batch); err != nil {
		return fmt.Errorf("book won chargeback: %w", err)
	}
	return audit.RecordTx(ctx, tx, won.event("chargeback.won", p))
}

// settleAgainTx applies the money to the invoices it was taken off, as far as they are open, on the day it was here again, or on which it was
// taken off where that is later.
func (s *Service) settleAgainTx(ctx context.Context, tx *db.Tx, p lockedPayment, lost Chargeback, won charging) error {
	type part struct {
		InvoiceID     InvoiceID
		Amount, Open  decimal.Decimal
		Dated, Booked time.Time
	}
	list, err := db.List[part](ctx, tx, `select a.invoice_id, -sum(a.amount) as amount, o.open, max(a.allocated_on) as dated, max(e.booked_on) as booked from allocations a
		join open_items o on o.kind = 'invoice' and o.document_id = a.invoice_id join journal_entries e on e.document_kind = 'allocation' and e.document_id = a.id
		where a.source_kind = 'payment' and a.source_id = $1 and a.reverses_id is not null and a.reason = $2 group by a.invoice_id, o.open order by 1`, p.ID, lost.Number)
	if err != nil {
		return fmt.Errorf("find what it had settled: %w", err)
	}
	left := lost.Amount
	for _, l := range list {
		amount := decimal.Min(l.Amount, l.Open, left)
		if !amount.IsPositive() {
			continue
		}
		left = left.Sub(amount)
		on, err := won.on(ctx, tx, l.Dated, l.Booked)
		if err != nil {
			return err
		}
		parts := []ApplyPart{{Kind: PaymentItem, ID: int64(p.ID), InvoiceID: l.InvoiceID, Amount: amount}}
		if _, err := s.applyTx(ctx, tx, ApplyInput{By: won.by, Parts: parts}, &on); err != nil {
			return err
		}
	}
	return nil
}

func chargebackByKey(ctx context.Context, tx *db.Tx, in NewChargeback) (Chargeback, bool, error) {
	if in.IdempotencyKey == "" {
		return Chargeback{}, false, nil
	}
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('chargeback ' || $1, 0))`, in.IdempotencyKey); err != nil {
		return Chargeback{}, false, fmt.Errorf("lock chargeback key: %w", err)
	}
	list, err := db.List[Chargeback](ctx, tx, `select * from chargebacks where idempotency_key = $1`, in.IdempotencyKey)
	if err != nil || len(list) == 0 {
		return Chargeback{}, false, err
	}
	if list[0].PaymentID != in.PaymentID || !in.Amount.IsZero() && !list[0].Amount.Equal(in.Amount) {
		return Chargeback{}, false, ErrKeyUsedDifferently
	}
	return list[0], true, nil
}

func keyOrNil(key string) *string {
	if key == "" {
		return nil
	}
	return &key
}
