package throttle

import (
	"context"
	"fmt"

	"makegood/internal/db"
)

// ForgetTx forgets what was tried under somebody's addresses.
func ForgetTx(ctx context.Context, tx *db.Tx, addresses []string) (int64, error) {
	n, err := tx.Exec(ctx, `delete from attempts a using unnest($1::text[]) u (address) where right(a.subject, length(u.address) + 1) = ':' || u.address`, addresses)
	if err != nil {
		return 0, fmt.Errorf("forget attempts: %w", err)
	}
	return n, nil
}
