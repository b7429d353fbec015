package jobs_test

import (
	"testing"

	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
	"makegood/internal/jobs"
)

// What was given up is listed with why, and worked once more when somebody says so; nothing else is.
func TestWhatWasGivenUpIsWorkedAgain(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	enqueue(t, d, 1)
	enqueue(t, d, 2)
	if err := d.Do(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update river_job set state = 'discarded', finalized_at = now(), attempt = max_attempts,
			errors = array['{"attempt": 24, "error": "too early"}', '{"attempt": 25, "error": "no such column"}']::jsonb[] where (args ->> 'N')::int = 1`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	given := func() []jobs.Given {
		t.Helper()
		list, err := jobs.GivenUp(t.Context(), d, 10)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	list := given()
	if len(list) != 1 || list[0].Error != "no such column" || list[0].Attempts != 25 || list[0].At.IsZero() {
		t.Fatalf("%+v", list)
	}
	by := access.SystemActor("makegood jobs retry")
	if err := jobs.Again(t.Context(), d, by, list[0].ID+1); errs.KindOf(err) != errs.NotFound {
		t.Errorf("one that waits: %v", err)
	}
	if err := jobs.Again(t.Context(), d, by, list[0].ID); err != nil {
		t.Fatal(err)
	}
	if err := jobs.Again(t.Context(), d, by, list[0].ID); errs.KindOf(err) != errs.NotFound {
		t.Errorf("twice: %v", err)
	}
	if left := given(); len(left) != 0 {
		t.Errorf("%+v", left)
	}
	due, err := db.Value[bool](t.Context(), d, `select state = 'available' and max_attempts > attempt from river_job where id = $1`, list[0].ID)
	if err != nil || !due {
		t.Errorf("it is not worked: %v", err)
	}
	if n, err := db.Value[int](t.Context(), d, `select count(*) from audit_log where what = 'job.tried_again'`); err != nil || n != 1 {
		t.Errorf("%d rows of evidence, %v", n, err)
	}
}
