package cases

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"makegood/billing"
	"makegood/cases/clock"
	"makegood/internal/db"
)

// candidate is a policy that is tried in its place.
type candidate struct {
	id       int64
	position int
	match    Match
	pin      clock.Pin
}

// trial is the policies in force, and the same with a draft in the place of its policy.
type trial struct{ now, then []candidate }

// trial reads what a draft is tried against.
func (s *Service) trial(ctx context.Context, draft PolicyDraft) (trial, error) {
	list, err := db.List[struct {
		ID       int64
		Name     string
		Position int
		Match    Match
	}](ctx, s.db, `select id, name, position, match from sla_policies where active order by position, id`)
	if err != nil {
		return trial{}, fmt.Errorf("read policies: %w", err)
	}
	var t trial
	for _, p := range list {
		r, err := s.rules(ctx, s.db, p.ID)
		if err != nil {
			return trial{}, err
		}
		one := candidate{p.ID, p.Position, p.Match, r.pin}
		t.now = append(t.now, one)
		if p.Name != draft.Name {
			t.then = append(t.then, one)
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
	t.then = append(t.then, candidate{math.MaxInt64, draft.Position, draft.Match, clock.Pin{
		Policy: draft.Definition, PolicyVersion: foreseen, Calendar: ready, CalendarVersion: calendar.ID,
	}})
	slices.SortFunc(t.then, func(a, b candidate) int { return cmp.Or(cmp.Compare(a.position, b.position), cmp.Compare(a.id, b.id)) })
	return t, nil
}

func (t trial) try(c Case, customer billing.Customer, h clock.History) tried {
	var out tried
	var err, failed error
	out.now, _, err = replay(t.now, c, customer, h)
	out.then, out.matched, failed = replay(t.then, c, customer, h)
	out.stuck = errors.Join(err, failed) != nil
	return out
}

// replay derives a case's clocks as if a list of policies had held all the time: whatever it was put under is left out, and each time its
// priority changed the list is asked again. What else decides is the case's present type, amount, legal entity and customer.
func replay(list []candidate, c Case, customer billing.Customer, h clock.History) (clocks []clock.Instance, drafted bool, err error) {
	at := func(p clock.Priority) clock.Pin {
		c.Priority = p
		for _, one := range list {
			if one.match.holds(c, customer) {
				drafted = drafted || one.id == math.MaxInt64
				return one.pin
			}
		}
		return noPin()
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
