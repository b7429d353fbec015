package credits

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"makegood/internal/db"
)

func (c *AuthorityChange) holderTx(ctx context.Context, tx *db.Tx) error {
	var terms HolderTerms
	if err := json.Unmarshal(c.Content, &terms); err != nil {
		return fmt.Errorf("read holder: %w", err)
	}
	const same = ` level_id = $1 and user_id is not distinct from $2 and role = $3 and team_id is not distinct from $4 `
	if later, err := db.Value[bool](ctx, tx, `select exists (select from authority_holders where`+same+`
			and (valid_from >= $5 or valid_until > $5 and valid_until < 'infinity'))`,
		c.LevelID, c.UserID, c.Role, c.TeamID, c.EffectiveAt); err != nil || later {
		return orLater(err)
	}
	if _, err := tx.Exec(ctx, `update authority_holders set valid_until = $5, ended_by = $6 where`+same+`and valid_until > $5`,
		c.LevelID, c.UserID, c.Role, c.TeamID, c.EffectiveAt, c.ID); err != nil {
		return fmt.Errorf("end holding: %w", err)
	}
	if !terms.Holds {
		return nil
	}
	return newHolding{*c.LevelID, c.who(), terms, c.EffectiveAt, &c.ID}.insertTx(ctx, tx)
}

// who is whom a change of a holder is about.
func (c AuthorityChange) who() Who {
	who := Who{Role: c.Role}
	if c.UserID != nil {
		who.UserID = *c.UserID
	}
	if c.TeamID != nil {
		who.TeamID = *c.TeamID
	}
	return who
}

// newHolding is who holds a level from a moment on, and by which change; nil for those of the beginning.
type newHolding struct {
	level  int64
	who    Who
	terms  HolderTerms
	from   time.Time
	change *int64
}

func (h newHolding) insertTx(ctx context.Context, tx *db.Tx) error {
	regions := h.terms.Regions
	if regions == nil {
		regions = []string{}
	}
	_, err := tx.Exec(ctx, `insert into authority_holders (level_id, user_id, role, team_id, entity_ids, regions, team_ids, valid_from, change_id)
		values ($1, nullif($2::bigint, 0), $3, nullif($4::bigint, 0), $5, $6, $7, $8, $9)`,
		h.level, h.who.UserID, h.who.Role, h.who.TeamID, orNone(h.terms.EntityIDs), regions, orNone(h.terms.TeamIDs), h.from, h.change)
	if err != nil {
		return fmt.Errorf("set holder: %w", err)
	}
	return nil
}
