package people

import (
	"context"
	"fmt"
	"strings"

	"github.com/alexedwards/argon2id"

	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

const (
	passwordMin = 10
	passwordMax = 200 // hashing a longer one would only cost time
)

// checkPassword refuses a password that is guessed at once; otherwise length counts, and no rule of which signs (NIST SP 800-63B).
func checkPassword(password, email string) error {
	switch {
	case len(password) < passwordMin:
		return errs.InvalidField("password", "people.password_short")
	case len(password) > passwordMax:
		return errs.InvalidField("password", "people.password_long")
	case strings.EqualFold(password, email), len(distinct(password)) < 4:
		return errs.InvalidField("password", "people.password_plain")
	}
	return nil
}

func distinct(text string) map[rune]bool {
	seen := map[rune]bool{}
	for _, r := range text {
		seen[r] = true
	}
	return seen
}

// ChangePassword replaces one's own password, and ends one's sessions but this one. The old one is asked for, and guessing at it counts.
func (s *Service) ChangePassword(ctx context.Context, v Visit, old, password string) error {
	if err := s.guess(ctx, v.ID); err != nil {
		return err
	}
	if !s.matches(v.User, old) {
		return errs.InvalidField("old", "people.wrong_password")
	}
	if err := checkPassword(password, v.Email); err != nil {
		return err
	}
	hash, err := argon2id.CreateHash(password, &s.hash)
	if err != nil {
		return fmt.Errorf("hash password: %w", err)
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		return setPasswordTx(ctx, tx, v, hash)
	})
}

// setPasswordTx keeps the hash of a password that somebody chose, and ends their sessions but the one they chose it in, if any. The
// version stays: a proposed change is about rights, and whoever it concerns must not foil it by another password.
func setPasswordTx(ctx context.Context, tx *db.Tx, v Visit, hash string) error {
	if _, err := tx.Exec(ctx, `update users set password_hash = $2 where id = $1`, v.ID, hash); err != nil {
		return err
	}
	for _, statement := range []string{`delete from sessions where user_id = $1 and id <> $2`, `delete from sign_in_tickets where user_id = $1 and $2 >= 0`} {
		if _, err := tx.Exec(ctx, statement, v.ID, v.SessionID); err != nil {
			return err
		}
	}
	return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: v.Actor(), What: "user.password_chosen", Data: map[string]any{"by_link": v.SessionID == 0}})
}
