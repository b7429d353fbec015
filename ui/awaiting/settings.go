package awaiting

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/cases/awaiting"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

const home = "/settings/unanswered"

// rulesView is what one legal entity does about customers who do not answer.
type rulesView struct {
	Code, Title, Remind, Close, Version string
	Since                               string
	Refused                             string
	Errors                              map[string]string
}

// Settings shows when customers are reminded and cases closed: GET /settings/unanswered.
func (s *Screen) Settings(c echo.Context) error { return s.settings(c, http.StatusOK, nil) }

// SetRules says when: POST /settings/unanswered/:entity. Fields: remind_days (numbers with commas between), close_days, version.
func (s *Screen) SetRules(c echo.Context) error {
	typed := rulesView{Code: c.Param("entity"), Remind: c.FormValue("remind_days"), Close: c.FormValue("close_days")}
	version, err := strconv.Atoi(c.FormValue("version"))
	if err != nil {
		return awaiting.ErrStale
	}
	in := awaiting.RulesInput{By: web.Actor(c), Entity: typed.Code, RemindDays: daysOf(typed.Remind), Version: version}
	if in.CloseDays, err = strconv.Atoi(strings.TrimSpace(typed.Close)); err != nil {
		in.CloseDays = -1 // which is refused beside its field
	}
	_, err = s.awaiting.SetRules(c.Request().Context(), in)
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

// daysOf reads numbers with commas between; what is none becomes -1, which is refused beside its field.
func daysOf(text string) []int {
	days := []int{}
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == '，' || r == '、' || r == ' ' || r == ';' }) {
		n, err := strconv.Atoi(part)
		if err != nil {
			n = -1
		}
		days = append(days, n)
	}
	return days
}

// settings draws the page; what was refused stands as it was typed, over the version there is now.
func (s *Screen) settings(c echo.Context, status int, typed *rulesView) error {
	list, err := s.awaiting.Rules(c.Request().Context(), web.Actor(c))
	if err != nil {
		return err
	}
	var rows []rulesView
	for _, r := range list {
		v := rulesView{Code: r.Entity, Title: r.EntityName, Remind: daysText(r.RemindDays), Close: strconv.Itoa(r.CloseDays), Version: strconv.Itoa(r.Version)}
		if r.ActiveSince != nil {
			v.Since = kit.FormatDateTime(*r.ActiveSince, s.desk.Zone(c), s.desk.Lang(c))
		}
		if typed != nil && typed.Code == r.Entity {
			v.Remind, v.Close, v.Errors, v.Refused = typed.Remind, typed.Close, typed.Errors, typed.Refused
		}
		rows = append(rows, v)
	}
	return s.desk.Page(c, status, desk.SettingsView(i18n.T("Unanswered"), home, ""), settingsPage(rows))
}

func daysText(days []int) string {
	texts := make([]string, len(days))
	for i, n := range days {
		texts[i] = strconv.Itoa(n)
	}
	return strings.Join(texts, ", ")
}
