package jobs_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
	"makegood/internal/jobs"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

type errand struct{ N int }

func (errand) Kind() string { return "test.errand" }

func enqueue(t *testing.T, d *db.DB, n int) {
	t.Helper()
	if err := d.Do(t.Context(), func(tx *db.Tx) error { return tx.Enqueue(t.Context(), errand{n}) }); err != nil {
		t.Fatal(err)
	}
}

// start runs a runner that does the work and tells each time it begins. It is stopped by the test's end or by stop.
func start(t *testing.T, d *db.DB, work func(attempt int) error) (begun <-chan int, stop func()) {
	t.Helper()
	begins, attempt := make(chan int, 100), 0
	registry := jobs.NewRegistry()
	jobs.Handle(registry, func(context.Context, errand) error {
		attempt++
		begins <- attempt
		return work(attempt)
	})
	runner, err := jobs.NewRunner(d, registry, jobs.RunnerOptions{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := runner.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	stop = func() {
		if err := runner.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(stop)
	return begins, stop
}

func await(t *testing.T, begun <-chan int, want int) {
	t.Helper()
	select {
	case got := <-begun:
		if got != want {
			t.Fatalf("attempt %d, want %d", got, want)
		}
	case <-time.After(time.Minute):
		t.Fatalf("attempt %d never came", want)
	}
}

func expectState(t *testing.T, d *db.DB, want string) {
	t.Helper()
	got, err := db.Value[string](t.Context(), d, `select state::text from river_job`)
	if err != nil || got != want {
		t.Errorf("the job is %s (%v), want %s", got, err, want)
	}
}

func TestJobsOfADeadRunnerAreTakenOver(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	enqueue(t, d, 1)
	if err := d.Do(t.Context(), func(tx *db.Tx) error { // what a process leaves that was killed at work
		_, err := tx.Exec(t.Context(), `update river_job set state = 'running', attempt = 1, attempted_at = now(), attempted_by = array['dead']`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	begun, stop := start(t, d, func(int) error { return nil })
	await(t, begun, 1)
	stop()
	expectState(t, d, "completed")
}

func TestJobsOfALivingRunnerAreLeftAlone(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	finish := make(chan struct{})
	begun, stop := start(t, d, func(int) error { <-finish; return nil })
	enqueue(t, d, 1)
	await(t, begun, 1)
	if n, err := jobs.Rescue(t.Context(), d); n != 0 || err != nil {
		t.Errorf("took over %d jobs of a living runner: %v", n, err)
	}
	expectState(t, d, "running")
	close(finish)
	stop()
	expectState(t, d, "completed")
}

// While the database is away for longer than it is tried, what was done is not written down and what was fetched does not arrive:
// the jobs stay marked as running by a runner that lives. It takes them back, and leaves alone what it works on or has just done.
func TestRunnerTakesBackWhatItDoesNotWorkOn(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64
	d := dbtest.NewAt(t, func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) })
	registry, begun, finish := jobs.NewRegistry(), make(chan int, 10), make(chan struct{})
	jobs.Handle(registry, func(_ context.Context, e errand) error {
		begun <- e.N
		<-finish
		return nil
	})
	runner, err := jobs.NewRunner(d, registry, jobs.RunnerOptions{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := runner.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = runner.Stop(context.WithoutCancel(t.Context())) })
	asIfLost := func() { // as running, for a minute
		t.Helper()
		if _, err := d.Pool().Exec(t.Context(), `update river_job set state = 'running', finalized_at = null, attempted_at = now() - interval '1 minute'`); err != nil {
			t.Fatal(err)
		}
	}
	takesNoneBack := func(what string) {
		t.Helper()
		if n, err := jobs.TakeBack(t.Context(), runner); n != 0 || err != nil {
			t.Errorf("%s: takes back %d: %v", what, n, err)
		}
	}
	enqueue(t, d, 1)
	await(t, begun, 1)
	asIfLost()
	takesNoneBack("at work")
	finish <- struct{}{}
	for done := false; !done; {
		if done, err = db.Value[bool](t.Context(), d, `select state = 'completed' from river_job`); err != nil {
			t.Fatal(err)
		}
	}
	asIfLost()
	takesNoneBack("just done")
	ahead.Store(int64(time.Minute))
	if n, err := jobs.TakeBack(t.Context(), runner); n > 1 || err != nil { // it looks by itself too
		t.Errorf("takes back %d: %v", n, err)
	}
	await(t, begun, 1)
	finish <- struct{}{}
}

func TestTheErrorsKindDecides(t *testing.T) {
	t.Parallel()
	for _, kind := range []errs.Kind{errs.Invalid, errs.NotFound, errs.Forbidden} {
		t.Run(string(kind)+" cancels", func(t *testing.T) {
			t.Parallel()
			d := dbtest.New(t)
			begun, stop := start(t, d, func(int) error { return errs.New(kind, "test.refused") })
			enqueue(t, d, 1)
			await(t, begun, 1)
			stop()
			expectState(t, d, "cancelled")
		})
	}
	for name, failure := range map[string]error{"unavailable": errs.New(errs.Unavailable, "test.away"), "without a kind": errors.New("torn wire")} {
		t.Run(name+" is tried again", func(t *testing.T) {
			t.Parallel()
			d := dbtest.New(t)
			begun, stop := start(t, d, func(attempt int) error {
				if attempt == 1 {
					return failure
				}
				return nil
			})
			enqueue(t, d, 1)
			await(t, begun, 1)
			await(t, begun, 2)
			stop()
			expectState(t, d, "completed")
		})
	}
}

func TestRegisteringAKindTwiceIsRefused(t *testing.T) {
	t.Parallel()
	registry := jobs.NewRegistry()
	for range 2 {
		jobs.Handle(registry, func(context.Context, errand) error { return nil })
	}
	if _, err := jobs.NewRunner(dbtest.New(t), registry, jobs.RunnerOptions{}); err == nil {
		t.Error("two works for one kind of job")
	}
	if err := jobs.NewRegistry().Work(t.Context(), "test.unknown", nil); jobs.Final(err) || errs.KindOf(err) != errs.Unavailable {
		t.Errorf("a kind nobody works may be worked by a newer copy of the program: %v", err)
	}
}

type call struct{ N int }

func (call) Kind() string  { return "test.call" }
func (call) Queue() string { return jobs.Outside }

// Servers of others that do not answer hold up none of our own work, also when there are many of them.
func TestWhatWaitsOutsideHoldsUpNothingOfOurs(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	calling, done, answered := make(chan int, 100), make(chan int, 1), make(chan struct{})
	registry := jobs.NewRegistry()
	jobs.Handle(registry, func(_ context.Context, c call) error {
		calling <- c.N
		<-answered
		return nil
	})
	jobs.Handle(registry, func(_ context.Context, e errand) error {
		done <- e.N
		return nil
	})
	runner, err := jobs.NewRunner(d, registry, jobs.RunnerOptions{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Do(t.Context(), func(tx *db.Tx) error {
		for n := range 20 {
			if err := tx.Enqueue(t.Context(), call{n}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := runner.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		close(answered)
		if err := runner.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	for range 8 {
		<-calling
	}
	enqueue(t, d, 1)
	await(t, done, 1)
	if len(calling) != 0 {
		t.Errorf("%d more wait at once", len(calling))
	}
}
