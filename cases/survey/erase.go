package survey

import (
	"context"
	"fmt"

	"makegood/internal/db"
	"makegood/internal/personal"
)

// EraseTx takes a person, and what they said in words, out of what they were asked and answered. The score stays: it counts for whoever settled
// the case and says nothing of who gave it.
func (s *Service) EraseTx(ctx context.Context, tx *db.Tx, p personal.Person) (personal.Counts, error) {
	if _, err := tx.Exec(ctx, `insert into erased_rows (kind, row_id, erasure_id) select 'survey', case_id, $1 from case_surveys where address = any ($2)
		on conflict do nothing`, p.Erasure, p.Addresses); err != nil {
		return nil, fmt.Errorf("find surveys: %w", err)
	}
	n, err := tx.Exec(ctx, `update case_surveys set address = erased_address($1, $2, address), name = '', comment = '' where address = any ($2)`, p.Erasure, p.Addresses)
	if err != nil {
		return nil, fmt.Errorf("erase surveys: %w", err)
	}
	counts := personal.Counts{}
	counts.Add("surveys", n)
	return counts, nil
}
