package cases

import (
	"context"
	"fmt"
	"slices"
	"time"

	"makegood/cases/escalation"
	"makegood/internal/access"
	"makegood/internal/db"
)

// sweepClocks is the net under the timers: it works clocks that are due without anybody told, gives those without a
// timer theirs (those late too, as long as their ladder goes on), brings back what was put off, and closes cases long resolved. Each run does a bounded piece.
func (s *Service) sweepClocks(ctx context.Context, _ SweepClocks) error {
	const limit = 500
	missed, err := db.List[CheckClock](ctx, s.db, `(select id as clock_id, version, 'breach' as threshold from case_clocks
			where outcome = 'running' and due_at < $1 order by due_at limit $2)
		union all (select id, version, 'breach' from case_clocks
			where outcome = 'breached_open' and due_at < $1 and warned not like 'breach%' order by due_at limit $2)`,
		s.db.Now().Add(-30*time.Second), limit)
	if err != nil {
		return fmt.Errorf("find missed clocks: %w", err)
	}
	for _, m := range missed {
		if err := s.checkClock(ctx, m); err != nil {
			s.logger.ErrorContext(ctx, "sweep clock", "clock", m.ClockID, "error", err)
		}
	}
	lost, err := s.withoutTimer(ctx, limit)
	if err != nil {
		return err
	}
	for _, c := range lost {
		if err := s.restartTimers(ctx, c); err != nil {
			s.logger.ErrorContext(ctx, "restart timers", "clock", c.ID, "error", err)
		}
	}
	if err := s.sweepFollowUps(ctx, limit); err != nil {
		return err
	}
	return s.closeResolved(ctx, limit)
}

// untimed tells that a clock c has no timer to come, of the version it has now.
const untimed = `not exists (select 1 from river_job j where j.kind = 'cases.check_clock' and j.state in ('available', 'scheduled', 'retryable', 'running', 'pending')
			and (j.args->>'clock_id')::bigint = c.id and (j.args->>'version')::bigint = c.version)`

// climbing are the clocks late whose ladder has a step left, so long past the breach, that people were not told of. The steps are seconds by policy.
const climbing = `exists (select from cases k join unnest($1::bigint[], $2::bigint[]) step (policy, past) on step.policy = k.policy_id where k.id = c.case_id
			and step.past > case when c.warned like 'breach+%' then extract(epoch from substring(c.warned from 8)::interval) else 0 end)`

// withoutTimer are the clocks that nothing would look at again: those that run, and those late that have steps of their ladder ahead.
func (s *Service) withoutTimer(ctx context.Context, limit int) ([]Clock, error) {
	running, err := db.List[Clock](ctx, s.db, `select `+clockColumns+` from case_clocks c where outcome = 'running' and due_at > $1 and `+untimed+`
		order by due_at limit $2`, s.db.Now(), limit)
	if err != nil {
		return nil, fmt.Errorf("find clocks without timer: %w", err)
	}
	policies, past, err := s.stepsPastBreach(ctx)
	if err != nil || len(policies) == 0 {
		return running, err
	}
	late, err := db.List[Clock](ctx, s.db, `select `+clockColumns+` from case_clocks c where outcome = 'breached_open' and warned like 'breach%' and `+climbing+` and `+untimed+`
		order by due_at limit $3`, policies, past, limit)
	if err != nil {
		return nil, fmt.Errorf("find late clocks without timer: %w", err)
	}
	return slices.Concat(running, late), nil
}

// stepsPastBreach are the steps of ladders some time after the breach, in seconds, beside the versions of the policies they are of.
func (s *Service) stepsPastBreach(ctx context.Context) (policies, past []int64, err error) {
	list, err := db.List[struct {
		ID     int64
		Ladder escalation.Ladder
	}](ctx, s.db, `select id, ladder from sla_policies where jsonb_path_exists(ladder, '$.rungs[*].after')`)
	if err != nil {
		return nil, nil, fmt.Errorf("read ladders: %w", err)
	}
	for _, p := range list {
		for _, after := range p.Ladder.AfterBreach() {
			policies, past = append(policies, p.ID), append(past, seconds(after))
		}
	}
	return policies, past, nil
}

// restartTimers gives a clock the timers it lacks.
func (s *Service) restartTimers(ctx context.Context, lost Clock) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		c, err := lockCase(ctx, tx, lost.CaseID)
		if err != nil {
			return err
		}
		t, err := s.timing(ctx, tx, c)
		if err != nil {
			return err
		}
		for _, i := range t.derived {
			row, isNew, differs := t.rowFor(c.ID, i, false)
			if row.ID == lost.ID && row.Version == lost.Version && !isNew && !differs {
				return startTimers(ctx, tx, row, i, t)
			}
		}
		return nil
	})
}

// casesToClose are those that have been resolved for long enough, the longest first, along their own index: what was closed before counts nothing.
const casesToClose = `select id from cases where status = 'resolved' and resolved_at < $1 order by resolved_at, id limit $2`

// closeResolved closes the cases nobody came back to. One that cannot be closed is told of in the log and keeps no other open.
func (s *Service) closeResolved(ctx context.Context, limit int) error {
	ids, err := db.Values[ID](ctx, s.db, casesToClose, s.db.Now().Add(-s.options.CloseAfter), limit)
	if err != nil {
		return fmt.Errorf("find cases to close: %w", err)
	}
	for _, id := range ids {
		err := s.db.Do(ctx, func(tx *db.Tx) error {
			_, err := s.changeTx(ctx, tx, id, access.SystemActor("close"), func(w *work) error {
				if w.c.Status != StatusResolved {
					return nil
				}
				return w.move(StatusClosed, OnNobody, nil)
			})
			return err
		})
		if err != nil {
			s.logger.ErrorContext(ctx, "close case", "case", id, "error", err)
		}
	}
	return nil
}
