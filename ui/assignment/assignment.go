// Package assignment is the screen of who gets a case: the rules in their order, and how many cases each person has at most.
package assignment

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/cases"
	deal "makegood/cases/assignment"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/people"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

const home = "/settings/assignment"

// Screen is the settings of assignment.
type Screen struct {
	desk    *desk.Desk
	cases   *cases.Service
	billing *billing.Service
	people  *people.Service
}

// New makes the screen.
func New(d *desk.Desk, c *cases.Service, b *billing.Service, p *people.Service) *Screen {
	return &Screen{desk: d, cases: c, billing: b, people: p}
}

// Show lists the rules and the people: GET /settings/assignment.
func (s *Screen) Show(c echo.Context) error {
	ctx, by := c.Request().Context(), web.Actor(c)
	rules, err := s.cases.AssignmentRules(ctx, by)
	if err != nil {
		return err
	}
	agents, err := s.cases.Agents(ctx, by)
	if err != nil {
		return err
	}
	k, err := s.known(c, agents)
	if err != nil {
		return err
	}
	var v listView
	for _, r := range rules {
		v.Rules = append(v.Rules, ruleRow{
			Position: strconv.Itoa(r.Position), Name: r.Name, Href: home + "/rules/" + strconv.FormatInt(r.ID, 10), Active: r.Active,
			When: k.when(r.Match), Who: k.who(r), How: methodWord(r.How),
		})
	}
	for _, a := range agents {
		v.Agents = append(v.Agents, agentRow{
			Name: a.Name, Team: a.Team, Href: home + "/people/" + strconv.FormatInt(a.UserID, 10), Away: a.Away, Has: has(a), Full: a.Capacity > 0 && a.Open >= a.Capacity,
			For: skills(a),
		})
	}
	return s.desk.Page(c, http.StatusOK, desk.SettingsView(i18n.T("Assignment"), home, ""), listPage(v))
}

// AddRule is the page for a new rule: GET /settings/assignment/rules/new.
func (s *Screen) AddRule(c echo.Context) error {
	rules, err := s.cases.AssignmentRules(c.Request().Context(), web.Actor(c))
	if err != nil {
		return err
	}
	next := 10
	if len(rules) > 0 {
		next = min(rules[len(rules)-1].Position+10, 999)
	}
	return s.ruleForm(c, http.StatusOK, ruleForm{rule: cases.AssignmentRule{Position: next, Active: true, How: deal.ByLoad}})
}

// EditRule is the page of one: GET /settings/assignment/rules/:id.
func (s *Screen) EditRule(c echo.Context) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return cases.ErrNoAssignmentRule
	}
	rule, err := s.cases.AssignmentRuleByID(c.Request().Context(), id, web.Actor(c))
	if err != nil {
		return err
	}
	return s.ruleForm(c, http.StatusOK, ruleForm{rule: rule})
}

// SaveRule keeps one: POST /settings/assignment/rules.
func (s *Screen) SaveRule(c echo.Context) error {
	rule, err := ruleOf(c)
	if err != nil {
		return err
	}
	_, err = s.cases.SaveAssignmentRule(c.Request().Context(), rule, web.Actor(c))
	switch errs.KindOf(err) {
	case errs.Invalid, errs.Conflict:
		v := ruleForm{rule: rule, Errors: s.desk.FieldErrors(c, err)}
		if len(v.Errors) == 0 {
			v.Refused = s.desk.Sentence(c, err)
		}
		return s.ruleForm(c, web.Status(err), v)
	default:
		if err != nil {
			return err
		}
	}
	return c.Redirect(http.StatusSeeOther, home)
}

// RemoveRule drops one: POST /settings/assignment/rules/:id/remove.
func (s *Screen) RemoveRule(c echo.Context) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return cases.ErrNoAssignmentRule
	}
	version, err := strconv.Atoi(c.FormValue("version"))
	if err != nil {
		version = 0 // which none has
	}
	if err := s.cases.RemoveAssignmentRule(c.Request().Context(), id, version, web.Actor(c)); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, home)
}

// EditAgent is the page of a person: GET /settings/assignment/people/:id.
func (s *Screen) EditAgent(c echo.Context) error {
	a, err := s.agent(c)
	if err != nil {
		return err
	}
	return s.desk.Page(c, http.StatusOK, desk.SettingsView(i18n.T("Assignment"), home, a.Name), agentPage(agentFormOf(a)))
}

// SaveAgent sets what a person takes: POST /settings/assignment/people/:id.
func (s *Screen) SaveAgent(c echo.Context) error {
	a, err := s.agent(c)
	if err != nil {
		return err
	}
	v := agentForm{
		ID: a.UserID, Name: a.Name, Capacity: strings.TrimSpace(c.FormValue("capacity")), Languages: c.FormValue("languages"), Countries: c.FormValue("countries"),
		Tiers: c.FormValue("tiers"), Topics: c.FormValue("topics"),
	}
	if a.Version, err = strconv.Atoi(c.FormValue("version")); err != nil {
		return cases.ErrAssignmentStale
	}
	v.Version = a.Version
	if a.Capacity, err = strconv.Atoi("0" + v.Capacity); err != nil {
		a.Capacity = -1 // which is refused beside its field
	}
	a.Languages, a.Countries, a.Tiers, a.Topics = list(v.Languages), list(v.Countries), list(v.Tiers), list(v.Topics)
	_, err = s.cases.SetAgentTerms(c.Request().Context(), a, web.Actor(c))
	switch errs.KindOf(err) {
	case errs.Invalid, errs.Conflict:
		if v.Errors = s.desk.FieldErrors(c, err); len(v.Errors) == 0 {
			v.Refused = s.desk.Sentence(c, err)
		}
		return s.desk.Page(c, web.Status(err), desk.SettingsView(i18n.T("Assignment"), home, a.Name), agentPage(v))
	default:
		if err != nil {
			return err
		}
	}
	return c.Redirect(http.StatusSeeOther, home)
}

func (s *Screen) agent(c echo.Context) (cases.AgentTerms, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return cases.AgentTerms{}, errs.New(errs.NotFound, "case.no_such_person")
	}
	return s.cases.AgentByID(c.Request().Context(), id, web.Actor(c))
}

// ruleOf reads the form of a rule.
func ruleOf(c echo.Context) (cases.AssignmentRule, error) {
	form, err := c.FormParams()
	if err != nil {
		return cases.AssignmentRule{}, cases.ErrNoAssignmentRule
	}
	rule := cases.AssignmentRule{
		Name: form.Get("name"), Active: form.Get("active") != "", How: deal.Method(form.Get("how")), Match: deal.Match{
			Types: form["types"], Topics: list(form.Get("topics")), Languages: list(form.Get("languages")), Accounts: list(form.Get("accounts")),
			Tiers: form["tiers"], Countries: list(form.Get("countries")), Regions: list(form.Get("regions")), SalesOwners: list(form.Get("sales_owners")), Entities: desk.Numbers(form["entities"]),
		},
		UserIDs: desk.Numbers(form["users"]),
	}
	if rule.ID, err = strconv.ParseInt(form.Get("id"), 10, 64); err != nil {
		return rule, cases.ErrNoAssignmentRule
	}
	if rule.Version, err = strconv.Atoi(form.Get("version")); err != nil {
		return rule, cases.ErrNoAssignmentRule
	}
	if rule.Position, err = strconv.Atoi(strings.TrimSpace(form.Get("position"))); err != nil {
		rule.Position = 0 // which is refused beside its field
	}
	if team := desk.Numbers(form["team"]); len(team) == 1 {
		rule.TeamID = &team[0]
	}
	return rule, nil
}

// list is what was typed with commas between.
func list(typed string) []string {
	var out []string
	for one := range strings.SplitSeq(typed, ",") {
		if one = strings.TrimSpace(one); one != "" {
			out = append(out, one)
		}
	}
	return out
}

func (s *Screen) ruleForm(c echo.Context, status int, v ruleForm) error {
	agents, err := s.cases.Agents(c.Request().Context(), web.Actor(c))
	if err != nil {
		return err
	}
	k, err := s.known(c, agents)
	if err != nil {
		return err
	}
	v.fill(k)
	title := v.rule.Name
	if v.rule.ID == 0 {
		title = i18n.T("New rule")
	}
	v.Title = title
	return s.desk.Page(c, status, desk.SettingsView(i18n.T("Assignment"), home, title), rulePage(v))
}

// known are the names behind what rules refer to.
type known struct {
	agents   []cases.AgentTerms
	entities []billing.Entity
	teams    []people.Team
	topics   []kit.Option
}

func (s *Screen) known(c echo.Context, agents []cases.AgentTerms) (known, error) {
	k := known{agents: agents}
	var err error
	if k.entities, err = s.billing.Entities(c.Request().Context()); err != nil {
		return k, err
	}
	if k.teams, err = s.people.Teams(c.Request().Context()); err != nil {
		return k, err
	}
	reasons, err := s.cases.Reasons(c.Request().Context())
	if err != nil {
		return k, err
	}
	for _, r := range reasons {
		k.topics = append(k.topics, kit.Option{Value: r.Code, Text: r.Name})
	}
	return k, nil
}
