package cases

import (
	"context"
	"fmt"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
)

// retiredTx ends what somebody who no longer speaks for a customer takes part in: its cases say nothing to them any more, and what they write
// joins none by itself. What they wrote and were told stays.
func retiredTx(ctx context.Context, tx *db.Tx, by access.Actor, who billing.Contact) error {
	ids, err := db.Values[ID](ctx, tx, `update case_participants p set accepted = false from cases c
		where p.address = $1 and p.accepted and c.id = p.case_id and c.customer_id = $2 returning p.case_id`, who.Email, who.CustomerID)
	if err != nil {
		return fmt.Errorf("end what they take part in: %w", err)
	}
	events := make([]audit.Event, len(ids))
	for i, id := range ids {
		events[i] = audit.Event{Stream: audit.Case(int64(id)), By: by, What: "participant.retired", Data: map[string]any{
			"address": audit.Personal{Address: who.Email, Said: who.Email}, "name": audit.Personal{Address: who.Email, Said: who.Name},
		}}
	}
	return audit.RecordTx(ctx, tx, events...)
}
