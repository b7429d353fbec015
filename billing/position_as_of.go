package billing

import (
	"context"
	"fmt"
	"time"

	"makegood/internal/db"
)

// heldAsOf is what of an invoice was in dispute at the end of a day in a time zone, from the history of its holds: a hold
// that was raised or lowered since counts with what it was.
func heldAsOf(invoice, day, zone string) string {
	return `(select coalesce(sum(c.amount - c.amount_before), 0) from hold_changes c where c.invoice_id = ` + invoice + ` and c.at < ((` + day + `::date + 1)::timestamp at time zone ` + zone + `))`
}

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
	items, err := db.List[standingItem](ctx, r, `select o.kind, o.document_id, o.due_on, l.open,
			case when o.kind = 'invoice' then `+heldAsOf("o.document_id", "$3", "$4")+` + coalesce(t.amount, 0) else 0 end as held
		from open_items o left join `+saidDisputed("b.customer_id = $1", "$3", "$4")+` t on t.invoice_id = o.document_id
		cross join lateral (select case o.kind when 'invoice' then 1 else -1 end * coalesce(sum(p.amount), 0) as open
			from postings p where p.item_kind = o.kind and p.item_id = o.document_id and `+basis.holds("$3", "$4")+`) l
		where o.customer_id = $1 and o.currency = $2 and o.opened_on <= $3 and (o.closed_on is null or o.closed_on > $3::date - 1) and l.open <> 0`,
		id, customer.Currency, Date(on), entity.TimeZone)
	if err != nil {
		return Position{}, fmt.Errorf("add up position: %w", err)
	}
	return positionOf(customer.Currency, items, Date(on)), nil
}
