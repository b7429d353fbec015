package cases

import (
	"context"
	"fmt"

	"makegood/cases/clock"
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
	rows := make([][]any, len(list))
	for i, c := range list {
		rows[i] = []any{
			c.CaseID, c.Kind, c.Instance, c.Revision, c.SubjectID, c.PolicyID, c.CalendarID, c.Priority, c.StartedAt,
			c.TargetSeconds, c.DueAt, c.PausedSince, c.UsedSeconds, c.Outcome, c.EndedAt, c.BreachedAt, c.Warned, c.Rung, c.Version,
		}
	}
	u := db.Table{Name: "case_clocks", Columns: []string{
		"case_id bigint", "kind text", "instance integer", "revision integer", "subject_id bigint", "policy_id bigint", "calendar_id bigint", "priority text",
		"started_at timestamptz", "target_seconds bigint", "due_at timestamptz", "paused_since timestamptz", "used_seconds bigint", "outcome text",
		"ended_at timestamptz", "breached_at timestamptz", "warned text", "rung integer", "version integer",
	}}.Unnest(rows)
	stored, err := db.List[Clock](ctx, tx, `insert into case_clocks (`+u.Names+`) select `+u.Values+` from `+u.From+`
		on conflict (case_id, kind, instance, revision, subject_id) do update set policy_id = excluded.policy_id, calendar_id = excluded.calendar_id,
			priority = excluded.priority, started_at = excluded.started_at, target_seconds = excluded.target_seconds, due_at = excluded.due_at,
			paused_since = excluded.paused_since, used_seconds = excluded.used_seconds, outcome = excluded.outcome, ended_at = excluded.ended_at,
			breached_at = excluded.breached_at, warned = excluded.warned, rung = excluded.rung, version = excluded.version
		returning id, case_id, kind, instance, revision, subject_id`, u.Args...)
	if err != nil {
		return fmt.Errorf("store clocks: %w", err)
	}
	ids := make(map[clockPlace]ClockID, len(stored))
	for _, c := range stored {
		ids[c.place()] = c.ID
	}
	for i := range list {
		list[i].ID = ids[list[i].place()]
	}
	return nil
}

// clockPlace is what there is one clock of.
type clockPlace struct {
	CaseID             ID
	Kind               clock.Kind
	Instance, Revision int
	SubjectID          int64
}

func (c Clock) place() clockPlace {
	return clockPlace{c.CaseID, c.Kind, c.Instance, c.Revision, c.SubjectID}
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
