package cases_test

import (
	"fmt"
	"testing"
	"time"

	"makegood/cases"
	"makegood/cases/clock"
	"makegood/internal/errs"
)

// closes gives the desk's policy an end of the month, with a quarter of what is usual, from the last three working days to the first two.
func (k *desk) closes() {
	k.t.Helper()
	inForce, err := k.cases.Policies(k.t.Context(), k.supervisor)
	k.must(err)
	p := inForce[0]
	p.Definition.MonthEnd = &clock.MonthEnd{LastDays: 3, FirstDays: 2, Targets: map[clock.Kind]map[clock.Priority]clock.Target{}}
	for kind, usual := range p.Definition.Targets {
		p.Definition.MonthEnd.Targets[kind] = map[clock.Priority]clock.Target{}
		for priority, target := range usual {
			if target.Days == 0 {
				target.Length /= 4
				p.Definition.MonthEnd.Targets[kind][priority] = target
			}
		}
	}
	draft, err := k.cases.DraftPolicy(k.t.Context(), cases.PolicyDraftInput{
		By: k.supervisor, Name: p.Name, BasedOn: p.Version, Position: p.Position, Match: p.Match, Definition: p.Definition, Calendar: p.Calendar,
	})
	k.must(err)
	k.must(k.jobs.Work(k.t.Context(), "cases.simulate_draft", fmt.Appendf(nil, `{"id":%d}`, draft.ID)))
	_, err = k.cases.PutInForce(k.t.Context(), k.supervisor, draft.ID, "The close comes first")
	k.must(err)
}

func (k *desk) target(c cases.Case, kind clock.Kind) (time.Duration, bool) {
	k.t.Helper()
	views, err := k.cases.Clocks(k.t.Context(), k.db, c.ID)
	k.must(err)
	for _, v := range views {
		if v.Kind == kind && v.Derived.Outcome.Open() {
			return v.Derived.Target, v.Derived.MonthEnd != nil
		}
	}
	k.t.Fatalf("%s has no %s", c.Number, kind)
	return 0, false
}

// A case that comes in around the end of a month has its terms; one that was there keeps its own, and one that comes after has the usual ones again.
func TestTheEndOfTheMonth(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.closes()
	before := k.asked()
	usual, closing := k.target(before, clock.FirstResponse)
	if closing {
		t.Fatal("in the middle of the month")
	}
	if list, err := k.cases.Closings(t.Context(), k.supervisor); err != nil || len(list) != 0 {
		t.Errorf("%+v %v", list, err)
	}
	k.clock.Set(time.Date(2026, 5, 28, 8, 0, 0, 0, time.UTC)) // a Thursday; the last working days are the 27th to the 29th
	within := k.asked()
	if tight, closing := k.target(within, clock.FirstResponse); !closing || tight != usual/4 {
		t.Errorf("%s, usually %s", tight, usual)
	}
	if kept, closing := k.target(before, clock.FirstResponse); closing || kept != usual {
		t.Errorf("what was promised became %s", kept)
	}
	k.clock.Set(time.Date(2026, 6, 4, 8, 0, 0, 0, time.UTC))
	if after, closing := k.target(k.asked(), clock.FirstResponse); closing || after != usual {
		t.Errorf("afterwards %s", after)
	}
}

// What holds up the close is a view of the queue and stands on the board, with what would slip past it.
func TestWhatHoldsUpTheClose(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.closes()
	disputed, _ := k.disputed("50")
	k.asked() // holds nothing up
	count := func(want int) {
		t.Helper()
		page, err := k.cases.Queue(t.Context(), cases.Filter{View: cases.ViewClosing}, k.supervisor)
		k.must(err)
		counts, err := k.cases.Counts(t.Context(), k.supervisor)
		k.must(err)
		if len(page.Rows) != want || counts[cases.ViewClosing] != want || want == 1 && page.Rows[0].ID != disputed.ID {
			t.Errorf("%d listed, %d counted, want %d", len(page.Rows), counts[cases.ViewClosing], want)
		}
	}
	count(0)
	k.clock.Set(time.Date(2026, 5, 28, 8, 0, 0, 0, time.UTC))
	count(1)
	until := time.Date(2026, 6, 2, 22, 0, 0, 0, time.UTC) // midnight in Berlin after Tuesday the second
	list, err := k.cases.Closings(t.Context(), k.supervisor)
	k.must(err)
	if len(list) == 0 || !list[0].Until.Equal(until) || list[0].Holding != 1 || list[0].Slipping != 0 {
		t.Fatalf("%+v", list)
	}
	_, err = k.db.Pool().Exec(t.Context(), `update cases set next_due_at = $2 where id = $1`, disputed.ID, until.Add(time.Second))
	k.must(err)
	if list, err = k.cases.Closings(t.Context(), k.supervisor); err != nil || list[0].Slipping != 1 {
		t.Errorf("%+v %v", list, err)
	}
	if _, err := k.cases.Closings(t.Context(), k.agent); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("an agent: %v", err)
	}
	k.clock.Set(time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC))
	k.disputed("20") // of the new month
	count(1)
	k.clock.Set(until)
	count(0)
}
