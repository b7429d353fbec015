package awaiting

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// Rules say when a legal entity reminds customers who do not answer, and when it closes their cases. Version 0 is an entity that nothing
// was said of: it does the usual.
type Rules struct {
	EntityID    billing.EntityID
	Entity      string // its code
	EntityName  string
	RemindDays  []int      // days after our question, ascending; none: nobody is reminded
	CloseDays   int        // days after our question; 0: no case is closed
	ActiveSince *time.Time // what was asked before is left alone; nil: nothing is
	Version     int
}

// The bounds of rules.
const (
	mostReminders = 3
	mostDays      = 365
)

// What holds where nothing was said.
const (
	usualRemind = `'{7}'::integer[]`
	usualClose  = `14`
)

const readRules = `select e.id as entity_id, e.code as entity, e.name as entity_name, coalesce(r.remind_days, ` + usualRemind + `) as remind_days,
		coalesce(r.close_days, ` + usualClose + `) as close_days, r.active_since, coalesce(r.version, 0) as version
	from legal_entities e left join waiting_rules r on r.entity_id = e.id `

// Rules lists those of every legal entity somebody may see, by its code.
func (s *Service) Rules(ctx context.Context, by access.Actor) ([]Rules, error) {
	if err := access.Can(by, access.ManageClocks, access.Object{}); err != nil {
		return nil, err
	}
	list, err := db.List[Rules](ctx, s.DB, readRules+`where cardinality($1::bigint[]) = 0 or e.id = any ($1) order by e.code`, by.SeenEntities())
	if err != nil {
		return nil, fmt.Errorf("read rules of waiting: %w", err)
	}
	return list, nil
}

// RulesInput sets the rules of an entity, by its code. Version is that of the rules it was begun from.
type RulesInput struct {
	By         access.Actor
	Entity     string
	RemindDays []int
	CloseDays  int
	Version    int
}

// SetRules says when an entity reminds and closes. What was announced in a reminder stays as it was announced. An entity that did neither
// and now does leaves alone what it asked before. ErrStale when somebody else was quicker.
func (s *Service) SetRules(ctx context.Context, in RulesInput) (Rules, error) {
	var kept Rules
	if err := access.Can(in.By, access.ManageClocks, access.Object{}); err != nil {
		return kept, err
	}
	if err := in.check(); err != nil {
		return kept, err
	}
	err := s.DB.Do(ctx, func(tx *db.Tx) error {
		was, err := rulesOf(ctx, tx, in.Entity)
		if err != nil {
			return err
		}
		if err := access.Can(in.By, access.ManageClocks, access.Object{EntityID: int64(was.EntityID)}); err != nil {
			return ErrNoRules
		}
		n, err := tx.Exec(ctx, `insert into waiting_rules as r (entity_id, remind_days, close_days, active_since)
				select $1, $2, $3, null where $5 = 0 or exists (select from waiting_rules where entity_id = $1)
			on conflict (entity_id) do update set remind_days = $2, close_days = $3, version = r.version + 1,
				active_since = case when cardinality(r.remind_days) = 0 and r.close_days = 0 then $4 else r.active_since end where r.version = $5`,
			was.EntityID, in.RemindDays, in.CloseDays, tx.Now(), in.Version)
		if err != nil {
			return fmt.Errorf("set rules of waiting: %w", err)
		}
		if n == 0 {
			return ErrStale
		}
		if kept, err = rulesOf(ctx, tx, in.Entity); err != nil {
			return err
		}
		tx.Did("waiting.rules_set " + in.Entity)
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: in.By, What: "waiting.rules_set", Data: map[string]any{
			"entity": kept.Entity, "remind_days": kept.RemindDays, "close_days": kept.CloseDays, "version": kept.Version,
		}})
	})
	return kept, err
}

func rulesOf(ctx context.Context, r db.Reader, entity string) (Rules, error) {
	rules, err := db.One[Rules](ctx, r, readRules+`where e.code = $1`, entity)
	if errors.Is(err, db.ErrNoRow) {
		return rules, ErrNoRules
	}
	if err != nil {
		return rules, fmt.Errorf("read rules of waiting: %w", err)
	}
	return rules, nil
}

func (in *RulesInput) check() error {
	var wrong []errs.Field
	refuse := func(name, key string, params errs.Params) {
		wrong = append(wrong, errs.Field{Name: name, Key: key, Params: params})
	}
	if in.RemindDays == nil {
		in.RemindDays = []int{}
	}
	days := func(n, least int) bool { return n >= least && n <= mostDays }
	switch {
	case len(in.RemindDays) > mostReminders:
		refuse("remind_days", "awaiting.many_reminders", errs.Params{"most": strconv.Itoa(mostReminders)})
	case slices.ContainsFunc(in.RemindDays, func(n int) bool { return !days(n, 1) }):
		refuse("remind_days", "awaiting.out_of_range", errs.Params{"least": "1", "most": strconv.Itoa(mostDays)})
	case !slices.IsSorted(in.RemindDays) || len(slices.Compact(slices.Clone(in.RemindDays))) < len(in.RemindDays):
		refuse("remind_days", "awaiting.not_ascending", nil)
	}
	switch last := len(in.RemindDays) - 1; {
	case !days(in.CloseDays, 0):
		refuse("close_days", "awaiting.out_of_range", errs.Params{"least": "0", "most": strconv.Itoa(mostDays)})
	case in.CloseDays > 0 && last >= 0 && in.CloseDays <= in.RemindDays[last]:
		refuse("close_days", "awaiting.closes_before_reminder", errs.Params{"days": strconv.Itoa(in.RemindDays[last])})
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}
