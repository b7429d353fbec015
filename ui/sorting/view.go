package sorting

import (
	"strconv"
	"strings"

	"makegood/cases"
	"makegood/cases/sorting"
	"makegood/cases/sorting/rules"
	"makegood/internal/i18n"
	"makegood/internal/people"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

type listView struct {
	Shows    []kit.Segment
	Version  string
	Rules    []ruleView
	Versions []versionView
	Tried    string // "" when nothing was tried
	Refusal  string
	May      bool
}

type ruleView struct {
	ID, Place, Name string
	When, Then      []string
	Active          bool
	Shadow          string // name of the rule that always comes before
	Holds, Decides  string
	Unused          bool // tried, and decides nothing
	First, Last     bool
}

type versionView struct{ What, Who, When string }

func (r reader) list(now *sorting.Desk, versions []sorting.RuleSet, teams []people.Team) listView {
	v := listView{Shows: segments("rules"), Version: strconv.FormatInt(now.RuleSet.Version, 10), May: r.may}
	list := now.RuleSet.Rules
	for i, rule := range list {
		row := ruleView{
			ID: strconv.FormatInt(rule.ID, 10), Place: strconv.Itoa(i + 1), Name: rule.Name, Active: rule.Active, Then: r.then(rule.Then, teams),
			First: i == 0, Last: i == len(list)-1,
		}
		for _, c := range rule.When {
			row.When = append(row.When, sentence(c))
		}
		v.Rules = append(v.Rules, row)
	}
	for _, s := range now.Shadows() {
		v.Rules[s.Rule].Shadow = list[s.By].Name
	}
	for _, set := range versions {
		v.Versions = append(v.Versions, versionView{What: r.change(set), Who: set.ChangedName, When: r.when(set.ChangedAt)})
	}
	return v
}

func (r reader) counted(v *listView, tried int, counts map[int64]sorting.Count) {
	v.Tried = r.count(tried)
	for i := range v.Rules {
		n := counts[number(v.Rules[i].ID)]
		v.Rules[i].Holds, v.Rules[i].Decides = r.count(n.Holds), r.count(n.Decides)
		v.Rules[i].Unused = v.Rules[i].Active && n.Decides == 0 && n.Holds > 0
	}
}

func (r reader) change(set sorting.RuleSet) string {
	name := ""
	for _, rule := range set.Rules {
		if rule.ID == set.RuleID {
			name = " “" + rule.Name + "”"
		}
	}
	switch set.Change {
	case "added":
		return i18n.F("Added{name}", "name", name)
	case "changed":
		return i18n.F("Changed{name}", "name", name)
	case "removed":
		return i18n.F("Removed rule {rule_id}", "rule_id", strconv.FormatInt(set.RuleID, 10))
	case "moved":
		return i18n.F("Moved{name}", "name", name)
	case "switched":
		return i18n.F("Switched{name}", "name", name)
	}
	return i18n.T("Replaced the list")
}

// then says what follows, one thing each.
func (r reader) then(result rules.Result, teams []people.Team) []string {
	var out []string
	if result.ToCase {
		out = append(out, i18n.T("machine mail opens a case"))
	}
	if result.Topic != "" {
		out = append(out, r.topic(result.Topic))
	}
	if result.Type != "" {
		out = append(out, i18n.Lower(desk.TypeWord(cases.Type(result.Type))))
	}
	if result.Priority != "" {
		out = append(out, result.Priority)
	}
	for _, t := range teams {
		if t.ID == result.TeamID {
			out = append(out, i18n.F("team {name}", "name", t.Name))
		}
	}
	for _, t := range result.Tags {
		out = append(out, "#"+t)
	}
	return out
}

// sentence says a condition as people read it.
func sentence(c rules.Condition) string {
	text := fieldName(c.Field) + " " + opName(c.Op)
	if len(c.Values) > 0 {
		text += " " + desk.Or(c.Values)
	}
	if c.Currency != "" {
		text += " " + c.Currency
	}
	return text
}

type formView struct {
	ID, Version, Name string
	Active, ToCase    bool
	Rows              []rowView
	Topics, Types     []kit.Option
	Priorities, Teams []kit.Option
	Tags              string
	Errors            map[string]string
	Refusal           string
	Trial             *trialView
	May               bool
}

type rowView struct {
	N, Values, Error string
	Fields, Ops      []kit.Option
}

// blankRows are offered behind the conditions a rule has.
const blankRows = 2

func (r reader) form(rule rules.Rule, version int64, teams []people.Team, a answer) formView {
	v := formView{
		ID: strconv.FormatInt(rule.ID, 10), Version: strconv.FormatInt(version, 10), Name: rule.Name, Active: rule.Active, ToCase: rule.Then.ToCase,
		Tags: strings.Join(rule.Then.Tags, ", "), Errors: a.errors, Refusal: a.refusal, May: r.may,
	}
	if a.trial != nil {
		t := r.trial(*a.trial)
		v.Trial = &t
	}
	for n := range min(len(rule.When)+blankRows, rowsMost) {
		c := rules.Condition{}
		if n < len(rule.When) {
			c = rule.When[n]
		}
		v.Rows = append(v.Rows, row(n, c, a.errors))
	}
	v.Topics = choices(i18n.T("As it would be without this rule"), rule.Then.Topic)
	for _, t := range r.topics {
		v.Topics = append(v.Topics, kit.Option{Value: t.Code, Text: t.Name, Selected: t.Code == rule.Then.Topic})
	}
	v.Types = choices(i18n.T("The one that goes with the topic"), rule.Then.Type)
	for _, t := range cases.Types() {
		v.Types = append(v.Types, kit.Option{Value: string(t), Text: i18n.Lower(desk.TypeWord(t)), Selected: string(t) == rule.Then.Type})
	}
	v.Priorities = choices(i18n.T("Computed"), rule.Then.Priority)
	for _, p := range []cases.Priority{cases.P1, cases.P2, cases.P3, cases.P4} {
		v.Priorities = append(v.Priorities, kit.Option{Value: string(p), Text: string(p), Selected: string(p) == rule.Then.Priority})
	}
	v.Teams = choices(i18n.T("Nobody yet"), "")
	for _, t := range people.Offered(teams, &rule.Then.TeamID) {
		v.Teams = append(v.Teams, kit.Option{Value: strconv.FormatInt(t.ID, 10), Text: t.Name, Selected: t.ID == rule.Then.TeamID})
	}
	return v
}

func choices(none, chosen string) []kit.Option {
	return []kit.Option{{Value: "", Text: none, Selected: chosen == ""}}
}

func row(n int, c rules.Condition, errors map[string]string) rowView {
	at := strconv.Itoa(n)
	v := rowView{N: at, Fields: []kit.Option{{Value: "", Text: "–", Selected: c.Field == ""}}}
	values := make([]string, 0, len(c.Values))
	for _, value := range c.Values {
		values = append(values, strings.TrimSpace(value+" "+c.Currency))
	}
	v.Values = strings.Join(values, "\n")
	for _, f := range rules.Fields() {
		v.Fields = append(v.Fields, kit.Option{Value: string(f), Text: fieldName(f), Selected: f == c.Field})
	}
	for _, o := range ops() {
		v.Ops = append(v.Ops, kit.Option{Value: string(o), Text: opName(o), Selected: o == c.Op})
	}
	for _, part := range []string{"field", "op", "values"} {
		if text := errors["when."+at+"."+part]; text != "" {
			v.Error = text
		}
	}
	return v
}

type trialView struct {
	Lead    string
	Matches []matchView
	More    bool
}

type matchView struct{ Href, Who, Subject, When, Found, Before string }

func (r reader) trial(t sorting.Trial) trialView {
	v := trialView{Lead: i18n.F("Holds for {count} of the last {count_2} messages and decides {count_3} of them.", "count", r.count(t.Holds), "count_2", r.count(t.Tried), "count_3", r.count(t.Decides))}
	if t.Holds > t.Decides {
		v.Lead += " " + i18n.T("Earlier rules take the others.")
	}
	for _, m := range t.Matches {
		who := m.Sender
		if who == "" {
			who = i18n.T("no sender")
		}
		v.Matches = append(v.Matches, matchView{
			Href: "/intake/" + strconv.FormatInt(int64(m.ID), 10), Who: who, Subject: m.Subject, When: r.when(m.StoredAt),
			Found: strings.Join(m.Found, ", "), Before: m.Before,
		})
	}
	v.More = t.Holds > len(t.Matches)
	return v
}
