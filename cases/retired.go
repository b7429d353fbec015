package cases

import (
	"context"
	"fmt"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
)

// leftTx ends what an address takes part in that is none of a customer's people any more, in cases of the customer and, for a partner or a
// parent, of its family: they say nothing to it any more, and what comes from there joins none by itself. What was written and told stays.
// Somebody who goes on under another address takes part with that one instead.
func leftTx(ctx context.Context, tx *db.Tx, by access.Actor, was, is billing.Contact) error {
	ids, err := db.Values[ID](ctx, tx, `update case_participants p set accepted = false from cases c
		where p.address = $1 and p.accepted and c.id = p.case_id
			and (c.customer_id = $2 or c.customer_id in (select id from customers where family_id = $2)) returning p.case_id`, was.Email, was.CustomerID)
	if err != nil {
		return fmt.Errorf("end what they take part in: %w", err)
	}
	what := "participant.retired"
	if is.RetiredAt == nil {
		what = "participant.moved"
		if err := takePartTx(ctx, tx, ids, is); err != nil {
			return err
		}
	}
	events := make([]audit.Event, len(ids))
	for i, id := range ids {
		events[i] = audit.Event{Stream: audit.Case(int64(id)), By: by, What: what, Data: map[string]any{
			"address": audit.Personal{Address: was.Email, Said: was.Email}, "name": audit.Personal{Address: was.Email, Said: was.Name},
		}}
		if is.RetiredAt == nil {
			events[i].Data["to"] = audit.Personal{Address: is.Email, Said: is.Email}
		}
	}
	return audit.RecordTx(ctx, tx, events...)
}

func takePartTx(ctx context.Context, tx *db.Tx, ids []ID, who billing.Contact) error {
	_, err := tx.Exec(ctx, `insert into case_participants as p (case_id, address, name, contact_id, accepted, added_at, accepted_at)
		select id, $2, $3, $4, true, $5, $5 from unnest($1::bigint[]) id
		on conflict (case_id, address) do update set accepted = true, contact_id = excluded.contact_id,
			accepted_at = case when p.accepted then p.accepted_at else excluded.accepted_at end`, ids, who.Email, who.Name, who.ID, tx.Now())
	if err != nil {
		return fmt.Errorf("take part under another address: %w", err)
	}
	return nil
}
