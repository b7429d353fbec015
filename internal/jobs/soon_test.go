package jobs_test

import (
	"testing"
	"time"

	"makegood/internal/db"
	"makegood/internal/dbtest"
)

// TestNearTimesAreKept: River's own scheduler looks every five seconds, which is too late for a job due in one.
func TestNearTimesAreKept(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	begun, _ := start(t, d, func(int) error { return nil })
	due := d.Now().Add(time.Second)
	if err := d.Do(t.Context(), func(tx *db.Tx) error { return tx.EnqueueAt(t.Context(), errand{1}, due) }); err != nil {
		t.Fatal(err)
	}
	await(t, begun, 1)
	if late := time.Since(due); late < 0 || late > 2*time.Second {
		t.Errorf("worked %s after its time", late)
	}
}
