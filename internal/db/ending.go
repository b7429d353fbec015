package db

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// ending is what a transaction does when its work is done, just before the commit: what would lock something that many
// want, and what can be written with one statement however often it came up.
type ending struct {
	jobs []river.InsertManyParams
	last pgx.Batch
	late []*late
	did  []string
}

type markKey struct{}

// WithMark has each transaction under ctx that did something add statements to its last ones before the commit: that it was
// done stands or falls with what was done.
func WithMark(ctx context.Context, mark func(last *pgx.Batch, did []string)) context.Context {
	return context.WithValue(ctx, markKey{}, mark)
}

// Did notes what this transaction does, for WithMark.
func (tx *Tx) Did(what string) { tx.ending.did = append(tx.ending.did, what) }

// Late writes all the items of one kind at once; it adds its statements to a batch that has others too.
type Late func(batch *pgx.Batch, now time.Time, items []any) error

type late struct {
	kind  string
	write Late
	items []any
}

// AtEnd has an item written at the end of the transaction, in one go with all others of its kind. It is for what locks a
// row that everybody wants, so that the lock is held for little more than the commit.
func (tx *Tx) AtEnd(kind string, write Late, items ...any) { tx.ending.put(kind, write, items) }

// Last takes statements that are sent as the last thing before the commit, all in one round trip. Nothing in the
// transaction can read what they write. It is for what follows on the taking of a lock that everybody wants.
func (tx *Tx) Last() *pgx.Batch { return &tx.ending.last }

// InsertJobs inserts the jobs enqueued so far, for a transaction that is about to take such a lock.
func (tx *Tx) InsertJobs(ctx context.Context) error {
	jobs := tx.ending.jobs
	tx.ending.jobs = nil
	return tx.insertJobs(ctx, jobs)
}

func (e *ending) put(kind string, write Late, items []any) {
	for _, l := range e.late {
		if l.kind == kind {
			l.items = append(l.items, items...)
			return
		}
	}
	e.late = append(e.late, &late{kind, write, items})
}

// add takes over what a part of the transaction that went well leaves for the end.
func (e *ending) add(part *ending) {
	for _, j := range part.jobs {
		if !j.InsertOpts.UniqueOpts.ByArgs || !e.has(j.Args) {
			e.jobs = append(e.jobs, j)
		}
	}
	e.last.QueuedQueries = append(e.last.QueuedQueries, part.last.QueuedQueries...)
	e.did = append(e.did, part.did...)
	for _, l := range part.late {
		e.put(l.kind, l.write, l.items)
	}
}

// end writes what was left for the end: jobs, the last statements, announcements, then what locks.
func (tx *Tx) end(ctx context.Context) error {
	if err := tx.InsertJobs(ctx); err != nil {
		return err
	}
	batch := &tx.ending.last
	tx.queueAnnouncements(batch)
	for _, l := range tx.ending.late {
		if err := l.write(batch, tx.now, l.items); err != nil {
			return err
		}
	}
	if mark, ok := ctx.Value(markKey{}).(func(*pgx.Batch, []string)); ok && len(tx.ending.did) > 0 {
		mark(batch, tx.ending.did)
	}
	if batch.Len() == 0 {
		return nil
	}
	if err := tx.pgx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("end transaction: %w", err)
	}
	return nil
}

// schedulerLooks is a little more than the time between two looks of River's scheduler.
const schedulerLooks = 6 * time.Second

func (tx *Tx) schedule(job Job, at time.Time) {
	if tx.db.dropJobs {
		return
	}
	opts := &river.InsertOpts{ScheduledAt: at}
	if !at.IsZero() && at.Sub(tx.now) < schedulerLooks {
		opts.Metadata = []byte(soon)
	}
	if q, ok := job.(QueuedJob); ok {
		opts.Queue = q.Queue()
	}
	if _, ok := job.(interface{ RetryWithin() time.Duration }); ok { // tried again soon however often it failed, it is given up by nobody
		opts.MaxAttempts = math.MaxInt16
	}
	if u, ok := job.(UniqueJob); ok && u.Unique() {
		if tx.ending.has(job) {
			return
		}
		opts.UniqueOpts = river.UniqueOpts{ByArgs: true, ByState: StillToWork()}
	}
	tx.ending.jobs = append(tx.ending.jobs, river.InsertManyParams{Args: job, InsertOpts: opts})
}

// EnqueueOnce is Enqueue for a job without arguments that looks at how things stand when it runs: one that waits already is kept from
// the workers until this transaction has ended, and then sees what it did. So many changes in a short time make one job, not as many,
// which everything else would have to wait behind.
func (tx *Tx) EnqueueOnce(ctx context.Context, job Job) error {
	waiting, err := Values[int64](ctx, tx, `select id from river_job where kind = $1 and state = 'available' limit 1 for update skip locked`, job.Kind())
	if err != nil {
		return fmt.Errorf("look for a job that waits: %w", err)
	}
	if len(waiting) > 0 || tx.ending.has(job) {
		return nil
	}
	return tx.Enqueue(ctx, job)
}

// StillToWork is the states of a job that a second identical one need not stand beside. One that is done is none of them.
func StillToWork() []rivertype.JobState {
	return []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning,
		rivertype.JobStateRetryable, rivertype.JobStateScheduled,
	}
}

// has finds a job with the same arguments among those of this transaction. One statement cannot skip it, as it does one
// that is there already.
func (e *ending) has(job Job) bool {
	return slices.ContainsFunc(e.jobs, func(p river.InsertManyParams) bool { return reflect.DeepEqual(p.Args, job) })
}

// soon marks a job that a worker may have before its moment, and leaves alone until then.
const soon = `{"soon": true}`

func (tx *Tx) insertJobs(ctx context.Context, jobs []river.InsertManyParams) error {
	if len(jobs) == 0 {
		return nil
	}
	inserted, err := tx.db.inserter.InsertManyTx(ctx, lent{tx.pgx}, jobs)
	if err != nil {
		return fmt.Errorf("enqueue %s: %w", jobs[0].Args.Kind(), err)
	}
	var early []int64
	for i, r := range inserted {
		if len(jobs[i].InsertOpts.Metadata) > 0 && !r.UniqueSkippedAsDuplicate {
			early = append(early, r.Job.ID)
		}
	}
	if len(early) == 0 {
		return nil
	}
	_, err = tx.Exec(ctx, `update river_job set state = 'available' where id = any ($1)`, early)
	return err
}

// TryAgain has a job that is not being worked on worked once more when the transaction commits.
func (tx *Tx) TryAgain(ctx context.Context, job int64) error {
	if _, err := tx.db.inserter.JobRetryTx(ctx, lent{tx.pgx}, job); err != nil {
		return fmt.Errorf("have job %d worked again: %w", job, Explain(err))
	}
	return nil
}
