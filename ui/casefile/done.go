package casefile

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strconv"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"makegood/cases"
	"makegood/internal/errs"
	"makegood/internal/reports"
	"makegood/internal/web"
	"makegood/ui/desk"
)

// toast is what the foot of the screen says after something was done.
type toast = desk.Toast

// find reads the case that a form is about, and which version of it the form was based on. A page that follows the
// case live sends what it shows by now; without script it is what the page showed.
func (s *Screen) find(c echo.Context) (reports.CaseHead, cases.On, error) {
	head, err := s.files.Find(c.Request().Context(), c.Param("number"), web.Actor(c))
	if err != nil {
		return head, cases.On{}, err
	}
	return head, cases.On{By: web.Actor(c), ID: head.ID, Version: basedOn(c)}, nil
}

// basedOn is the version that whoever sent a form has seen.
func basedOn(c echo.Context) int {
	version := 0
	for _, name := range []string{"seen", "version"} {
		if n, err := strconv.Atoi(c.FormValue(name)); err == nil && n > version {
			version = n
		}
	}
	return version
}

// done shows the case as it is now; without script it goes back to its page.
func (s *Screen) done(c echo.Context, t toast, fresh func(v view) templ.Component) error {
	if !web.IsHTMX(c) {
		return c.Redirect(http.StatusSeeOther, "/cases/"+url.PathEscape(c.Param("number")))
	}
	v, err := s.view(c)
	if err != nil {
		return err
	}
	if err := s.desk.Toast(c, t); err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("HX-Retarget", "#case")
	h.Set("HX-Reswap", "outerMorph")
	var more templ.Component
	if fresh != nil {
		more = fresh(v)
	}
	return s.desk.Fragment(c, http.StatusOK, answer(v, more))
}

var formName = regexp.MustCompile(`^[a-z]+(-[a-z0-9]+)?$`)

// refuse answers a form that was refused. Inside the form that sent it stands why, and what was typed stays; after a
// change by somebody else the page behind shows it, so that both ways on are open.
func (s *Screen) refuse(c echo.Context, err error) error {
	at := c.FormValue("at")
	if !web.IsHTMX(c) || !formName.MatchString(at) || errs.KindOf(err) == errs.Internal {
		return err
	}
	var behind *view
	if errors.Is(err, cases.ErrStaleVersion) {
		f, readErr := s.files.CaseFile(c.Request().Context(), c.Param("number"), web.Actor(c))
		if readErr != nil {
			return readErr
		}
		v := s.build(c, f)
		v.Missed = s.reader(c).missed(f, f.Version-basedOn(c))
		behind = &v
	}
	h := c.Response().Header()
	h.Set("HX-Retarget", "#"+at+"-error")
	h.Set("HX-Reswap", "innerHTML")
	return s.desk.Fragment(c, web.Status(err), refusal(s.sentences(c, err), behind))
}

// sentences says what was refused; for wrong fields, each of them.
func (s *Screen) sentences(c echo.Context, err error) []string {
	fields := s.desk.FieldErrors(c, err)
	if len(fields) == 0 {
		return []string{s.desk.Sentence(c, err)}
	}
	var list []string
	for _, text := range fields {
		list = append(list, text)
	}
	return list
}

// number reads an optional id of a form; nil when the field is empty.
func number(c echo.Context, name string) (*int64, error) {
	text := c.FormValue(name)
	if text == "" {
		return nil, nil //nolint:nilnil // nothing chosen is an answer of its own
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil, errs.InvalidField(name, "error.not_a_number")
	}
	return &n, nil
}
