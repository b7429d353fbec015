package cases

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"makegood/billing"
	"makegood/cases/assignment"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// What is refused about who gets a case.
var (
	ErrNoAssignmentRule = errs.New(errs.NotFound, "assignment.no_rule")
	ErrAssignmentStale  = errs.New(errs.Conflict, "assignment.changed_meanwhile")
)

// Bounds of what is set.
const (
	mostRules        = 100
	mostOfAKind      = 300 // values of one condition, people of one rule
	longestRuleName  = 60
	lastRulePosition = 999
	mostCapacity     = 9999
)

// AssignmentRule says who gets the cases it is for. Rules are asked by Position; UserIDs are whom it names, every agent of the team (or
// of the desk) when it names nobody.
type AssignmentRule struct {
	ID         int64
	Position   int
	Name       string
	Active     bool
	Match      assignment.Match
	TeamID     *int64
	UserIDs    []int64
	How        assignment.Method
	LastUserID int64 // who got the last case by it
	Version    int
}

// AssignmentRules lists the rules in their order.
func (s *Service) AssignmentRules(ctx context.Context, by access.Actor) ([]AssignmentRule, error) {
	if err := access.Can(by, access.ManageDealing, access.Object{}); err != nil {
		return nil, err
	}
	return db.List[AssignmentRule](ctx, s.db, `select * from assignment_rules order by position, id limit $1`, mostRules)
}

// AssignmentRuleByID reads one: ErrNoAssignmentRule.
func (s *Service) AssignmentRuleByID(ctx context.Context, id int64, by access.Actor) (AssignmentRule, error) {
	if err := access.Can(by, access.ManageDealing, access.Object{}); err != nil {
		return AssignmentRule{}, err
	}
	r, err := db.One[AssignmentRule](ctx, s.db, `select * from assignment_rules where id = $1`, id)
	if errors.Is(err, db.ErrNoRow) {
		return r, ErrNoAssignmentRule
	}
	return r, err
}

// SaveAssignmentRule keeps a new rule (ID 0), or changes one as it is in its Version; LastUserID is not taken over. What it says holds
// for the cases that are dealt from then on. The audit log of the administration tells of it.
func (s *Service) SaveAssignmentRule(ctx context.Context, rule AssignmentRule, by access.Actor) (AssignmentRule, error) {
	if err := access.Can(by, access.ManageDealing, access.Object{}); err != nil {
		return AssignmentRule{}, err
	}
	rule.tidy()
	if err := rule.check(); err != nil {
		return AssignmentRule{}, err
	}
	var kept AssignmentRule
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		if err := rule.refersTo(ctx, tx); err != nil {
			return err
		}
		var err error
		if kept, err = rule.save(ctx, tx); err != nil {
			return err
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: by, What: "assignment.rule_saved", Data: map[string]any{
			"rule": kept.ID, "name": kept.Name, "position": kept.Position, "active": kept.Active, "match": kept.Match, "team": kept.TeamID,
			"users": kept.UserIDs, "how": kept.How,
		}})
	})
	return kept, err
}

func (rule AssignmentRule) save(ctx context.Context, tx *db.Tx) (AssignmentRule, error) {
	args := []any{rule.Position, rule.Name, rule.Active, rule.Match, rule.TeamID, rule.UserIDs, rule.How}
	query := `insert into assignment_rules (position, name, active, match, team_id, user_ids, how)
		select $1, $2, $3, $4, $5, $6, $7 where (select count(*) from assignment_rules) < $8 returning *`
	refused := errs.New(errs.Conflict, "assignment.too_many_rules")
	if rule.ID == 0 {
		args = append(args, mostRules)
	} else {
		query = `update assignment_rules set position = $1, name = $2, active = $3, match = $4, team_id = $5, user_ids = $6, how = $7, version = version + 1
			where id = $8 and version = $9 returning *`
		args, refused = append(args, rule.ID, rule.Version), ErrAssignmentStale
	}
	kept, err := db.One[AssignmentRule](ctx, tx, query, args...)
	if errors.Is(err, db.ErrNoRow) {
		return kept, refused
	}
	if err != nil {
		return kept, fmt.Errorf("save rule: %w", err)
	}
	return kept, nil
}

// RemoveAssignmentRule drops a rule as it is in the version given. What was dealt by it stays.
func (s *Service) RemoveAssignmentRule(ctx context.Context, id int64, version int, by access.Actor) error {
	if err := access.Can(by, access.ManageDealing, access.Object{}); err != nil {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		name, err := db.Value[string](ctx, tx, `delete from assignment_rules where id = $1 and version = $2 returning name`, id, version)
		if errors.Is(err, db.ErrNoRow) {
			return ErrAssignmentStale
		}
		if err != nil {
			return fmt.Errorf("remove rule: %w", err)
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: by, What: "assignment.rule_removed", Data: map[string]any{"rule": id, "name": name}})
	})
}

func (rule *AssignmentRule) tidy() {
	rule.Name = strings.TrimSpace(rule.Name)
	m := &rule.Match
	m.Types, m.Topics, m.Tiers, m.Languages = lowered(m.Types), lowered(m.Topics), lowered(m.Tiers), lowered(m.Languages)
	m.Countries, m.Accounts, m.Regions, m.SalesOwners = raised(m.Countries), words(m.Accounts), words(m.Regions), words(m.SalesOwners)
	rule.UserIDs = slices.Compact(slices.Sorted(slices.Values(rule.UserIDs)))
	if rule.UserIDs == nil {
		rule.UserIDs = []int64{}
	}
}

// words are the values of a list without what is empty or said twice.
func words(list []string) []string {
	out := []string{}
	for _, one := range list {
		if one = strings.TrimSpace(one); one != "" && !slices.Contains(out, one) {
			out = append(out, one)
		}
	}
	return out
}

func lowered(list []string) []string {
	return words(strings.Split(strings.ToLower(strings.Join(list, ",")), ","))
}

func raised(list []string) []string {
	return words(strings.Split(strings.ToUpper(strings.Join(list, ",")), ","))
}

func (rule AssignmentRule) check() error {
	var wrong []errs.Field
	bad := func(yes bool, name, key string) {
		if yes {
			wrong = append(wrong, errs.Field{Name: name, Key: key})
		}
	}
	n := utf8.RuneCountInString(rule.Name)
	bad(n == 0 || n > longestRuleName, "name", "assignment.rule_name")
	bad(rule.Position < 1 || rule.Position > lastRulePosition, "position", "assignment.rule_position")
	bad(!slices.Contains(assignment.Methods(), rule.How), "how", "assignment.unknown_method")
	bad(len(rule.UserIDs) > mostOfAKind, "users", "assignment.too_long")
	m := rule.Match
	for _, t := range m.Types {
		bad(!among(Types(), Type(t)), "types", "case.unknown_type")
	}
	wrong = append(wrong, checkSkills(m.Languages, m.Countries, m.Tiers)...)
	for name, list := range map[string][]string{"topics": m.Topics, "accounts": m.Accounts, "regions": m.Regions, "sales_owners": m.SalesOwners} {
		bad(len(list) > mostOfAKind, name, "assignment.too_long")
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

var (
	languageCode = regexp.MustCompile(`^[a-z]{2,3}$`)
	countryCode  = regexp.MustCompile(`^[A-Z]{2}$`)
)

// checkSkills are what rules and people name alike.
func checkSkills(languages, countries, tiers []string) []errs.Field {
	var wrong []errs.Field
	all := func(name, key string, list []string, good func(string) bool) {
		if len(list) > mostOfAKind || slices.ContainsFunc(list, func(one string) bool { return !good(one) }) {
			wrong = append(wrong, errs.Field{Name: name, Key: key})
		}
	}
	all("languages", "assignment.unknown_language", languages, languageCode.MatchString)
	all("countries", "assignment.unknown_country", countries, countryCode.MatchString)
	all("tiers", "assignment.unknown_tier", tiers, func(t string) bool {
		return slices.Contains([]billing.Tier{billing.Platinum, billing.Gold, billing.Silver}, billing.Tier(t))
	})
	return wrong
}

// RefuseRetiredTx refuses that a team is retired to which a rule of assignment or of sorting still sends cases.
func (s *Service) RefuseRetiredTx(ctx context.Context, tx *db.Tx, teamID int64) error {
	named, err := db.Value[bool](ctx, tx, `select exists (select 1 from assignment_rules where team_id = $1) or exists (
		select 1 from sorting_rule_sets s cross join lateral jsonb_array_elements(s.rules) r
		where s.version = (select max(version) from sorting_rule_sets) and (r -> 'then' ->> 'team_id')::bigint = $1)`, teamID)
	if err != nil {
		return fmt.Errorf("look for rules of a team: %w", err)
	}
	if named {
		return errs.InvalidField("retired", "assignment.team_named")
	}
	return nil
}

// refersTo refuses people, teams and legal entities that there are none of.
func (rule AssignmentRule) refersTo(ctx context.Context, r db.Reader) error {
	known, err := db.One[struct{ Users, Entities, Teams int }](ctx, r, `select
			(select count(*) from users where id = any ($1) and active and roles && array['agent', 'senior', 'supervisor', 'controller']) as users,
			(select count(*) from legal_entities where id = any ($2)) as entities,
			(select count(*) from teams where id = $3 and retired_at is null) as teams`, rule.UserIDs, rule.Match.Entities, rule.TeamID)
	if err != nil {
		return fmt.Errorf("look up what a rule names: %w", err)
	}
	switch {
	case known.Users != len(rule.UserIDs):
		return errs.InvalidField("users", "case.no_such_person")
	case known.Entities != len(rule.Match.Entities):
		return errs.InvalidField("entities", "assignment.unknown_entity")
	case rule.TeamID != nil && known.Teams == 0:
		return errs.InvalidField("team", "assignment.unknown_team")
	}
	return nil
}
