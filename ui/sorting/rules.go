package sorting

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"makegood/cases/sorting"
	"makegood/cases/sorting/rules"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/layout"
)

// versionsShown is how many changes of the rules stand beside them.
const versionsShown = 12

// List shows the rules in order: GET /sorting. With counts=1 every rule is tried on past mail.
func (s *Screen) List(c echo.Context) error { return s.list(c, http.StatusOK, "") }

func (s *Screen) list(c echo.Context, status int, refusal string) error {
	ctx, by := c.Request().Context(), web.Actor(c)
	r, err := s.reader(c)
	if err != nil {
		return err
	}
	now, err := s.sorts.Current(ctx)
	if err != nil {
		return err
	}
	versions, err := s.sorts.RuleSets(ctx, versionsShown)
	if err != nil {
		return err
	}
	teams, err := s.people.Teams(ctx)
	if err != nil {
		return err
	}
	v := r.list(now, versions, teams)
	v.Refusal = refusal
	if c.QueryParam("counts") != "" {
		tried, counts, err := s.sorts.Counts(ctx, by)
		if err != nil {
			return err
		}
		r.counted(&v, tried, counts)
	}
	return s.desk.Page(c, status, frame(i18n.T("Rules")), listPage(v))
}

// New shows an empty rule: GET /sorting/rules/new.
func (s *Screen) New(c echo.Context) error {
	return s.edit(c, http.StatusOK, rules.Rule{Active: true}, answer{})
}

// Edit shows a rule to change it: GET /sorting/rules/:id.
func (s *Screen) Edit(c echo.Context) error {
	now, err := s.sorts.Current(c.Request().Context())
	if err != nil {
		return err
	}
	for _, rule := range now.RuleSet.Rules {
		if rule.ID == number(c.Param("id")) {
			return s.edit(c, http.StatusOK, rule, answer{})
		}
	}
	return sorting.ErrNoRule
}

// answer is what became of what was sent: what was wrong, or what a trial showed.
type answer struct {
	errors  map[string]string
	refusal string
	trial   *sorting.Trial
}

func (s *Screen) edit(c echo.Context, status int, rule rules.Rule, a answer) error {
	ctx := c.Request().Context()
	r, err := s.reader(c)
	if err != nil {
		return err
	}
	now, err := s.sorts.Current(ctx)
	if err != nil {
		return err
	}
	teams, err := s.people.Teams(ctx)
	if err != nil {
		return err
	}
	v := r.form(rule, now.RuleSet.Version, teams, a)
	title := rule.Name
	if title == "" {
		title = i18n.T("New rule")
	}
	return s.desk.Page(c, status, frame(title, layout.Crumb{Text: i18n.T("Rules"), Href: "/sorting"}, layout.Crumb{Text: title}), formPage(v))
}

// Save keeps a rule: POST /sorting/rules. Fields: id, version, name, active, field.N, op.N, values.N, topic, type, priority,
// team, tags, to_case.
func (s *Screen) Save(c echo.Context) error {
	rule, err := sent(c)
	if err != nil {
		return err
	}
	_, err = s.sorts.SaveRule(c.Request().Context(), s.on(c), rule)
	if kind := errs.KindOf(err); kind == errs.Invalid || kind == errs.Conflict {
		return s.edit(c, web.Status(err), rule, s.wrong(c, err))
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/sorting")
}

func (s *Screen) wrong(c echo.Context, err error) answer {
	a := answer{errors: s.desk.FieldErrors(c, err)}
	if len(a.errors) == 0 {
		a.refusal = s.desk.Sentence(c, err)
	}
	return a
}

// Try tries a rule on past mail before it is kept: POST /sorting/rules/try, with the fields of Save.
func (s *Screen) Try(c echo.Context) error {
	rule, err := sent(c)
	if err != nil {
		return err
	}
	if rule.Name == "" {
		rule.Name = i18n.English(i18n.T("New rule")) // a name is not needed to try
	}
	trial, err := s.sorts.Try(c.Request().Context(), web.Actor(c), rule)
	invalid := errs.KindOf(err) == errs.Invalid
	if err != nil && !invalid {
		return err
	}
	r, rerr := s.reader(c)
	if rerr != nil {
		return rerr
	}
	switch {
	case web.IsHTMX(c) && invalid:
		return s.desk.Fragment(c, http.StatusOK, tryRefused(s.sentences(c, err)))
	case web.IsHTMX(c):
		return s.desk.Fragment(c, http.StatusOK, tryResult(r.trial(trial)))
	case invalid:
		return s.edit(c, http.StatusUnprocessableEntity, rule, s.wrong(c, err))
	}
	return s.edit(c, http.StatusOK, rule, answer{trial: &trial})
}

func (s *Screen) sentences(c echo.Context, err error) []string {
	var out []string
	for _, text := range s.desk.FieldErrors(c, err) {
		out = append(out, text)
	}
	return out
}

func (s *Screen) on(c echo.Context) sorting.RulesOn {
	return sorting.RulesOn{By: web.Actor(c), Version: number(c.FormValue("version"))}
}

// Move puts a rule earlier or later: POST /sorting/rules/:id/move. Fields: version, by.
func (s *Screen) Move(c echo.Context) error {
	return s.changed(c, s.sorts.MoveRule(c.Request().Context(), s.on(c), number(c.Param("id")), int(number(c.FormValue("by")))))
}

// Switch switches a rule on or off: POST /sorting/rules/:id/switch. Fields: version, active.
func (s *Screen) Switch(c echo.Context) error {
	return s.changed(c, s.sorts.SwitchRule(c.Request().Context(), s.on(c), number(c.Param("id")), c.FormValue("active") == "on"))
}

// Remove takes a rule out: POST /sorting/rules/:id/remove. Field: version.
func (s *Screen) Remove(c echo.Context) error {
	return s.changed(c, s.sorts.RemoveRule(c.Request().Context(), s.on(c), number(c.Param("id"))))
}

func (s *Screen) changed(c echo.Context, err error) error {
	if errs.KindOf(err) == errs.Conflict {
		return s.list(c, http.StatusConflict, s.desk.Sentence(c, err))
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/sorting")
}
