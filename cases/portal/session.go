package portal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"makegood/internal/access"
	"makegood/internal/db"
)

const (
	sessionLife = 12 * time.Hour
	idleLife    = 2 * time.Hour
	sweepEvery  = time.Hour
)

type session struct {
	TokenHash []byte
	Address   string
	CSRF      string `db:"csrf"`
	UserAgent string
	CreatedAt time.Time
	SeenAt    time.Time
	ExpiresAt time.Time
}

// Signed answers who a session stands for, and its form secret. An unknown, expired or idle one gives access.ErrSignIn, and
// so does one of an address that is nobody's any more.
func (s *Service) Signed(ctx context.Context, token string) (Visitor, string, error) {
	now := s.DB.Now()
	row, err := db.One[session](ctx, s.DB, `select * from portal_sessions where token_hash = $1 and expires_at > $2 and seen_at > $3`,
		hashOf(token), now, now.Add(-idleLife))
	if errors.Is(err, db.ErrNoRow) {
		return Visitor{}, "", access.ErrSignIn
	}
	if err != nil {
		return Visitor{}, "", fmt.Errorf("read session: %w", err)
	}
	v, known, err := s.visitor(ctx, s.DB, row.Address)
	if err == nil && !known {
		err = access.ErrSignIn
	}
	if err != nil {
		return Visitor{}, "", err
	}
	if now.Sub(row.SeenAt) > 5*time.Minute { // not a write per page
		err = s.DB.Do(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `update portal_sessions set seen_at = $2 where token_hash = $1`, row.TokenHash, now)
			return err
		})
	}
	return v, row.CSRF, err
}

// SignOut ends a session. Ending one that is gone is no error.
func (s *Service) SignOut(ctx context.Context, token string) error {
	return s.DB.Do(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `delete from portal_sessions where token_hash = $1`, hashOf(token))
		return err
	})
}

// Sweep asks for sign-ins and sessions that are over to be forgotten.
type Sweep struct{}

// Kind names the job.
func (Sweep) Kind() string { return "portal.sweep" }

func (s *Service) sweep(ctx context.Context, _ Sweep) error {
	return s.DB.Do(ctx, func(tx *db.Tx) error {
		for _, statement := range []string{`delete from portal_sign_ins where expires_at < $1`, `delete from portal_sessions where expires_at < $1`} {
			if _, err := tx.Exec(ctx, statement, tx.Now().Add(-time.Hour)); err != nil {
				return fmt.Errorf("forget what is over: %w", err)
			}
		}
		return nil
	})
}
