package people

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// Who administers some legal entities administers the people of these alone, and gives nobody more than they see themselves. Rules of sign-in
// hold for everybody, so they are for those who see every entity.

// reaches refuses what concerns somebody of legal entities, none meaning all, that an administrator does not see.
func reaches(by access.Actor, entities []int64) error {
	seen := by.SeenEntities()
	outside := func(id int64) bool { return !slices.Contains(seen, id) }
	if len(seen) > 0 && (len(entities) == 0 || slices.ContainsFunc(entities, outside)) {
		return errs.New(access.ErrForbidden.Kind, access.ErrForbidden.Key, "action", string(access.Administer))
	}
	return nil
}

// reachesTx is reaches for somebody as they stand; oneself is always within reach.
func reachesTx(ctx context.Context, r db.Reader, by access.Actor, userID int64) error {
	if len(by.SeenEntities()) == 0 || by.UserID == userID {
		return nil
	}
	user, err := oneUser(ctx, r, `select * from users where id = $1`, userID)
	if err != nil {
		return err
	}
	return reaches(by, user.EntityIDs)
}

// reachesChange is reaches for a change: for what somebody has, and for what they would have.
func reachesChange(ctx context.Context, r db.Reader, by access.Actor, c Change) error {
	if c.Kind == ChangeRules {
		return reaches(by, nil)
	}
	var after Standing
	if err := json.Unmarshal(c.Content, &after); err != nil {
		return fmt.Errorf("read change: %w", err)
	}
	if c.UserID != nil && *c.UserID != by.UserID {
		if err := reachesTx(ctx, r, by, *c.UserID); err != nil {
			return err
		}
	}
	return reaches(by, after.EntityIDs)
}
