package db_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/jobs"
	"makegood/internal/jobs/jobstest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

type ping struct{ N int }

func (ping) Kind() string { return "test.ping" }

type onlyOnce struct{ N int }

func (onlyOnce) Kind() string { return "test.once" }
func (onlyOnce) Unique() bool { return true }

var errStop = errors.New("stop")

func TestTransaction(t *testing.T) {
	t.Parallel()

	t.Run("rows by GORM, rows by SQL and jobs commit together", func(t *testing.T) {
		t.Parallel()
		d := dbtest.New(t)
		work := func(fail bool) error {
			return d.Do(t.Context(), func(tx *db.Tx) error {
				if err := tx.Gorm(t.Context()).Exec(`insert into teams (name) values ('by gorm')`).Error; err != nil {
					return err
				}
				if _, err := tx.Exec(t.Context(), `insert into teams (name) values ('by sql')`); err != nil {
					return err
				}
				if err := tx.Enqueue(t.Context(), ping{1}); err != nil {
					return err
				}
				if fail {
					return errStop
				}
				return nil
			})
		}
		if err := work(true); !errors.Is(err, errStop) {
			t.Fatalf("want the work's own error, got %v", err)
		}
		expectCounts(t, d, 0, 0)
		if err := work(false); err != nil {
			t.Fatal(err)
		}
		expectCounts(t, d, 2, 1)
	})

	t.Run("an identical unique job is inserted once", func(t *testing.T) {
		t.Parallel()
		d := dbtest.New(t)
		for range 3 {
			if err := d.Do(t.Context(), func(tx *db.Tx) error {
				inner := tx.Savepoint(t.Context(), func(tx *db.Tx) error { return tx.Enqueue(t.Context(), onlyOnce{1}) })
				return errors.Join(inner, tx.Enqueue(t.Context(), onlyOnce{1}), tx.Enqueue(t.Context(), onlyOnce{2}))
			}); err != nil {
				t.Fatal(err)
			}
		}
		expectCounts(t, d, 0, 2)
	})

	t.Run("a unique job can come again once it is done", func(t *testing.T) {
		t.Parallel()
		d := dbtest.New(t)
		for range 2 {
			err := d.Do(t.Context(), func(tx *db.Tx) error { return tx.Enqueue(t.Context(), onlyOnce{1}) })
			if err == nil {
				_, err = d.Pool().Exec(t.Context(), `update river_job set state = 'completed', finalized_at = now()`)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		expectCounts(t, d, 0, 2)
	})

	t.Run("a savepoint undoes only its own work", func(t *testing.T) {
		t.Parallel()
		d := dbtest.New(t)
		err := d.Do(t.Context(), func(tx *db.Tx) error {
			inner := tx.Savepoint(t.Context(), func(tx *db.Tx) error {
				_, err := tx.Exec(t.Context(), `insert into teams (name) values ('lost')`)
				return errors.Join(err, tx.Enqueue(t.Context(), onlyOnce{1}), errStop)
			})
			if !errors.Is(inner, errStop) {
				t.Errorf("want the inner error, got %v", inner)
			}
			_, err := tx.Exec(t.Context(), `insert into teams (name) values ('kept')`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		expectCounts(t, d, 1, 0)
	})
}

func expectCounts(t *testing.T, d *db.DB, teams, jobCount int) {
	t.Helper()
	for table, want := range map[string]int{"teams": teams, "river_job": jobCount} {
		got, err := db.Value[int](t.Context(), d, `select count(*) from `+table)
		if err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%s: want %d rows, got %d", table, want, got)
		}
	}
}

func TestDrainWorksJobsInOrderOfTime(t *testing.T) {
	t.Parallel()
	start := time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)
	clock := jobstest.NewClock(start)
	d := dbtest.NewAt(t, clock.Now)
	var seen []string
	registry := jobs.NewRegistry()
	jobs.Handle(registry, func(_ context.Context, args ping) error {
		seen = append(seen, strconv.Itoa(args.N)+clock.Now().Format(" 15:04"))
		return nil
	})
	if err := d.Do(t.Context(), func(tx *db.Tx) error {
		return errors.Join(
			tx.EnqueueAt(t.Context(), ping{3}, start.Add(48*time.Hour)),
			tx.EnqueueAt(t.Context(), ping{2}, start.Add(time.Hour)),
			tx.Enqueue(t.Context(), ping{1}))
	}); err != nil {
		t.Fatal(err)
	}
	jobstest.Drain(t, d, registry, clock, start.Add(24*time.Hour))
	if len(seen) != 2 || seen[0] != "1 09:00" || seen[1] != "2 10:00" {
		t.Errorf("worked %v", seen)
	}
}

type look struct{}

func (look) Kind() string { return "test.look" }

// One look waits however often it is asked for; but one that somebody else has just asked for, or that a worker may have begun, is not relied on.
func TestEnqueueOnceLosesNoLook(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	ask := func(meanwhile func()) {
		t.Helper()
		if err := d.Do(t.Context(), func(tx *db.Tx) error {
			err := errors.Join(tx.EnqueueOnce(t.Context(), look{}), tx.EnqueueOnce(t.Context(), look{}))
			meanwhile()
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	waiting := func(want int) {
		t.Helper()
		n, err := db.Value[int](t.Context(), d, `select count(*) from river_job where kind = 'test.look' and state = 'available'`)
		if err != nil || n != want {
			t.Errorf("%d wait, want %d: %v", n, want, err)
		}
	}
	for range 3 {
		ask(func() {})
	}
	waiting(1)
	ask(func() {
		free, err := db.Values[int64](t.Context(), d, `select id from river_job where kind = 'test.look' for update skip locked`)
		if err != nil || len(free) != 0 {
			t.Errorf("a worker may have %v before what it is to look at is there: %v", free, err)
		}
		ask(func() {}) // it cannot know whether that transaction ends well
	})
	waiting(2)
	dbtest.AsOwner(t, d, `update river_job set state = 'running', attempt = 1, attempted_at = now() where kind = 'test.look'`)
	ask(func() {})
	waiting(1)
}

func TestAuditChain(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	for i := range 5 {
		if err := d.Do(t.Context(), func(tx *db.Tx) error {
			return audit.RecordTx(t.Context(), tx,
				audit.Event{Stream: audit.Admin, By: access.SystemActor("test"), What: "test.done", Data: map[string]any{"n": i, "text": "Grüße 请款"}},
				audit.Event{Stream: audit.Case(int64(i)), By: access.SystemActor("test"), What: "case.opened"})
		}); err != nil {
			t.Fatal(err)
		}
	}
	expectChain(t, d, "")

	t.Run("the application may not change it", func(t *testing.T) {
		for _, statement := range []string{
			`update audit_log set what = 'x'`, `delete from audit_log`, `truncate audit_log`, `update audit_heads set seq = 0`,
			`alter table audit_log disable trigger all`,
		} {
			if err := d.Do(t.Context(), func(tx *db.Tx) error {
				_, err := tx.Exec(t.Context(), statement)
				return err
			}); err == nil {
				t.Errorf("%s was allowed", statement)
			}
		}
		expectChain(t, d, "")
	})

	t.Run("what an owner alters is found", func(t *testing.T) {
		dbtest.AsOwner(t, d, `update audit_log set data = '{"n": 7}' where stream = 'admin' and seq = 3`)
		expectChain(t, d, "its content was altered")
		dbtest.AsOwner(t, d, `delete from audit_log where stream = 'admin' and seq >= 3`)
		expectChain(t, d, "the last rows are missing")
	})
}

func expectChain(t *testing.T, d *db.DB, want string) {
	t.Helper()
	v, err := audit.Verify(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	if v.Broken != nil {
		got = v.Broken.Why
	}
	if got != want {
		t.Errorf("want fault %q, got %q (%+v)", want, got, v.Broken)
	}
}
