package clock

import (
	"fmt"
	"time"
)

// instances draws every promised track as it stands now.
func (d *derivation) instances() ([]Instance, error) {
	list := make([]Instance, 0, len(d.tracks))
	for _, t := range d.tracks {
		if t.terms == nil {
			continue
		}
		i, err := d.instance(t)
		if err != nil {
			return nil, fmt.Errorf("%s clock: %w", t.kind, err)
		}
		list = append(list, i)
	}
	return list, nil
}

func (d *derivation) instance(t *track) (Instance, error) {
	at := d.now
	if t.stop != going {
		at = t.end
	}
	m := t.measure(at, d.waits)
	i := Instance{
		Kind: t.kind, Number: t.number, Revision: t.revision, Ref: t.ref, Priority: t.terms.priority,
		PolicyVersion: t.terms.pin.PolicyVersion, CalendarVersion: t.terms.pin.CalendarVersion,
		StartedAt: t.start, Since: t.since, CarriedOver: t.carried, Basis: t.terms.target.Basis,
		Target: t.terms.target.length(t.since, t.terms.calendar.Location()),
		Used:   m.used, Pauses: m.pauses, MonthEnd: t.terms.window, terms: t.terms,
	}
	i.Remaining = i.Target - i.Used
	due, _, err := t.terms.calendar.Due(t.start, max(0, i.Target-t.carried), intervals(m.pauses))
	if err != nil {
		return Instance{}, err
	}
	i.DueAt = due
	if t.stop == going {
		i.PausedSince, i.ResumesAt = m.pausedSince, m.resumesAt
		i.stands(at)
	} else {
		i.ended(at, t.stop)
	}
	return i, nil
}

// stands sets the outcome of an open clock. The promise is broken at the due moment itself: whatever was due has
// not happened by then, and an event of that very moment would have ended the clock.
func (i *Instance) stands(now time.Time) {
	i.Outcome = Running
	if !now.Before(i.DueAt) {
		i.Outcome = BreachedOpen
		i.breached()
	}
}

// ended sets the outcome of a clock that stopped; at the due moment is in time.
func (i *Instance) ended(at time.Time, why stop) {
	late := at.After(i.DueAt)
	if late {
		i.breached()
	}
	i.EndedAt = &at
	switch why {
	case done, doneWithCase:
		i.Outcome, i.MetAt = Met, &at
		if late {
			i.Outcome = BreachedMetLate
		}
	case replaced:
		i.Outcome = Superseded
	default:
		i.Outcome = Cancelled
	}
}

func (i *Instance) breached() {
	due := i.DueAt
	i.BreachedAt = &due
}
