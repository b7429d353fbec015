package survey

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// Rules say whether a legal entity asks its customers, and when. Version 0 is an entity that nothing was said of: it asks nobody.
type Rules struct {
	EntityID    billing.EntityID
	Entity      string // its code
	EntityName  string
	Active      bool
	ActiveSince *time.Time // cases resolved before are not asked about
	WaitHours   int        // a case stays resolved for so long before its customer is asked
	AnswerDays  int        // the link holds for so long
	QuietDays   int        // nobody is asked again within
	Version     int
}

// The bounds of rules, and what stands where nothing was said yet.
const (
	mostWait, mostAnswer, mostQuiet    = 720, 90, 365
	usualWait, usualAnswer, usualQuiet = 24, 14, 30
)

const readRules = `select e.id as entity_id, e.code as entity, e.name as entity_name, coalesce(r.active, false) as active, r.active_since,
		coalesce(r.wait_hours, $1) as wait_hours, coalesce(r.answer_days, $2) as answer_days, coalesce(r.quiet_days, $3) as quiet_days,
		coalesce(r.version, 0) as version
	from legal_entities e left join survey_rules r on r.entity_id = e.id `

// Rules lists those of every legal entity somebody may see, by its code, for whoever may set them.
func (s *Service) Rules(ctx context.Context, by access.Actor) ([]Rules, error) {
	if err := access.Can(by, access.ManageQuality, access.Object{}); err != nil {
		return nil, err
	}
	list, err := db.List[Rules](ctx, s.DB, readRules+`where cardinality($4::bigint[]) = 0 or e.id = any ($4) order by e.code`,
		usualWait, usualAnswer, usualQuiet, by.SeenEntities())
	if err != nil {
		return nil, fmt.Errorf("read rules of surveys: %w", err)
	}
	return list, nil
}

// RulesInput sets the rules of an entity, by its code. Version is that of the rules it was begun from.
type RulesInput struct {
	By         access.Actor
	Entity     string
	Active     bool
	WaitHours  int
	AnswerDays int
	QuietDays  int
	Version    int
}

// SetRules says whether an entity asks its customers, and when. It holds for cases that are not asked about yet; what was mailed stays
// open for as long as it says. Switched on, it asks about cases resolved from then on. ErrStale when somebody else was quicker.
func (s *Service) SetRules(ctx context.Context, in RulesInput) (Rules, error) {
	var kept Rules
	if err := access.Can(in.By, access.ManageQuality, access.Object{}); err != nil {
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
		if err := access.Can(in.By, access.ManageQuality, access.Object{EntityID: int64(was.EntityID)}); err != nil {
			return ErrNoRules
		}
		n, err := tx.Exec(ctx, `insert into survey_rules as r (entity_id, active, active_since, wait_hours, answer_days, quiet_days)
				select $1, $2, $3, $4, $5, $6 where $7 = 0 or exists (select from survey_rules where entity_id = $1)
			on conflict (entity_id) do update set active = $2, active_since = case when $2 and not r.active then $3 else r.active_since end,
				wait_hours = $4, answer_days = $5, quiet_days = $6, version = r.version + 1 where r.version = $7`,
			was.EntityID, in.Active, tx.Now(), in.WaitHours, in.AnswerDays, in.QuietDays, in.Version)
		if err != nil {
			return fmt.Errorf("set rules of surveys: %w", err)
		}
		if n == 0 {
			return ErrStale
		}
		if kept, err = rulesOf(ctx, tx, in.Entity); err != nil {
			return err
		}
		tx.Did("survey.rules_set " + in.Entity)
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: in.By, What: "survey.rules_set", Data: map[string]any{
			"entity": kept.Entity, "active": kept.Active, "wait_hours": kept.WaitHours, "answer_days": kept.AnswerDays, "quiet_days": kept.QuietDays, "version": kept.Version,
		}})
	})
	return kept, err
}

func rulesOf(ctx context.Context, r db.Reader, entity string) (Rules, error) {
	rules, err := db.One[Rules](ctx, r, readRules+`where e.code = $4`, usualWait, usualAnswer, usualQuiet, entity)
	if errors.Is(err, db.ErrNoRow) {
		return rules, ErrNoRules
	}
	if err != nil {
		return rules, fmt.Errorf("read rules of surveys: %w", err)
	}
	return rules, nil
}

func (in RulesInput) check() error {
	var wrong []errs.Field
	within := func(name string, value, least, most int) {
		if value < least || value > most {
			wrong = append(wrong, errs.Field{Name: name, Key: "surveys.out_of_range", Params: errs.Params{"least": strconv.Itoa(least), "most": strconv.Itoa(most)}})
		}
	}
	within("wait_hours", in.WaitHours, 1, mostWait)
	within("answer_days", in.AnswerDays, 1, mostAnswer)
	within("quiet_days", in.QuietDays, 0, mostQuiet)
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}
