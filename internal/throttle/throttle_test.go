package throttle_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/jobs"
	"makegood/internal/jobs/jobstest"
	"makegood/internal/throttle"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func take(t *testing.T, d *db.DB, limits ...throttle.Limit) error {
	t.Helper()
	return d.Do(t.Context(), func(tx *db.Tx) error { return throttle.TakeTx(t.Context(), tx, limits...) })
}

func TestAttemptsAreBounded(t *testing.T) {
	t.Parallel()
	clock := jobstest.NewClock(time.Date(2026, 5, 12, 7, 30, 0, 0, time.UTC))
	d := dbtest.NewAt(t, clock.Now)
	ip, address := throttle.Limit{Subject: "form:ip:1", Max: 3, Per: time.Hour}, throttle.Limit{Subject: "form:address:a", Max: 2, Per: time.Hour}
	for n := range 2 {
		if err := take(t, d, ip, address); err != nil {
			t.Fatalf("attempt %d: %v", n+1, err)
		}
	}
	if err := take(t, d, ip, address); !errors.Is(err, throttle.ErrTooMany) {
		t.Fatalf("third attempt of an address that has two: %v", err)
	}
	if err := take(t, d, ip); err != nil {
		t.Errorf("a refused attempt was counted: %v", err)
	}
	if err := take(t, d, ip); !errors.Is(err, throttle.ErrTooMany) {
		t.Errorf("fourth attempt of a place that has three: %v", err)
	}
	clock.Add(time.Hour)
	if err := take(t, d, ip, address); err != nil {
		t.Errorf("an hour later: %v", err)
	}
}

func TestManyAtOnceDoNotPassTogether(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	var passed atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			err := d.Do(t.Context(), func(tx *db.Tx) error {
				return throttle.TakeTx(t.Context(), tx, throttle.Limit{Subject: "s", Max: 3, Per: time.Hour})
			})
			if err == nil {
				passed.Add(1)
			}
		})
	}
	all.Wait()
	if passed.Load() != 3 {
		t.Errorf("%d of 8 passed, want 3", passed.Load())
	}
}

func TestOldAttemptsAreForgotten(t *testing.T) {
	t.Parallel()
	clock := jobstest.NewClock(time.Date(2026, 5, 12, 7, 30, 0, 0, time.UTC))
	d, registry := dbtest.NewAt(t, clock.Now), jobs.NewRegistry()
	throttle.Register(registry, d)
	if err := take(t, d, throttle.Limit{Subject: "old", Max: 9, Per: time.Hour}); err != nil {
		t.Fatal(err)
	}
	clock.Add(23 * time.Hour)
	if err := take(t, d, throttle.Limit{Subject: "new", Max: 9, Per: time.Hour}); err != nil {
		t.Fatal(err)
	}
	clock.Add(2 * time.Hour)
	if err := registry.Work(t.Context(), throttle.Sweep{}.Kind(), []byte("{}")); err != nil {
		t.Fatal(err)
	}
	left, err := db.Values[string](t.Context(), d, `select subject from attempts`)
	if err != nil || len(left) != 1 || left[0] != "new" {
		t.Errorf("left %v, %v", left, err)
	}
}
