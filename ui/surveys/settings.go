package surveys

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"makegood/cases/survey"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/desk"
)

const home = "/settings/surveys"

// rulesView is what one legal entity asks its customers.
type rulesView struct {
	Code, Title         string
	Active              bool
	Wait, Answer, Quiet string
	Version             string
	Refused             string
	Errors              map[string]string
	Scores, Surveyed    string // where its answers stand
}

// Settings shows who is asked, and when: GET /settings/surveys.
func (s *Screen) Settings(c echo.Context) error { return s.settings(c, http.StatusOK, nil) }

// SetRules says whether an entity asks its customers: POST /settings/surveys/:entity. Fields: active, wait_hours, answer_days, quiet_days, version.
func (s *Screen) SetRules(c echo.Context) error {
	typed := rulesView{
		Code: c.Param("entity"), Active: c.FormValue("active") != "", Wait: c.FormValue("wait_hours"), Answer: c.FormValue("answer_days"), Quiet: c.FormValue("quiet_days"),
	}
	version, err := strconv.Atoi(c.FormValue("version"))
	if err != nil {
		return survey.ErrStale
	}
	number := func(text string) int {
		n, err := strconv.Atoi(text)
		if err != nil {
			return -1 // which is refused beside its field
		}
		return n
	}
	_, err = s.surveys.SetRules(c.Request().Context(), survey.RulesInput{
		By: web.Actor(c), Entity: typed.Code, Active: typed.Active, WaitHours: number(typed.Wait), AnswerDays: number(typed.Answer), QuietDays: number(typed.Quiet), Version: version,
	})
	switch errs.KindOf(err) {
	case errs.Invalid, errs.Conflict:
		if typed.Errors = s.desk.FieldErrors(c, err); len(typed.Errors) == 0 {
			typed.Refused = s.desk.Sentence(c, err)
		}
		return s.settings(c, web.Status(err), &typed)
	default:
		if err != nil {
			return err
		}
	}
	return c.Redirect(http.StatusSeeOther, home)
}

// settings draws the page; what was refused stands as it was typed, over the version there is now.
func (s *Screen) settings(c echo.Context, status int, typed *rulesView) error {
	list, err := s.surveys.Rules(c.Request().Context(), web.Actor(c))
	if err != nil {
		return err
	}
	var rows []rulesView
	for _, r := range list {
		v := rulesView{
			Code: r.Entity, Title: r.EntityName, Active: r.Active, Wait: strconv.Itoa(r.WaitHours), Answer: strconv.Itoa(r.AnswerDays), Quiet: strconv.Itoa(r.QuietDays),
			Version: strconv.Itoa(r.Version), Scores: "/reports/work/scored?entity=" + r.Entity, Surveyed: "/reports/work/surveyed?by=month&entity=" + r.Entity,
		}
		if typed != nil && typed.Code == r.Entity {
			v.Active, v.Wait, v.Answer, v.Quiet, v.Errors, v.Refused = typed.Active, typed.Wait, typed.Answer, typed.Quiet, typed.Errors, typed.Refused
		}
		rows = append(rows, v)
	}
	return s.desk.Page(c, status, desk.SettingsView(i18n.T("Surveys"), home, ""), settingsPage(rows))
}
