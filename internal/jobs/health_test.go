package jobs_test

import (
	"testing"
	"time"

	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/jobs"
)

// While nobody works, what was scheduled or is to be tried again falls due as well: the alert for "no worker" hangs on it.
func TestWorkThatNobodyMakesAvailableIsLate(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	for n := range 5 {
		enqueue(t, d, n)
	}
	look := func() jobs.Health {
		t.Helper()
		h, err := jobs.LookAtWork(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	set := func(n int, columns string) {
		t.Helper()
		if err := d.Do(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `update river_job set `+columns+` where (args ->> 'N')::int = $1`, n)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	set(0, `state = 'scheduled', scheduled_at = now() + interval '1 hour'`)
	set(1, `state = 'completed', scheduled_at = now() - interval '2 hours', finalized_at = now()`)
	set(2, `state = 'retryable', scheduled_at = now() + interval '1 hour'`)
	set(3, `state = 'running', scheduled_at = now() - interval '2 hours'`)
	set(4, `state = 'discarded', scheduled_at = now() - interval '2 hours', finalized_at = now()`)
	if h := look(); h.Due != 0 || h.Late != 0 || h.Failing != 1 || h.GivenUp != 1 {
		t.Errorf("nothing is due: %+v", h)
	}
	set(0, `scheduled_at = now() - interval '20 minutes'`)
	if h := look(); h.Due != 1 || h.Late < 20*time.Minute || h.Late > 25*time.Minute {
		t.Errorf("scheduled work: %+v", h)
	}
	set(2, `scheduled_at = now() - interval '40 minutes'`)
	if h := look(); h.Due != 2 || h.Late < 40*time.Minute || h.Failing != 1 {
		t.Errorf("work to be tried again: %+v", h)
	}
}
