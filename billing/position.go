package billing

import (
	"context"
	"fmt"

	"makegood/internal/db"
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
	p, err := db.One[Position](ctx, r, `with items as (
			select kind, open, least(held, open) as held, $3::date - due_on as age from open_items
			where customer_id = $1 and currency = $2 and open > 0)
		select $2 as currency,
			coalesce(sum(open) filter (where kind = 'invoice' and age <= 0), 0) as not_due,
			coalesce(sum(open) filter (where kind = 'invoice' and age between 1 and 30), 0) as days_1_to_30,
			coalesce(sum(open) filter (where kind = 'invoice' and age between 31 and 60), 0) as days_31_to_60,
			coalesce(sum(open) filter (where kind = 'invoice' and age between 61 and 90), 0) as days_61_to_90,
			coalesce(sum(open) filter (where kind = 'invoice' and age between 91 and 120), 0) as days_91_to_120,
			coalesce(sum(open) filter (where kind = 'invoice' and age > 120), 0) as over_120,
			coalesce(sum(open) filter (where kind = 'invoice'), 0) as open,
			count(*) filter (where kind = 'invoice') as open_invoices,
			coalesce(sum(held), 0) as disputed,
			coalesce(sum(open - held) filter (where kind = 'invoice'), 0) as collectible,
			coalesce(sum(open) filter (where kind <> 'invoice'), 0) as unapplied
		from items`, id, customer.Currency, today)
	if err != nil {
		return Position{}, fmt.Errorf("add up position: %w", err)
	}
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
