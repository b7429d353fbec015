package assignment

import (
	"slices"
	"strconv"
	"strings"

	"makegood/billing"
	"makegood/cases"
	deal "makegood/cases/assignment"
	"makegood/internal/i18n"
	"makegood/internal/people"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

type listView struct {
	Rules  []ruleRow
	Agents []agentRow
}

type ruleRow struct {
	Position, Name, Href, When, Who, How string
	Active                               bool
}

type agentRow struct {
	Name, Team, Href, Has, For string
	Away, Full                 bool
}

type agentForm struct {
	ID                                            int64
	Version                                       int
	Name                                          string
	Capacity, Languages, Countries, Tiers, Topics string
	Errors                                        map[string]string
	Refused                                       string
}

func agentFormOf(a cases.AgentTerms) agentForm {
	v := agentForm{
		ID: a.UserID, Version: a.Version, Name: a.Name, Languages: joined(a.Languages), Countries: joined(a.Countries), Tiers: joined(a.Tiers), Topics: joined(a.Topics),
	}
	if a.Capacity > 0 {
		v.Capacity = strconv.Itoa(a.Capacity)
	}
	return v
}

// ruleForm is the page of a rule, as it is kept or as it was typed.
type ruleForm struct {
	rule            cases.AssignmentRule
	Title           string
	Types, Tiers    []kit.Option
	Entities, Users []kit.Option
	Teams, Hows     []kit.Option
	Topics          []kit.Option // codes that can be named
	Errors          map[string]string
	Refused         string
}

func (v ruleForm) id() string       { return strconv.FormatInt(v.rule.ID, 10) }
func (v ruleForm) version() string  { return strconv.Itoa(v.rule.Version) }
func (v ruleForm) position() string { return strconv.Itoa(v.rule.Position) }

func (v *ruleForm) fill(k known) {
	m := v.rule.Match
	for _, t := range cases.Types() {
		v.Types = append(v.Types, kit.Option{Value: string(t), Text: desk.TypeWord(t), Selected: slices.Contains(m.Types, string(t))})
	}
	for _, t := range []billing.Tier{billing.Platinum, billing.Gold, billing.Silver} {
		v.Tiers = append(v.Tiers, kit.Option{Value: string(t), Text: desk.TierName(t), Selected: slices.Contains(m.Tiers, string(t))})
	}
	for _, e := range k.entities {
		v.Entities = append(v.Entities, kit.Option{Value: strconv.FormatInt(int64(e.ID), 10), Text: e.Name, Selected: slices.Contains(m.Entities, int64(e.ID))})
	}
	for _, a := range k.agents {
		v.Users = append(v.Users, kit.Option{Value: strconv.FormatInt(a.UserID, 10), Text: a.Name, Selected: slices.Contains(v.rule.UserIDs, a.UserID)})
	}
	for _, id := range v.rule.UserIDs {
		if !k.there(id) {
			v.Users = append(v.Users, kit.Option{Value: strconv.FormatInt(id, 10), Text: i18n.T("somebody who is gone"), Selected: true})
		}
	}
	v.Teams = []kit.Option{{Value: "", Text: i18n.T("Any team")}}
	for _, t := range people.Offered(k.teams, v.rule.TeamID) {
		v.Teams = append(v.Teams, kit.Option{Value: strconv.FormatInt(t.ID, 10), Text: t.Name, Selected: v.rule.TeamID != nil && *v.rule.TeamID == t.ID})
	}
	for _, how := range deal.Methods() {
		v.Hows = append(v.Hows, kit.Option{Value: string(how), Text: methodWord(how), Hint: methodHint(how), Selected: how == v.rule.How})
	}
	v.Topics = k.topics
}

func methodWord(how deal.Method) string {
	switch how {
	case deal.InTurn:
		return i18n.T("In turn")
	case deal.ByLoad:
		return i18n.T("By load")
	case deal.BySkill:
		return i18n.T("By skill")
	}
	return string(how)
}

func methodHint(how deal.Method) string {
	switch how {
	case deal.InTurn:
		return i18n.T("One after the other.")
	case deal.ByLoad:
		return i18n.T("Whoever has the fewest open cases.")
	case deal.BySkill:
		return i18n.T("Whoever is there for just this language, country, tier and topic; of several, who has the fewest.")
	}
	return ""
}

// said are codes as they are read in the middle of a sentence.
func said(list []string, say func(string) string) []string {
	out := make([]string, len(list))
	for n, code := range list {
		out[n] = i18n.Lower(say(code))
	}
	return out
}

// when says which cases a rule is for.
func (k known) when(m deal.Match) string {
	var parts []string
	say := func(word string, list []string) {
		if len(list) > 0 {
			parts = append(parts, word+" "+strings.Join(list, ", "))
		}
	}
	say(i18n.T("type"), said(m.Types, func(t string) string { return desk.TypeWord(cases.Type(t)) }))
	say(i18n.T("topic"), m.Topics)
	say(i18n.T("customer"), m.Accounts)
	say(i18n.T("tier"), said(m.Tiers, func(t string) string { return desk.TierName(billing.Tier(t)) }))
	say(i18n.T("country"), m.Countries)
	say(i18n.T("region"), m.Regions)
	say(i18n.T("sales owner"), m.SalesOwners)
	say(i18n.T("language"), m.Languages)
	var entities []string
	for _, e := range k.entities {
		if slices.Contains(m.Entities, int64(e.ID)) {
			entities = append(entities, e.Name)
		}
	}
	say(i18n.T("of"), entities)
	if len(parts) == 0 {
		return i18n.T("every case")
	}
	return strings.Join(parts, "; ")
}

// there tells whether somebody can be given cases.
func (k known) there(id int64) bool {
	return slices.ContainsFunc(k.agents, func(a cases.AgentTerms) bool { return a.UserID == id })
}

// who says whom a rule gives them to.
func (k known) who(r cases.AssignmentRule) string {
	var names []string
	if slices.ContainsFunc(r.UserIDs, func(id int64) bool { return !k.there(id) }) {
		names = append(names, i18n.T("somebody who is gone"))
	}
	for _, a := range k.agents {
		if slices.Contains(r.UserIDs, a.UserID) {
			names = append(names, a.Name)
		}
	}
	team := ""
	for _, t := range k.teams {
		if r.TeamID != nil && t.ID == *r.TeamID {
			team = t.Name
		}
	}
	switch {
	case len(names) > 0 && team != "":
		return i18n.F("{names} (as far as in {team})", "names", strings.Join(names, ", "), "team", team)
	case len(names) > 0:
		return strings.Join(names, ", ")
	case team != "":
		return i18n.F("agents of {team}", "team", team)
	}
	return i18n.T("every agent")
}

func has(a cases.AgentTerms) string {
	if a.Capacity == 0 {
		return strconv.Itoa(a.Open)
	}
	return i18n.F("{open} of {capacity}", "open", strconv.Itoa(a.Open), "capacity", strconv.Itoa(a.Capacity))
}

// skills says what somebody is there for.
func skills(a cases.AgentTerms) string {
	var parts []string
	for _, list := range [][]string{a.Languages, a.Countries, a.Tiers, a.Topics} {
		if len(list) > 0 {
			parts = append(parts, joined(list))
		}
	}
	if len(parts) == 0 {
		return i18n.T("everything")
	}
	return strings.Join(parts, "; ")
}

func joined(list []string) string { return strings.Join(list, ", ") }
