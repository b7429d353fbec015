package scenario

import (
	"context"
	"fmt"

	"makegood/internal/db"
)

// AddHolders gives more people the level of authority of a rank, in every legal entity from now on.
func AddHolders(ctx context.Context, d *db.DB, rank int, users ...int64) error {
	return d.Do(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, `insert into authority_holders (level_id, user_id, entity_ids, valid_from)
			select l.id, u, '{}', $3 from authority_levels l, unnest($2::bigint[]) u where l.rank = $1`, rank, users, tx.Now())
		if err == nil && int(n) != len(users) {
			return fmt.Errorf("there is no level of rank %d", rank)
		}
		return err
	})
}
