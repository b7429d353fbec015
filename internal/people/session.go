package people

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
)

const (
	sessionLife = 12 * time.Hour // a working day; then one signs in again
	idleLife    = 4 * time.Hour
	triesPer    = 15 * time.Minute
	triesMax    = 10
)

// Session is one browser signed in.
type Session struct {
	TokenHash   []byte
	UserID      int64
	CSRF        string `db:"csrf"`
	UserAgent   string
	CreatedAt   time.Time
	SeenAt      time.Time
	ExpiresAt   time.Time
	SteppedUpAt *time.Time
}

// SignIn proves a person by password and opens a session. The answer for an unknown address, a wrong password and a
// deactivated person is the same, and takes as long. After ten failures in a quarter of an hour it refuses to look.
// The returned token is shown once; only its hash is kept.
func (s *Service) SignIn(ctx context.Context, email, password, userAgent string) (token string, session Session, err error) {
	email = strings.ToLower(strings.TrimSpace(email))
	failures, err := db.Value[int](ctx, s.db, `select count(*) from (select ok from sign_in_attempts where email = $1 and at > $2
		order by at desc limit $3) a where not ok`, email, s.db.Now().Add(-triesPer), triesMax)
	if err != nil {
		return "", Session{}, err
	}
	if failures >= triesMax {
		return "", Session{}, ErrTooManyTry
	}
	user, err := s.UserByEmail(ctx, email)
	if err != nil && !errors.Is(err, ErrNoUser) {
		return "", Session{}, err
	}
	ok := s.matches(user, password)
	token = rand.Text() + rand.Text()
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `insert into sign_in_attempts (email, at, ok) values ($1, $2, $3)`, email, tx.Now(), ok); err != nil {
			return err
		}
		if !ok {
			return nil
		}
		session, err = openSession(ctx, tx, user, token, userAgent)
		return err
	})
	if err == nil && !ok {
		err = ErrWrongSignIn
	}
	return token, session, err
}

func (s *Service) matches(user User, password string) bool {
	hash := user.PasswordHash
	if hash == "" {
		hash = s.nobody
	}
	match, err := argon2id.ComparePasswordAndHash(password, hash)
	return err == nil && match && user.ID != 0 && user.Active && user.PasswordHash != ""
}

func openSession(ctx context.Context, tx *db.Tx, user User, token, userAgent string) (Session, error) {
	if len(userAgent) > 300 {
		userAgent = userAgent[:300]
	}
	session, err := db.One[Session](ctx, tx, `insert into sessions (token_hash, user_id, csrf, user_agent, created_at, seen_at, expires_at, stepped_up_at)
		values ($1, $2, $3, $4, $5, $5, $6, $5) returning *`, hashOf(token), user.ID, rand.Text(), strings.ToValidUTF8(userAgent, ""), tx.Now(), tx.Now().Add(sessionLife))
	if err != nil {
		return Session{}, err
	}
	return session, audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: user.Actor(), What: "user.signed_in"})
}

type signedIn struct {
	User
	CSRF string `db:"csrf"`
	Seen time.Time
}

// Signed answers who a session token stands for, and the session's CSRF secret. An unknown, expired or idle session
// and a deactivated person give access.ErrSignIn.
func (s *Service) Signed(ctx context.Context, token string) (User, string, error) {
	now := s.db.Now()
	found, err := db.One[signedIn](ctx, s.db, `select u.*, s.csrf, s.seen_at as seen from sessions s join users u on u.id = s.user_id
		where s.token_hash = $1 and s.expires_at > $2 and s.seen_at > $3 and u.active`, hashOf(token), now, now.Add(-idleLife))
	if errors.Is(err, db.ErrNoRow) {
		return User{}, "", access.ErrSignIn
	}
	if err != nil {
		return User{}, "", err
	}
	if now.Sub(found.Seen) > 5*time.Minute { // not a write per page
		err = s.db.Do(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `update sessions set seen_at = $2 where token_hash = $1`, hashOf(token), now)
			return err
		})
	}
	return found.User, found.CSRF, err
}

// SignOut ends a session. Ending one that is gone is no error.
func (s *Service) SignOut(ctx context.Context, token string) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `delete from sessions where token_hash = $1`, hashOf(token))
		return err
	})
}

func hashOf(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
