package people

import (
	"context"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
)

// Deactivate shuts somebody out at once: nobody's second consent is waited for. Their sessions end, their tokens are revoked, and links
// on their way are good no more. Back in they come by a change that two people make.
func (s *Service) Deactivate(ctx context.Context, by access.Actor, userID int64) error {
	if err := mayManage(by); err != nil {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		if err := reachesTx(ctx, tx, by, userID); err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `update users set active = false, version = version + 1 where id = $1 and active`, userID)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrNoUser
		}
		if err := shutOutTx(ctx, tx, userID); err != nil {
			return err
		}
		if err := adminLeftTx(ctx, tx); err != nil {
			return err
		}
		if err := s.movedTx(ctx, tx); err != nil {
			return err
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: by, What: "user.deactivated", Data: map[string]any{"user": userID}})
	})
}

func shutOutTx(ctx context.Context, tx *db.Tx, userID int64) error {
	for _, statement := range []string{
		`delete from sessions where user_id = $1 and $2::timestamptz is not null`, `delete from sign_in_tickets where user_id = $1 and $2::timestamptz is not null`,
		`update api_tokens set revoked_at = $2 where user_id = $1 and revoked_at is null`, `update person_links set used_at = $2 where user_id = $1 and used_at is null`,
	} {
		if _, err := tx.Exec(ctx, statement, userID, tx.Now()); err != nil {
			return err
		}
	}
	return nil
}

// adminLeftTx refuses what would leave nobody who administers people. One at a time: two admins who shut each other out at once would
// otherwise each still see the other.
func adminLeftTx(ctx context.Context, tx *db.Tx) error {
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtext('people.last_admin'))`); err != nil {
		return err
	}
	left, err := db.Value[bool](ctx, tx, `select exists (select 1 from users where active and 'admin' = any(roles))`)
	if err == nil && !left {
		err = ErrLastAdmin
	}
	return err
}
