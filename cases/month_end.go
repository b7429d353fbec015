package cases

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"makegood/billing"
	"makegood/cases/clock"
	"makegood/internal/access"
	"makegood/internal/db"
)

// Around the end of a month the desk works for the close. When that is, says each policy in force for the legal entities it is for
// (clock.MonthEnd); here stands what holds the close up meanwhile.

// closing is the window of a legal entity that it is in now, and when the month that closes is over.
type closing struct {
	entity billing.EntityID
	window clock.Interval
	ends   time.Time
}

// Closing is a legal entity around the end of a month: until when, how many of its open cases hold the close up, and how many of those would
// slip past it, because their deadline lies behind the window, or they have none at the moment.
type Closing struct {
	EntityID billing.EntityID
	Code     string
	Name     string
	Until    time.Time
	Holding  int
	Slipping int
}

// closings are the legal entities around the end of a month at a moment. Where several policies say so, the longest window is the entity's.
func (s *Service) closings(ctx context.Context, r db.Reader, now time.Time) ([]closing, error) {
	list, err := db.List[matched](ctx, r, `select id, name, position, match from sla_policies where active and jsonb_typeof(definition->'month_end') = 'object' order by id`)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	var all []billing.EntityID // asked for only around the end of a month
	of := map[billing.EntityID]closing{}
	for _, p := range list {
		rules, err := s.rules(ctx, r, p.ID)
		if err != nil {
			return nil, err
		}
		window, over, inside := rules.pin.Calendar.MonthEndWindow(now, *rules.pin.Policy.MonthEnd)
		if !inside {
			continue
		}
		if all == nil {
			if all, err = db.Values[billing.EntityID](ctx, r, `select id from legal_entities order by id`); err != nil {
				return nil, fmt.Errorf("read legal entities: %w", err)
			}
		}
		for _, entity := range all {
			if among(p.Match.Entities, entity) && of[entity].window.To.Before(window.To) {
				of[entity] = closing{entity: entity, window: window, ends: over}
			}
		}
	}
	var found []closing
	for _, c := range of {
		found = append(found, c)
	}
	slices.SortFunc(found, func(a, b closing) int { return cmp.Compare(a.entity, b.entity) })
	return found, nil
}

// closing narrows to what holds up a close: a dispute that is open, a credit that waits for a decision or for its posting, a remittance
// question, of the month that closes. Without any legal entity around the end of a month there is nothing.
func (q *query) closing(list []closing) {
	if len(list) == 0 {
		q.add(`false`)
		return
	}
	entities, ends := make([]int64, len(list)), make([]time.Time, len(list))
	for n, c := range list {
		entities[n], ends[n] = int64(c.entity), c.ends
	}
	q.add(`(c.disputed > 0 or c.credit_state in ('pending', 'returned', 'approved') or c.type = 'remittance')`)
	q.add(`exists (select from unnest(?::bigint[], ?::timestamptz[]) e (id, ends) where e.id = c.entity_id and c.opened_at < e.ends)`, entities, ends)
}

// Closings lists the legal entities around the end of a month that the actor sees, for whoever reads the board.
func (s *Service) Closings(ctx context.Context, by access.Actor) ([]Closing, error) {
	if err := access.Can(by, access.ReadBoard, access.Object{}); err != nil {
		return nil, err
	}
	list, err := s.closings(ctx, s.db, s.db.Now())
	if err != nil {
		return nil, err
	}
	var found []Closing
	for _, c := range list {
		if !by.SeesEntity(int64(c.entity)) {
			continue
		}
		q := &query{}
		q.add(activeOnly)
		q.closing([]closing{c})
		q.args = append(q.args, c.window.To, c.entity)
		one, err := db.One[Closing](ctx, s.db, fmt.Sprintf(`select id as entity_id, code, name, $%d::timestamptz as until,
				(select count(*) from cases c where %s) as holding,
				(select count(*) from cases c where %s and (c.next_due_at is null or c.clock_paused or c.next_due_at > $%d)) as slipping
			from legal_entities where id = $%d`, len(q.args)-1, q.text(), q.text(), len(q.args)-1, len(q.args)), q.args...)
		if err != nil {
			return nil, fmt.Errorf("count what holds up a close: %w", err)
		}
		found = append(found, one)
	}
	return found, nil
}
