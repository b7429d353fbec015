package billing

import (
	"context"
	"fmt"

	"makegood/internal/db"
	"makegood/internal/personal"
)

// EraseTx takes a person out of the customers' contacts, learned ones too, and out of who promised what. Documents, postings and what stands of
// the customer itself stay: they are the books'. Promises are those of the customers whose contact they are or in whose cases they took part.
func (s *Service) EraseTx(ctx context.Context, tx *db.Tx, p personal.Person, cases []int64) (personal.Counts, error) {
	counts := personal.Counts{}
	found, err := db.Values[int64](ctx, tx, `select m.id from payment_promises m where m.customer_id in (select customer_id from contacts where email = any ($1)
			union select customer_id from cases where id = any ($4)) and (without_person(m.promised_by, $2, $3), without_person(m.note, $2, $3)) is distinct from (m.promised_by, m.note) order by m.id for update`, p.Addresses, p.Sure(), p.Likely(), cases)
	if err != nil {
		return nil, fmt.Errorf("find promises: %w", err)
	}
	if _, err := tx.Exec(ctx, `insert into erased_rows (kind, row_id, erasure_id) select 'promise', i, $1 from unnest($2::bigint[]) i on conflict do nothing`, p.Erasure, found); err != nil {
		return nil, fmt.Errorf("mark promises: %w", err)
	}
	promises, err := tx.Exec(ctx, `update payment_promises set promised_by = without_person(promised_by, $2, $3), note = without_person(note, $2, $3) where id = any ($1)`,
		found, p.Sure(), p.Likely())
	if err != nil {
		return nil, fmt.Errorf("erase who promised: %w", err)
	}
	counts.Add("promises", promises)
	contacts, err := tx.Exec(ctx, `with theirs as (update contacts set name = $4, email = erased_address($1, $2, email), title = '', language = '', learned = false,
				bounced_at = null, retired_at = coalesce(retired_at, $3), version = version + 1 where email = any ($2) returning id)
		insert into erased_rows (kind, row_id, erasure_id) select 'contact', id, $1 from theirs on conflict do nothing`, p.Erasure, p.Addresses, tx.Now(), personal.Gone)
	if err != nil {
		return nil, fmt.Errorf("erase contacts: %w", err)
	}
	counts.Add("contacts", contacts)
	return counts, nil
}
