package credits

import (
	"context"
	"fmt"

	"makegood/internal/db"
	"makegood/internal/errs"
)

// refuseRetiredTx refuses by field to retire a team by which a level of authority is held, now or from a later day on: nobody would be
// left in it, and the level would stand empty unseen.
func (s *Service) refuseRetiredTx(ctx context.Context, tx *db.Tx, teamID int64) error {
	levels, err := db.Values[string](ctx, tx, `select distinct l.name from authority_holders h join authority_levels l on l.id = h.level_id
		where h.team_id = $1 and h.valid_until > $2 order by l.name limit 1`, teamID, tx.Now())
	if err != nil {
		return fmt.Errorf("look which levels a team holds: %w", err)
	}
	if len(levels) > 0 {
		return errs.InvalidField("retired", "credits.team_holds_level", "level", levels[0])
	}
	return nil
}
