package cases

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/money"
)

// The keys of what collections are told of a promise.
const (
	promiseBroken = "notice.promise_broken"
	promiseNear   = "notice.promise_near"
)

// tellOfPromise tells collections of a promise that was broken, or whose day is near while it is open, each person once. The
// cases about the invoice of a broken one say so to whoever works on them, and those that were put off or wait for the customer
// come back.
func (s *Service) tellOfPromise(ctx context.Context, news billing.PromiseNews) error {
	p, err := s.billing.PromiseByID(ctx, news.ID, access.SystemActor("promises"))
	if err != nil {
		return err
	}
	key := promiseNear
	switch {
	case news.Broken:
		key = promiseBroken
	case p.State != billing.PromiseOpen:
		return nil
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		if err := tellCollections(ctx, tx, p, key); err != nil {
			return err
		}
		if !news.Broken || p.InvoiceID == nil {
			return nil
		}
		return s.promiseBrokenTx(ctx, tx, p)
	})
}

// tellCollections tells who collects for the entity, and whoever wrote the promise down.
func tellCollections(ctx context.Context, tx *db.Tx, p billing.PromiseRow, key string) error {
	users, err := db.Values[int64](ctx, tx, `select id from users u where active
		and (id = $1 or 'collections' = any (roles) and (cardinality(entity_ids) = 0 or $2 = any (entity_ids)))
		and not exists (select from notices n where n.user_id = u.id and n.key = $3 and n.params ->> 'promise' = $4) order by id`, p.MadeBy, p.EntityID, key, strconv.FormatInt(int64(p.ID), 10))
	if err != nil {
		return fmt.Errorf("find collections: %w", err)
	}
	for _, user := range users {
		if err := insertNotice(ctx, tx, promiseNotice(p, key, user, nil)); err != nil {
			return err
		}
	}
	return nil
}

func promiseNotice(p billing.PromiseRow, key string, user int64, about *ID) Notice {
	return Notice{UserID: user, CaseID: about, Key: key, Params: map[string]string{
		"promise": strconv.FormatInt(int64(p.ID), 10), "customer": p.CustomerName, "account": p.Account, "invoice": p.InvoiceNumber,
		"amount": p.AmountPromised().String(), "paid": money.Of(p.Paid, p.Currency).String(), "on": p.PromisedOn.Format(time.DateOnly),
	}}
}

// promiseBrokenTx writes the broken promise on every open case about its invoice that does not know of it.
func (s *Service) promiseBrokenTx(ctx context.Context, tx *db.Tx, p billing.PromiseRow) error {
	ids, err := db.Values[ID](ctx, tx, `select c.id from cases c where c.id in (select case_id from case_invoices where invoice_id = $1)
		and c.status in ('new', 'open', 'waiting') order by c.id`, *p.InvoiceID)
	if err != nil {
		return fmt.Errorf("find cases of promise: %w", err)
	}
	for _, id := range ids {
		if _, err := s.changeTx(ctx, tx, id, access.SystemActor("promises"), func(w *work) error { return w.promiseBroken(ctx, p) }); err != nil {
			return err
		}
	}
	return nil
}

func (w *work) promiseBroken(ctx context.Context, p billing.PromiseRow) error {
	w.quiet = true
	known, err := db.Value[bool](ctx, w.tx, `select exists (select from audit_log where stream = $1 and what = 'promise.broken' and data ->> 'promise_id' = $2)`,
		audit.Case(int64(w.c.ID)), strconv.FormatInt(int64(p.ID), 10))
	if err != nil {
		return fmt.Errorf("look for promise on case: %w", err)
	}
	if known || !w.c.Status.Active() {
		return nil
	}
	if w.c.AssigneeID != nil {
		if err := insertNotice(ctx, w.tx, promiseNotice(p, promiseBroken, *w.c.AssigneeID, &w.c.ID)); err != nil {
			return err
		}
	}
	w.note("promise.broken", map[string]any{
		"promise_id": p.ID, "amount": p.Amount.String(), "currency": p.Currency, "paid": p.Paid.String(), "on": p.PromisedOn.Format(time.DateOnly), "invoice": p.InvoiceNumber,
	})
	off := w.c.FollowUpAt != nil && !w.c.FollowUpDue
	if !off && (w.c.Status != StatusWaiting || w.c.WaitingOn != OnCustomer) {
		return nil
	}
	w.c.FollowUpAt, w.c.FollowUpDue = new(w.tx.Now().UTC().Truncate(time.Second)), true
	w.note("follow_up.due", nil)
	return nil
}
