// Package jobs is background work: a domain registers what to do with a kind of job, a runner works them through
// River. Domains do not import River.
package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/riverqueue/river"

	"makegood/internal/db"
	"makegood/internal/errs"
)

// Registry knows which function works which kind of job.
type Registry struct {
	work     map[string]func(ctx context.Context, args []byte) error
	add      []func(*river.Workers) error
	periodic []Periodic
}

// Periodic is a job enqueued again and again, by one process at a time.
type Periodic struct {
	Job   db.Job
	Every time.Duration
}

// NewRegistry makes an empty registry.
func NewRegistry() *Registry {
	return &Registry{work: map[string]func(context.Context, []byte) error{}}
}

// Handle registers work for one kind of job. The work may be run twice and late: it looks at the world again and does
// nothing when it has moved on. Registering a kind twice is a mistake that NewRunner reports.
func Handle[A db.Job](r *Registry, work func(ctx context.Context, args A) error) {
	var zero A
	kind := zero.Kind()
	r.add = append(r.add, func(workers *river.Workers) error {
		return river.AddWorkerSafely(workers, &worker[A]{work: work})
	})
	r.work[kind] = func(ctx context.Context, raw []byte) error {
		var args A
		if err := json.Unmarshal(raw, &args); err != nil {
			return errs.Wrap(err, errs.Invalid, "job.unreadable", "kind", kind)
		}
		return work(ctx, args)
	}
}

// LongJob is a job that may take longer than others.
type LongJob interface{ Takes() time.Duration }

// HastyJob is a job that is tried again within RetryWithin, however often it failed.
type HastyJob interface{ RetryWithin() time.Duration }

type worker[A db.Job] struct {
	river.WorkerDefaults[A]
	work func(ctx context.Context, args A) error
}

// Work does the job.
func (w *worker[A]) Work(ctx context.Context, job *river.Job[A]) error {
	return verdict(w.work(ctx, job.Args))
}

// Timeout is how long the job may take; 0 is what the runner gives every job.
func (w *worker[A]) Timeout(job *river.Job[A]) time.Duration {
	if long, ok := any(job.Args).(LongJob); ok {
		return long.Takes()
	}
	return 0
}

// NextRetry is when a job that failed is tried again; the zero time leaves that to River, whose pauses grow with the fourth power of the
// attempts, up to weeks.
func (w *worker[A]) NextRetry(job *river.Job[A]) time.Time {
	hasty, ok := any(job.Args).(HastyJob)
	if !ok || job.AttemptedAt == nil {
		return time.Time{}
	}
	n := time.Duration(min(job.Attempt, 100))
	return job.AttemptedAt.Add(min(n*n*n*n*time.Second, hasty.RetryWithin()))
}

// Repeat has a job enqueued every so often.
func Repeat(r *Registry, every time.Duration, job db.Job) {
	r.periodic = append(r.periodic, Periodic{Job: job, Every: every})
}

// Kinds lists the registered kinds.
func (r *Registry) Kinds() []string {
	kinds := make([]string, 0, len(r.work))
	for kind := range r.work {
		kinds = append(kinds, kind)
	}
	return kinds
}

// Work runs the function registered for a kind; the error's kind tells whether to try again.
func (r *Registry) Work(ctx context.Context, kind string, args []byte) error {
	work, ok := r.work[kind]
	if !ok {
		return errs.New(errs.Unavailable, "job.nobody_works_it", "kind", kind)
	}
	return work(ctx, args)
}

// EarlyError is what work answers that was asked before its time: the clock of this machine was set back since. It is done at that time.
type EarlyError struct{ At, Now time.Time }

// Error says when.
func (e EarlyError) Error() string { return "not before " + e.At.UTC().Format(time.RFC3339Nano) }

// wait is how long to leave the job alone. Its moment may be a blink away, and is not to be missed by less than that.
func (e EarlyError) wait() time.Duration { return max(e.At.Sub(e.Now), 0) + time.Millisecond }

// verdict tells River what an error means: cancel what cannot succeed, try the rest again with back-off.
func verdict(err error) error {
	if early := (EarlyError{}); errors.As(err, &early) {
		return river.JobSnooze(early.wait())
	}
	if err != nil && Final(err) {
		return river.JobCancel(err)
	}
	return err
}

// Refused tells a no from a fault that passes: what is Final, or in conflict with what somebody else has.
func Refused(err error) bool { return err != nil && (Final(err) || errs.KindOf(err) == errs.Conflict) }

// Final tells whether an error means that trying again cannot help.
func Final(err error) bool {
	switch errs.KindOf(err) {
	case errs.Invalid, errs.NotFound, errs.Forbidden:
		return true
	case errs.Internal, errs.Unauthenticated, errs.Conflict, errs.TooLarge, errs.TooMany, errs.Unavailable:
		return false
	}
	return false
}
