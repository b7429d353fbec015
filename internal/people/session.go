package people

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"strings"
	"time"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
)

const (
	sessionLife = 12 * time.Hour // a working day; then one signs in again
	idleLife    = 4 * time.Hour
)

// Proof is how somebody has shown who they are.
type Proof string

// The proofs, each good for a session.
const (
	ByPassword Proof = "password"
	ByTOTP     Proof = "totp"
	ByRecovery Proof = "recovery"
	ByPasskey  Proof = "passkey"
	ByOIDC     Proof = "oidc"
)

// Browser is what is known of where somebody signs in from.
type Browser struct {
	UserAgent string
	Origin    string // the network address
}

func (b Browser) trimmed() Browser {
	b.UserAgent = strings.ToValidUTF8(b.UserAgent[:min(len(b.UserAgent), 300)], "")
	b.Origin = strings.ToValidUTF8(b.Origin[:min(len(b.Origin), 64)], "")
	return b
}

// Session is one browser signed in.
type Session struct {
	ID          int64
	TokenHash   []byte
	UserID      int64
	CSRF        string `db:"csrf"`
	UserAgent   string
	Origin      string
	Proof       Proof
	CreatedAt   time.Time
	SeenAt      time.Time
	ExpiresAt   time.Time
	SteppedUpAt *time.Time
}

// openSessionTx opens a session. The token is a new one each time, so that nobody can hand another a session to sign in with.
func openSessionTx(ctx context.Context, tx *db.Tx, user User, token string, proof Proof, from Browser) (Session, error) {
	from = from.trimmed()
	session, err := db.One[Session](ctx, tx, `insert into sessions (token_hash, user_id, csrf, user_agent, origin, proof, created_at, seen_at, expires_at, stepped_up_at)
		values ($1, $2, $3, $4, $5, $6, $7, $7, $8, $7) returning *`,
		hashOf(token), user.ID, rand.Text(), from.UserAgent, from.Origin, proof, tx.Now(), tx.Now().Add(sessionLife))
	if err != nil {
		return Session{}, err
	}
	return session, audit.RecordTx(ctx, tx, audit.Event{
		Stream: audit.Admin, By: user.Actor(), What: "user.signed_in", Data: map[string]any{"proof": string(proof)},
	})
}

// Visit is a session that holds, and whose it is.
type Visit struct {
	User
	SessionID int64
	CSRF      string `db:"csrf"`
	Seen      time.Time
	ProvedAt  time.Time // when they last showed who they are
	StepUpDue bool      // by the rules of the door, that lies too far back to decide about money or people
}

// Actor is the visitor as somebody who acts.
func (v Visit) Actor() access.Actor {
	a := v.User.Actor()
	a.StepUpDue = v.StepUpDue
	return a
}

// Signed answers who a session token stands for, and the session's CSRF secret. An unknown, expired or idle session
// and a deactivated person give access.ErrSignIn.
func (s *Service) Signed(ctx context.Context, token string) (Visit, error) {
	found, err := s.Holds(ctx, token)
	if err != nil {
		return Visit{}, err
	}
	now := s.db.Now()
	if now.Sub(found.Seen) > 5*time.Minute { // not a write per page
		err = s.db.Do(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `update sessions set seen_at = $2 where token_hash = $1`, hashOf(token), now)
			return err
		})
	}
	return found, err
}

// Holds reads a session as Signed does, and does not count as use of it: a page that stays open keeps nobody signed in.
func (s *Service) Holds(ctx context.Context, token string) (Visit, error) {
	now := s.db.Now()
	found, err := db.One[Visit](ctx, s.db, `select u.*, s.id as session_id, s.csrf, s.seen_at as seen, coalesce(s.stepped_up_at, s.created_at) as proved_at,
			r.step_up_minutes > 0 and coalesce(s.stepped_up_at, s.created_at) + make_interval(mins => r.step_up_minutes) < $2 as step_up_due
		from sessions s join users u on u.id = s.user_id cross join sign_in_rules r
		where s.token_hash = $1 and s.expires_at > $2 and s.seen_at > $3 and u.active`, hashOf(token), now, now.Add(-idleLife))
	if errors.Is(err, db.ErrNoRow) {
		return Visit{}, access.ErrSignIn
	}
	return found, err
}

// SignOut ends a session. Ending one that is gone is no error.
func (s *Service) SignOut(ctx context.Context, token string) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `delete from sessions where token_hash = $1`, hashOf(token))
		return err
	})
}

// Sessions lists where somebody is signed in, the latest first: one's own, or anybody's for who administers people.
func (s *Service) Sessions(ctx context.Context, by access.Actor, userID int64) ([]Session, error) {
	if err := selfOrAdmin(by, userID); err != nil {
		return nil, err
	}
	if err := reachesTx(ctx, s.db, by, userID); err != nil {
		return nil, err
	}
	now := s.db.Now()
	return db.List[Session](ctx, s.db, `select * from sessions where user_id = $1 and expires_at > $2 and seen_at > $3 order by seen_at desc, id desc limit 100`,
		userID, now, now.Add(-idleLife))
}

// EndSession signs somebody out on one browser: one's own, or anybody's for who administers people. One that has ended is no error.
func (s *Service) EndSession(ctx context.Context, by access.Actor, userID, sessionID int64) error {
	return s.endSessions(ctx, by, userID, `id = $2`, sessionID)
}

// EndOtherSessions signs somebody out everywhere but in the named session; 0 names none.
func (s *Service) EndOtherSessions(ctx context.Context, by access.Actor, userID, but int64) error {
	return s.endSessions(ctx, by, userID, `id <> $2`, but)
}

func (s *Service) endSessions(ctx context.Context, by access.Actor, userID int64, which string, id int64) error {
	if err := selfOrAdmin(by, userID); err != nil {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		if err := reachesTx(ctx, tx, by, userID); err != nil {
			return err
		}
		ended, err := tx.Exec(ctx, `delete from sessions where user_id = $1 and `+which, userID, id)
		if err != nil || ended == 0 {
			return err
		}
		return audit.RecordTx(ctx, tx, audit.Event{
			Stream: audit.Admin, By: by, What: "user.sessions_ended", Data: map[string]any{"user": userID, "sessions": ended},
		})
	})
}

// selfOrAdmin lets everybody look after what is their own, and admins after everybody's.
func selfOrAdmin(by access.Actor, userID int64) error {
	if by.Kind == access.Person && by.UserID == userID && len(by.Scopes) == 0 {
		return nil
	}
	return access.Can(by, access.Administer, access.Object{})
}

func hashOf(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
