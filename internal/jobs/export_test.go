package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"makegood/internal/db"
)

// NextRetry is when the worker of a job would try it again.
func NextRetry[A db.Job](job *river.Job[A]) time.Time { return (&worker[A]{}).NextRetry(job) }

// TakeBack is what a runner does now and then about jobs that bear its name and that it does not work on.
func TakeBack(ctx context.Context, r *Runner) (int64, error) {
	return r.hands.takeBack(ctx, r.db, r.client.ID())
}
