package statements

import (
	"context"
	"errors"
	"fmt"
	"time"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// Rule says whether a legal entity sends statements each month, and on which day. Version 0 is an entity that nothing was said of.
type Rule struct {
	EntityID   billing.EntityID
	Entity     string // its code
	EntityName string
	Active     bool
	OnDay      int        // of each month; one that a month does not have is its last
	SinceOn    *time.Time // what was due before is not sent
	Wanted     int        // how many customers want them
	Version    int
}

const (
	lastOnDay  = 31
	usualOnDay = 1
)

const readRules = `select e.id as entity_id, e.code as entity, e.name as entity_name, coalesce(r.active, false) as active, coalesce(r.on_day, $1) as on_day, r.since_on,
		(select count(*) from statement_readers w where w.entity_id = e.id and w.wanted)::int as wanted, coalesce(r.version, 0) as version
	from legal_entities e left join statement_rules r on r.entity_id = e.id `

// Rules lists those of every legal entity somebody may see, by its code.
func (s *Service) Rules(ctx context.Context, by access.Actor) ([]Rule, error) {
	if err := access.Can(by, access.ReadBooks, access.Object{}); err != nil {
		return nil, err
	}
	list, err := db.List[Rule](ctx, s.DB, readRules+`where cardinality($2::bigint[]) = 0 or e.id = any ($2) order by e.code`, usualOnDay, by.SeenEntities())
	if err != nil {
		return nil, fmt.Errorf("read rules of statements: %w", err)
	}
	return list, nil
}

// RuleInput sets the rule of an entity, by its code. Version is that of the rule it was begun from.
type RuleInput struct {
	By      access.Actor
	Entity  string
	Active  bool
	OnDay   int
	Version int
}

// SetRule says whether an entity sends statements each month, and on which day. Switched on, or moved to another day, it holds for days
// from today on; a month has one round, whatever is set meanwhile. ErrStale when somebody else was quicker.
func (s *Service) SetRule(ctx context.Context, in RuleInput) (Rule, error) {
	var kept Rule
	if err := access.Can(in.By, access.ManageEntities, access.Object{}); err != nil {
		return kept, err
	}
	if in.OnDay < 1 || in.OnDay > lastOnDay {
		return kept, errs.InvalidField("on_day", "statements.no_day")
	}
	err := s.DB.Do(ctx, func(tx *db.Tx) error {
		entity, err := s.entityOf(ctx, tx, in.By, in.Entity, access.ManageEntities)
		if err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `insert into statement_rules as r (entity_id, active, on_day, since_on)
				select $1, $2, $3, $4 where $5 = 0 or exists (select from statement_rules where entity_id = $1)
			on conflict (entity_id) do update set active = $2, on_day = $3, version = r.version + 1,
				since_on = case when $2 and not r.active or $3 <> r.on_day then $4 else r.since_on end where r.version = $5`,
			entity.ID, in.Active, in.OnDay, entity.Day(tx.Now()), in.Version)
		if err != nil {
			return fmt.Errorf("set rule of statements: %w", err)
		}
		if n == 0 {
			return ErrStale
		}
		if kept, err = db.One[Rule](ctx, tx, readRules+`where e.id = $2`, usualOnDay, entity.ID); err != nil {
			return fmt.Errorf("read rule of statements: %w", err)
		}
		tx.Did("statement.rule_set " + in.Entity)
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Books(int64(entity.ID)), By: in.By, What: "statement.rule_set", Data: map[string]any{
			"entity": kept.Entity, "active": kept.Active, "on_day": kept.OnDay, "version": kept.Version,
		}})
	})
	return kept, err
}

// entityOf is a legal entity by its code, for somebody who may do something with it; else it is not there.
func (s *Service) entityOf(ctx context.Context, r db.Reader, by access.Actor, code string, do access.Action) (billing.Entity, error) {
	entity, err := db.One[billing.Entity](ctx, r, `select * from legal_entities where code = $1`, code)
	if errors.Is(err, db.ErrNoRow) {
		return entity, ErrNoEntity
	}
	if err != nil {
		return entity, fmt.Errorf("read entity: %w", err)
	}
	if access.Can(by, do, access.Object{EntityID: int64(entity.ID)}) != nil {
		return entity, ErrNoEntity
	}
	return entity, nil
}

// dueOn is the day of a month on which its statements are sent.
func (r Rule) dueOn(month time.Time) time.Time {
	last := month.AddDate(0, 1, -1)
	return month.AddDate(0, 0, min(r.OnDay, last.Day())-1)
}
