package reports

import (
	"context"
	"fmt"
	"time"

	"makegood/cases"
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
