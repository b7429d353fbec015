package billing

import (
	"context"
	"fmt"
	"time"

	"makegood/internal/db"
)

// PositionAsOf is how a customer stood in its own currency at the end of a past day: what was open by age on that day,
// what was disputed then, and what was unapplied. Its habits over twelve months are left out.
func (s *Service) PositionAsOf(ctx context.Context, r db.Reader, id CustomerID, on time.Time, basis Basis) (Position, error) {
	customer, err := s.CustomerByID(ctx, r, id)
	if err != nil {
		return Position{}, err
	}
	entity, err := s.EntityByID(ctx, r, customer.EntityID)
	if err != nil {
		return Position{}, err
	}
	p, err := db.One[Position](ctx, r, `with items as (
			select o.kind, l.open, $3::date - o.due_on as age, least(l.open, coalesce(h.held, 0)) as held
			from open_items o
			cross join lateral (select case o.kind when 'invoice' then 1 else -1 end * coalesce(sum(p.amount), 0) as open
				from postings p where p.item_kind = o.kind and p.item_id = o.document_id and p.`+basis.day()+` <= $3) l
			left join lateral (select sum(h.amount) as held from holds h where o.kind = 'invoice' and h.invoice_id = o.document_id
				and (h.placed_at at time zone $4)::date <= $3 and (h.released_at is null or (h.released_at at time zone $4)::date > $3)) h on true
			where o.customer_id = $1 and o.currency = $2 and o.opened_on <= $3 and (o.closed_on is null or o.closed_on > $3) and l.open <> 0)
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
		from items`, id, customer.Currency, Date(on), entity.TimeZone)
	if err != nil {
		return Position{}, fmt.Errorf("add up position: %w", err)
	}
	return p, nil
}
