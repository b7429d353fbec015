package people

import (
	"context"
	"encoding/json"
	"fmt"

	"makegood/internal/db"
)

func setPersonTx(ctx context.Context, tx *db.Tx, c Change) error {
	var p Standing
	if err := json.Unmarshal(c.Content, &p); err != nil {
		return fmt.Errorf("read change: %w", err)
	}
	now, err := oneUser(ctx, tx, `select * from users where id = $1`, *c.UserID)
	if err != nil {
		return err
	}
	if err := openTeamTx(ctx, tx, now.TeamID, p.TeamID); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `update users set email = $3, name = $4, roles = $5, team_id = $6, entity_ids = $7, language = $8, time_zone = $9, active = $10, version = version + 1
		where id = $1 and version = $2`, *c.UserID, p.Version, p.Email, p.Name, p.Roles, p.TeamID, notNil(p.EntityIDs), orElse(p.Language, "en"), orElse(p.TimeZone, "UTC"), p.Active)
	if db.Violates(err, "users_email_key") {
		return ErrEmailTaken
	}
	if err == nil && n == 0 {
		err = ErrUserChanged
	}
	if err != nil {
		return err
	}
	if !p.Active {
		if err := shutOutTx(ctx, tx, *c.UserID); err != nil {
			return err
		}
	}
	return adminLeftTx(ctx, tx)
}
