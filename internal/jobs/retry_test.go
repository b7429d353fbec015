package jobs_test

import (
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"makegood/internal/jobs"
)

type hasty struct{}

func (hasty) Kind() string               { return "test.hasty" }
func (hasty) RetryWithin() time.Duration { return 10 * time.Minute }

type patient struct{}

func (patient) Kind() string { return "test.patient" }

// TestHastyJobIsTriedAgainSoon: however often it failed, it is tried again within the time it asks for.
func TestHastyJobIsTriedAgainSoon(t *testing.T) {
	t.Parallel()
	begun := time.Date(2026, 5, 12, 7, 30, 0, 0, time.UTC)
	for attempt, want := range map[int]time.Duration{1: time.Second, 3: 81 * time.Second, 6: 10 * time.Minute, 24: 10 * time.Minute, 30_000: 10 * time.Minute} {
		row := &rivertype.JobRow{Attempt: attempt, AttemptedAt: &begun}
		if got := jobs.NextRetry(&river.Job[hasty]{JobRow: row}).Sub(begun); got != want {
			t.Errorf("after attempt %d it waits %s, not %s", attempt, got, want)
		}
		if got := jobs.NextRetry(&river.Job[patient]{JobRow: row}); !got.IsZero() {
			t.Errorf("another job waits until %s", got)
		}
	}
}
