package people

import (
	"context"
	"time"

	"makegood/internal/db"
	"makegood/internal/jobs"
)

// Sweep asks for sign-ins that are over to be forgotten.
type Sweep struct{}

// Kind names the job.
func (Sweep) Kind() string { return "people.sweep" }

// attemptsKept is how long it stays known that somebody tried to sign in; the audit log tells of those who got in.
const attemptsKept = 30 * 24 * time.Hour

// Register has sessions, tickets and questions that are over forgotten once an hour, and looks who is away: at the moment somebody comes
// or goes, and once in a while all the same.
func (s *Service) Register(r *jobs.Registry) {
	jobs.Handle(r, s.sweep)
	jobs.Handle(r, s.settleAbsences)
	jobs.Repeat(r, time.Hour, Sweep{})
	jobs.Repeat(r, 10*time.Minute, SettleAbsences{})
}

func (s *Service) sweep(ctx context.Context, _ Sweep) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		for _, statement := range []string{
			`delete from sessions where expires_at < $1`, `delete from sign_in_tickets where expires_at < $1`, `delete from passkey_ceremonies where expires_at < $1`,
			`delete from oidc_flows where expires_at < $1`, `delete from person_links where expires_at < $1`,
		} {
			if _, err := tx.Exec(ctx, statement, tx.Now()); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, `delete from sign_in_attempts where at < $1`, tx.Now().Add(-attemptsKept))
		return err
	})
}
