package billing

import (
	"context"
	"fmt"

	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/money"
)

// PromiseQuery narrows a list of promises, the newest first; the zero value of a field does not narrow. After is the Next
// of the page before.
type PromiseQuery struct {
	EntityID   EntityID
	CustomerID CustomerID
	InvoiceID  InvoiceID
	State      PromiseState
	After      string
	Limit      int
	By         Actor
}

// PromiseRow is a promise in a list.
type PromiseRow struct {
	Promise
	CustomerName  string
	Account       string
	InvoiceNumber string
}

// AmountPromised is the promised sum with its currency.
func (r PromiseRow) AmountPromised() money.Amount { return money.Of(r.Amount, r.Currency) }

// Promises lists promises within what the actor may see.
func (s *Service) Promises(ctx context.Context, q PromiseQuery) (Page[PromiseRow], error) {
	if err := access.Can(q.By, access.ReadBooks, access.Object{EntityID: int64(q.EntityID)}); err != nil {
		return Page[PromiseRow]{}, err
	}
	c := scoped("p", q.EntityID, q.CustomerID, q.InvoiceID, q.By)
	if q.State != "" {
		c.add("p.state = ?", q.State)
	}
	c.addAfter(q.After, "p.promised_on", "p.id")
	limit := limitOf(q.Limit)
	rows, err := db.List[PromiseRow](ctx, s.db, fmt.Sprintf(`select `+promiseColumns+`, u.name as customer_name, u.account, coalesce(i.number, '') as invoice_number
		from payment_promises p join customers u on u.id = p.customer_id left join invoices i on i.id = p.invoice_id%s
		order by p.promised_on desc, p.id desc limit %d`, c.where(), limit+1), c.args...)
	if err != nil {
		return Page[PromiseRow]{}, fmt.Errorf("list promises: %w", err)
	}
	return pageOf(rows, limit, func(r PromiseRow) string { return cursor{r.PromisedOn, int64(r.ID)}.String() }), nil
}

// PromiseByID reads one promise; ErrNoPromise when there is none that the actor may see.
func (s *Service) PromiseByID(ctx context.Context, id PromiseID, by Actor) (PromiseRow, error) {
	p, err := db.One[PromiseRow](ctx, s.db, `select `+promiseColumns+`, u.name as customer_name, u.account, coalesce(i.number, '') as invoice_number
		from payment_promises p join customers u on u.id = p.customer_id left join invoices i on i.id = p.invoice_id where p.id = $1`, id)
	if p, err = found(p, err, ErrNoPromise, "read promise"); err != nil {
		return p, err
	}
	return p, access.Can(by, access.ReadBooks, access.Object{EntityID: int64(p.EntityID)})
}

// BlockQuery narrows a list of dunning blocks, the last to end first. Active keeps those that still keep reminders back, or
// will.
type BlockQuery struct {
	EntityID   EntityID
	CustomerID CustomerID
	InvoiceID  InvoiceID
	Active     bool
	After      string
	Limit      int
	By         Actor
}

// BlockRow is a dunning block in a list.
type BlockRow struct {
	Block
	CustomerName  string
	Account       string
	InvoiceNumber string
}

// Blocks lists dunning blocks within what the actor may see.
func (s *Service) Blocks(ctx context.Context, q BlockQuery) (Page[BlockRow], error) {
	if err := access.Can(q.By, access.ReadBooks, access.Object{EntityID: int64(q.EntityID)}); err != nil {
		return Page[BlockRow]{}, err
	}
	c := scoped("b", q.EntityID, q.CustomerID, q.InvoiceID, q.By)
	if q.Active {
		c.add("b.lifted_at is null and b.until_on >= (select (?::timestamptz at time zone e.time_zone)::date from legal_entities e where e.id = b.entity_id)", s.db.Now())
	}
	c.addAfter(q.After, "b.until_on", "b.id")
	limit := limitOf(q.Limit)
	rows, err := db.List[BlockRow](ctx, s.db, fmt.Sprintf(`select `+blockColumns+`, u.name as customer_name, u.account, coalesce(i.number, '') as invoice_number
		from dunning_blocks b join customers u on u.id = b.customer_id left join invoices i on i.id = b.invoice_id%s
		order by b.until_on desc, b.id desc limit %d`, c.where(), limit+1), c.args...)
	if err != nil {
		return Page[BlockRow]{}, fmt.Errorf("list dunning blocks: %w", err)
	}
	return pageOf(rows, limit, func(r BlockRow) string { return cursor{r.UntilOn, int64(r.ID)}.String() }), nil
}

// BlockByID reads one dunning block; ErrNoBlock when there is none that the actor may see.
func (s *Service) BlockByID(ctx context.Context, id BlockID, by Actor) (BlockRow, error) {
	b, err := db.One[BlockRow](ctx, s.db, `select `+blockColumns+`, u.name as customer_name, u.account, coalesce(i.number, '') as invoice_number
		from dunning_blocks b join customers u on u.id = b.customer_id left join invoices i on i.id = b.invoice_id where b.id = $1`, id)
	if b, err = found(b, err, ErrNoBlock, "read dunning block"); err != nil {
		return b, err
	}
	return b, access.Can(by, access.ReadBooks, access.Object{EntityID: int64(b.EntityID)})
}

// scoped narrows a list of collections by what is asked and by what the actor may see.
func scoped(table string, entity EntityID, customer CustomerID, invoice InvoiceID, by Actor) conditions {
	var c conditions
	if entity != 0 {
		c.add(table+".entity_id = ?", entity)
	}
	if customer != 0 {
		c.add(table+".customer_id = ?", customer)
	}
	if invoice != 0 {
		c.add(table+".invoice_id = ?", invoice)
	}
	if by.Kind == access.Person && len(by.EntityIDs) > 0 {
		c.add(table+".entity_id = any (?)", by.EntityIDs)
	}
	return c
}
