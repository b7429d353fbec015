package billing

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/dunning"
	"makegood/internal/db"
	"makegood/internal/money"
)

// collectFact is an open invoice with what may keep reminders from it.
type collectFact struct {
	Collectible `db:"-"`
	Open        decimal.Decimal
	Held        decimal.Decimal
	LastBlocked *time.Time
	HoldLowered *time.Time
}

func collectFacts(ctx context.Context, r db.Reader, q CollectQuery) ([]collectFact, error) {
	var c conditions
	c.args = append(c.args, q.Day)
	c.also("o.kind = 'invoice' and o.open > 0")
	c.add("o.entity_id = ?", q.EntityID)
	blocks := "b.entity_id = $2"
	if q.CustomerID != 0 {
		c.add("o.customer_id = ?", q.CustomerID)
		blocks += " and b.customer_id = $3"
	}
	rows, err := r.Query(ctx, `select o.document_id, o.number, o.customer_id, u.name, u.account, o.entity_id, o.currency, o.due_on, o.open, o.held + coalesce(t.amount, 0),
			(select max(least(b.until_on, b.lifted_on)) from dunning_blocks b where b.customer_id = o.customer_id
				and (b.invoice_id is null or b.invoice_id = o.document_id) and b.from_on <= $1 and least(b.until_on, b.lifted_on) >= $1),
			(select max(h.at) from hold_changes h where h.invoice_id = o.document_id and h.amount < h.amount_before)
		from open_items o join customers u on u.id = o.customer_id
		left join `+saidDisputed(blocks, "$1", zoneOfBlock)+` t on t.invoice_id = o.document_id`+c.where(), c.args...)
	if err != nil {
		return nil, fmt.Errorf("read open invoices: %w", err)
	}
	defer rows.Close()
	var list []collectFact
	for rows.Next() {
		var f collectFact
		if err := rows.Scan(&f.InvoiceID, &f.Number, &f.CustomerID, &f.CustomerName, &f.Account, &f.EntityID, &f.Currency, &f.DueOn,
			&f.Open, &f.Held, &f.LastBlocked, &f.HoldLowered); err != nil {
			return nil, fmt.Errorf("read open invoice: %w", db.Explain(err))
		}
		list = append(list, f)
	}
	return list, db.Explain(rows.Err())
}

// promiseTarget is what a promise is about: an invoice, or without one all that a customer owes in a currency.
type promiseTarget struct {
	customer CustomerID
	currency money.Currency
	invoice  InvoiceID
}

// unappliedSums adds up what customers of an entity have with it that no invoice has taken and no pending request is to pay out or move, by
// customer and currency; customer 0 means all.
func unappliedSums(ctx context.Context, r db.Reader, entity EntityID, customer CustomerID) (map[promiseTarget]decimal.Decimal, error) {
	type sum struct {
		CustomerID CustomerID
		Currency   money.Currency
		Open       decimal.Decimal
	}
	rows, err := db.List[sum](ctx, r, `select customer_id, currency, sum(open - reserved) as open from open_items
		where entity_id = $1 and kind <> 'invoice' and open > reserved and ($2 = 0 or customer_id = $2) group by 1, 2`, entity, int64(customer))
	if err != nil {
		return nil, fmt.Errorf("add up what is unapplied: %w", err)
	}
	sums := make(map[promiseTarget]decimal.Decimal, len(rows))
	for _, s := range rows {
		sums[promiseTarget{s.CustomerID, s.Currency, 0}] = s.Open
	}
	return sums, nil
}

// openPromises tells what the open promises of an entity still leave to be paid, for each target; customer 0 means all.
func openPromises(ctx context.Context, r db.Reader, entity EntityID, customer CustomerID) (map[promiseTarget]decimal.Decimal, error) {
	promises, err := db.List[Promise](ctx, r, `select `+promiseColumns+` from payment_promises p
		where entity_id = $1 and state <> 'withdrawn' and ($2 = 0 or customer_id = $2) and exists (select from payment_promises o
			where o.customer_id = p.customer_id and o.entity_id = p.entity_id and o.currency = p.currency and o.state = 'open')`, entity, int64(customer))
	if err != nil {
		return nil, fmt.Errorf("read promises: %w", err)
	}
	if len(promises) == 0 {
		return nil, nil //nolint:nilnil // nobody promised anything
	}
	paid, err := paidOf(ctx, r, promises)
	if err != nil {
		return nil, err
	}
	left := map[promiseTarget]decimal.Decimal{}
	for i, p := range promises {
		if p.State == PromiseOpen {
			target := p.target()
			left[target] = left[target].Add(p.Amount.Sub(paid[i]))
		}
	}
	return left, nil
}

// paidOf tells how much of each promise has been paid. The promises must be all of their customers that count, so that
// each cent keeps one promise.
func paidOf(ctx context.Context, r db.Reader, promises []Promise) ([]decimal.Decimal, error) {
	type group struct {
		entity   EntityID
		customer CustomerID
		currency money.Currency
	}
	places := map[group][]int{}
	var customers []CustomerID
	first := promises[0].MadeAt
	for i, p := range promises {
		g := group{p.EntityID, p.CustomerID, p.Currency}
		places[g] = append(places[g], i)
		customers = append(customers, p.CustomerID)
		if p.MadeAt.Before(first) {
			first = p.MadeAt
		}
	}
	type row struct {
		EntityID   EntityID
		CustomerID CustomerID
		Currency   money.Currency
		InvoiceID  int64
		Amount     decimal.Decimal
		AppliedAt  time.Time
		ReceivedOn time.Time
	}
	rows, err := db.List[row](ctx, r, `select i.entity_id, i.customer_id, i.currency, a.invoice_id, a.amount, a.posted_at as applied_at, p.received_on
		from invoices i join allocations a on a.invoice_id = i.id join payments p on p.id = a.source_id
		where i.customer_id = any ($1) and a.source_kind = 'payment' and a.posted_at > $2 and a.reverses_id is null
			and not exists (select from allocations back where back.reverses_id = a.id) order by a.id`, customers, first)
	if err != nil {
		return nil, fmt.Errorf("read what was paid: %w", err)
	}
	payments := map[group][]dunning.Payment{}
	for _, p := range rows {
		g := group{p.EntityID, p.CustomerID, p.Currency}
		payments[g] = append(payments[g], dunning.Payment{InvoiceID: p.InvoiceID, Amount: p.Amount, AppliedAt: p.AppliedAt, ReceivedOn: p.ReceivedOn})
	}
	paid := make([]decimal.Decimal, len(promises))
	for g, at := range places {
		list := make([]dunning.Promise, len(at))
		for i, place := range at {
			list[i] = promises[place].dunning()
		}
		for i, amount := range dunning.Paid(list, payments[g]) {
			paid[at[i]] = amount
		}
	}
	return paid, nil
}
