package billing

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/dunning"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// PromiseID names a promise to pay.
type PromiseID int64

// PromiseState says what became of a promise.
type PromiseState string

// The states of a promise: kept and broken are decided by what payments had settled once its day was over.
const (
	PromiseOpen      PromiseState = "open"
	PromiseKept      PromiseState = "kept"
	PromiseBroken    PromiseState = "broken"
	PromiseWithdrawn PromiseState = "withdrawn"
)

// Promise is what a customer said it would pay by a day: on one invoice, or over all it owes in the currency. While it is
// open nothing of it is dunned.
type Promise struct {
	ID         PromiseID
	EntityID   EntityID
	CustomerID CustomerID
	InvoiceID  *InvoiceID
	Currency   money.Currency
	Amount     decimal.Decimal
	PromisedOn time.Time
	PromisedBy string // who at the customer
	Note       string
	Remind     bool // the customer asked to be reminded before the day
	State      PromiseState
	MadeAt     time.Time
	MadeBy     int64
	MadeByName string
	Paid       decimal.Decimal // when it was decided
	DecidedAt  *time.Time
	DecidedBy  int64
	Decision   string
	Version    int
}

// TableName tells GORM where promises live.
func (Promise) TableName() string { return "payment_promises" }

const promiseColumns = `p.id, p.entity_id, p.customer_id, p.invoice_id, p.currency, p.amount, p.promised_on, p.promised_by, p.note, p.remind, p.state,
	p.made_at, p.made_by, p.made_by_name, p.paid, p.decided_at, p.decided_by, p.decision, p.version`

func (p Promise) target() promiseTarget {
	target := promiseTarget{p.CustomerID, p.Currency, 0}
	if p.InvoiceID != nil {
		target.invoice = *p.InvoiceID
	}
	return target
}

func (p Promise) dunning() dunning.Promise {
	d := dunning.Promise{ID: int64(p.ID), InvoiceID: int64(p.target().invoice), Amount: p.Amount, MadeAt: p.MadeAt, On: p.PromisedOn}
	if p.DecidedAt != nil {
		d.Until = *p.DecidedAt
	}
	return d
}

// NewPromise is a promise to write down: on an invoice, or with InvoiceID 0 on all that the customer owes in the currency.
type NewPromise struct {
	InvoiceID  InvoiceID
	CustomerID CustomerID     // not needed with an invoice
	Currency   money.Currency // not needed with an invoice
	Amount     decimal.Decimal
	On         time.Time // the last day on which money counts as paid in time
	PromisedBy string
	Note       string
	Remind     bool // the customer asked to be reminded: collections hear of it as many days before as the entity's policy says
	By         Actor
}

// promiseDays is how far ahead a promise may lie.
const promiseDays = 366

// MakePromise writes a promise down and asks for it to be looked at when its day is over. It may not be more than what is
// collectible and not promised yet (ErrOverCollectible): nobody is held to pay what is in dispute. It locks the customer.
func (s *Service) MakePromise(ctx context.Context, in NewPromise) (Promise, error) {
	target, err := s.collectTarget(ctx, in.InvoiceID, in.CustomerID, in.By)
	if err != nil {
		return Promise{}, err
	}
	if target.invoice != nil {
		in.Currency = target.invoice.Currency
	}
	if fields := checkPromise(in, target.entity.Day(s.db.Now())); len(fields) > 0 {
		return Promise{}, errs.InvalidFields(fields...)
	}
	var made Promise
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		if err := lockCustomer(ctx, tx, target.customer.ID); err != nil {
			return err
		}
		left, err := s.promisable(ctx, tx, target, in.Currency)
		if err != nil {
			return err
		}
		if in.Amount.GreaterThan(left) {
			return errs.New(ErrOverCollectible.Kind, ErrOverCollectible.Key, "left", money.Of(left, in.Currency).String())
		}
		if made, err = insertPromise(ctx, tx, in, target); err != nil {
			return err
		}
		if err := tx.EnqueueAt(ctx, PromiseDue{ID: made.ID}, target.entity.startOf(made.PromisedOn.AddDate(0, 0, 1))); err != nil {
			return err
		}
		if err := s.remindOf(ctx, tx, made, target.entity); err != nil {
			return err
		}
		tx.Publish("collections")
		return audit.RecordTx(ctx, tx, promiseEvent(made, in.By, "promise.made"))
	})
	return made, err
}

func insertPromise(ctx context.Context, tx *db.Tx, in NewPromise, t collectTarget) (Promise, error) {
	var invoice *InvoiceID
	if t.invoice != nil {
		invoice = &t.invoice.ID
	}
	p, err := db.One[Promise](ctx, tx, `insert into payment_promises as p (entity_id, customer_id, invoice_id, currency, amount, promised_on, promised_by, note,
			state, made_at, made_by, made_by_name, remind)
		values ($1, $2, $3, $4, $5, $6, $7, $8, 'open', $9, $10, $11, $12) returning `+promiseColumns,
		t.entity.ID, t.customer.ID, invoice, in.Currency, in.Amount, Date(in.On), strings.TrimSpace(in.PromisedBy), strings.TrimSpace(in.Note),
		tx.Now(), in.By.UserID, in.By.Name, in.Remind)
	if err != nil {
		return p, fmt.Errorf("write promise: %w", err)
	}
	return p, nil
}

func checkPromise(in NewPromise, today time.Time) []errs.Field {
	var fields []errs.Field
	if _, err := money.ParseCurrency(string(in.Currency)); err != nil {
		fields = append(fields, errs.Field{Name: "currency", Key: money.ErrCurrency.Key, Params: errs.Params{"currency": string(in.Currency)}})
	}
	if !in.Amount.IsPositive() || finer(in.Amount, in.Currency.Digits()) {
		fields = append(fields, errs.Field{Name: "amount", Key: "billing.bad_amount"})
	}
	if day := Date(in.On); day.Before(today) || day.After(today.AddDate(0, 0, promiseDays)) {
		fields = append(fields, errs.Field{Name: "on", Key: "billing.day_within_a_year"})
	}
	if strings.TrimSpace(in.PromisedBy) == "" {
		fields = append(fields, errs.Field{Name: "promised_by", Key: "error.required"})
	}
	return fields
}

// promisable is what may still be promised: the undisputed part that is not promised yet.
func (s *Service) promisable(ctx context.Context, r db.Reader, t collectTarget, currency money.Currency) (decimal.Decimal, error) {
	q := CollectQuery{EntityID: t.entity.ID, CustomerID: t.customer.ID}
	if t.invoice != nil {
		q.InvoiceID = t.invoice.ID
	}
	list, err := s.Collectible(ctx, r, q)
	left := decimal.Zero
	for _, c := range list {
		if c.Currency == currency {
			left = left.Add(c.Collectible()).Sub(c.Promised)
		}
	}
	return left, err
}

// collectTarget is what collections act on: a customer at the entity that bills it, or one of its invoices.
type collectTarget struct {
	entity   Entity
	customer Customer
	invoice  *Invoice
}

// collectTarget finds it and refuses whoever may not act on it.
func (s *Service) collectTarget(ctx context.Context, invoice InvoiceID, customer CustomerID, by Actor) (collectTarget, error) {
	var t collectTarget
	if invoice != 0 {
		i, err := db.One[Invoice](ctx, s.db, `select * from invoices where id = $1`, invoice)
		if i, err = found(i, err, ErrNoInvoice, "read invoice"); err != nil {
			return t, err
		}
		t.invoice, customer = &i, i.CustomerID
	}
	var err error
	if t.customer, err = s.CustomerByID(ctx, s.db, customer); err != nil {
		return t, err
	}
	entity := t.customer.EntityID
	if t.invoice != nil {
		entity = t.invoice.EntityID
	}
	if t.entity, err = s.EntityByID(ctx, s.db, entity); err != nil {
		return t, err
	}
	return t, access.Can(by, access.Collect, access.Object{EntityID: int64(entity)})
}

// lockCustomer keeps two promises of one customer from taking the same money.
func lockCustomer(ctx context.Context, tx *db.Tx, id CustomerID) error {
	if _, err := tx.Exec(ctx, `select from customers where id = $1 for no key update`, id); err != nil {
		return fmt.Errorf("lock customer: %w", err)
	}
	return nil
}

// startOf is the moment a day begins at the entity.
func (e Entity) startOf(day time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, e.Zone())
}

func promiseEvent(p Promise, by Actor, what string) audit.Event {
	data := map[string]any{
		"promise_id": p.ID, "customer_id": p.CustomerID, "amount": p.Amount.String(), "currency": p.Currency, "promised_on": p.PromisedOn.Format(time.DateOnly),
	}
	if p.InvoiceID != nil {
		data["invoice_id"] = *p.InvoiceID
	}
	if p.State != PromiseOpen {
		data["paid"], data["decision"] = p.Paid.String(), p.Decision
	}
	return audit.Event{Stream: audit.Books(int64(p.EntityID)), By: by, What: what, Data: data}
}
