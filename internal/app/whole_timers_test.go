package app_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/jobs"
	"makegood/internal/scenario"
)

const (
	killedTimers = 80
	answered     = 8 // every eighth case is answered before its timer is due
)

// TestKilledTimersAreNeitherLostNorDoubled: two copies of the program, one by a clock a minute and a half ahead and one by a clock two
// seconds behind, tell people of clocks that reach a threshold within a few seconds, while they are killed one after the other at
// moments nobody chose. Each threshold is told of once, and none of a clock that was stopped in time.
func TestKilledTimersAreNeitherLostNorDoubled(t *testing.T) {
	t.Parallel()
	skews := []time.Duration{90 * time.Second, -2 * time.Second}
	h := prepareOn(t, dbtest.NewCrashing(t).URL, scenario.Options{FirstResponse: time.Hour}, 0)
	list := h.openNearThresholds()
	running := []process{h.spawn(skews[0]), h.spawn(skews[1])}
	moments := []int{5, 10 + rand.IntN(10), 25 + rand.IntN(10), 40 + rand.IntN(10), 55 + rand.IntN(8)}
	t.Logf("killed after %v of %d timers", moments, len(list)-len(list)/answered)
	for n, moment := range moments {
		h.awaitTold(moment)
		running[n%2].kill()
		running[n%2] = h.spawn(skews[n%2])
	}
	h.awaitTold(len(list) - len(list)/answered)
	for _, p := range running {
		p.kill()
	}
	h.ringAgain()
	for n, c := range list {
		want, notices := 1, n%4 // each rung that was missed tells its people too; there is none at the half
		if n%answered == 0 {
			want, notices = 0, 0
		}
		got := count(t, h.app.DB, `select count(*) from audit_log where stream = 'case:' || $1::bigint and what in ('clock.warned', 'clock.breached')`, c.ID)
		told := count(t, h.app.DB, `select count(*) from notices where case_id = $1 and params->>'threshold' = $2`, c.ID, atThreshold(n))
		if got != want || told != notices {
			t.Errorf("%s at %s: told of %d times with %d notices, want %d and %d", c.Number, atThreshold(n), got, told, want, notices)
		}
	}
	h.sound()
}

// ringAgain works every timer that has been due once more, as River would after a crash that came between work and its record.
func (h *house) ringAgain() {
	h.t.Helper()
	list, err := db.Values[[]byte](h.t.Context(), h.app.DB, `select args from river_job where kind = 'cases.check_clock' and scheduled_at <= now()`)
	must(h.t, err)
	for _, args := range list {
		err := h.app.Jobs.Work(h.t.Context(), cases.CheckClock{}.Kind(), args)
		if err != nil && !errors.As(err, &jobs.EarlyError{}) {
			h.t.Error(err)
		}
	}
}

func atThreshold(n int) string { return []string{"warn50", "warn75", "warn90", "breach"}[n%4] }

// openNearThresholds opens cases whose clocks reach a threshold soon, one after the other; what lies before it counts as told. Some
// are answered at once.
func (h *house) openNearThresholds() []cases.Case {
	h.t.Helper()
	ctx := h.t.Context()
	agent := h.Actor(access.Agent)
	first := h.app.DB.Now().Add(8 * time.Second)
	var list []cases.Case
	for n := range killedTimers {
		used := []time.Duration{30 * time.Minute, 45 * time.Minute, 54 * time.Minute, time.Hour}[n%4]
		at := first.Add(time.Duration(n) * 60 * time.Millisecond).Add(-used)
		c, err := h.app.Cases.Open(ctx, cases.OpenInput{
			Type: cases.Inquiry, Subject: fmt.Sprintf("Question %d", n), Source: "agent", ReceivedAt: at, By: agent, AssigneeID: &agent.UserID,
			Participants: []cases.Participant{{Address: "ada@visitors.example", Accepted: true}},
			Message:      &cases.InboundMessage{AuthorAddress: "ada@visitors.example", Subject: "Question", Body: "When is it due?", At: at},
		})
		must(h.t, err)
		if n%answered == 0 {
			_, err := h.app.Cases.Reply(ctx, cases.ReplyInput{On: cases.On{By: agent, ID: c.ID, Version: c.Version}, Body: "Tomorrow."})
			must(h.t, err)
		}
		list = append(list, c)
	}
	must(h.t, h.app.DB.Do(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `update case_clocks set warned = case when due_at < $1 then 'warn90' when due_at < $2 then 'warn75' when due_at < $3 then 'warn50' else warned end
			where kind = 'first_response'`, first.Add(5*time.Minute), first.Add(8*time.Minute), first.Add(17*time.Minute))
		return err
	}))
	return list
}

// awaitTold waits until so many thresholds were told of.
func (h *house) awaitTold(n int) {
	h.t.Helper()
	until(h.t, fmt.Sprintf("%d thresholds", n), h.news, func() bool {
		return count(h.t, h.app.DB, `select count(*) from audit_log where what in ('clock.warned', 'clock.breached')`) >= n
	})
}
