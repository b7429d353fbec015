// Package notices is where everybody reads what they were told, and chooses how that reaches them beside the screen.
package notices

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/cases"
	"makegood/cases/telling"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

const path = "/settings/notices"

// Screen is what a person was told, and their choice about it.
type Screen struct {
	desk    *desk.Desk
	telling *telling.Service
	cases   *cases.Service
}

// New makes the screen.
func New(d *desk.Desk, t *telling.Service, c *cases.Service) *Screen {
	return &Screen{desk: d, telling: t, cases: c}
}

// pageView is the page: the choice as it stands, or as it was typed and refused.
type pageView struct {
	Version, Mail, QuietFrom, QuietTo, DigestAt string

	Zone    string // whose wall clock the times are on
	Saved   bool
	Refused string
	Errors  map[string]string
}

func (v pageView) ways() []kit.Option {
	return []kit.Option{
		{Value: string(telling.Never), Text: i18n.T("Not by mail")},
		{Value: string(telling.AtOnce), Text: i18n.T("At once")},
		{Value: string(telling.Digest), Text: i18n.T("Once a day, together")},
	}
}

// Show is the page: GET /settings/notices.
func (s *Screen) Show(c echo.Context) error {
	choice, err := s.telling.Choice(c.Request().Context(), web.Actor(c))
	if err != nil {
		return err
	}
	v := pageView{
		Version: strconv.Itoa(choice.Version), Mail: string(choice.Mail), QuietFrom: clockText(choice.QuietFrom), QuietTo: clockText(choice.QuietTo),
		DigestAt: clockText(&choice.DigestAt), Saved: c.QueryParam("saved") != "",
	}
	return s.page(c, http.StatusOK, v)
}

// Save changes the choice: POST /settings/notices. Fields: version, mail, quiet_from, quiet_to, digest_at (15:04, the quiet hours may be empty).
func (s *Screen) Save(c echo.Context) error {
	v := pageView{
		Version: c.FormValue("version"), Mail: c.FormValue("mail"), QuietFrom: c.FormValue("quiet_from"), QuietTo: c.FormValue("quiet_to"), DigestAt: c.FormValue("digest_at"),
	}
	choice, err := v.choice()
	if err == nil {
		_, err = s.telling.Choose(c.Request().Context(), web.Actor(c), choice)
	}
	switch kind := errs.KindOf(err); {
	case err == nil:
		return c.Redirect(http.StatusSeeOther, path+"?saved=1")
	case kind != errs.Invalid && kind != errs.Conflict:
		return err
	}
	if v.Errors = s.desk.FieldErrors(c, err); len(v.Errors) == 0 {
		v.Refused = s.desk.Sentence(c, err)
	}
	return s.page(c, web.Status(err), v)
}

func (s *Screen) page(c echo.Context, status int, v pageView) error {
	v.Zone = s.desk.Zone(c).String()
	return s.desk.Page(c, status, desk.View{Title: i18n.T("Notices"), Heading: i18n.T("Notices"), BodyClass: "page-periods"}, page(v))
}

// choice reads what was typed.
func (v pageView) choice() (telling.Choice, error) {
	version, err := strconv.Atoi(v.Version)
	if err != nil {
		return telling.Choice{}, errs.InvalidField("version", "error.not_a_number")
	}
	c := telling.Choice{Mail: telling.Way(v.Mail), Version: version}
	var wrong []errs.Field
	read := func(name, text string) *int {
		if text = strings.TrimSpace(text); text == "" {
			return nil
		}
		minute, ok := minuteOf(text)
		if !ok {
			wrong = append(wrong, errs.Field{Name: name, Key: "telling.no_time_of_day"})
		}
		return &minute
	}
	c.QuietFrom, c.QuietTo = read("quiet_from", v.QuietFrom), read("quiet_to", v.QuietTo)
	if at := read("digest_at", v.DigestAt); at != nil {
		c.DigestAt = *at
	} else {
		wrong = append(wrong, errs.Field{Name: "digest_at", Key: "telling.no_time_of_day"})
	}
	if len(wrong) > 0 {
		return c, errs.InvalidFields(wrong...)
	}
	return c, nil
}

// minuteOf reads 15:04 as a minute of the day.
func minuteOf(text string) (int, bool) {
	hours, minutes, ok := strings.Cut(text, ":")
	h, err1 := strconv.Atoi(hours)
	m, err2 := strconv.Atoi(minutes)
	return h*60 + m, ok && err1 == nil && err2 == nil && h >= 0 && h < 24 && m >= 0 && m < 60
}

func clockText(minute *int) string {
	if minute == nil {
		return ""
	}
	return fmt.Sprintf("%02d:%02d", *minute/60, *minute%60)
}
