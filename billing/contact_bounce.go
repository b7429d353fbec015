package billing

import (
	"context"
	"fmt"
	"time"

	"makegood/internal/db"
)

// MarkContactTx notes since when mail to a contact comes back, nil when it does no more. An address nobody knows is none of
// ours and changes nothing.
func (s *Service) MarkContactTx(ctx context.Context, tx *db.Tx, address string, bouncedAt *time.Time) error {
	if _, err := tx.Exec(ctx, `update contacts set bounced_at = $2 where email = $1`, mailAddress(address), bouncedAt); err != nil {
		return fmt.Errorf("mark contact: %w", db.Explain(err))
	}
	return nil
}
