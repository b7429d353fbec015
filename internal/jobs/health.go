package jobs

import (
	"context"
	"fmt"
	"time"

	"makegood/internal/db"
)

// Health is how the background work stands.
type Health struct {
	Due     int           // could be worked now and is not yet
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
	r, err := db.One[row](ctx, d, `select
			(select count(*) from river_job where state = 'available' and scheduled_at <= now()) as due,
			(select count(*) from river_job where state = 'retryable') as failing,
			(select count(*) from river_job where state = 'discarded') as given_up,
			(select coalesce(extract(epoch from now() - min(scheduled_at)), 0)::float8 from river_job
				where state = 'available' and scheduled_at <= now()) as late_seconds`)
	if err != nil {
		return Health{}, fmt.Errorf("look at background work: %w", err)
	}
	return Health{Due: r.Due, Late: time.Duration(r.LateSeconds * float64(time.Second)), Failing: r.Failing, GivenUp: r.GivenUp}, nil
}
