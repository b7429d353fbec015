package cases

import (
	"context"
	"fmt"

	"makegood/internal/db"
)

// SeedReasonsTx adds what customers may claim. It is for a new company and for tests.
func (s *Service) SeedReasonsTx(ctx context.Context, tx *db.Tx, reasons []Reason) error {
	for i, r := range reasons {
		if _, err := tx.Exec(ctx, `insert into reason_codes (code, name, case_type, position) values ($1, $2, $3, $4)`,
			r.Code, r.Name, r.CaseType, max(r.Position, i+1)); err != nil {
			return fmt.Errorf("add reason %s: %w", r.Code, err)
		}
	}
	return nil
}

// SeedRootCausesTx adds root causes and gives their ids by code.
func (s *Service) SeedRootCausesTx(ctx context.Context, tx *db.Tx, causes []RootCause) (map[string]int64, error) {
	ids := map[string]int64{}
	for _, c := range causes {
		id, err := db.Value[int64](ctx, tx, `insert into root_causes (code, name, upstream_owner) values ($1, $2, $3) returning id`,
			c.Code, c.Name, c.UpstreamOwner)
		if err != nil {
			return nil, fmt.Errorf("add root cause %s: %w", c.Code, err)
		}
		ids[c.Code] = id
	}
	return ids, nil
}

// CatchUp works the breaches that are due, and closes the cases that have been resolved for long, as timers and sweeper
// would have. It is for a past that is written without a job runner. It answers how many breaches there were.
func (s *Service) CatchUp(ctx context.Context) (int, error) {
	due, err := db.List[CheckClock](ctx, s.db, `select id as clock_id, version, 'breach' as threshold from case_clocks
		where outcome = 'running' and due_at <= $1 order by due_at, id`, s.db.Now())
	if err != nil {
		return 0, fmt.Errorf("find breaches: %w", err)
	}
	for _, c := range due {
		if err := s.checkClock(ctx, c); err != nil {
			return 0, err
		}
	}
	return len(due), s.closeResolved(ctx, len(due)+500)
}
