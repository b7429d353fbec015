package reports

import (
	"context"
	"fmt"
	"time"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/db"
)

// ClockSpan is the stretch the tightest running clock of a case covers, to draw how much of it has gone.
type ClockSpan struct {
	CaseID    cases.ID
	Kind      string
	StartedAt time.Time
	DueAt     time.Time
}

// ClockSpans reads the spans for one page of the queue.
func (f *CaseFiles) ClockSpans(ctx context.Context, ids []cases.ID) (map[cases.ID]ClockSpan, error) {
	rows, err := db.List[ClockSpan](ctx, f.db, `select distinct on (case_id) case_id, kind, started_at, due_at from case_clocks
		where case_id = any ($1) and outcome in ('running', 'breached_open') and due_at is not null order by case_id, due_at, id`, ids)
	if err != nil {
		return nil, fmt.Errorf("read clock spans: %w", err)
	}
	spans := make(map[cases.ID]ClockSpan, len(rows))
	for _, r := range rows {
		spans[r.CaseID] = r
	}
	return spans, nil
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
