package clock

import (
	"slices"
	"time"
)

// terms are what one revision of a clock is measured by. Without a promise there are none.
type terms struct {
	pin      Pin
	priority Priority
	target   Target
	rule     PauseRule
	calendar *Compiled
	warnings []int
	window   *Interval // around the end of a month, whose terms these are; nil for the usual ones
}

// termsOf finds what is promised for a kind of clock that began at a moment, nil when nothing is.
func termsOf(kind Kind, pin Pin, priority Priority, since time.Time) *terms {
	target, window, found := pin.targetAt(kind, priority, since)
	if !found {
		return nil
	}
	calendar := pin.Calendar
	if target.Basis == CalendarTime {
		calendar = Always(pin.Calendar.Location())
	}
	return &terms{
		pin: pin, priority: priority, target: target, rule: pin.Policy.Pause(kind),
		calendar: calendar, warnings: pin.Policy.Warnings(), window: window,
	}
}

// stop says why a track no longer counts.
type stop string

const (
	going        stop = ""
	done         stop = "done"
	voided       stop = "voided"
	replaced     stop = "replaced"
	withCase     stop = "with_case" // cancelled because the case was resolved
	withMerge    stop = "with_merge"
	doneWithCase stop = "done_with_case" // the case was resolved, which is what the clock asked for
)

// track is one revision of one clock while the events are read.
type track struct {
	kind             Kind
	number, revision int
	ref              string
	since, start     time.Time
	carried          time.Duration // used by earlier revisions
	carriedPause     time.Duration // of the cap
	terms            *terms
	gaps             []Interval // resolved or merged away in between
	stop             stop
	end              time.Time // when stopped
}

// wait is a stretch in which the case waited; open while to is nil.
type wait struct {
	from time.Time
	to   *time.Time
	on   WaitingOn
}

// resume makes a stopped track count again; the time in between is left out, except by a clock that never pauses.
func (t *track) resume(at time.Time) {
	if !t.kind.neverPauses() {
		t.gaps = append(t.gaps, Interval{From: t.end, To: at})
	}
	t.stop, t.end = going, time.Time{}
}

func (t *track) finish(at time.Time, why stop) { t.stop, t.end = why, at }

// successor goes on under other terms from at, and keeps the time used.
func (t *track) successor(at time.Time, next *terms, waits []wait) *track {
	s := &track{
		kind: t.kind, number: t.number, revision: t.revision + 1, ref: t.ref, since: t.since, start: at,
		carried: t.carried, carriedPause: t.carriedPause, terms: next,
	}
	measuredBy := *t
	if t.terms == nil { // nothing was promised until now: the time used is counted by the terms that come
		measuredBy.terms = next
		s.revision = t.revision
	}
	if measuredBy.terms == nil {
		s.start, s.gaps = t.start, t.gaps
		return s
	}
	m := measuredBy.measure(at, waits)
	s.carried, s.carriedPause = m.used, m.paused
	return s
}

// measured is what a track has come to at a moment.
type measured struct {
	used, paused time.Duration
	pauses       []Pause
	pausedSince  *time.Time
	resumesAt    *time.Time
}

// measure counts a track up to a moment at which it is counting or ends.
func (t *track) measure(at time.Time, waits []wait) measured {
	m := measured{paused: t.carriedPause}
	for _, w := range waits {
		if !t.terms.pauses(w.on) || !w.from.Before(at) || (w.to != nil && !w.to.After(t.start)) {
			continue
		}
		t.pause(&m, w, at)
	}
	for _, gap := range t.gaps {
		m.pauses = append(m.pauses, Pause{Interval: gap})
	}
	holes := joined(intervals(m.pauses))
	m.used = t.carried + t.terms.calendar.elapsedWithout(Interval{From: t.start, To: at}, holes)
	return m
}

// pause adds what a wait stands the track still, as far as the cap allows.
func (t *track) pause(m *measured, w wait, at time.Time) {
	open := (w.to == nil || w.to.After(at)) && t.stop == going
	p := Interval{From: later(w.from, t.start), To: at}
	if w.to != nil {
		p.To = earlier(*w.to, at)
	}
	capEnd := t.capEnd(m, p.From)
	switch {
	case open && (capEnd == nil || capEnd.After(at)):
		since := p.From
		m.pausedSince = &since
		if capEnd != nil {
			m.resumesAt, p.To = capEnd, *capEnd
		}
	case capEnd != nil:
		p.To = earlier(p.To, *capEnd)
	}
	if p.empty() {
		return
	}
	m.paused += t.terms.calendar.Elapsed(p.From, earlier(p.To, at))
	m.pauses = append(m.pauses, Pause{Interval: p, On: w.on})
}

// capEnd is when a pause that begins at from uses up what is left of the cap, nil without a cap.
func (t *track) capEnd(m *measured, from time.Time) *time.Time {
	limit := time.Duration(t.terms.rule.Cap)
	if limit == 0 {
		return nil
	}
	end, _, err := t.terms.calendar.Due(from, max(0, limit-m.paused), nil)
	if err != nil {
		return nil // the calendar holds less working time than the cap
	}
	return &end
}

func (t *terms) pauses(on WaitingOn) bool {
	return slices.Contains(t.rule.On, on)
}
