// Package reasons is the screen of what claims and credits are sorted by: the reasons that customers read, and the root causes
// with whoever upstream mends them.
package reasons

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

const home = "/settings/reasons"

// Screen is the settings of reasons and root causes.
type Screen struct {
	desk  *desk.Desk
	cases *cases.Service
}

// New makes the screen.
func New(d *desk.Desk, c *cases.Service) *Screen { return &Screen{desk: d, cases: c} }

// List shows both: GET /settings/reasons.
func (s *Screen) List(c echo.Context) error {
	by := web.Actor(c)
	book, err := s.cases.ReasonBook(c.Request().Context(), by)
	if err != nil {
		return err
	}
	starter, err := cases.StarterReasons()
	if err != nil {
		return err
	}
	v := listView{Reasons: book.Reasons, Causes: book.RootCauses, May: access.May(by, access.ManageReasons)}
	v.Empty = len(book.Reasons) == 0 || len(book.RootCauses) == 0
	v.StarterReasons, v.StarterCauses = len(starter.Reasons), len(starter.RootCauses)
	return s.desk.Page(c, http.StatusOK, desk.SettingsView(i18n.T("Reasons"), home, i18n.T("Reasons")), listPage(v))
}

// Starter adds the set to begin with: POST /settings/reasons/starter.
func (s *Screen) Starter(c echo.Context) error {
	if _, err := s.cases.AddStarterReasons(c.Request().Context(), web.Actor(c), false); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, home)
}

// NewReason is the page for a new reason: GET /settings/reasons/new.
func (s *Screen) NewReason(c echo.Context) error {
	return s.form(c, http.StatusOK, formView{New: true, CaseType: cases.Dispute})
}

// NewCause is the page for a new root cause: GET /settings/root-causes/new.
func (s *Screen) NewCause(c echo.Context) error {
	return s.form(c, http.StatusOK, formView{New: true, Cause: true})
}

// Reason is the page of one: GET /settings/reasons/:code.
func (s *Screen) Reason(c echo.Context) error {
	book, err := s.cases.ReasonBook(c.Request().Context(), web.Actor(c))
	if err != nil {
		return err
	}
	for _, e := range book.Reasons {
		if e.Code == c.Param("code") {
			return s.form(c, http.StatusOK, formView{
				Code: e.Code, Name: e.Name, CaseType: e.CaseType, Wordings: e.Wordings, Position: strconv.Itoa(e.Position), Retired: e.Retired, Version: e.Version,
			})
		}
	}
	return cases.ErrNoReason
}

// Cause is the page of a root cause: GET /settings/root-causes/:code.
func (s *Screen) Cause(c echo.Context) error {
	book, err := s.cases.ReasonBook(c.Request().Context(), web.Actor(c))
	if err != nil {
		return err
	}
	for _, e := range book.RootCauses {
		if e.Code == c.Param("code") {
			return s.form(c, http.StatusOK, formView{Cause: true, Code: e.Code, Name: e.Name, Owner: e.UpstreamOwner, Retired: e.Retired, Version: e.Version})
		}
	}
	return cases.ErrNoReason
}

// SaveReason keeps a reason: POST /settings/reasons. Fields: new, code, version, name, type, position, retired and one wording_ for each language.
func (s *Screen) SaveReason(c echo.Context) error {
	v, err := typed(c)
	if err != nil {
		return err
	}
	v.CaseType, v.Position, v.Wordings = cases.Type(c.FormValue("type")), strings.TrimSpace(c.FormValue("position")), map[string]string{}
	for _, language := range cases.ReasonLanguages() {
		v.Wordings[language] = c.FormValue("wording_" + language)
	}
	place := 0
	if v.Position != "" {
		if place, err = strconv.Atoi(v.Position); err != nil {
			place = -1 // which is refused beside its field
		}
	}
	return s.keep(c, v, cases.ReasonBook{Reasons: []cases.ReasonEntry{{
		Code: v.Code, Name: v.Name, CaseType: v.CaseType, Wordings: v.Wordings, Position: place, Retired: v.Retired, Version: v.Version,
	}}})
}

// SaveCause keeps a root cause: POST /settings/root-causes. Fields: new, code, version, name, owner, retired.
func (s *Screen) SaveCause(c echo.Context) error {
	v, err := typed(c)
	if err != nil {
		return err
	}
	v.Cause, v.Owner = true, c.FormValue("owner")
	return s.keep(c, v, cases.ReasonBook{RootCauses: []cases.CauseEntry{{
		Code: v.Code, Name: v.Name, UpstreamOwner: v.Owner, Retired: v.Retired, Version: v.Version,
	}}})
}

func typed(c echo.Context) (formView, error) {
	v := formView{New: c.FormValue("new") != "", Code: strings.TrimSpace(c.FormValue("code")), Name: c.FormValue("name"), Retired: c.FormValue("retired") != ""}
	if v.New {
		return v, nil
	}
	var err error
	if v.Version, err = strconv.Atoi(c.FormValue("version")); err != nil || v.Version < 1 {
		return v, errs.InvalidField("version", "error.not_a_number")
	}
	return v, nil
}

// keep stores one entry; what was refused stands as it was typed.
func (s *Screen) keep(c echo.Context, v formView, book cases.ReasonBook) error {
	_, err := s.cases.KeepReasons(c.Request().Context(), cases.KeepReasonsInput{By: web.Actor(c), Book: book, New: v.New})
	switch errs.KindOf(err) {
	case errs.Invalid, errs.Conflict:
		if v.Errors = s.desk.FieldErrors(c, err); len(v.Errors) == 0 {
			v.Refused = s.desk.Sentence(c, err)
		}
		return s.form(c, web.Status(err), v)
	default:
		if err != nil {
			return err
		}
	}
	return c.Redirect(http.StatusSeeOther, home)
}

func (s *Screen) form(c echo.Context, status int, v formView) error {
	v.May = access.May(web.Actor(c), access.ManageReasons)
	for _, t := range cases.Types() {
		v.Types = append(v.Types, kit.Option{Value: string(t), Text: string(t), Selected: t == v.CaseType})
	}
	return s.desk.Page(c, status, desk.SettingsView(i18n.T("Reasons"), home, v.title()), formPage(v))
}
