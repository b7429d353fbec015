package configfile

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits"
	"makegood/credits/authority/policy"
	"makegood/internal/errs"
	"makegood/internal/people"
)

// Level is a level of authority in a file.
type Level struct {
	Rank       int     `yaml:"rank"`
	Name       string  `yaml:"name"`
	Signatures int     `yaml:"signatures"`
	Limits     []Limit `yaml:"limits"`
}

// Limit is how much a level decides, in the currency of authority. Without max there is no limit; window_max is how much may add up.
type Limit struct {
	Kind      billing.Kind     `yaml:"kind"`
	Max       *decimal.Decimal `yaml:"max,omitempty"`
	WindowMax *decimal.Decimal `yaml:"window_max,omitempty"`
	Own       decimal.Decimal  `yaml:"own,omitempty"`
	Reason    string           `yaml:"reason,omitempty"`
	Entity    string           `yaml:"entity,omitempty"`
	Tier      string           `yaml:"tier,omitempty"`
}

// Holder is whom a level is given to: a person, or whoever has a role, is in a team, or has the role within the team; in the legal
// entities, for customers of the regions, and for what the teams ask that are named, or for all.
type Holder struct {
	Level    string   `yaml:"level"`
	Person   string   `yaml:"person,omitempty"` // by address
	Role     string   `yaml:"role,omitempty"`
	Team     string   `yaml:"team,omitempty"`
	Entities []string `yaml:"entities,omitempty,flow"`
	Regions  []string `yaml:"regions,omitempty,flow"`
	Teams    []string `yaml:"teams,omitempty,flow"`
}

// name tells one holder from another.
func (h Holder) name() string {
	list := []string{h.Level}
	for _, part := range []struct{ what, name string }{{"", h.Person}, {"role ", h.Role}, {"team ", h.Team}} {
		if part.name != "" {
			list = append(list, part.what+part.name)
		}
	}
	return strings.Join(list, ", ")
}

func (s Services) authority(ctx context.Context, h *here, f *File) error {
	_, now, err := s.Credits.Policy(ctx)
	if err != nil {
		return err
	}
	f.Policy = &now
	levels, err := s.Credits.Levels(ctx)
	if err != nil {
		return err
	}
	for _, l := range levels {
		level := Level{Rank: l.Rank, Name: l.Name, Signatures: l.Signatures}
		for _, limit := range l.Limits {
			code := ""
			if codes := h.codes([]int64{limit.EntityID}); len(codes) == 1 {
				code = codes[0]
			}
			level.Limits = append(level.Limits, Limit{
				Kind: limit.Kind, Max: limit.MaxAmount, WindowMax: limit.WindowMax, Own: limit.OwnLimit, Reason: limit.Reason, Entity: code, Tier: limit.Tier,
			})
		}
		f.Levels = append(f.Levels, level)
	}
	holdings, err := s.Credits.Holdings(ctx)
	if err != nil {
		return err
	}
	teams, err := s.People.Teams(ctx)
	if err != nil {
		return err
	}
	for _, one := range holdings {
		holder := Holder{Level: one.LevelName, Person: one.Email, Role: one.Role, Team: one.TeamName, Entities: h.codes(one.EntityIDs), Regions: one.Regions}
		for _, t := range teams {
			if slices.Contains(one.TeamIDs, t.ID) {
				holder.Teams = append(holder.Teams, t.Name)
			}
		}
		f.Holders = append(f.Holders, holder)
	}
	return nil
}

func (s Services) planAuthority(now, want File) []Change {
	var plan []Change
	if want.Policy != nil {
		if lines := policy.Diff(*now.Policy, *want.Policy); len(lines) > 0 {
			plan = append(plan, Change{Part: "authority_policy", Name: "policy", Lines: lines, carry: func(ctx context.Context, o Order) (string, error) {
				change, err := s.Credits.ProposePolicy(ctx, credits.PolicyInput{By: o.By, Policy: *want.Policy, Comment: o.Comment})
				return proposed(change.ID, change.Waited), err
			}})
		}
	}
	for i := range want.Levels {
		want.Levels[i].Signatures = cmp.Or(want.Levels[i].Signatures, 1)
	}
	plan = append(plan, differing("authority_levels", now.Levels, want.Levels, func(l Level) string { return l.Name },
		func(old *Level, l Level) func(context.Context, Order) (string, error) {
			return func(ctx context.Context, o Order) (string, error) {
				if old != nil && old.Rank != l.Rank {
					return "", errs.InvalidField("rank", "configfile.rank_stays", "rank", strconv.Itoa(old.Rank))
				}
				return s.proposeLevel(ctx, o, l)
			}
		})...)
	return append(plan, differing("authority_holders", now.Holders, want.Holders, Holder.name,
		func(_ *Holder, one Holder) func(context.Context, Order) (string, error) {
			return func(ctx context.Context, o Order) (string, error) { return s.proposeHolder(ctx, o, one) }
		})...)
}

func (s Services) proposeLevel(ctx context.Context, o Order, l Level) (string, error) {
	h, err := s.look(ctx, o.By)
	if err != nil {
		return "", err
	}
	in := credits.LevelInput{By: o.By, Comment: o.Comment, Terms: credits.LevelTerms{Rank: l.Rank, Name: l.Name, Signatures: l.Signatures, Limits: []credits.Limit{}}}
	if in.LevelID, err = s.levelID(ctx, l.Name); err != nil {
		return "", err
	}
	for _, limit := range l.Limits {
		one := credits.Limit{Kind: limit.Kind, MaxAmount: limit.Max, WindowMax: limit.WindowMax, OwnLimit: limit.Own, Reason: limit.Reason, Tier: limit.Tier}
		if limit.Entity != "" {
			ids, err := h.ids([]string{limit.Entity})
			if err != nil {
				return "", err
			}
			one.EntityID = ids[0]
		}
		in.Terms.Limits = append(in.Terms.Limits, one)
	}
	change, err := s.Credits.ProposeLevel(ctx, in)
	return proposed(change.ID, change.Waited), err
}

// levelID is the level of a name, 0 when there is none.
func (s Services) levelID(ctx context.Context, name string) (int64, error) {
	list, err := s.Credits.Levels(ctx)
	if i := slices.IndexFunc(list, func(l credits.Level) bool { return l.Name == name }); i >= 0 {
		return list[i].ID, err
	}
	return 0, err
}

func (s Services) proposeHolder(ctx context.Context, o Order, one Holder) (string, error) {
	h, err := s.look(ctx, o.By)
	if err != nil {
		return "", err
	}
	in := credits.HolderInput{By: o.By, Comment: o.Comment, Terms: credits.HolderTerms{Holds: true}}
	if in.Terms.EntityIDs, err = h.ids(one.Entities); err != nil {
		return "", err
	}
	if in.LevelID, err = s.levelID(ctx, one.Level); err != nil {
		return "", err
	}
	if in.LevelID == 0 {
		return "", errs.InvalidField("level", "configfile.no_level", "level", one.Level)
	}
	if one.Person != "" {
		user, err := s.People.UserByEmail(ctx, one.Person)
		if err != nil {
			return "", err
		}
		in.UserID = user.ID
	}
	in.Role, in.Terms.Regions = one.Role, one.Regions
	if one.Team != "" {
		ids, err := s.teamIDs(ctx, "team", one.Team)
		if err != nil {
			return "", err
		}
		in.TeamID = ids[0]
	}
	if in.Terms.TeamIDs, err = s.teamIDs(ctx, "teams", one.Teams...); err != nil {
		return "", err
	}
	change, err := s.Credits.ProposeHolder(ctx, in)
	return proposed(change.ID, change.Waited), err
}

// teamIDs are those of teams by name.
func (s Services) teamIDs(ctx context.Context, field string, names ...string) ([]int64, error) {
	if len(names) == 0 {
		return nil, nil
	}
	teams, err := s.People.Teams(ctx)
	if err != nil {
		return nil, err
	}
	var ids []int64
	for _, name := range names {
		at := slices.IndexFunc(teams, func(t people.Team) bool { return t.Name == name })
		if at < 0 {
			return nil, errs.InvalidField(field, "configfile.no_team", "team", name)
		}
		ids = append(ids, teams[at].ID)
	}
	return ids, nil
}
