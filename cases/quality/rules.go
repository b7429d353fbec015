package quality

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// Sampling is how much of a team's settled cases is drawn.
type Sampling string

// The ways: nothing, so many percent of all, or so many of each agent and week.
const (
	NoSample Sampling = "none"
	Share    Sampling = "share"
	Count    Sampling = "count"
)

// Rule is what is drawn of a team's cases. Number 0 is a team that nothing was said of: nothing is drawn.
type Rule struct {
	TeamID      int64
	Team        string
	Number      int
	Kind        Sampling
	Amount      int
	CreatedName string
	CreatedAt   *time.Time
}

const (
	mostPercent  = 100
	mostOfOne    = 50
	rulesInForce = `select t.id as team_id, t.name as team, coalesce(r.number, 0) as number, coalesce(r.kind, 'none') as kind, coalesce(r.amount, 0) as amount,
			coalesce(r.created_name, '') as created_name, r.created_at
		from teams t left join lateral (select * from quality_rules where team_id = t.id order by number desc limit 1) r on true `
)

// Rules lists what is drawn of each team that is in use, by name, for whoever may set it.
func (s *Service) Rules(ctx context.Context, by access.Actor) ([]Rule, error) {
	if err := access.Can(by, access.ManageQuality, access.Object{}); err != nil {
		return nil, err
	}
	list, err := db.List[Rule](ctx, s.DB, rulesInForce+`where t.retired_at is null order by t.name`)
	if err != nil {
		return nil, fmt.Errorf("read rules of sampling: %w", err)
	}
	return list, nil
}

// RuleInput says what is drawn of a team. Base is the number of the rule it was begun from.
type RuleInput struct {
	By     access.Actor
	TeamID int64
	Base   int
	Kind   Sampling
	Amount int
}

// SetRule says what is drawn of a team's cases, for weeks that are not drawn yet. ErrStale when somebody else was quicker.
func (s *Service) SetRule(ctx context.Context, in RuleInput) (Rule, error) {
	var kept Rule
	if err := access.Can(in.By, access.ManageQuality, access.Object{}); err != nil {
		return kept, err
	}
	if in.Kind == NoSample {
		in.Amount = 0
	}
	if err := in.check(); err != nil {
		return kept, err
	}
	err := s.DB.Do(ctx, func(tx *db.Tx) error {
		if _, err := db.Value[int64](ctx, tx, `select id from teams where id = $1 for no key update`, in.TeamID); errors.Is(err, db.ErrNoRow) {
			return ErrNoTeam
		} else if err != nil {
			return fmt.Errorf("lock team: %w", err)
		}
		was, err := ruleOf(ctx, tx, in.TeamID)
		if err != nil {
			return err
		}
		if was.Number != in.Base {
			return ErrStale
		}
		if _, err := tx.Exec(ctx, `insert into quality_rules (team_id, number, kind, amount, created_by, created_name, created_at) values ($1, $2, $3, $4, $5, $6, $7)`,
			in.TeamID, was.Number+1, in.Kind, in.Amount, in.By.UserID, in.By.Name, tx.Now()); err != nil {
			return fmt.Errorf("keep rule of sampling: %w", err)
		}
		if kept, err = ruleOf(ctx, tx, in.TeamID); err != nil {
			return err
		}
		tx.Did("quality.rule_set " + kept.Team)
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: in.By, What: "quality.rule_set", Data: map[string]any{
			"team": kept.TeamID, "name": kept.Team, "number": kept.Number, "kind": kept.Kind, "amount": kept.Amount,
		}})
	})
	return kept, err
}

func ruleOf(ctx context.Context, r db.Reader, team int64) (Rule, error) {
	rule, err := db.One[Rule](ctx, r, rulesInForce+`where t.id = $1`, team)
	if err != nil {
		return rule, fmt.Errorf("read rule of sampling: %w", err)
	}
	return rule, nil
}

func (in RuleInput) check() error {
	most := map[Sampling]int{Share: mostPercent, Count: mostOfOne}[in.Kind]
	switch {
	case in.Kind == NoSample:
		return nil
	case most == 0:
		return errs.InvalidField("kind", "quality.kind")
	case in.Amount < 1 || in.Amount > most:
		return errs.InvalidField("amount", "quality.amount", "most", strconv.Itoa(most))
	}
	return nil
}
