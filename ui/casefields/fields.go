// Package casefields is the screen of what a company wants to know of its cases beside what every case has.
package casefields

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
)

const home = "/settings/fields"

// Screen is the settings of the company's own fields.
type Screen struct {
	desk  *desk.Desk
	cases *cases.Service
}

// New makes the screen.
func New(d *desk.Desk, c *cases.Service) *Screen { return &Screen{desk: d, cases: c} }

// List shows all fields: GET /settings/fields.
func (s *Screen) List(c echo.Context) error {
	by := web.Actor(c)
	list, err := s.cases.Fields(c.Request().Context(), by)
	if err != nil {
		return err
	}
	v := listView{May: access.May(by, access.ManageReasons)}
	for _, e := range list {
		v.Fields = append(v.Fields, rowView{Code: e.Code, Name: e.Name, Kind: kindWord(e.Kind), Choices: strings.Join(e.Choices, ", "), Types: typesWord(e.Types), Retired: e.Retired, Needed: e.Needed})
	}
	return s.desk.Page(c, http.StatusOK, desk.SettingsView(i18n.T("Case fields"), home, i18n.T("Case fields")), listPage(v))
}

// NewField is the page for a new one: GET /settings/fields/new.
func (s *Screen) NewField(c echo.Context) error {
	return s.form(c, http.StatusOK, formView{New: true, Kind: cases.FieldText})
}

// Field is the page of one: GET /settings/fields/:code.
func (s *Screen) Field(c echo.Context) error {
	list, err := s.cases.Fields(c.Request().Context(), web.Actor(c))
	if err != nil {
		return err
	}
	for _, e := range list {
		if e.Code == c.Param("code") {
			return s.form(c, http.StatusOK, formView{
				Code: e.Code, Name: e.Name, Kind: e.Kind, Choices: strings.Join(e.Choices, "\n"), Types: e.Types, Position: strconv.Itoa(e.Position), Retired: e.Retired, Needed: e.Needed, Version: e.Version,
			})
		}
	}
	return cases.ErrNoField
}

// Save keeps a field: POST /settings/fields. Fields: new, code, version, name, kind, choices (a line each), types, position, needed, retired.
func (s *Screen) Save(c echo.Context) error {
	v, err := typed(c)
	if err != nil {
		return err
	}
	place := 0
	if v.Position != "" {
		if place, err = strconv.Atoi(v.Position); err != nil {
			place = -1 // which is refused beside its field
		}
	}
	_, err = s.cases.KeepFields(c.Request().Context(), cases.KeepFieldsInput{By: web.Actor(c), New: v.New, Fields: []cases.FieldEntry{{
		Code: v.Code, Name: v.Name, Kind: v.Kind, Choices: strings.Split(v.Choices, "\n"), Types: v.Types, Position: place, Retired: v.Retired, Needed: v.Needed, Version: v.Version,
	}}})
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

func typed(c echo.Context) (formView, error) {
	v := formView{
		New: c.FormValue("new") != "", Code: strings.TrimSpace(c.FormValue("code")), Name: c.FormValue("name"), Kind: cases.FieldKind(c.FormValue("kind")),
		Choices: strings.ReplaceAll(c.FormValue("choices"), "\r", ""), Position: strings.TrimSpace(c.FormValue("position")), Retired: c.FormValue("retired") != "", Needed: c.FormValue("needed") != "",
	}
	form, err := c.FormParams()
	if err != nil {
		return v, errs.InvalidField("types", "error.required")
	}
	for _, t := range form["types"] {
		v.Types = append(v.Types, cases.Type(t))
	}
	if v.New {
		return v, nil
	}
	if v.Version, err = strconv.Atoi(c.FormValue("version")); err != nil || v.Version < 1 {
		return v, errs.InvalidField("version", "error.not_a_number")
	}
	return v, nil
}

func (s *Screen) form(c echo.Context, status int, v formView) error {
	v.May = access.May(web.Actor(c), access.ManageReasons)
	return s.desk.Page(c, status, desk.SettingsView(i18n.T("Case fields"), home, v.title()), formPage(v))
}
