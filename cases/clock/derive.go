package clock

import (
	"fmt"
	"slices"
	"time"

	"makegood/internal/errs"
)

// Derive gives every clock instance a case has had up to Now, in the order they were started. It depends on nothing
// but its input, so what is stored can be compared with a recompute. It refuses a history without calendar or
// policy, and a target that the calendar cannot reach within ten years.
func Derive(in History) ([]Instance, error) {
	d := derivation{pin: in.Pin, priority: in.Priority, now: plain(in.Now), numbers: map[Kind]int{}}
	if err := checkPin(&d.pin); err != nil {
		return nil, err
	}
	events := slices.Clone(in.Events)
	slices.SortStableFunc(events, func(a, b Event) int { return a.At.Compare(b.At) })
	for _, e := range events {
		if e.At.After(d.now) {
			break
		}
		if e.Kind == PolicyChanged {
			if err := checkPin(e.Pin); err != nil {
				return nil, err
			}
		}
		e.At = plain(e.At)
		if err := d.apply(e); err != nil {
			return nil, err
		}
	}
	return d.instances()
}

func checkPin(pin *Pin) error {
	if pin == nil || pin.Calendar == nil {
		return errs.InvalidField("calendar", "clock.pin_missing")
	}
	return nil
}

// derivation is the reading of one history.
type derivation struct {
	pin        Pin
	priority   Priority
	now        time.Time
	tracks     []*track
	numbers    map[Kind]int
	waits      []wait
	replied    bool       // the first response was given
	resolved   bool       //
	merged     bool       //
	unanswered *time.Time // oldest customer message that came while resolved
}

func (d *derivation) apply(e Event) error {
	switch e.Kind {
	case Received:
		d.received(e)
	case CustomerMessage:
		d.customerMessage(e)
	case PublicReply:
		d.publicReply(e)
	case Waiting:
		d.wait(e)
	case Resumed:
		d.endWait(e.At)
	case Resolved:
		d.resolve(e)
	case Reopened:
		return d.reopen(e)
	case PriorityChanged:
		d.change(e.At, d.pin, e.Priority)
	case PolicyChanged:
		d.change(e.At, *e.Pin, d.priority)
	case StepOpened:
		d.start(ApprovalStep, e.At, e.Ref)
	case Approved:
		d.start(Posting, e.At, e.Ref)
	case StepDecided:
		d.finish(e, done, ApprovalStep)
	case Posted:
		d.finish(e, done, Posting)
	case Withdrawn:
		d.finish(e, voided, ApprovalStep, Posting)
	case Merged:
		d.merge(e)
	case Unmerged:
		d.unmerge(e)
	default:
		return fmt.Errorf("derive clocks: unknown event %q", e.Kind)
	}
	return nil
}

func (d *derivation) received(e Event) {
	d.replied = d.replied || e.Answered
	for _, kind := range []Kind{FirstResponse, Resolution, Statutory} {
		if d.numbers[kind] == 0 && (kind != FirstResponse || !e.Answered) {
			d.start(kind, e.At, "")
		}
	}
}

// customerMessage starts a next response, unless an older message still waits for an answer. Before the first
// reply the first response covers every message. On a resolved case a message waits for a reopening: "thank you"
// needs no answer.
func (d *derivation) customerMessage(e Event) {
	switch {
	case !d.replied || d.find(NextResponse, going) != nil:
	case d.resolved || d.merged:
		if d.unanswered == nil {
			d.unanswered = &e.At
		}
	default:
		d.start(NextResponse, e.At, "")
	}
}

func (d *derivation) publicReply(e Event) {
	d.replied, d.unanswered = true, nil
	for _, t := range d.tracks {
		if t.kind != FirstResponse && t.kind != NextResponse {
			continue
		}
		if t.stop == going {
			t.finish(e.At, done)
		}
		if t.stop == withCase {
			t.stop = voided // answered while resolved: nothing left to continue
		}
	}
}

// resolve ends resolution and statutory as met. A response still owed is cancelled: it goes on if the case is reopened.
func (d *derivation) resolve(e Event) {
	d.endWait(e.At)
	d.resolved = true
	for _, t := range d.tracks {
		if t.stop != going {
			continue
		}
		if t.kind == Resolution || t.kind == Statutory {
			t.finish(e.At, doneWithCase)
		}
		if t.kind == FirstResponse || t.kind == NextResponse {
			t.finish(e.At, withCase)
		}
	}
}

func (d *derivation) reopen(e Event) error {
	d.resolved = false
	for _, t := range slices.Clone(d.tracks) {
		if t.stop == withCase {
			d.resume(t, e.At)
		}
		if t.stop != doneWithCase {
			continue
		}
		within, err := d.withinWindow(t.end, e.At)
		if err != nil {
			return err
		}
		if within {
			d.resume(t, e.At)
		} else {
			t.stop = done
			d.start(t.kind, e.At, "")
		}
	}
	d.startUnanswered()
	return nil
}

// startUnanswered starts the next response for a message that came while the case was resolved.
func (d *derivation) startUnanswered() {
	if d.unanswered != nil && d.find(NextResponse, going) == nil {
		d.start(NextResponse, *d.unanswered, "")
	}
	d.unanswered = nil
}

// withinWindow tells whether a reopening still continues the old clocks.
func (d *derivation) withinWindow(resolved, reopened time.Time) (bool, error) {
	window := d.pin.Policy.ReopenWithin
	calendar := d.pin.Calendar
	if window.Basis == CalendarTime {
		calendar = Always(calendar.Location())
	}
	end, _, err := calendar.Due(resolved, window.length(resolved, calendar.Location()), nil)
	if err != nil {
		return false, fmt.Errorf("reopen window: %w", err)
	}
	return !reopened.After(end), nil
}

// change puts every open clock under the terms that hold from now on.
func (d *derivation) change(at time.Time, pin Pin, priority Priority) {
	if priority == d.priority && pin.PolicyVersion == d.pin.PolicyVersion && pin.CalendarVersion == d.pin.CalendarVersion {
		return
	}
	d.pin, d.priority = pin, priority
	for _, t := range slices.Clone(d.tracks) {
		if t.stop == going {
			d.replace(t, at)
		}
	}
}

func (d *derivation) replace(t *track, at time.Time) {
	next := t.successor(at, termsOf(t.kind, d.pin, d.priority, t.since), d.waits)
	t.finish(at, replaced)
	d.tracks = append(d.tracks, next)
}

// resume continues a stopped clock, under new terms if they changed in the meantime.
func (d *derivation) resume(t *track, at time.Time) {
	t.resume(at)
	current := termsOf(t.kind, d.pin, d.priority, t.since)
	if !t.terms.same(current) {
		d.replace(t, at)
	}
}

func (t *terms) same(other *terms) bool {
	if t == nil || other == nil {
		return t == other
	}
	return t.priority == other.priority && t.pin.PolicyVersion == other.pin.PolicyVersion &&
		t.pin.CalendarVersion == other.pin.CalendarVersion
}

func (d *derivation) merge(e Event) {
	d.endWait(e.At)
	d.merged = true
	for _, t := range d.tracks {
		if t.stop == going {
			t.finish(e.At, withMerge)
		}
	}
}

func (d *derivation) unmerge(e Event) {
	d.merged = false
	for _, t := range slices.Clone(d.tracks) {
		if t.stop == withMerge {
			d.resume(t, e.At)
		}
	}
	if !d.resolved {
		d.startUnanswered()
	}
}

func (d *derivation) start(kind Kind, at time.Time, ref string) {
	d.numbers[kind]++
	d.tracks = append(d.tracks, &track{
		kind: kind, number: d.numbers[kind], revision: 1, ref: ref, since: at, start: at,
		terms: termsOf(kind, d.pin, d.priority, at),
	})
}

// finish ends the going clocks of the event's step or request.
func (d *derivation) finish(e Event, why stop, kinds ...Kind) {
	for _, t := range d.tracks {
		if t.stop == going && t.ref == e.Ref && slices.Contains(kinds, t.kind) {
			t.finish(e.At, why)
		}
	}
}

func (d *derivation) find(kind Kind, state stop) *track {
	for _, t := range d.tracks {
		if t.kind == kind && t.stop == state {
			return t
		}
	}
	return nil
}

// wait begins a wait in place of the one before; a case at rest does not wait.
func (d *derivation) wait(e Event) {
	d.endWait(e.At)
	if !d.resolved && !d.merged {
		d.waits = append(d.waits, wait{from: e.At, on: e.On})
	}
}

func (d *derivation) endWait(at time.Time) {
	if last := len(d.waits) - 1; last >= 0 && d.waits[last].to == nil {
		d.waits[last].to = &at
	}
}
