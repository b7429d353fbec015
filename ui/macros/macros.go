// Package macros is the screen of what people write and do again and again: their own macros and those that are shared, in folders.
package macros

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

// Screen is the settings of macros.
type Screen struct {
	desk  *desk.Desk
	files *reports.CaseFiles
	cases *cases.Service
}

// New makes the screen.
func New(d *desk.Desk, files *reports.CaseFiles, c *cases.Service) *Screen {
	return &Screen{desk: d, files: files, cases: c}
}

// List shows them by folder: GET /settings/macros.
func (s *Screen) List(c echo.Context) error {
	by := web.Actor(c)
	list, err := s.cases.Macros(c.Request().Context(), by)
	if err != nil {
		return err
	}
	people, err := s.people(c)
	if err != nil {
		return err
	}
	var v listView
	for _, m := range list {
		if n := len(v.Folders); n == 0 || !strings.EqualFold(v.Folders[n-1].Name, m.Folder) {
			v.Folders = append(v.Folders, folderView{Name: m.Folder})
		}
		row := rowView{Name: m.Name, Href: href(m.ID), Begins: beginning(m.Body), Note: m.Kind == cases.Note, Does: Does(m.Does, people)}
		if m.OwnerID != by.UserID {
			row.Owner = m.OwnerName
		} else if m.Shared {
			row.Owner = i18n.T("you, for everybody")
		} else {
			row.Owner = i18n.T("you")
		}
		last := &v.Folders[len(v.Folders)-1]
		last.Rows = append(last.Rows, row)
	}
	return s.desk.Page(c, http.StatusOK, desk.SettingsView(i18n.T("Macros"), "/settings/macros", i18n.T("Macros")), listPage(v))
}

// Add is the page for a new one: GET /settings/macros/new.
func (s *Screen) Add(c echo.Context) error {
	return s.form(c, http.StatusOK, formView{Kind: string(cases.PublicReply), MayEdit: true})
}

// Edit is the page of one: GET /settings/macros/:id.
func (s *Screen) Edit(c echo.Context) error {
	v, err := s.kept(c)
	if err != nil {
		return err
	}
	return s.form(c, http.StatusOK, v)
}

func (s *Screen) kept(c echo.Context) (formView, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return formView{}, cases.ErrNoMacro
	}
	by := web.Actor(c)
	m, err := s.cases.MacroByID(c.Request().Context(), cases.MacroID(id), by)
	if err != nil {
		return formView{}, err
	}
	return formView{
		ID: int64(m.ID), Version: m.Version, Folder: m.Folder, Name: m.Name, Kind: string(m.Kind), Body: m.Body, Shared: m.Shared, Status: m.Does.Status,
		Assign: m.Does.Assign, Tags: strings.Join(m.Does.Tags, ", "), Later: later(m.Does.FollowUp), MayEdit: m.OwnerID == by.UserID || access.May(by, access.AssignOthers),
	}, nil
}

// Save keeps one: POST /settings/macros. With "try" it shows the text as it would read in the case named, and keeps nothing.
func (s *Screen) Save(c echo.Context) error {
	in, err := input(c)
	if err != nil {
		return err
	}
	v := formView{
		ID: int64(in.ID), Version: in.Version, Folder: in.Folder, Name: in.Name, Kind: string(in.Kind), Body: in.Body, Shared: in.Shared, Status: in.Does.Status,
		Assign: in.Does.Assign, Tags: c.FormValue("tags"), Later: c.FormValue("follow_up"), Case: c.FormValue("case"), MayEdit: true,
	}
	if c.FormValue("try") != "" {
		v.Tried, err = s.cases.TryMacro(c.Request().Context(), in, v.Case)
		if err == nil {
			return s.form(c, http.StatusOK, v)
		}
	} else {
		_, err = s.cases.SaveMacro(c.Request().Context(), in)
	}
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
	return c.Redirect(http.StatusSeeOther, "/settings/macros")
}

// Remove drops one: POST /settings/macros/:id/remove.
func (s *Screen) Remove(c echo.Context) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return cases.ErrNoMacro
	}
	version, err := strconv.Atoi(c.FormValue("version"))
	if err != nil {
		version = 0 // which none has
	}
	if err := s.cases.RemoveMacro(c.Request().Context(), cases.MacroID(id), version, web.Actor(c)); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/settings/macros")
}

func input(c echo.Context) (cases.SaveMacroInput, error) {
	id, err := strconv.ParseInt(c.FormValue("id"), 10, 64)
	if err != nil {
		return cases.SaveMacroInput{}, cases.ErrNoMacro
	}
	version, err := strconv.Atoi(c.FormValue("version"))
	if err != nil {
		return cases.SaveMacroInput{}, cases.ErrNoMacro
	}
	days := 0
	if typed := strings.TrimSpace(c.FormValue("follow_up")); typed != "" {
		if days, err = strconv.Atoi(typed); err != nil {
			days = -1 // which is refused beside its field
		}
	}
	return cases.SaveMacroInput{
		By: web.Actor(c), ID: cases.MacroID(id), Version: version, Folder: c.FormValue("folder"), Name: c.FormValue("name"),
		Kind: cases.MessageKind(c.FormValue("kind")), Body: c.FormValue("body"), Shared: c.FormValue("shared") != "",
		Does: cases.MacroDoes{Status: c.FormValue("status"), Assign: c.FormValue("assign"), Tags: strings.Split(c.FormValue("tags"), ","), FollowUp: days},
	}, nil
}

func later(days int) string {
	if days == 0 {
		return ""
	}
	return strconv.Itoa(days)
}

// people are those a case can be given to, by id.
func (s *Screen) people(c echo.Context) ([]kit.Option, error) {
	list, err := s.files.Colleagues(c.Request().Context(), web.Actor(c))
	if err != nil {
		return nil, err
	}
	return desk.PeopleOptions(list), nil
}

// form shows one as it is kept, or as it was typed.
func (s *Screen) form(c echo.Context, status int, v formView) error {
	by := web.Actor(c)
	people, err := s.people(c)
	if err != nil {
		return err
	}
	if v.Title = v.Name; v.ID == 0 {
		v.Title = i18n.T("New macro")
	}
	v.MayShare, v.Variables = access.May(by, access.AssignOthers), cases.MacroVariables()
	v.Statuses = []kit.Option{{Value: "", Text: i18n.T("stays as it is")}}
	for _, value := range desk.Moves() {
		v.Statuses = append(v.Statuses, kit.Option{Value: value, Text: desk.MoveWord(value), Selected: value == v.Status})
	}
	v.People = []kit.Option{
		{Value: "", Text: i18n.T("whoever has it")},
		{Value: cases.AssignMe, Text: i18n.T("whoever uses the macro"), Selected: v.Assign == cases.AssignMe},
		{Value: cases.AssignNobody, Text: i18n.T("nobody: back to the team"), Selected: v.Assign == cases.AssignNobody},
	}
	chosen := v.Assign == "" || v.Assign == cases.AssignMe || v.Assign == cases.AssignNobody
	for _, p := range people {
		p.Selected = p.Value == v.Assign
		chosen = chosen || p.Selected
		if v.MayShare || p.Selected {
			v.People = append(v.People, p)
		}
	}
	if !chosen { // somebody who cannot be given cases any more is not left out in silence
		v.People = append(v.People, kit.Option{Value: v.Assign, Text: desk.NamedIn(people, v.Assign), Selected: true})
	}
	return s.desk.Page(c, status, desk.SettingsView(i18n.T("Macros"), "/settings/macros", v.Title), formPage(v))
}
