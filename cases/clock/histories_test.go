package clock_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"makegood/cases/clock"
	"makegood/internal/raced"
)

// The number of random histories, and the first of them: each has its number as the seed, so a failure names what to
// run again. The long run is: go test ./cases/clock -run TestHistories -histories 1000000 -timeout 0
var (
	histories    = flag.Int("histories", 5_000, "random histories that TestHistories lives through")
	firstHistory = flag.Int("first-history", 0, "the number of the first of them")
)

// perWorld is how many histories share calendars and policies: writing these down minute by minute takes longer than a history.
const perWorld = 100

// happening is an event at a minute of the world; calendar and policy say what a PolicyChanged pins.
type happening struct {
	minute           int
	event            clock.Event
	calendar, policy int
}

// story is one random case: what held at first, what happened, and when somebody looks.
type story struct {
	happenings       []happening
	calendar, policy int
	priority         clock.Priority
	now              int
}

// The clocks of every case are those of somebody who watched it minute by minute, of every kind, through everything
// that may happen to a case.
func TestHistories(t *testing.T) {
	t.Parallel()
	first, last := *firstHistory, *firstHistory+raced.Runs(*histories)
	var w *world
	for n := first; n < last; n++ {
		if n == first || n%perWorld == 0 {
			w = makeWorld(t, rand.New(rand.NewPCG(1, uint64(n/perWorld))))
		}
		r := rand.New(rand.NewPCG(2, uint64(n)))
		s := w.story(r)
		if fault := w.check(s, n%16 == 0); fault != "" {
			t.Fatalf("history %d: %s\n%s", n, fault, w.describe(s))
		}
	}
}

func (w *world) check(s story, explained bool) string {
	got, err := clock.Derive(w.history(s))
	if err != nil {
		return err.Error()
	}
	slow := desk{world: w, policy: s.policy, calendar: s.calendar, priority: s.priority, numbers: map[clock.Kind]int{}}
	slow.live(s)
	return slow.compare(got, explained)
}

func (w *world) pin(policy, calendar int) clock.Pin {
	return clock.Pin{
		Policy: w.policies[policy], PolicyVersion: int64(policy + 1),
		Calendar: w.calendars[calendar].compiled, CalendarVersion: int64(calendar + 1),
	}
}

func (w *world) history(s story) clock.History {
	h := clock.History{Pin: w.pin(s.policy, s.calendar), Priority: s.priority, Now: w.at(s.now)}
	for _, e := range s.happenings {
		if e.event.Kind == clock.PolicyChanged {
			pin := w.pin(e.policy, e.calendar)
			e.event.Pin = &pin
		}
		e.event.At = w.at(e.minute)
		h.Events = append(h.Events, e.event)
	}
	return h
}

// story draws a case. What cannot happen to a case that was merged away is left out; everything else comes in any order.
func (w *world) story(r *rand.Rand) story {
	at := r.IntN(4 * 24 * 60)
	s := story{
		calendar: r.IntN(len(w.calendars)), policy: r.IntN(len(w.policies)), priority: pick(r, priorities()...),
		happenings: []happening{{minute: at, event: clock.Event{Kind: clock.Received, Answered: r.IntN(8) == 0}}},
	}
	merged := false
	for range r.IntN(15) {
		if at += wait(r); at >= worldMinutes/2 {
			break
		}
		h := happening{minute: at, policy: r.IntN(len(w.policies)), calendar: r.IntN(len(w.calendars))}
		h.event = clock.Event{
			Kind: pick(r, anything(merged)...), On: pick(r, clock.WaitingOns()...), Priority: pick(r, priorities()...), Ref: pick(r, "1", "2"),
		}
		switch h.event.Kind {
		case clock.Merged:
			merged = true
		case clock.Unmerged:
			merged = false
		}
		s.happenings = append(s.happenings, h)
	}
	s.now = min(at, worldMinutes/2) + wait(r)
	return s
}

// wait is how many minutes pass: often none, mostly less than a day.
func wait(r *rand.Rand) int {
	longest := pick(r, 1, 60, 60, 600, 1500, 4000)
	return r.IntN(longest)
}

func anything(merged bool) []clock.EventKind {
	if merged {
		return []clock.EventKind{
			clock.Unmerged, clock.Unmerged, clock.CustomerMessage, clock.PriorityChanged, clock.PolicyChanged,
			clock.StepDecided, clock.Posted, clock.Withdrawn, clock.Merged,
		}
	}
	return []clock.EventKind{
		clock.CustomerMessage, clock.CustomerMessage, clock.PublicReply, clock.PublicReply, clock.Waiting, clock.Waiting, clock.Waiting,
		clock.Resumed, clock.Resumed, clock.Resolved, clock.Resolved, clock.Reopened, clock.Reopened, clock.PriorityChanged, clock.PriorityChanged,
		clock.PolicyChanged, clock.PolicyChanged, clock.StepOpened, clock.StepDecided, clock.Approved, clock.Posted, clock.Withdrawn,
		clock.Merged, clock.Unmerged, clock.Received,
	}
}

func (w *world) describe(s story) string {
	text := fmt.Sprintf("calendar %d policy %d %s\n", s.calendar, s.policy, s.priority)
	for _, h := range s.happenings {
		text += fmt.Sprintf("%5d %s %s on=%s prio=%s ref=%s policy=%d calendar=%d\n", h.minute, w.at(h.minute).Format(time.RFC3339),
			h.event.Kind, h.event.On, h.event.Priority, h.event.Ref, h.policy, h.calendar)
	}
	text += fmt.Sprintf("%5d %s now\n", s.now, w.at(s.now).Format(time.RFC3339))
	for n, c := range w.calendars {
		text += fmt.Sprintf("calendar %d: %+v\n", n, c.compiled.Calendar())
	}
	for n, p := range w.policies {
		text += fmt.Sprintf("policy %d: %+v\n", n, p)
	}
	return text
}
