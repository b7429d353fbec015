// Package jobstest works jobs on the goroutine of a test, under the test's own clock, so that days of timers pass in
// milliseconds.
package jobstest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/jobs"
)

// Clock is a clock a test moves by hand. It never goes back.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock starts a clock at the given moment.
func NewClock(at time.Time) *Clock { return &Clock{now: at} }

// Now is the moment the clock shows; hand it to db.Options.Clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Set moves the clock forward; an earlier moment leaves it as it is.
func (c *Clock) Set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at.After(c.now) {
		c.now = at
	}
}

// Add moves the clock forward by d.
func (c *Clock) Add(d time.Duration) { c.Set(c.Now().Add(d)) }

type dueJob struct {
	ID   int64
	Kind string
	Args []byte
	Due  time.Time
}

// Drain works every job due until the given moment, in the order they fall due, moving the clock along, and leaves
// the clock at until. A job that fails fails the test, except with the kinds that a runner would cancel.
func Drain(t testing.TB, d *db.DB, r *jobs.Registry, clock *Clock, until time.Time) {
	t.Helper()
	ctx := t.Context()
	for {
		job, ok := next(ctx, t, d, clock.Now(), until)
		if !ok {
			clock.Set(until)
			return
		}
		clock.Set(job.Due)
		err := r.Work(ctx, job.Kind, job.Args)
		if early := (jobs.EarlyError{}); errors.As(err, &early) {
			postpone(ctx, t, d, job.ID, early.At)
			continue
		}
		if err != nil && !jobs.Final(err) {
			t.Fatalf("job %s %s: %v", job.Kind, job.Args, err)
		}
		state := "completed"
		if err != nil {
			state = "cancelled"
		}
		finish(ctx, t, d, job.ID, state)
	}
}

// DrainNow works every job that is due at the clock's present moment.
func DrainNow(t testing.TB, d *db.DB, r *jobs.Registry, clock *Clock) {
	t.Helper()
	Drain(t, d, r, clock, clock.Now())
}

func next(ctx context.Context, t testing.TB, d *db.DB, now, until time.Time) (dueJob, bool) {
	t.Helper()
	// An available job is due now, whatever the database's own clock wrote into it, unless it was given a near time.
	job, err := db.One[dueJob](ctx, d, `select id, kind, args, case when at_once then $1 else scheduled_at end as due
		from (select *, state = 'available' and not metadata ? 'soon' as at_once from river_job) j
		where at_once or (state in ('available', 'scheduled', 'retryable') and scheduled_at <= $2)
		order by due, id limit 1`, now, until)
	if errors.Is(err, db.ErrNoRow) {
		return dueJob{}, false
	}
	if err != nil {
		t.Fatalf("look for due jobs: %v (%s)", err, errs.KindOf(err))
	}
	return job, true
}

func finish(ctx context.Context, t testing.TB, d *db.DB, id int64, state string) {
	t.Helper()
	err := d.Do(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `update river_job set state = $2::river_job_state, finalized_at = now() where id = $1`, id, state)
		return err
	})
	if err != nil {
		t.Fatalf("finish job %d: %v", id, err)
	}
}

func postpone(ctx context.Context, t testing.TB, d *db.DB, id int64, at time.Time) {
	t.Helper()
	err := d.Do(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `update river_job set state = 'scheduled', metadata = metadata - 'soon', scheduled_at = $2 where id = $1`, id, at)
		return err
	})
	if err != nil {
		t.Fatalf("postpone job %d: %v", id, err)
	}
}
