package credits

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits/authority/policy"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// PolicyInput proposes a policy. EffectiveAt is from when on it shall hold; zero is as soon as it is confirmed.
type PolicyInput struct {
	By          access.Actor
	Policy      policy.Policy
	Comment     string
	EffectiveAt time.Time
}

// ProposePolicy stores a policy for a second person to confirm. It refuses, field by field, what cannot be read, names
// nobody knows, and a condition of a wrong type.
func (s *Service) ProposePolicy(ctx context.Context, in PolicyInput) (AuthorityChange, error) {
	if err := access.Can(in.By, access.ManageAuthority, access.Object{}); err != nil {
		return AuthorityChange{}, err
	}
	if err := access.Proven(in.By); err != nil {
		return AuthorityChange{}, err
	}
	if err := s.CheckPolicy(ctx, in.Policy); err != nil {
		return AuthorityChange{}, err
	}
	_, before, err := s.policyNow(ctx, s.db)
	if err != nil {
		return AuthorityChange{}, err
	}
	return s.proposeChange(ctx, proposed{by: in.By, kind: PolicyChange, before: before, content: in.Policy, comment: in.Comment, at: in.EffectiveAt})
}

func (s *Service) proposeChange(ctx context.Context, p proposed) (AuthorityChange, error) {
	var c AuthorityChange
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		var err error
		c, err = p.proposeTx(ctx, tx)
		return err
	})
	return c, err
}

// Policy is the one in force, with its version; without any, version 0 and each level up to the sufficient one.
func (s *Service) Policy(ctx context.Context) (int, policy.Policy, error) {
	return s.policyNow(ctx, s.db)
}

func (s *Service) policyNow(ctx context.Context, r db.Reader) (int, policy.Policy, error) {
	versions, err := policyVersions(ctx, r)
	if err != nil {
		return 0, policy.Policy{}, err
	}
	version := 0
	if len(versions) > 0 {
		version = versions[0].Version
	}
	compiled, err := s.rulebook.open(ctx, r, version)
	if err != nil {
		return 0, policy.Policy{}, err
	}
	return version, compiled.Policy(), nil
}

// CheckPolicy refuses what ProposePolicy would for the policy itself.
func (s *Service) CheckPolicy(ctx context.Context, p policy.Policy) error {
	if _, err := policy.Compile(p); err != nil {
		return err
	}
	known, err := db.One[policy.Known](ctx, s.db, `select array(select rank from authority_levels order by rank) as ranks,
		array(select code from reason_codes) as reasons, array(select code from root_causes) as causes,
		array(select code from legal_entities) as entities, array(select name from teams) as teams, nullif(array(select distinct region from customers where region <> ''), '{}') as regions, $1::text[] as roles, $2::text[] as tiers`, roleNames(), tierNames())
	if err != nil {
		return fmt.Errorf("read what a policy may name: %w", err)
	}
	if wrong := p.Against(known); len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

func roleNames() []string {
	all := []access.Role{access.Agent, access.Senior, access.Supervisor, access.Controller, access.Director, access.Collections, access.Auditor, access.Admin}
	names := make([]string, len(all))
	for i, r := range all {
		names[i] = string(r)
	}
	return names
}

func tierNames() []string {
	return []string{string(billing.Platinum), string(billing.Gold), string(billing.Silver)}
}

// LevelInput proposes what a level may decide; LevelID 0 is a new one of Terms.Rank and Terms.Name.
type LevelInput struct {
	By          access.Actor
	LevelID     int64
	Terms       LevelTerms
	Comment     string
	EffectiveAt time.Time
}

// ProposeLevel stores new terms of a level for a second person to confirm.
func (s *Service) ProposeLevel(ctx context.Context, in LevelInput) (AuthorityChange, error) {
	if err := access.Can(in.By, access.ManageAuthority, access.Object{}); err != nil {
		return AuthorityChange{}, err
	}
	if err := access.Proven(in.By); err != nil {
		return AuthorityChange{}, err
	}
	list, err := s.Levels(ctx)
	if err != nil {
		return AuthorityChange{}, err
	}
	known, err := s.narrowings(ctx)
	if err != nil {
		return AuthorityChange{}, err
	}
	at := slices.IndexFunc(list, func(l Level) bool { return l.ID == in.LevelID })
	if in.LevelID != 0 && at < 0 {
		return AuthorityChange{}, ErrNoLevel
	}
	if err := in.check(list, known); err != nil {
		return AuthorityChange{}, err
	}
	p := proposed{by: in.By, kind: LevelChange, levelID: in.LevelID, content: in.Terms, comment: in.Comment, at: in.EffectiveAt}
	if at >= 0 {
		in.Terms.Rank, in.Terms.Name = 0, ""
		p.before, p.content = list[at].terms(), in.Terms
	}
	return s.proposeChange(ctx, p)
}

// ErrNoLevel is a level there is not, ErrNoPerson a person there is not.
var (
	ErrNoLevel  = errs.New(errs.NotFound, "credits.no_level")
	ErrNoPerson = errs.New(errs.NotFound, "credits.no_person")
)

// narrowings are what a limit can be narrowed to.
type narrowings struct {
	Reasons  []string
	Entities []int64
}

func (s *Service) narrowings(ctx context.Context) (narrowings, error) {
	known, err := db.One[narrowings](ctx, s.db, `select array(select code from reason_codes) as reasons, array(select id from legal_entities) as entities`)
	if err != nil {
		return known, fmt.Errorf("read what a limit may name: %w", err)
	}
	return known, nil
}

func (in LevelInput) check(known []Level, names narrowings) error {
	var wrong []errs.Field
	add := func(field, key string) { wrong = append(wrong, errs.Field{Name: field, Key: key}) }
	if in.LevelID == 0 {
		if in.Terms.Rank < 1 || slices.ContainsFunc(known, func(l Level) bool { return l.Rank == in.Terms.Rank }) {
			add("rank", "credits.rank_taken")
		}
		if trimmed(in.Terms.Name) == "" || slices.ContainsFunc(known, func(l Level) bool { return l.Name == in.Terms.Name }) {
			add("name", "credits.level_name_taken")
		}
	}
	if in.Terms.Signatures < 1 || in.Terms.Signatures > 5 {
		add("signatures", "credits.bad_signatures")
	}
	for i, l := range in.Terms.Limits {
		at := fmt.Sprintf("limits.%d.", i)
		l.check(at, add)
		wrong = append(wrong, l.unknown(at, names)...)
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

func (l Limit) check(field string, add func(field, key string)) {
	exact := func(amount *decimal.Decimal) bool {
		return amount == nil || !amount.IsNegative() && amount.Equal(amount.Round(billing.AuthorityCurrency.Digits()))
	}
	if !slices.Contains(billing.Kinds(), l.Kind) || l.Kind == billing.Reverse {
		add(field+"kind", "credits.unknown_kind")
	}
	if !exact(l.MaxAmount) {
		add(field+"max", "billing.bad_amount")
	}
	if !exact(l.WindowMax) {
		add(field+"window_max", "billing.bad_amount")
	}
	if !exact(&l.OwnLimit) {
		add(field+"own", "billing.bad_amount")
	}
}

// unknown names what a limit is narrowed to and nobody knows.
func (l Limit) unknown(at string, known narrowings) []errs.Field {
	var wrong []errs.Field
	check := func(field, name string, is bool) {
		if !is {
			wrong = append(wrong, errs.InvalidField(at+field, "policy.unknown_name", "name", name).Fields[0])
		}
	}
	check("reason", l.Reason, l.Reason == "" || slices.Contains(known.Reasons, l.Reason))
	check("entity", fmt.Sprint(l.EntityID), l.EntityID == 0 || slices.Contains(known.Entities, l.EntityID))
	check("tier", l.Tier, l.Tier == "" || slices.Contains(tierNames(), l.Tier))
	return wrong
}

// HolderInput proposes that a person, or whoever has a role or is in a team, holds a level, holds it for something else, or holds it no more.
type HolderInput struct {
	By      access.Actor
	LevelID int64
	Who
	Terms       HolderTerms
	Comment     string
	EffectiveAt time.Time
}

// ProposeHolder stores who shall hold a level for a second person to confirm.
func (s *Service) ProposeHolder(ctx context.Context, in HolderInput) (AuthorityChange, error) {
	if err := access.Can(in.By, access.ManageAuthority, access.Object{}); err != nil {
		return AuthorityChange{}, err
	}
	if err := access.Proven(in.By); err != nil {
		return AuthorityChange{}, err
	}
	if err := in.check(ctx, s.db); err != nil {
		return AuthorityChange{}, err
	}
	before, err := holdingNow(ctx, s.db, in.LevelID, in.Who)
	if err != nil {
		return AuthorityChange{}, err
	}
	if err := withinScope(in.By, before, in.Terms); err != nil {
		return AuthorityChange{}, err
	}
	if !before.Holds && !in.Terms.Holds {
		return AuthorityChange{}, errs.InvalidField("holds", "credits.holds_it_not")
	}
	return s.proposeChange(ctx, proposed{
		by: in.By, kind: HolderChange, levelID: in.LevelID, who: in.Who, before: before, content: in.Terms, comment: in.Comment, at: in.EffectiveAt,
	})
}

// check refuses a level or somebody there is not, by field, and what a holding cannot be limited to.
func (in HolderInput) check(ctx context.Context, r db.Reader) error {
	named := in.UserID != 0
	if named == (in.Role != "" || in.TeamID != 0) {
		return errs.InvalidField("user", "credits.holder_is_one")
	}
	there, err := db.One[struct {
		Level, Person, Team bool
		Entities, Teams     []int64
		Regions             []string
	}](ctx, r, `select exists (select from authority_levels where id = $1) as level,
		exists (select from users where id = $2 and (active or not $3)) as person, exists (select from teams where id = $4 and (retired_at is null or not $3)) as team,
		array(select id from legal_entities) as entities, array(select id from teams) as teams, array(select distinct region from customers where region <> '') as regions`,
		in.LevelID, in.UserID, in.Terms.Holds, in.TeamID)
	switch {
	case err != nil:
		return fmt.Errorf("find level and holder: %w", err)
	case !there.Level:
		return ErrNoLevel
	case named && !there.Person:
		return ErrNoPerson
	case in.Role != "" && !slices.Contains(roleNames(), in.Role):
		return errs.InvalidField("role", "policy.unknown_name", "name", in.Role)
	case in.TeamID != 0 && !there.Team:
		return errs.InvalidField("team", "credits.no_team")
	}
	var wrong []errs.Field
	unknown := func(field, name string) {
		wrong = append(wrong, errs.InvalidField(field, "policy.unknown_name", "name", name).Fields[0])
	}
	for _, id := range in.Terms.EntityIDs {
		if !slices.Contains(there.Entities, id) {
			unknown("entity_ids", fmt.Sprint(id))
		}
	}
	for _, id := range in.Terms.TeamIDs {
		if !slices.Contains(there.Teams, id) {
			unknown("team_ids", fmt.Sprint(id))
		}
	}
	for _, region := range in.Terms.Regions {
		if !slices.Contains(there.Regions, region) && !policy.IsCountry(region) {
			unknown("regions", region)
		}
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

// carryOutTx puts a confirmed change in force from its day on. It refuses one before another of the same that was confirmed
// for later.
func (c *AuthorityChange) carryOutTx(ctx context.Context, tx *db.Tx) error {
	switch c.Kind {
	case PolicyChange:
		return c.policyTx(ctx, tx)
	case LevelChange:
		return c.levelTx(ctx, tx)
	case HolderChange:
		return c.holderTx(ctx, tx)
	case personChange: // carried out where people are kept
	}
	return nil
}

func (c *AuthorityChange) policyTx(ctx context.Context, tx *db.Tx) error {
	var content policy.Policy
	if err := json.Unmarshal(c.Content, &content); err != nil {
		return fmt.Errorf("read policy: %w", err)
	}
	if _, err := policy.Compile(content); err != nil {
		return err
	}
	if later, err := db.Value[bool](ctx, tx, `select exists (select from authority_policies where valid_from >= $1)`, c.EffectiveAt); err != nil || later {
		return orLater(err)
	}
	if _, err := tx.Exec(ctx, `update authority_policies set valid_until = $1 where valid_until = 'infinity'`, c.EffectiveAt); err != nil {
		return fmt.Errorf("end policy: %w", err)
	}
	return insertPolicyTx(ctx, tx, content, c.EffectiveAt, &c.ID)
}

func insertPolicyTx(ctx context.Context, tx *db.Tx, content policy.Policy, from time.Time, change *int64) error {
	_, err := tx.Exec(ctx, `insert into authority_policies (version, content, valid_from, change_id)
		select coalesce(max(version), 0) + 1, $1, $2, $3 from authority_policies`, content, from, change)
	if err != nil {
		return fmt.Errorf("set policy: %w", err)
	}
	return nil
}

func orLater(err error) error {
	if err != nil {
		return fmt.Errorf("look for later changes: %w", err)
	}
	return ErrLaterChange
}

func (c *AuthorityChange) levelTx(ctx context.Context, tx *db.Tx) error {
	var terms LevelTerms
	if err := json.Unmarshal(c.Content, &terms); err != nil {
		return fmt.Errorf("read level: %w", err)
	}
	var level int64
	if c.LevelID == nil {
		var err error
		if level, err = db.Value[int64](ctx, tx, `insert into authority_levels (rank, name) values ($1, $2) returning id`, terms.Rank, trimmed(terms.Name)); err != nil {
			return fmt.Errorf("add level: %w", err)
		}
	} else {
		level = *c.LevelID
	}
	if later, err := db.Value[bool](ctx, tx, `select exists (select from authority_level_versions where level_id = $1 and valid_from >= $2)`,
		level, c.EffectiveAt); err != nil || later {
		return orLater(err)
	}
	if _, err := tx.Exec(ctx, `update authority_level_versions set valid_until = $2 where level_id = $1 and valid_until = 'infinity'`, level, c.EffectiveAt); err != nil {
		return fmt.Errorf("end terms of level: %w", err)
	}
	if _, err := tx.Exec(ctx, `insert into authority_level_versions (level_id, version, signatures, limits, valid_from, change_id)
		select $1::bigint, coalesce(max(version), 0) + 1, $2, $3, $4, $5 from authority_level_versions where level_id = $1`,
		level, terms.Signatures, limitsOrNone(terms.Limits), c.EffectiveAt, c.ID); err != nil {
		return fmt.Errorf("set terms of level: %w", err)
	}
	return nil
}
