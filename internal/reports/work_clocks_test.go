package reports_test

import (
	"testing"
	"time"

	"makegood/cases"
	"makegood/cases/clock"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/jobs/jobstest"
	"makegood/internal/reports"
	"makegood/ui/screentest"
)

// A promise that was broken counts as broken, at its deadline and under the terms it had then, whatever becomes of the case: made more urgent by
// the ladder, less urgent by hand, or resolved without an answer.
func TestAPromiseBrokenStaysBroken(t *testing.T) {
	t.Parallel()
	r := screentest.Open(t)
	ctx, agent := t.Context(), r.Actor(access.Supervisor)
	hours := func(n int) clock.Target { return clock.Within(time.Duration(n) * time.Hour) }
	r.Must(r.DB.Do(ctx, func(tx *db.Tx) error {
		calendar, err := db.Value[int64](ctx, tx, `select min(id) from calendars`)
		r.Must(err)
		_, err = r.Cases.SavePolicyTx(ctx, tx, cases.Policy{Name: "Patient", CalendarID: calendar, Definition: clock.Policy{
			Name: "Patient", Calendar: "Always", Targets: map[clock.Kind]map[clock.Priority]clock.Target{
				clock.FirstResponse: {clock.P1: hours(1), clock.P2: hours(2), clock.P3: hours(3), clock.P4: hours(40)},
			},
		}})
		return err
	}))
	c := r.Dispute("11.90")
	due := firstResponse(t, r, c.ID).DueAt
	if due == nil {
		t.Fatalf("no deadline of %+v", c)
	}
	broken := func() {
		t.Helper()
		page, err := r.Reports.Work().Rows(ctx, reports.WorkScope{By: agent, WorkFilter: reports.WorkFilter{Part: string(clock.FirstResponse)}}, reports.WorkRows{Fact: reports.ClockResults})
		r.Must(err)
		if len(page.Rows) != 1 {
			t.Fatalf("%d promises: %+v", len(page.Rows), page.Rows)
		}
		if row := page.Rows[0]; *row.Good || !row.At.Equal(*due) || row.Priority != string(c.Priority) || row.Seconds != nil {
			t.Errorf("kept %v at %v under %s in %v, was to be broken at %v under %s", *row.Good, row.At, row.Priority, row.Seconds, *due, c.Priority)
		}
	}
	on := func() cases.On {
		t.Helper()
		now, err := r.Cases.CaseByID(ctx, r.DB, c.ID, agent)
		r.Must(err)
		return cases.On{By: agent, ID: c.ID, Version: now.Version}
	}
	jobstest.Drain(t, r.DB, r.Registry, r.Clock, due.Add(time.Minute))
	if now := firstResponse(t, r, c.ID); now.Revision != 2 || now.Priority == c.Priority {
		t.Fatalf("the ladder raised nothing: %+v", now)
	}
	broken()
	_, err := r.Cases.SetPriority(ctx, cases.PriorityInput{On: on(), Priority: cases.P4, Reason: "They can wait"})
	r.Must(err)
	if now := firstResponse(t, r, c.ID); now.Outcome != clock.Running {
		t.Fatalf("late under P4 too: %+v", now)
	}
	broken()
	line, err := db.Value[cases.DisputeID](ctx, r.DB, `select id from dispute_lines where case_id = $1`, c.ID)
	r.Must(err)
	_, err = r.Cases.DecideDispute(ctx, cases.DecideDisputeInput{On: on(), DisputeID: line, Explanation: "As agreed in the contract"})
	r.Must(err)
	cause := r.Company.RootCauses["order_entry"]
	_, err = r.Cases.SetStatus(ctx, cases.StatusInput{On: on(), To: cases.StatusResolved, RootCause: &cause})
	r.Must(err)
	if now := firstResponse(t, r, c.ID); now.Outcome != clock.Cancelled {
		t.Fatalf("%+v", now)
	}
	broken()
}

// firstResponse is the last revision of it.
func firstResponse(t *testing.T, r *screentest.Room, id cases.ID) cases.Clock {
	t.Helper()
	list, err := r.Cases.Clocks(t.Context(), r.DB, id)
	r.Must(err)
	var last cases.Clock
	for _, c := range list {
		if c.Kind == clock.FirstResponse && c.Revision > last.Revision {
			last = c.Clock
		}
	}
	return last
}
