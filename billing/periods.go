package billing

import (
	"context"
	"fmt"
	"slices"
	"time"

	"makegood/internal/access"
	"makegood/internal/db"
)

// PeriodQuery asks for months of several entities; no entities mean all that the actor may see. From and Until are any
// day of the first and the last month.
type PeriodQuery struct {
	EntityIDs   []EntityID
	From, Until time.Time
	By          Actor
}

const maxMonths = 120

// EntityPeriods is an entity's row in the grid of months.
type EntityPeriods struct {
	Entity  Entity
	Periods []Period // one for each month asked for, oldest first
}

// Periods reads the grid of months and entities, with requests to reopen that wait for a second person. At most ten years
// of months are given.
func (s *Service) Periods(ctx context.Context, q PeriodQuery) ([]EntityPeriods, error) {
	if err := access.Can(q.By, access.ReadBooks, access.Object{}); err != nil {
		return nil, err
	}
	from, until := firstOfMonth(q.From), firstOfMonth(q.Until)
	if earliest := until.AddDate(0, 1-maxMonths, 0); from.Before(earliest) {
		from = earliest
	}
	entities, err := listEntities(ctx, s.db)
	if err != nil {
		return nil, err
	}
	entities = slices.DeleteFunc(entities, func(e Entity) bool {
		return !q.By.SeesEntity(int64(e.ID)) || len(q.EntityIDs) > 0 && !slices.Contains(q.EntityIDs, e.ID)
	})
	known, err := periodsBetween(ctx, s.db, from, until)
	if err != nil {
		return nil, err
	}
	grid := make([]EntityPeriods, len(entities))
	for i, e := range entities {
		grid[i].Entity = e
		for month := from; !month.After(until); month = month.AddDate(0, 1, 0) {
			p, there := known[periodKey{e.ID, month}]
			if !there {
				p = Period{EntityID: e.ID, Month: month, State: PeriodOpen}
			}
			grid[i].Periods = append(grid[i].Periods, p)
		}
	}
	return grid, nil
}

type periodKey struct {
	entity EntityID
	month  time.Time
}

func periodsBetween(ctx context.Context, r db.Reader, from, until time.Time) (map[periodKey]Period, error) {
	type row struct {
		Period
		Reopened bool
	}
	rows, err := db.List[row](ctx, r, `select `+periodColumns+`,
			exists (select from period_history h where h.entity_id = p.entity_id and h.month = p.month and h.reopening_id is not null) as reopened
		from periods p where month between $1 and $2`, from, until)
	if err != nil {
		return nil, fmt.Errorf("read periods: %w", err)
	}
	asked, err := db.List[Reopening](ctx, r, `select `+reopeningColumns+` from period_reopenings
		where month between $1 and $2 and confirmed_at is null and withdrawn_at is null`, from, until)
	if err != nil {
		return nil, fmt.Errorf("read reopenings: %w", err)
	}
	known := make(map[periodKey]Period, len(rows))
	for _, row := range rows {
		p := row.Period
		p.Reopened = row.Reopened
		for i, a := range asked {
			if a.EntityID == p.EntityID && a.Month.Equal(p.Month) {
				p.Reopening = &asked[i]
			}
		}
		known[periodKey{p.EntityID, p.Month}] = p
	}
	return known, nil
}

// PeriodOf reads one month of an entity's books; month is any day of it. What is out of the actor's scope is not there.
func (s *Service) PeriodOf(ctx context.Context, entity EntityID, month time.Time, by Actor) (Period, error) {
	if err := access.Can(by, access.ReadBooks, access.Object{EntityID: int64(entity)}); err != nil {
		return Period{}, err
	}
	if _, err := s.EntityByID(ctx, s.db, entity); err != nil {
		return Period{}, err
	}
	month = firstOfMonth(month)
	known, err := periodsBetween(ctx, s.db, month, month)
	if err != nil {
		return Period{}, err
	}
	if p, there := known[periodKey{entity, month}]; there {
		return p, nil
	}
	return Period{EntityID: entity, Month: month, State: PeriodOpen}, nil
}

// PeriodStep is a move in a month's history. Of a reopening RequestedBy names the first person, ChangedBy the second.
type PeriodStep struct {
	FromState       PeriodState
	ToState         PeriodState
	Version         int
	ChangedAt       time.Time
	ChangedBy       int64
	ChangedByName   string
	Reason          string
	RequestedBy     int64
	RequestedByName string
}

// PeriodHistory lists what was done with a month, oldest first.
func (s *Service) PeriodHistory(ctx context.Context, entity EntityID, month time.Time, by Actor) ([]PeriodStep, error) {
	if err := access.Can(by, access.ReadBooks, access.Object{EntityID: int64(entity)}); err != nil {
		return nil, err
	}
	steps, err := db.List[PeriodStep](ctx, s.db, `select h.from_state, h.to_state, h.version, h.changed_at, h.changed_by, h.changed_by_name, h.reason,
			coalesce(r.requested_by, 0) as requested_by, coalesce(r.requested_by_name, '') as requested_by_name
		from period_history h left join period_reopenings r on r.id = h.reopening_id
		where h.entity_id = $1 and h.month = $2 order by h.version`, entity, firstOfMonth(month))
	if err != nil {
		return nil, fmt.Errorf("read period's history: %w", err)
	}
	return steps, nil
}
