package clock_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"makegood/cases/clock"
	"makegood/internal/errs"
	"makegood/internal/raced"
)

// The window is of working days by the calendar, from midnight to midnight, and leaves out weekends and holidays without hours.
func TestMonthEndWindow(t *testing.T) {
	t.Parallel()
	cal := clock.Calendar{Name: "Desk", Zone: "Europe/Berlin", Weekly: map[time.Weekday][]clock.Span{}}
	for _, day := range []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday} {
		cal.Weekly[day] = []clock.Span{{From: 9 * 60, To: 17 * 60}}
	}
	may, err := clock.ParseDay("2026-05-01")
	if err != nil {
		t.Fatal(err)
	}
	cal.Holidays = []clock.Holiday{{Date: may, Name: "May Day"}}
	ready, err := clock.Compile(cal)
	if err != nil {
		t.Fatal(err)
	}
	loc := ready.Location()
	for text, want := range map[string]string{
		"2026-04-27 23:59": "", "2026-04-28 00:00": "2026-04-28 to 2026-05-06, over 2026-05-01", // Tue to Thu, then Mon 4 and Tue 5: Friday is May Day
		"2026-05-02 12:00": "2026-04-28 to 2026-05-06, over 2026-05-01", "2026-05-05 23:59": "2026-04-28 to 2026-05-06, over 2026-05-01", "2026-05-06 00:00": "",
		"2026-12-31 10:00": "2026-12-29 to 2027-01-05, over 2027-01-01", "2027-01-04 10:00": "2026-12-29 to 2027-01-05, over 2027-01-01",
	} {
		at, err := time.ParseInLocation("2006-01-02 15:04", text, loc)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if w, over, inside := ready.MonthEndWindow(at, clock.MonthEnd{LastDays: 3, FirstDays: 2}); inside {
			got = w.From.In(loc).Format(time.DateOnly) + " to " + w.To.In(loc).Format(time.DateOnly) + ", over " + over.In(loc).Format(time.DateOnly)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// TestMonthEndNeverLengthens derives random cases with and without what their policies say of the end of the month: no target is longer with
// it, and a clock that began outside of any window has the same.
func TestMonthEndNeverLengthens(t *testing.T) {
	t.Parallel()
	tightened := 0
	var w *world
	for n := range raced.Runs(2_000) {
		if n%perWorld == 0 {
			w = makeWorld(t, rand.New(rand.NewPCG(3, uint64(n/perWorld))))
		}
		s := w.story(rand.New(rand.NewPCG(4, uint64(n))))
		closing, err := clock.Derive(w.history(s))
		if err != nil {
			t.Fatal(err)
		}
		plain := *w
		plain.policies = append([]clock.Policy(nil), w.policies...)
		for i := range plain.policies {
			plain.policies[i].MonthEnd = nil
		}
		usual, err := clock.Derive(plain.history(s))
		if err != nil {
			t.Fatal(err)
		}
		of := map[string]clock.Instance{}
		for _, i := range usual {
			of[name(i)] = i
		}
		for _, i := range closing {
			was, there := of[name(i)]
			switch {
			case there && i.Target > was.Target:
				t.Fatalf("history %d: %s has %s, usually %s\n%s", n, name(i), i.Target, was.Target, w.describe(s))
			case there && i.MonthEnd == nil && i.Target != was.Target:
				t.Fatalf("history %d: %s has %s, usually %s, outside of any window", n, name(i), i.Target, was.Target)
			case i.MonthEnd != nil && (i.Since.Before(i.MonthEnd.From) || !i.Since.Before(i.MonthEnd.To)):
				t.Fatalf("history %d: %s began %s, outside %+v", n, name(i), i.Since, i.MonthEnd)
			case there && i.Target < was.Target:
				tightened++
			}
		}
	}
	if tightened == 0 {
		t.Error("nothing was tightened: the histories show nothing")
	}
}

// name is what tells the revisions of one case's clocks apart. A promise made in a window alone counts revisions of its own, so it is the moment
// and the terms that do.
func name(i clock.Instance) string {
	return fmt.Sprintf("%s %d from %s at %s by %d and %d", i.Kind, i.Number, i.StartedAt, i.Priority, i.PolicyVersion, i.CalendarVersion)
}

func TestWhatMonthEndMayHold(t *testing.T) {
	t.Parallel()
	usual := map[clock.Kind]map[clock.Priority]clock.Target{clock.Resolution: {clock.P1: clock.Within(8 * time.Hour), clock.P2: clock.WithinDays(5)}}
	of := func(priority clock.Priority, target clock.Target) map[clock.Kind]map[clock.Priority]clock.Target {
		return map[clock.Kind]map[clock.Priority]clock.Target{clock.Resolution: {priority: target}}
	}
	for field, m := range map[string]clock.MonthEnd{
		"month_end.first_days":            {},
		"month_end.last_days":             {LastDays: 11, FirstDays: 1},
		"month_end.targets.resolution.P1": {LastDays: 1, Targets: of(clock.P1, clock.Within(9*time.Hour))},
		"month_end.targets.resolution.P2": {LastDays: 1, Targets: of(clock.P2, clock.Within(time.Hour))}, // days and hours cannot be compared
		"month_end.targets":               {LastDays: 1, Targets: map[clock.Kind]map[clock.Priority]clock.Target{"mood": nil}},
	} {
		err := clock.Policy{Targets: usual, MonthEnd: &m}.Validate()
		if e := (*errs.Error)(nil); !errors.As(err, &e) || len(e.Fields) == 0 || e.Fields[0].Name != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	fine := clock.MonthEnd{LastDays: 3, FirstDays: 2, Targets: of(clock.P1, clock.Within(4*time.Hour))}
	if err := (clock.Policy{Targets: usual, MonthEnd: &fine}).Validate(); err != nil {
		t.Error(err)
	}
}
