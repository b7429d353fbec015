package people

import (
	"context"
	"encoding/json"
	"fmt"

	"makegood/internal/db"
)

// inviteTx adds somebody who has no password yet, and has a letter sent by which they choose one.
func (s *Service) inviteTx(ctx context.Context, tx *db.Tx, c Change) (*int64, error) {
	var p Standing
	if err := json.Unmarshal(c.Content, &p); err != nil {
		return nil, fmt.Errorf("read change: %w", err)
	}
	if err := openTeamTx(ctx, tx, nil, p.TeamID); err != nil {
		return nil, err
	}
	id, err := db.Value[int64](ctx, tx, `insert into users (email, name, roles, team_id, entity_ids, language, time_zone, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8) returning id`, p.Email, p.Name, p.Roles, p.TeamID, notNil(p.EntityIDs), orElse(p.Language, "en"), orElse(p.TimeZone, "UTC"), tx.Now())
	if db.Violates(err, "users_email_key") {
		return nil, ErrEmailTaken
	}
	if err != nil {
		return nil, err
	}
	return &id, askLinkTx(ctx, tx, "invite", p.Email, &id, inviteLife)
}
