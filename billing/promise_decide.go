package billing

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/jobs"
)

// PromiseDue asks for a promise to be looked at once its day is over.
type PromiseDue struct {
	ID PromiseID `json:"id"`
}

// Kind names the job.
func (PromiseDue) Kind() string { return "billing.promise_due" }

// SweepPromises looks for promises whose day is over and that nobody looked at.
type SweepPromises struct{}

// Kind names the job.
func (SweepPromises) Kind() string { return "billing.sweep_promises" }

// Unique keeps one sweep waiting at most.
func (SweepPromises) Unique() bool { return true }

// Register adds billing's work in the background: promises whose day is over, with an hourly look for missed ones, and the
// daily proof of the books.
func (s *Service) Register(r *jobs.Registry) {
	jobs.Handle(r, s.proveBooks)
	jobs.Repeat(r, daily, ProveBooks{})
	jobs.Handle(r, s.DecidePromise)
	jobs.Handle(r, s.sweepPromises)
	jobs.Repeat(r, time.Hour, SweepPromises{})
}

// decidedNothingLeft is why a promise counts as kept although less was paid: there was nothing left to pay.
const decidedNothingLeft = "nothing_left_to_pay"

// DecidePromise decides a promise once its day is over at the entity: kept when payments received by that day had settled
// its amount by now, or when nothing collectible is left; broken otherwise. Before that, and when it is decided already, it
// changes nothing.
func (s *Service) DecidePromise(ctx context.Context, due PromiseDue) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		p, err := lockPromise(ctx, tx, due.ID)
		if err != nil {
			return err
		}
		entity, err := s.EntityByID(ctx, tx, p.EntityID)
		if err != nil {
			return err
		}
		if p.State != PromiseOpen || !entity.Day(tx.Now()).After(p.PromisedOn) {
			return nil
		}
		if p.Paid, err = paidOn(ctx, tx, p); err != nil {
			return err
		}
		nothingLeft := false
		if p.Paid.LessThan(p.Amount) {
			if nothingLeft, err = s.nothingLeft(ctx, tx, p); err != nil {
				return err
			}
		}
		switch {
		case nothingLeft:
			p.State, p.Decision = PromiseKept, decidedNothingLeft
		case p.Paid.LessThan(p.Amount):
			p.State = PromiseBroken
		default:
			p.State = PromiseKept
		}
		return decide(ctx, tx, p, access.SystemActor("billing.promise_due"))
	})
}

// WithdrawPromise takes a promise back that was written down wrongly or agreed anew, for a reason. One withdrawn already
// stays as it is; a kept or broken one is refused with ErrPromiseDecided.
func (s *Service) WithdrawPromise(ctx context.Context, id PromiseID, reason string, by Actor) (Promise, error) {
	if err := access.Can(by, access.Collect, access.Object{}); err != nil {
		return Promise{}, err
	}
	var p Promise
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		var err error
		if p, err = lockPromise(ctx, tx, id); err != nil {
			return err
		}
		if err := access.Can(by, access.Collect, access.Object{EntityID: int64(p.EntityID)}); err != nil {
			return err
		}
		switch p.State {
		case PromiseWithdrawn:
			return nil
		case PromiseKept, PromiseBroken:
			return errs.New(ErrPromiseDecided.Kind, ErrPromiseDecided.Key, "state", string(p.State))
		case PromiseOpen:
		}
		if reason = strings.TrimSpace(reason); reason == "" {
			return errs.InvalidField("reason", "error.required")
		}
		if p.Paid, err = paidOn(ctx, tx, p); err != nil {
			return err
		}
		p.State, p.Decision = PromiseWithdrawn, reason
		return decide(ctx, tx, p, by)
	})
	return p, err
}

func decide(ctx context.Context, tx *db.Tx, p Promise, by Actor) error {
	p.DecidedAt, p.DecidedBy = new(tx.Now()), by.UserID
	if _, err := tx.Exec(ctx, `update payment_promises set state = $2, paid = $3, decided_at = $4, decided_by = $5, decision = $6, version = version + 1
		where id = $1`, p.ID, p.State, p.Paid, p.DecidedAt, p.DecidedBy, p.Decision); err != nil {
		return fmt.Errorf("decide promise: %w", err)
	}
	if p.State == PromiseBroken {
		if err := tx.Enqueue(ctx, PromiseNews{ID: p.ID, Broken: true}); err != nil {
			return err
		}
	}
	tx.Publish("collections")
	return audit.RecordTx(ctx, tx, promiseEvent(p, by, "promise."+string(p.State)))
}

func lockPromise(ctx context.Context, tx *db.Tx, id PromiseID) (Promise, error) {
	p, err := db.One[Promise](ctx, tx, `select `+promiseColumns+` from payment_promises p where id = $1 for update`, id)
	return found(p, err, ErrNoPromise, "read promise")
}

// paidOn is what payments have settled of a promise so far.
func paidOn(ctx context.Context, tx *db.Tx, p Promise) (decimal.Decimal, error) {
	all, err := db.List[Promise](ctx, tx, `select `+promiseColumns+` from payment_promises p
		where entity_id = $1 and customer_id = $2 and currency = $3 and (state <> 'withdrawn' or id = $4) order by id`, p.EntityID, p.CustomerID, p.Currency, p.ID)
	if err != nil {
		return decimal.Zero, fmt.Errorf("read promises: %w", err)
	}
	paid, err := paidOf(ctx, tx, all)
	if err != nil {
		return decimal.Zero, err
	}
	return paid[slices.IndexFunc(all, func(o Promise) bool { return o.ID == p.ID })], nil
}

// nothingLeft tells whether nothing undisputed is open any more of what the promise was about.
func (s *Service) nothingLeft(ctx context.Context, tx *db.Tx, p Promise) (bool, error) {
	q := CollectQuery{EntityID: p.EntityID, CustomerID: p.CustomerID, InvoiceID: p.target().invoice}
	list, err := s.Collectible(ctx, tx, q)
	if err != nil {
		return false, err
	}
	return !slices.ContainsFunc(list, func(c Collectible) bool { return c.Currency == p.Currency && c.Collectible().IsPositive() }), nil
}

func (s *Service) sweepPromises(ctx context.Context, _ SweepPromises) error {
	_, err := s.DecidePromises(ctx)
	return err
}

// DecidePromises decides every promise whose day is over, 500 at most, and tells how many it looked at.
func (s *Service) DecidePromises(ctx context.Context) (int, error) {
	missed, err := db.Values[PromiseID](ctx, s.db, `select id from payment_promises where state = 'open' and promised_on < $1
		order by promised_on, id limit 500`, Date(s.db.Now()).AddDate(0, 0, 1))
	if err != nil {
		return 0, fmt.Errorf("find promises due: %w", err)
	}
	for _, id := range missed {
		if err := s.DecidePromise(ctx, PromiseDue{ID: id}); err != nil {
			return 0, err
		}
	}
	return len(missed), nil
}
