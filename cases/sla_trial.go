package cases

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"

	"makegood/billing"
	"makegood/cases/clock"
)

// draftTried stands for a draft among the policies in force.
const draftTried = math.MaxInt64

// trial is the policies in force, the same with a draft in the place of its policy, and the terms of each.
type trial struct {
	now, then matching
	pins      map[int64]clock.Pin
}

// trial reads what a draft is tried against.
func (s *Service) trial(ctx context.Context, draft PolicyDraft) (trial, error) {
	now, err := activePolicies(ctx, s.db)
	if err != nil {
		return trial{}, err
	}
	t := trial{now: now, pins: map[int64]clock.Pin{}}
	for _, p := range now {
		r, err := s.rules(ctx, s.db, p.ID)
		if err != nil {
			return trial{}, err
		}
		t.pins[p.ID] = r.pin
		if p.Name != draft.Name {
			t.then = append(t.then, p)
		}
	}
	calendar, err := newestCalendar(ctx, s.db, draft.Calendar)
	if err != nil {
		return trial{}, err
	}
	ready, err := clock.Compile(calendar.Definition)
	if err != nil {
		return trial{}, err
	}
	t.pins[draftTried] = clock.Pin{Policy: draft.Definition, PolicyVersion: foreseen, Calendar: ready, CalendarVersion: calendar.ID}
	t.then = append(t.then, matched{draftTried, draft.Name, draft.Position, draft.Match})
	slices.SortFunc(t.then, func(a, b matched) int { return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.ID, b.ID)) })
	return t, nil
}

func (t trial) try(c Case, customer billing.Customer, h clock.History) tried {
	var out tried
	var err, failed error
	out.now, _, err = t.replay(t.now, c, customer, h)
	out.then, out.matched, failed = t.replay(t.then, c, customer, h)
	out.stuck = errors.Join(err, failed) != nil
	return out
}

// replay derives a case's clocks as if a list of policies had held all the time: whatever it was put under is left out, and each time its
// priority changed the list is asked again. What else decides is the case's present type, amount, legal entity and customer.
func (t trial) replay(list matching, c Case, customer billing.Customer, h clock.History) (clocks []clock.Instance, drafted bool, err error) {
	at := func(p clock.Priority) clock.Pin {
		c.Priority = p
		id := list.match(c, customer)
		if id == nil {
			return noPin()
		}
		drafted = drafted || *id == draftTried
		return t.pins[*id]
	}
	out := clock.History{Pin: at(h.Priority), Priority: h.Priority, Now: h.Now}
	version := out.Pin.PolicyVersion
	for _, e := range h.Events {
		if e.Kind == clock.PolicyChanged {
			continue
		}
		out.Events = append(out.Events, e)
		if e.Kind != clock.PriorityChanged {
			continue
		}
		if pin := at(e.Priority); pin.PolicyVersion != version {
			version = pin.PolicyVersion
			out.Events = append(out.Events, clock.Event{At: e.At, Kind: clock.PolicyChanged, Pin: &pin})
		}
	}
	clocks, err = clock.Derive(out)
	return clocks, drafted, err
}
