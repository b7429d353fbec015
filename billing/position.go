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

// Position is how a customer stands today in its own currency: open invoices by age, what is disputed, cash and
// credits not used, and its habits over the last 12 months. ErrNoCustomer when there is no such customer.
func (s *Service) Position(ctx context.Context, r db.Reader, id CustomerID) (Position, error) {
	customer, err := s.CustomerByID(ctx, r, id)
	if err != nil {
		return Position{}, err
	}
	entity, err := s.EntityByID(ctx, r, customer.EntityID)
	if err != nil {
		return Position{}, err
	}
	today := entity.Day(r.Now())
	p, err := standsToday(ctx, r, customer, entity)
	if err != nil {
		return Position{}, err
	}
	p.CreditLimit, p.CreditHold = customer.CreditLimit, customer.CreditHold
	since := today.AddDate(-1, 0, 0)
	err = r.QueryRow(ctx, `select count(*), coalesce(sum(total), 0) from credit_memos
		where customer_id = $1 and currency = $2 and issued_on > $3`, id, customer.Currency, since).
		Scan(&p.CreditsIn12Months.Count, &p.CreditsIn12Months.Sum)
	if err != nil {
		return Position{}, fmt.Errorf("add up credits: %w", db.Explain(err))
	}
	err = r.QueryRow(ctx, `select count(distinct i.id),
			coalesce(round(sum((p.received_on - i.issued_on) * a.amount) / nullif(sum(a.amount), 0), 1), 0)
		from payments p join allocations a on a.source_kind = 'payment' and a.source_id = p.id join invoices i on i.id = a.invoice_id
		where p.customer_id = $1 and p.currency = $2 and p.received_on > $3`, id, customer.Currency, since).
		Scan(&p.PaidInvoices, &p.AveragePayDay)
	if err != nil {
		return Position{}, fmt.Errorf("average pay day: %w", db.Explain(err))
	}
	return p, nil
}

// standsToday is what is open today. Documents of one kind that fall due on one day are added up where they lie: a customer may have very many.
func standsToday(ctx context.Context, r db.Reader, customer Customer, entity Entity) (Position, error) {
	type day struct {
		standingItem

		Documents int
	}
	today := entity.Day(r.Now())
	days, err := db.List[day](ctx, r, `select o.kind, o.due_on, min(o.document_id) as document_id, sum(o.open) as open,
			sum(least(greatest(o.held, 0) + coalesce(t.amount, 0), o.open)) as held, count(*) as documents
		from open_items o left join `+saidDisputed("b.customer_id = $1", "$3", "$4")+` t on o.kind = 'invoice' and t.invoice_id = o.document_id
		where o.customer_id = $1 and o.currency = $2 and o.open > 0 group by o.kind, o.due_on`, customer.ID, customer.Currency, today, entity.TimeZone)
	if err != nil {
		return Position{}, fmt.Errorf("add up position: %w", err)
	}
	items, invoices := make([]standingItem, len(days)), 0
	for n, d := range days {
		if items[n] = d.standingItem; d.Kind == InvoiceItem {
			invoices += d.Documents
		}
	}
	p := positionOf(customer.Currency, items, today)
	p.OpenInvoices = invoices
	return p, nil
}

// standingItem is what was open on a document on some day, and what of it was in dispute then.
type standingItem struct {
	Kind       ItemKind
	DocumentID int64
	DueOn      time.Time
	Open       decimal.Decimal
	Held       decimal.Decimal
}

// asDunned is an invoice as dunning sees it; how it divides stands there alone.
func (i standingItem) asDunned() dunning.Item {
	return dunning.Item{InvoiceID: i.DocumentID, DueOn: i.DueOn, Open: i.Open, Held: i.Held}
}

// divide tells invoices from what is unapplied, and the sum of the latter.
func divide(items []standingItem) (invoices []dunning.Item, unapplied decimal.Decimal) {
	for _, i := range items {
		if i.Kind == InvoiceItem {
			invoices = append(invoices, i.asDunned())
		} else {
			unapplied = unapplied.Add(i.Open)
		}
	}
	return invoices, unapplied
}

// positionOf adds up what stood open on a day.
func positionOf(cur money.Currency, items []standingItem, on time.Time) Position {
	invoices, unapplied := divide(items)
	asked := dunning.Ask(invoices, unapplied, on)
	p := Position{
		Currency: cur, Open: asked.Open, OpenInvoices: len(invoices), Disputed: asked.Disputed, Collectible: asked.Undisputed(), Unapplied: unapplied,
		PayNow: asked.Now(),
	}
	for _, i := range invoices {
		group := p.group(dunning.DaysOverdue(i.DueOn, on))
		*group = group.Add(i.Open)
	}
	return p
}

// ToPay is what may be paid altogether, due or not: undisputed, less what is unapplied; never below zero.
func (p Position) ToPay() decimal.Decimal {
	return decimal.Max(decimal.Zero, p.Collectible.Sub(p.Unapplied))
}

// group is the sum that an invoice so many days past due counts in.
func (p *Position) group(days int) *decimal.Decimal {
	switch {
	case days <= 0:
		return &p.NotDue
	case days <= 30:
		return &p.Days1to30
	case days <= 60:
		return &p.Days31to60
	case days <= 90:
		return &p.Days61to90
	case days <= 120:
		return &p.Days91to120
	}
	return &p.Over120
}
