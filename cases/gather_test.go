package cases_test

import (
	"context"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"makegood/cases"
	"makegood/cases/clock"
	"makegood/internal/dbtest"
	"makegood/internal/jobs"
	"makegood/internal/jobs/jobstest"
)

// ringAll works timers at once, and tells what became of each.
func (k *desk) ringAll(due []cases.CheckClock) []error {
	failed := make([]error, len(due))
	var all sync.WaitGroup
	for n, one := range due {
		all.Go(func() { failed[n] = k.ring(one) })
	}
	all.Wait()
	return failed
}

// firstTimers opens cases and gives the timer of each one's first response, late by now.
func (k *desk) firstTimers(number int) []cases.CheckClock {
	k.t.Helper()
	var due []cases.CheckClock
	for range number {
		c := k.theClock(k.open(k.mail()).ID, clock.FirstResponse)
		due = append(due, cases.CheckClock{ClockID: c.ID, Version: c.Version, Threshold: "breach"})
	}
	k.clock.Set(berlin("2026-05-15 12:00"))
	return due
}

// A case that cannot be worked holds up none of those that share its transaction.
func TestATimerThatFailsFailsAlone(t *testing.T) {
	t.Parallel()
	k := setup(t)
	due := k.firstTimers(12)
	dbtest.AsOwner(t, k.db, `create function refuse() returns trigger language plpgsql as $$ begin raise exception 'out of order'; end $$`,
		`create trigger refuse before update on case_clocks for each row when (old.id = `+strconv.FormatInt(int64(due[5].ClockID), 10)+`) execute function refuse()`)
	for range 2 {
		for n, err := range k.ringAll(due) {
			if (err != nil) != (n == 5) {
				t.Errorf("timer %d: %v", n, err)
			}
		}
	}
	late := value[int](t, k.db, `select count(*)::int from case_clocks where kind = 'first_response' and outcome = 'breached_open' and warned = 'breach'`)
	if late != 11 {
		t.Errorf("%d are told late, want 11", late)
	}
}

// A panic is a failure like any other: whoever waits for the one whose turn it was is worked, and so is what comes after.
func TestAPanicHoldsUpNoTimer(t *testing.T) {
	t.Parallel()
	k := setup(t)
	due := k.firstTimers(12)
	var broken atomic.Bool
	other := *k
	other.clock, other.jobs = jobstest.NewClock(k.clock.Now()), jobs.NewRegistry()
	other.db = dbtest.Open(t, k.db.Pool().Config().ConnString(), func() time.Time {
		if broken.Load() {
			panic("a gear broke")
		}
		return other.clock.Now()
	})
	other.services()
	broken.Store(true)
	for n, err := range other.ringAll(due) {
		if err == nil {
			t.Errorf("timer %d was worked", n)
		}
	}
	broken.Store(false)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	worked := make(chan []error, 1)
	go func() { worked <- other.ringAll(due) }()
	select {
	case failed := <-worked:
		for n, err := range failed {
			if err != nil {
				t.Errorf("timer %d: %v", n, err)
			}
		}
	case <-ctx.Done():
		t.Fatal("the timers hang")
	}
	k.sound()
}
