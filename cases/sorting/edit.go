package sorting

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"makegood/cases/sorting/rules"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// RulesOn names the version of the list a change is based on, and who changes it.
type RulesOn struct {
	By      access.Actor
	Version int64
}

// SaveRule adds a rule at the end (ID 0) or changes the one with its ID, and answers its ID.
func (s *Service) SaveRule(ctx context.Context, on RulesOn, r rules.Rule) (int64, error) {
	r = tidy(r)
	change := "changed"
	err := s.edit(ctx, on, func(set *RuleSet) error {
		if r.ID == 0 {
			change = "added"
			var err error
			if r.ID, err = nextID(ctx, s.db); err != nil {
				return err
			}
			set.Rules = append(set.Rules, r)
		} else {
			at, err := place(set.Rules, r.ID)
			if err != nil {
				return err
			}
			set.Rules[at] = r
		}
		set.Change, set.RuleID = change, r.ID
		return nil
	})
	return r.ID, unplaced(err)
}

// unplaced names the fields of one rule as its form does: without the place in the list.
func unplaced(err error) error {
	e, ok := err.(*errs.Error) //nolint:errorlint // ours, as it came
	if !ok || e.Kind != errs.Invalid {
		return err
	}
	for i, f := range e.Fields {
		if parts := strings.SplitN(f.Name, ".", 3); len(parts) == 3 && parts[0] == "rules" {
			e.Fields[i].Name = parts[2]
		}
	}
	return e
}

// nextID is above every id a rule ever had.
func nextID(ctx context.Context, r db.Reader) (int64, error) {
	id, err := db.Value[int64](ctx, r, `select coalesce(max((r ->> 'id')::bigint), 0) + 1 from sorting_rule_sets, jsonb_array_elements(rules) r`)
	if err != nil {
		return 0, fmt.Errorf("number rule: %w", err)
	}
	return id, nil
}

// tidy drops blank values and brings tags to the form they are kept in.
func tidy(r rules.Rule) rules.Rule {
	r.Name = strings.TrimSpace(r.Name)
	when := []rules.Condition{}
	for _, c := range r.When {
		c.Values = trimmed(c.Values)
		c.Currency = strings.ToUpper(strings.TrimSpace(c.Currency))
		when = append(when, c)
	}
	r.When = when
	r.Then.Tags = trimmed(r.Then.Tags)
	for i, t := range r.Then.Tags {
		r.Then.Tags[i] = strings.ToLower(t)
	}
	return r
}

func trimmed(list []string) []string {
	var out []string
	for _, v := range list {
		if v = strings.TrimSpace(v); v != "" && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

func place(list []rules.Rule, id int64) (int, error) {
	at := slices.IndexFunc(list, func(r rules.Rule) bool { return r.ID == id })
	if at < 0 {
		return 0, ErrNoRule
	}
	return at, nil
}

// RemoveRule takes a rule out of the list. Earlier versions keep it.
func (s *Service) RemoveRule(ctx context.Context, on RulesOn, id int64) error {
	return s.edit(ctx, on, func(set *RuleSet) error {
		at, err := place(set.Rules, id)
		if err != nil {
			return err
		}
		set.Rules = slices.Delete(set.Rules, at, at+1)
		set.Change, set.RuleID = "removed", id
		return nil
	})
}

// MoveRule puts a rule so many places later, or earlier when by is negative; the ends of the list stop it.
func (s *Service) MoveRule(ctx context.Context, on RulesOn, id int64, by int) error {
	return s.edit(ctx, on, func(set *RuleSet) error {
		at, err := place(set.Rules, id)
		if err != nil {
			return err
		}
		r := set.Rules[at]
		set.Rules = slices.Delete(set.Rules, at, at+1)
		set.Rules = slices.Insert(set.Rules, min(max(at+by, 0), len(set.Rules)), r)
		set.Change, set.RuleID = "moved", id
		return nil
	})
}

// SwitchRule switches a rule on or off.
func (s *Service) SwitchRule(ctx context.Context, on RulesOn, id int64, active bool) error {
	return s.edit(ctx, on, func(set *RuleSet) error {
		at, err := place(set.Rules, id)
		if err != nil {
			return err
		}
		set.Rules[at].Active = active
		set.Change, set.RuleID = "switched", id
		return nil
	})
}

// ReplaceRules puts another list in the place of the present one. Rules without an ID get one.
func (s *Service) ReplaceRules(ctx context.Context, on RulesOn, list []rules.Rule) (RuleSet, error) {
	var out RuleSet
	err := s.edit(ctx, on, func(set *RuleSet) error {
		next, err := nextID(ctx, s.db)
		if err != nil {
			return err
		}
		fresh := []rules.Rule{}
		for i, r := range list {
			r = tidy(r)
			if r.ID < 0 || r.ID >= next {
				return errs.InvalidField(fmt.Sprintf("rules.%d.id", i), "sorting.no_rule")
			}
			if r.ID != 0 && slices.ContainsFunc(fresh, func(o rules.Rule) bool { return o.ID == r.ID }) {
				return errs.InvalidField(fmt.Sprintf("rules.%d.id", i), "sorting.rule_twice")
			}
			if r.ID == 0 {
				r.ID = next
				next++
			}
			fresh = append(fresh, r)
		}
		set.Rules, set.Change, set.RuleID = fresh, "replaced", 0
		out = *set
		return nil
	})
	if err == nil {
		out.Version = on.Version + 1
	}
	return out, err
}

// edit changes the list: right, version, rules checked, a new version written, told to the auditor.
func (s *Service) edit(ctx context.Context, on RulesOn, change func(set *RuleSet) error) error {
	if err := mayManage(on.By); err != nil {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		// One change at a time: the one that comes second finds another version.
		if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtext('sorting_rule_sets'))`); err != nil {
			return fmt.Errorf("wait for rules: %w", err)
		}
		newest, err := db.Value[int64](ctx, tx, `select coalesce(max(version), 0) from sorting_rule_sets`)
		if err != nil {
			return fmt.Errorf("read version of rules: %w", err)
		}
		if newest != on.Version {
			return ErrStaleRules
		}
		set, err := ruleSet(ctx, tx, newest)
		if err != nil {
			return err
		}
		if err := change(&set); err != nil {
			return err
		}
		if _, err := rules.Compile(set.Rules, words()); err != nil {
			return err
		}
		if err := teamsExist(ctx, tx, set.Rules); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `insert into sorting_rule_sets (version, rules, change, rule_id, changed_at, changed_by, changed_name)
			values ($1, $2, $3, $4, $5, $6, $7)`, newest+1, set.Rules, set.Change, set.RuleID, tx.Now(), on.By.UserID, on.By.Name); err != nil {
			return fmt.Errorf("write rules: %w", err)
		}
		tx.Publish("sorting")
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: on.By, What: "sorting_rules." + set.Change, Data: map[string]any{
			"version": newest + 1, "rule": set.RuleID, "rules": len(set.Rules),
		}})
	})
}

// teamsExist refuses a team that is not there, or retired: the mail it would be given to could not open a case.
func teamsExist(ctx context.Context, tx *db.Tx, list []rules.Rule) error {
	teams, err := db.Values[int64](ctx, tx, `select id from teams where retired_at is null`)
	if err != nil {
		return fmt.Errorf("read teams: %w", err)
	}
	for i, r := range list {
		if r.Then.TeamID != 0 && !slices.Contains(teams, r.Then.TeamID) {
			return errs.InvalidField(fmt.Sprintf("rules.%d.then.team_id", i), "sorting.no_team")
		}
	}
	return nil
}

// RuleSets lists the latest versions of the list, the newest first.
func (s *Service) RuleSets(ctx context.Context, limit int) ([]RuleSet, error) {
	list, err := db.List[RuleSet](ctx, s.db, `select * from sorting_rule_sets order by version desc limit $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("list versions of rules: %w", err)
	}
	return list, nil
}
