package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"makegood/internal/db"
	"makegood/internal/errs"
)

// rescueEvery is how soon the jobs of a process that died are taken over.
const rescueEvery = 5 * time.Second

const (
	// Timers is the queue of jobs that tell people that a moment has come. Many of them may be due in the same second.
	Timers       = "timers"
	timersAtOnce = 400
	// Outside is the queue of jobs that wait for servers of others: slow ones hold up one another and nothing of ours.
	Outside       = "outside"
	outsideAtOnce = 8
	// Mail is the queue of jobs that hand mail to the mail server, which may take minutes over each.
	Mail       = "mail"
	mailAtOnce = 16
	// Accounts is the queue of jobs that read accounts elsewhere, page by page and for minutes.
	Accounts       = "accounts"
	accountsAtOnce = 4
)

// Runner works jobs from the database until it is stopped.
type Runner struct {
	db     *db.DB
	client *river.Client[pgx.Tx]
	hands  *hands
	logger *slog.Logger

	mu     sync.Mutex
	cancel context.CancelFunc
	done   chan struct{}
}

// RunnerOptions tunes a runner.
type RunnerOptions struct {
	Workers int           // at once; 0 means 16
	Timeout time.Duration // of one job; 0 means 1 minute
	Logger  *slog.Logger
	// Around is called with each job and the work on it, which it does; nil means nobody.
	Around func(ctx context.Context, kind string, attempt int, work func(ctx context.Context) error) error
}

// around has somebody called around the work on each job.
type around struct {
	river.MiddlewareDefaults

	call func(ctx context.Context, kind string, attempt int, work func(ctx context.Context) error) error
}

// Work does the job.
func (a *around) Work(ctx context.Context, job *rivertype.JobRow, work func(ctx context.Context) error) error {
	return a.call(ctx, job.Kind, job.Attempt, work)
}

// NewRunner makes a runner for everything registered. It must not be shared between databases.
func NewRunner(d *db.DB, r *Registry, o RunnerOptions) (*Runner, error) {
	if o.Workers == 0 {
		o.Workers = 16
	}
	if o.Timeout == 0 {
		o.Timeout = time.Minute
	}
	workers := river.NewWorkers()
	for _, add := range r.add {
		if err := add(workers); err != nil {
			return nil, fmt.Errorf("register job: %w", err)
		}
	}
	holds := &hands{now: d.Now, jobs: map[int64]time.Time{}}
	middleware := []rivertype.Middleware{holds}
	if o.Around != nil {
		middleware = append(middleware, &around{call: o.Around})
	}
	client, err := river.NewClient(riverpgxv5.New(d.Sessions()), &river.Config{
		Middleware:   middleware,
		Logger:       o.Logger,
		Workers:      workers,
		PeriodicJobs: periodicJobs(r.periodic),
		ErrorHandler: &errorLog{o.Logger},
		Queues: map[string]river.QueueConfig{
			river.QueueDefault: {MaxWorkers: o.Workers},
			// Timers that are due together are worked together: most of these workers wait for one that works for them all.
			Timers:   {MaxWorkers: timersAtOnce, FetchPollInterval: 150 * time.Millisecond},
			Outside:  {MaxWorkers: outsideAtOnce, FetchPollInterval: 5 * time.Second}, // nobody waits for the second
			Mail:     {MaxWorkers: mailAtOnce, FetchPollInterval: 400 * time.Millisecond},
			Accounts: {MaxWorkers: accountsAtOnce, FetchPollInterval: 5 * time.Second},
		},
		// River fetches at most one batch per cooldown; its defaults make due timers seconds late.
		FetchCooldown:     10 * time.Millisecond,
		FetchPollInterval: 400 * time.Millisecond, // what is enqueued is announced; this finds what became due
		JobTimeout:        o.Timeout,
	})
	if err != nil {
		return nil, fmt.Errorf("make job runner: %w", err)
	}
	logger := o.Logger
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	return &Runner{db: d, client: client, hands: holds, logger: logger}, nil
}

// Start begins to work jobs and returns. Jobs that a dead process left are taken over first.
func (r *Runner) Start(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cancel != nil {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	life, err := holdLife(ctx, r.db, r.client.ID())
	if err != nil {
		return err
	}
	r.rescue(ctx)
	if err := r.client.Start(ctx); err != nil {
		return errors.Join(fmt.Errorf("start job runner: %w", err), life.Close(ctx))
	}
	looking, cancel := context.WithCancel(ctx)
	r.cancel, r.done = cancel, make(chan struct{})
	go r.lookAfter(looking, life, r.done)
	return nil
}

// Stop lets running jobs finish until ctx ends, then cancels them. It is harmless when repeated.
func (r *Runner) Stop(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cancel == nil {
		return nil
	}
	err := r.client.Stop(ctx)
	if err != nil { // out of patience: the jobs' contexts end now
		err = r.client.StopAndCancel(context.WithoutCancel(ctx))
	}
	r.cancel()
	<-r.done
	r.cancel = nil
	if err != nil {
		return fmt.Errorf("stop job runner: %w", err)
	}
	return nil
}

// lookAfter takes over the jobs of processes that died and keeps this one's own sign of life.
func (r *Runner) lookAfter(ctx context.Context, life *pgx.Conn, done chan struct{}) {
	defer close(done)
	tick := time.NewTicker(rescueEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			_ = life.Close(context.WithoutCancel(ctx))
			return
		case <-tick.C:
		}
		if err := life.Ping(ctx); err != nil && ctx.Err() == nil {
			_ = life.Close(ctx)
			fresh, err := holdLife(ctx, r.db, r.client.ID())
			if err != nil {
				r.logger.WarnContext(ctx, "sign of life lost", "error", err.Error())
				continue
			}
			life = fresh
		}
		r.rescue(ctx)
	}
}

func (r *Runner) rescue(ctx context.Context) {
	n, err := Rescue(ctx, r.db)
	if err == nil {
		var own int64
		own, err = r.hands.takeBack(ctx, r.db, r.client.ID())
		n += own
	}
	switch {
	case err != nil && ctx.Err() == nil:
		r.logger.WarnContext(ctx, "taking over jobs failed", "error", err.Error())
	case n > 0:
		r.logger.InfoContext(ctx, "jobs that nobody worked on taken over", "jobs", n)
	}
}

func periodicJobs(list []Periodic) []*river.PeriodicJob {
	out := make([]*river.PeriodicJob, 0, len(list))
	for _, p := range list {
		opts := &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: db.StillToWork()}}
		out = append(out, river.NewPeriodicJob(river.PeriodicInterval(p.Every),
			func() (river.JobArgs, *river.InsertOpts) { return p.Job, opts },
			&river.PeriodicJobOpts{RunOnStart: true}))
	}
	return out
}

type errorLog struct{ logger *slog.Logger }

func (l *errorLog) HandleError(ctx context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	l.log(ctx, job, "error", err.Error(), "error_kind", string(errs.KindOf(err)))
	return nil
}

func (l *errorLog) HandlePanic(ctx context.Context, job *rivertype.JobRow, value any, trace string) *river.ErrorHandlerResult {
	l.log(ctx, job, "panic", fmt.Sprint(value), "trace", trace)
	return nil
}

func (l *errorLog) log(ctx context.Context, job *rivertype.JobRow, pairs ...any) {
	if l.logger == nil {
		return
	}
	l.logger.ErrorContext(ctx, "job failed", append([]any{"job", job.ID, "job_kind", job.Kind, "attempt", job.Attempt}, pairs...)...)
}
