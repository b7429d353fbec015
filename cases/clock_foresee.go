package cases

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"makegood/cases/clock"
	"makegood/internal/access"
	"makegood/internal/db"
)

// ClockMove is one running clock whose deadline would be another. A nil moment is a clock that is not promised, or stands still.
type ClockMove struct {
	CaseID  ID
	Number  string
	Subject string
	Kind    clock.Kind
	Before  *time.Time
	After   *time.Time
}

// ClockMoves is what a change would do to the clocks that run. The cases are those under it that the actor sees, the
// newest movesLookedAt of them.
type ClockMoves struct {
	Cases   int // looked at that would get other terms
	Clocks  int // whose deadline would be another
	Earlier int
	Later   int
	Late    int // would be late at once and are not now
	Stuck   int // cases whose clocks the new terms cannot count
	More    bool
	First   []ClockMove
}

const (
	// movesLookedAt bounds a preview: it answers while somebody waits.
	movesLookedAt = 2000
	movesShown    = 50
	// foreseen stands for the version that a change would make.
	foreseen = -1
)

// foreseeMoves derives the clocks of the open cases under some policies as they are, and as they would be under the policies' pins from now on.
func (s *Service) foreseeMoves(ctx context.Context, by access.Actor, pins map[int64]clock.Pin) (ClockMoves, error) {
	var moves ClockMoves
	policies := slices.Collect(maps.Keys(pins))
	last := ID(1 << 62)
	for looked := 0; ; {
		list, err := db.List[Case](ctx, s.db, `select `+caseColumns+` from cases where status in ('new','open','waiting') and id < $1 and policy_id = any($3)
			and (entity_id is null or coalesce(cardinality($4::bigint[]), 0) = 0 or entity_id = any($4)) order by id desc limit $2`, last, movedAtOnce, policies, by.EntityIDs)
		if err != nil {
			return moves, fmt.Errorf("read open cases: %w", err)
		}
		if looked += len(list); looked > movesLookedAt {
			moves.More = true
			return moves, nil
		}
		if len(list) > 0 {
			last = list[len(list)-1].ID
			if err := s.foreseePiece(ctx, list, pins, &moves); err != nil {
				return moves, err
			}
		}
		if len(list) < movedAtOnce {
			return moves, nil
		}
	}
}

func (s *Service) foreseePiece(ctx context.Context, list []Case, pins map[int64]clock.Pin, moves *ClockMoves) error {
	ids := make([]ID, len(list))
	for n, c := range list {
		ids[n] = c.ID
	}
	histories, err := s.histories(ctx, ids)
	if err != nil {
		return err
	}
	moves.Cases += len(list)
	for _, c := range list {
		moves.compare(c, histories[c.ID], pins[*c.PolicyID])
	}
	return nil
}

// histories are those of several cases, read together.
func (s *Service) histories(ctx context.Context, ids []ID) (map[ID]clock.History, error) {
	rows, err := clockRows(ctx, s.db, ids...)
	if err != nil {
		return nil, err
	}
	events := map[string][]clockRow{}
	for _, row := range rows {
		events[row.Stream] = append(events[row.Stream], row)
	}
	all := make(map[ID]clock.History, len(ids))
	for _, id := range ids {
		if all[id], err = s.history(ctx, s.db, events[id.Topic()], s.db.Now()); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// compare counts how the deadlines of a case's running clocks would move.
func (m *ClockMoves) compare(c Case, h clock.History, pin clock.Pin) {
	now, err := clock.Derive(h)
	if err == nil {
		h.Events = append(slices.Clip(h.Events), clock.Event{At: h.Now, Kind: clock.PolicyChanged, Pin: &pin})
	}
	then, failed := clock.Derive(h)
	if err != nil || failed != nil {
		m.Stuck++
		return
	}
	before, after := running(now), running(then)
	for _, i := range slices.Concat(now, then) { // in the order people read them
		name := lineage{i.Kind, i.Number, subjectOf(i.Ref)}
		b, had := before[name]
		a, has := after[name]
		delete(before, name)
		delete(after, name)
		if had || has {
			m.move(c, name.kind, dueOf(b), dueOf(a))
			m.Late += map[bool]int{true: 1}[b.Outcome != clock.BreachedOpen && a.Outcome == clock.BreachedOpen]
		}
	}
}

func (m *ClockMoves) move(c Case, kind clock.Kind, before, after *time.Time) {
	if sameTime(before, after) {
		return
	}
	m.Clocks++
	if before != nil && after != nil {
		m.Earlier += map[bool]int{true: 1}[after.Before(*before)]
		m.Later += map[bool]int{true: 1}[after.After(*before)]
	}
	if len(m.First) < movesShown {
		m.First = append(m.First, ClockMove{c.ID, c.Number, c.Subject, kind, before, after})
	}
}

// dueOf is when an open clock is due; nil when it does not run.
func dueOf(i clock.Instance) *time.Time {
	if i.Kind == "" || floating(i) {
		return nil
	}
	return &i.DueAt
}

// running are the open clocks by what names them.
func running(list []clock.Instance) map[lineage]clock.Instance {
	open := map[lineage]clock.Instance{}
	for _, i := range list {
		if i.Outcome.Open() {
			open[lineage{i.Kind, i.Number, subjectOf(i.Ref)}] = i
		}
	}
	return open
}
