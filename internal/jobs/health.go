package jobs

import (
	"context"
	"fmt"
	"time"

	"makegood/internal/db"
)

// Health is how the background work stands.
type Health struct {
	Due     int           // could be worked now and is not yet, whether a worker's own scheduler has made it available or not
	Late    time.Duration // how long the oldest of them has been due
	Failing int           // failed at least once and will be tried again
	GivenUp int           // failed so often that nobody tries again; a person has to look
}

// LookAtWork counts what is due, what fails and what was given up. Finished work is not read.
func LookAtWork(ctx context.Context, d db.Reader) (Health, error) {
	type row struct {
		Due, Failing, GivenUp int
		LateSeconds           float64
	}
	// Nobody makes scheduled work available while no copy works: it is due all the same.
	const due = ` from river_job where state in ('available', 'scheduled', 'retryable') and scheduled_at <= now()`
	r, err := db.One[row](ctx, d, `select (select count(*)`+due+`) as due,
			(select count(*) from river_job where state = 'retryable') as failing,
			(select count(*) from river_job where state = 'discarded') as given_up,
			(select coalesce(extract(epoch from now() - min(scheduled_at)), 0)::float8`+due+`) as late_seconds`)
	if err != nil {
		return Health{}, fmt.Errorf("look at background work: %w", err)
	}
	return Health{Due: r.Due, Late: time.Duration(r.LateSeconds * float64(time.Second)), Failing: r.Failing, GivenUp: r.GivenUp}, nil
}
