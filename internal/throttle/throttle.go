// Package throttle bounds how often something may be tried within a span of time, for all copies of the program
// together: the attempts are counted in PostgreSQL.
package throttle

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/jobs"
)

// ErrTooMany refuses an attempt beyond a limit. It says nothing about what was tried.
var ErrTooMany = errs.New(errs.TooMany, "throttle.too_many")

// longest is how long an attempt counts at most; older ones are swept.
const longest = 24 * time.Hour

// lockSpace keeps the advisory locks on subjects apart from other locks of the program.
const lockSpace = 0x7468_726f

// Limit allows Max attempts of a subject, such as "contact:ip:192.0.2.1", within Per, at most a day.
type Limit struct {
	Subject string
	Max     int
	Per     time.Duration
}

// TakeTx counts one attempt against each limit, or refuses with ErrTooMany when one of them is used up; then nothing is
// counted. Attempts of one subject wait for each other, so that many at once do not pass together.
func TakeTx(ctx context.Context, tx *db.Tx, limits ...Limit) error {
	limits = slices.SortedFunc(slices.Values(limits), func(a, b Limit) int { return cmp.Compare(a.Subject, b.Subject) })
	for _, l := range limits {
		// A statement of its own: the count must see what the one waited for has committed.
		if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock($1, hashtext($2))`, int32(lockSpace), l.Subject); err != nil {
			return fmt.Errorf("lock attempts: %w", err)
		}
		count, err := db.Value[int](ctx, tx, `select count(*) from (select 1 from attempts where subject = $1 and at > $2 limit $3) a`,
			l.Subject, tx.Now().Add(-min(l.Per, longest)), l.Max)
		if err != nil {
			return fmt.Errorf("count attempts: %w", err)
		}
		if count >= l.Max {
			return ErrTooMany
		}
		if _, err := tx.Exec(ctx, `insert into attempts (subject, at) values ($1, $2)`, l.Subject, tx.Now()); err != nil {
			return fmt.Errorf("note attempt: %w", err)
		}
	}
	return nil
}

// Take counts one attempt like TakeTx, in a transaction of its own: it counts too when what is tried fails and is rolled back.
func Take(ctx context.Context, d *db.DB, limits ...Limit) error {
	return d.Do(ctx, func(tx *db.Tx) error { return TakeTx(ctx, tx, limits...) })
}

// Sweep asks for attempts that count no more to be forgotten.
type Sweep struct{}

// Kind names the job.
func (Sweep) Kind() string { return "throttle.sweep" }

// Register has attempts forgotten once an hour: whose address somebody typed is not kept longer than it is needed.
func Register(r *jobs.Registry, d *db.DB) {
	jobs.Handle(r, func(ctx context.Context, _ Sweep) error {
		return d.Do(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `delete from attempts where at < $1`, tx.Now().Add(-longest))
			return err
		})
	})
	jobs.Repeat(r, time.Hour, Sweep{})
}
