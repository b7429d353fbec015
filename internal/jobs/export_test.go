package jobs

import (
	"time"

	"github.com/riverqueue/river"

	"makegood/internal/db"
)

// NextRetry is when the worker of a job would try it again.
func NextRetry[A db.Job](job *river.Job[A]) time.Time { return (&worker[A]{}).NextRetry(job) }
