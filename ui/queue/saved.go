package queue

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/cases"
	"makegood/cases/filter"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
	"makegood/ui/layout"
)

// savedForm is the page on which a view is made, or changed.
type savedForm struct {
	ID, Version                int64
	Name, Query                string
	Shared, MayShare, MayEdit  bool
	Within, Sorts              []kit.Option
	Fields                     []fieldHelp
	Errors                     map[string]string
	Refusal, Back, Title, Keep string
}

// fieldHelp is one line of what can be filtered by.
type fieldHelp struct{ Field, Values, Example string }

// NewView is the page for a view of what the queue shows: GET /queue/views/new?view=&q=&sort=.
func (s *Screen) NewView(c echo.Context) error {
	v := cases.SavedView{Within: within(c.QueryParam("view")), Query: strings.TrimSpace(c.QueryParam("q")), Sort: cases.Sort(c.QueryParam("sort")), OwnerID: web.Actor(c).UserID}
	return s.showForm(c, http.StatusOK, s.form(c, v))
}

// EditView is the page for a view that is kept: GET /queue/views/:id.
func (s *Screen) EditView(c echo.Context) error {
	v, err := s.saved(c, c.Param("id"))
	if err != nil {
		return err
	}
	return s.showForm(c, http.StatusOK, s.form(c, v))
}

// SaveView keeps a view: POST /queue/views. What is wrong with it is said beside its fields.
func (s *Screen) SaveView(c echo.Context) error {
	in, err := viewInput(c)
	if err != nil {
		return err
	}
	kept, err := s.cases.SaveView(c.Request().Context(), in)
	if errs.KindOf(err) == errs.Invalid || errs.KindOf(err) == errs.Conflict {
		f := s.form(c, cases.SavedView{
			ID: in.ID, Version: in.Version, Name: in.Name, Shared: in.Shared, Within: in.Within, Query: in.Query, Sort: in.Sort, OwnerID: in.By.UserID,
		})
		if f.Errors = s.desk.FieldErrors(c, err); f.Errors == nil {
			f.Refusal = s.desk.Sentence(c, err)
		}
		return s.showForm(c, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, addressOf(kept))
}

// RemoveView drops one: POST /queue/views/:id/remove.
func (s *Screen) RemoveView(c echo.Context) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return cases.ErrNoView
	}
	version, err := strconv.Atoi(c.FormValue("version"))
	if err != nil {
		version = 0 // which none has
	}
	if err := s.cases.RemoveView(c.Request().Context(), cases.ViewID(id), version, web.Actor(c)); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/")
}

func viewInput(c echo.Context) (cases.SaveViewInput, error) {
	id, err := strconv.ParseInt(c.FormValue("id"), 10, 64)
	if err != nil {
		return cases.SaveViewInput{}, cases.ErrNoView
	}
	version, err := strconv.Atoi(c.FormValue("version"))
	if err != nil {
		return cases.SaveViewInput{}, cases.ErrNoView
	}
	return cases.SaveViewInput{
		By: web.Actor(c), ID: cases.ViewID(id), Version: version, Name: c.FormValue("name"), Shared: c.FormValue("shared") != "",
		Within: within(c.FormValue("view")), Query: c.FormValue("q"), Sort: cases.Sort(c.FormValue("sort")),
	}, nil
}

// within is the standing view behind its name in an address.
func within(name string) cases.View {
	if name == everyCase {
		return cases.ViewAll
	}
	return cases.View(name)
}

func nameOf(v cases.View) string {
	if v == cases.ViewAll {
		return everyCase
	}
	return string(v)
}

// saved finds a view among those the reader sees.
func (s *Screen) saved(c echo.Context, id string) (cases.SavedView, error) {
	list, err := s.cases.SavedViews(c.Request().Context(), web.Actor(c))
	if err != nil {
		return cases.SavedView{}, err
	}
	for _, v := range list {
		if strconv.FormatInt(int64(v.ID), 10) == id {
			return v, nil
		}
	}
	return cases.SavedView{}, cases.ErrNoView
}

// addressOf is where a view shows: all that it says, so that it can be changed from there.
func addressOf(v cases.SavedView) string {
	values := url.Values{"saved": {id(v.ID)}, "view": {nameOf(v.Within)}}
	if v.Query != "" {
		values.Set("q", v.Query)
	}
	if v.Sort != "" {
		values.Set("sort", string(v.Sort))
	}
	return "/?" + values.Encode()
}

func (s *Screen) form(c echo.Context, v cases.SavedView) savedForm {
	by := web.Actor(c)
	f := savedForm{
		ID: int64(v.ID), Version: int64(v.Version), Name: v.Name, Query: v.Query, Shared: v.Shared, MayShare: access.May(by, access.AssignOthers),
		MayEdit: v.OwnerID == by.UserID || access.May(by, access.AssignOthers), Title: i18n.T("New view"), Keep: i18n.T("Keep this view"), Back: "/",
	}
	if v.ID != 0 {
		f.Title, f.Keep, f.Back = v.Name, i18n.T("Keep the change"), addressOf(v)
	}
	for _, w := range append(cases.Views(), cases.ViewAll) {
		f.Within = append(f.Within, kit.Option{Value: nameOf(w), Text: wordsOf(w).title, Selected: w == v.Within})
	}
	for _, sort := range []cases.Sort{"", cases.SortDue, cases.SortAge, cases.SortRisk, cases.SortNewest} {
		text := i18n.T("As the view above")
		if sort != "" {
			text = i18n.Upper(sortWord(sort))
		}
		f.Sorts = append(f.Sorts, kit.Option{Value: string(sort), Text: text, Selected: sort == v.Sort})
	}
	for _, d := range filter.Fields() {
		f.Fields = append(f.Fields, fieldHelp{string(d.Field), valuesOf(d), d.Example})
	}
	return f
}

func valuesOf(d filter.Definition) string {
	switch d.Kind {
	case filter.Choice:
		return strings.Join(d.Choices, ", ")
	case filter.Code:
		return i18n.T("whole")
	case filter.Name:
		return i18n.T("a part of it")
	case filter.Amount:
		return i18n.T("an amount, >, <, from..to")
	case filter.Past:
		return i18n.T("a day, from..to, or how long ago")
	case filter.Future:
		return i18n.T("a day, or how long until then")
	case filter.Held:
		return i18n.T("a field of your own, with =, < or >")
	}
	return ""
}

func (s *Screen) showForm(c echo.Context, status int, f savedForm) error {
	return s.desk.Page(c, status, desk.View{
		Title: f.Title, Heading: i18n.T("Queue"), Active: "queue", BodyClass: "page-books page-sorting",
		Crumbs: []layout.Crumb{{Text: i18n.T("Queue"), Href: f.Back}, {Text: f.Title}},
	}, savedPage(f))
}
