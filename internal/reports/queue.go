package reports

import (
	"context"
	"fmt"
	"sync"
	"time"

	"makegood/cases"
	"makegood/cases/clock"
	"makegood/internal/access"
	"makegood/internal/db"
)

// QueueClock is how the tightest running clock of a case stands, in counted time as the case itself shows it.
type QueueClock struct {
	Left  time.Duration // negative when over
	Total time.Duration
	Runs  bool // time counts at this moment
}

// promises keeps what policy versions promise, made ready. A version never changes, so it is kept once read.
type promises struct {
	mu   sync.Mutex
	byID map[int64]promise
}

type promise struct {
	policy   clock.Policy
	calendar *clock.Compiled
}

// counted is the calendar a clock of this kind is counted in.
func (p promise) counted(kind clock.Kind, priority clock.Priority) *clock.Compiled {
	if p.policy.Targets[kind][priority].Basis == clock.CalendarTime {
		return clock.Always(p.calendar.Location())
	}
	return p.calendar
}

type spanRow struct {
	CaseID        cases.ID
	SubjectID     int64
	Kind          clock.Kind
	Priority      clock.Priority
	PolicyID      int64
	TargetSeconds int64
	DueAt         time.Time
}

// QueueClocks reads the tightest clock of each case on a page of the queue. A clock that stands still is not in the map.
func (f *CaseFiles) QueueClocks(ctx context.Context, ids []cases.ID) (map[cases.ID]QueueClock, error) {
	rows, err := db.List[spanRow](ctx, f.db, `select distinct on (case_id) case_id, subject_id, kind, priority, policy_id, target_seconds, due_at
		from case_clocks where case_id = any ($1) and outcome in ('running', 'breached_open') and due_at is not null
		order by case_id, due_at, id`, ids)
	if err != nil {
		return nil, fmt.Errorf("read clocks of the queue: %w", err)
	}
	if err := f.know(ctx, rows); err != nil {
		return nil, err
	}
	faces := make(map[cases.ID]QueueClock, len(rows))
	for _, r := range rows {
		faces[r.CaseID] = f.face(r)
	}
	return faces, nil
}

// StepClocks reads the clocks of steps of approval, as the cases they are in show them. What has no clock is not in the map.
func (f *CaseFiles) StepClocks(ctx context.Context, in []cases.ID, steps []int64) (map[int64]QueueClock, error) {
	if len(steps) == 0 {
		return map[int64]QueueClock{}, nil
	}
	rows, err := db.List[spanRow](ctx, f.db, `select distinct on (subject_id) case_id, subject_id, kind, priority, policy_id, target_seconds, due_at
		from case_clocks where case_id = any ($1) and kind = 'approval_step' and subject_id = any ($2) and outcome in ('running', 'breached_open') and due_at is not null
		order by subject_id, instance desc, revision desc`, in, steps)
	if err != nil {
		return nil, fmt.Errorf("read clocks of steps: %w", err)
	}
	if err := f.know(ctx, rows); err != nil {
		return nil, err
	}
	faces := make(map[int64]QueueClock, len(rows))
	for _, r := range rows {
		faces[r.SubjectID] = f.face(r)
	}
	return faces, nil
}

// face is how a clock stands now, in the time it is counted in.
func (f *CaseFiles) face(r spanRow) QueueClock {
	now, calendar := f.db.Now(), f.promise(r.PolicyID).counted(r.Kind, r.Priority)
	face := QueueClock{Total: time.Duration(r.TargetSeconds) * time.Second, Runs: calendar.Elapsed(now, now.Add(time.Second)) > 0}
	if face.Left = calendar.Elapsed(now, r.DueAt); r.DueAt.Before(now) {
		face.Left = -calendar.Elapsed(r.DueAt, now)
	}
	return face
}

func (f *CaseFiles) promise(id int64) promise {
	f.promises.mu.Lock()
	defer f.promises.mu.Unlock()
	return f.promises.byID[id]
}

// know reads the policies of these clocks that were not seen before.
func (f *CaseFiles) know(ctx context.Context, clocks []spanRow) error {
	f.promises.mu.Lock()
	defer f.promises.mu.Unlock()
	missing := []int64{}
	for _, r := range clocks {
		if _, known := f.promises.byID[r.PolicyID]; !known {
			missing = append(missing, r.PolicyID)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	rows, err := db.List[struct {
		ID         int64
		Definition clock.Policy
		Calendar   clock.Calendar
	}](ctx, f.db, `select p.id, p.definition, k.definition as calendar from sla_policies p join calendars k on k.id = p.calendar_id
		where p.id = any ($1)`, missing)
	if err != nil {
		return fmt.Errorf("read policies: %w", err)
	}
	for _, r := range rows {
		calendar, err := clock.Compile(r.Calendar)
		if err != nil {
			return fmt.Errorf("calendar of policy %d: %w", r.ID, err)
		}
		f.promises.byID[r.ID] = promise{policy: r.Definition, calendar: calendar}
	}
	return nil
}

// Colleagues lists who a case can be given to.
func (f *CaseFiles) Colleagues(ctx context.Context, by access.Actor) ([]Colleague, error) {
	if err := access.Can(by, access.ReadCases, access.Object{}); err != nil {
		return nil, err
	}
	list, err := db.List[Colleague](ctx, f.db, `select u.id, u.name, u.away, u.roles from users u
		where u.active and u.roles && array['agent', 'senior', 'supervisor', 'controller'] order by u.name limit 200`)
	if err != nil {
		return nil, fmt.Errorf("list colleagues: %w", err)
	}
	return list, nil
}
