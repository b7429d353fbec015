package cases

import (
	"context"
	"fmt"
	"strings"
	"time"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// ClockChangeID names a change of what clocks are measured by.
type ClockChangeID int64

// ClockSetting is what can be changed.
type ClockSetting string

// The settings of clocks.
const (
	CalendarSetting ClockSetting = "calendar"
	PolicySetting   ClockSetting = "policy" // what is promised to which cases
	LadderSetting   ClockSetting = "ladder" // who is told when a promise is not kept
)

// ClockChange is a change of what clocks are measured by, and how far the cases that are open have been put under it: Done of Total
// were looked at, Moved got other terms. It is over with FinishedAt.
type ClockChange struct {
	ID         ClockChangeID
	What       ClockSetting
	Name       string
	Version    int
	Comment    string
	MadeBy     string // a person's name
	MadeAt     time.Time
	Total      int
	Done       int
	Moved      int
	LastCase   ID
	FinishedAt *time.Time
}

// ErrStaleSetting says that somebody else changed the setting since it was read.
var ErrStaleSetting = errs.New(errs.Conflict, "clock_setting.stale")

const clockChangeColumns = `g.id, g.what, g.name, g.version, g.comment, u.name as made_by, g.made_at, g.total, g.done, g.moved, g.last_case, g.finished_at`

// ClockChanges reads the last changes of what clocks are measured by, the newest first.
func (s *Service) ClockChanges(ctx context.Context, by access.Actor) ([]ClockChange, error) {
	if err := access.Can(by, access.ReadCases, access.Object{}); err != nil {
		return nil, err
	}
	list, err := db.List[ClockChange](ctx, s.db, `select `+clockChangeColumns+` from clock_changes g join users u on u.id = g.made_by order by g.id desc limit 20`)
	if err != nil {
		return nil, fmt.Errorf("read clock changes: %w", err)
	}
	return list, nil
}

// setting is one change being made.
type setting struct {
	by      access.Actor
	what    ClockSetting
	name    string
	comment string
	version int            // the new one
	moves   bool           // cases that are open may get other terms
	data    map[string]any // for the audit
}

// changeClocks makes one change of what clocks are measured by, after all others: make saves it and fills in the rest. The cases that are
// open are then put under it by a job.
func (s *Service) changeClocks(ctx context.Context, in setting, make func(tx *db.Tx, in *setting) error) (ClockChange, error) {
	if err := access.Can(in.by, access.ManageClocks, access.Object{}); err != nil {
		return ClockChange{}, err
	}
	if in.comment = strings.TrimSpace(in.comment); in.comment == "" {
		return ClockChange{}, errs.InvalidField("comment", "clock_setting.needs_reason")
	}
	var change ClockChange
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtext('clock_changes'))`); err != nil {
			return fmt.Errorf("lock settings of clocks: %w", err)
		}
		in.data = map[string]any{"name": in.name, "comment": in.comment}
		err := make(tx, &in)
		if err != nil {
			return err
		}
		change, err = addClockChange(ctx, tx, in)
		return err
	})
	return change, err
}

func addClockChange(ctx context.Context, tx *db.Tx, in setting) (ClockChange, error) {
	id, err := db.Value[ClockChangeID](ctx, tx, `insert into clock_changes (what, name, version, comment, made_by, made_at, total, finished_at)
		select $1, $2, $3, $4, $5, $6, case when $7 then (select count(*) from cases where status in ('new','open','waiting')) else 0 end,
			case when $7 then null else $6::timestamptz end returning id`, in.what, in.name, in.version, in.comment, in.by.UserID, tx.Now(), in.moves)
	if err != nil {
		return ClockChange{}, fmt.Errorf("note change of clocks: %w", err)
	}
	in.data["version"], in.data["change"] = in.version, id
	if err := audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: in.by, What: string(in.what) + ".changed", Data: in.data}); err != nil {
		return ClockChange{}, fmt.Errorf("record change of clocks: %w", err)
	}
	if in.moves {
		if err := tx.Enqueue(ctx, MoveClocks{ID: id}); err != nil {
			return ClockChange{}, err
		}
	}
	change, err := db.One[ClockChange](ctx, tx, `select `+clockChangeColumns+` from clock_changes g join users u on u.id = g.made_by where g.id = $1`, id)
	if err != nil {
		return ClockChange{}, fmt.Errorf("read change of clocks: %w", err)
	}
	return change, nil
}
