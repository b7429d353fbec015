package cases

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"makegood/internal/db"
)

const clockColumns = `id, case_id, kind, instance, revision, subject_id, policy_id, calendar_id, priority, started_at, target_seconds, due_at,
	paused_since, used_seconds, outcome, ended_at, breached_at, warned, rung, version`

const storedClocksQuery = `select ` + clockColumns + ` from case_clocks where case_id = any($1) order by case_id, id`

func storedClocks(ctx context.Context, r db.Reader, ids ...ID) ([]Clock, error) {
	list, err := db.List[Clock](ctx, r, storedClocksQuery, ids)
	if err != nil {
		return nil, fmt.Errorf("read clocks: %w", err)
	}
	return list, nil
}

// saveClocks writes rows in one round trip and fills in the ids of new ones.
func saveClocks(ctx context.Context, tx *db.Tx, list []Clock) error {
	if len(list) == 0 {
		return nil
	}
	batch := &pgx.Batch{}
	for n := range list {
		c := &list[n]
		batch.Queue(`insert into case_clocks (case_id, kind, instance, revision, subject_id, policy_id, calendar_id, priority, started_at,
				target_seconds, due_at, paused_since, used_seconds, outcome, ended_at, breached_at, warned, rung, version)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
			on conflict (case_id, kind, instance, revision, subject_id) do update set policy_id = excluded.policy_id, calendar_id = excluded.calendar_id,
				priority = excluded.priority, started_at = excluded.started_at, target_seconds = excluded.target_seconds, due_at = excluded.due_at,
				paused_since = excluded.paused_since, used_seconds = excluded.used_seconds, outcome = excluded.outcome, ended_at = excluded.ended_at,
				breached_at = excluded.breached_at, warned = excluded.warned, rung = excluded.rung, version = excluded.version
			returning id`,
			c.CaseID, c.Kind, c.Instance, c.Revision, c.SubjectID, c.PolicyID, c.CalendarID, c.Priority, c.StartedAt,
			c.TargetSeconds, c.DueAt, c.PausedSince, c.UsedSeconds, c.Outcome, c.EndedAt, c.BreachedAt, c.Warned, c.Rung, c.Version,
		).QueryRow(func(row pgx.Row) error { return row.Scan(&c.ID) })
	}
	if err := tx.Batch(ctx, batch); err != nil {
		return fmt.Errorf("store clocks: %w", err)
	}
	return nil
}

func dropClocks(ctx context.Context, tx *db.Tx, ids []ClockID) error {
	if len(ids) == 0 {
		return nil
	}
	if _, err := tx.Exec(ctx, `delete from case_clocks where id = any($1)`, ids); err != nil {
		return fmt.Errorf("drop clocks: %w", err)
	}
	return nil
}
