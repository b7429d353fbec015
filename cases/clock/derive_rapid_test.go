package clock_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"makegood/cases/clock"
)

const reopenWindow = 36 * time.Hour

// slowClock lives through a case minute by minute and keeps its resolution clocks on paper.
type slowClock struct {
	ref      reference
	targets  map[clock.Priority]time.Duration
	limit    time.Duration // of all pauses
	priority clock.Priority

	papers     []*paper
	waiting    clock.WaitingOn
	resolved   bool
	resolvedAt time.Time
}

type paper struct {
	number, revision int
	priority         clock.Priority
	target           time.Duration
	used, paused     time.Duration
	due              time.Time // when the target was used up
	outcome          clock.Outcome
	breached         bool
}

func (s *slowClock) last() *paper { return s.papers[len(s.papers)-1] }

func (s *slowClock) begin(p paper, at time.Time) {
	p.priority, p.target, p.outcome = s.priority, s.targets[s.priority], clock.Running
	s.papers = append(s.papers, &p)
	s.look(at)
}

func (s *slowClock) look(at time.Time) {
	if p := s.last(); p.due.IsZero() && p.used >= p.target {
		p.due = at
	}
}

func (s *slowClock) late(at time.Time) bool { return !s.last().due.IsZero() && s.last().due.Before(at) }

func (s *slowClock) supersede(at time.Time) {
	p := s.last()
	p.outcome, p.breached = clock.Superseded, s.late(at)
	s.begin(paper{number: p.number, revision: p.revision + 1, used: p.used, paused: p.paused}, at)
}

func (s *slowClock) event(e clock.Event) {
	switch e.Kind {
	case clock.Waiting:
		if !s.resolved {
			s.waiting = e.On
		}
	case clock.Resumed:
		s.waiting = ""
	case clock.PriorityChanged:
		changed := s.priority != e.Priority
		s.priority = e.Priority
		if changed && !s.resolved {
			s.supersede(e.At)
		}
	case clock.Resolved:
		s.resolve(e.At)
	case clock.Reopened:
		s.reopen(e.At)
	}
}

func (s *slowClock) resolve(at time.Time) {
	if s.resolved {
		return
	}
	s.waiting, s.resolved, s.resolvedAt = "", true, at
	p := s.last()
	p.outcome, p.breached = clock.Met, s.late(at)
	if p.breached {
		p.outcome = clock.BreachedMetLate
	}
}

func (s *slowClock) reopen(at time.Time) {
	if !s.resolved {
		return
	}
	s.resolved = false
	p := s.last()
	switch {
	case at.Sub(s.resolvedAt) > reopenWindow:
		s.begin(paper{number: p.number + 1, revision: 1}, at)
	case p.priority != s.priority:
		s.supersede(at)
	default:
		p.outcome = clock.Running
	}
}

func (s *slowClock) minute(at time.Time) {
	if s.resolved || !s.ref.works(at) {
		return
	}
	p := s.last()
	if s.waiting == clock.OnCustomer && (s.limit == 0 || p.paused < s.limit) {
		p.paused += time.Minute
		return
	}
	p.used += time.Minute
	s.look(at.Add(time.Minute))
}

func (s *slowClock) live(events []clock.Event, now time.Time) {
	start := events[0].At
	s.begin(paper{number: 1, revision: 1}, start)
	events = events[1:]
	for at := start; !at.After(now); at = at.Add(time.Minute) {
		for len(events) > 0 && events[0].At.Equal(at) {
			s.event(events[0])
			events = events[1:]
		}
		if at.Before(now) {
			s.minute(at)
		}
	}
	if p := s.last(); p.outcome == clock.Running && !p.due.IsZero() {
		p.outcome, p.breached = clock.BreachedOpen, true
	}
}

func drawEvents(t *rapid.T, at time.Time) ([]clock.Event, time.Time) {
	events := []clock.Event{{At: at, Kind: clock.Received}}
	for range rapid.IntRange(0, 8).Draw(t, "events") {
		at = at.Add(time.Duration(rapid.IntRange(0, 1500).Draw(t, "after")) * time.Minute)
		e := clock.Event{At: at, Kind: rapid.SampledFrom([]clock.EventKind{
			clock.Waiting, clock.Waiting, clock.Resumed, clock.Resolved, clock.Reopened, clock.Reopened, clock.PriorityChanged,
		}).Draw(t, "kind")}
		e.On = rapid.SampledFrom([]clock.WaitingOn{clock.OnCustomer, clock.OnCustomer, clock.OnUpstream}).Draw(t, "on")
		e.Priority = rapid.SampledFrom([]clock.Priority{clock.P1, clock.P2}).Draw(t, "priority")
		events = append(events, e)
	}
	return events, at.Add(time.Duration(rapid.IntRange(0, 1500).Draw(t, "now")) * time.Minute)
}

// The resolution clocks of a case are those of someone who watched it minute by minute.
func TestResolutionAgainstMinutes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		from := drawBase(t)
		slow := slowClock{ref: drawCalendar(t, from), priority: clock.P1, targets: map[clock.Priority]time.Duration{}}
		policy := clock.Policy{
			Targets:      map[clock.Kind]map[clock.Priority]clock.Target{clock.Resolution: {}},
			ReopenWithin: clock.WithinCalendar(reopenWindow),
		}
		for _, priority := range []clock.Priority{clock.P1, clock.P2} {
			slow.targets[priority] = time.Duration(rapid.IntRange(0, 2000).Draw(t, "target")) * time.Minute
			policy.Targets[clock.Resolution][priority] = clock.Within(slow.targets[priority])
		}
		if rapid.Bool().Draw(t, "capped") {
			slow.limit = time.Duration(rapid.IntRange(1, 600).Draw(t, "cap")) * time.Minute
			policy.Pauses = map[clock.Kind]clock.PauseRule{
				clock.Resolution: {On: []clock.WaitingOn{clock.OnCustomer}, Cap: clock.Length(slow.limit)},
			}
		}
		ready, err := clock.Compile(slow.ref.calendar)
		if err != nil {
			t.Fatal(err)
		}
		events, now := drawEvents(t, from)
		pin := clock.Pin{Policy: policy, PolicyVersion: 1, Calendar: ready, CalendarVersion: 1}
		got, err := clock.Derive(clock.History{Events: events, Pin: pin, Priority: clock.P1, Now: now})
		if err != nil {
			return // the calendar has no hours left to reach the target in
		}
		slow.live(events, now)
		compare(t, got, slow.papers)
	})
}

func compare(t *rapid.T, got []clock.Instance, want []*paper) {
	if len(got) != len(want) {
		t.Fatalf("%d instances, want %d", len(got), len(want))
	}
	for n, i := range got {
		p := want[n]
		if i.Number != p.number || i.Revision != p.revision || i.Priority != p.priority || i.Outcome != p.outcome {
			t.Fatalf("got %+v, want %+v", i, p)
		}
		if i.Used != p.used || i.Remaining != p.target-p.used || (i.BreachedAt != nil) != p.breached {
			t.Fatalf("used %s breached %v, want %s %v", i.Used, i.BreachedAt, p.used, p.breached)
		}
		if !p.due.IsZero() && !i.DueAt.Equal(p.due) {
			t.Fatalf("due %s, want %s", i.DueAt, p.due)
		}
		agree(t, i)
	}
}

// agree checks what an instance says in more than one place.
func agree(t *rapid.T, i clock.Instance) {
	e, err := i.Explain()
	if err != nil || !e.Due.Equal(i.DueAt) {
		t.Fatalf("explained as due %s (%v), derived %s", e.Due, err, i.DueAt)
	}
	last := i.StartedAt
	for _, th := range clock.Thresholds(i) {
		if th.At.Before(last) || th.At.After(i.DueAt) {
			t.Fatalf("threshold %+v out of order", th)
		}
		last = th.At
	}
	if i.PausedSince != nil && i.Outcome == clock.Running && i.ResumesAt == nil && len(clock.Thresholds(i)) > 0 {
		t.Fatalf("a paused clock has thresholds: %+v", i)
	}
}
