package guides

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

const checklistsHome = "/settings/checklists"

// listView is every type of case with its checklist.
type listView struct {
	Lists []checklistView
	May   bool
}

type checklistView struct {
	Title, Href, Told string
	Points            []cases.Point
}

// formView is one checklist as it is being written.
type formView struct {
	Title, Action, Base, Told, Refused string
	Rows                               []pointRow
	Wrong                              []string
}

type pointRow struct {
	Code, Text, Hint, No string
	Required             bool
}

func (r pointRow) choices() []kit.Option {
	return []kit.Option{{Value: "", Text: i18n.T("may be left"), Selected: !r.Required}, {Value: "on", Text: i18n.T("required"), Selected: r.Required}}
}

// freeRows are lines of the form for further points.
const freeRows = 3

// Checklists shows what is to be done with cases of each type: GET /settings/checklists.
func (s *Screen) Checklists(c echo.Context) error {
	by := web.Actor(c)
	found, err := s.cases.Checklists(c.Request().Context(), by)
	if err != nil {
		return err
	}
	v := listView{May: access.May(by, access.ManagePlaybooks)}
	for _, one := range found {
		v.Lists = append(v.Lists, checklistView{Title: titleOf(one.CaseType), Href: checklistsHome + "/" + string(one.CaseType), Told: s.told(c, one), Points: one.Points})
	}
	return s.desk.Page(c, http.StatusOK, desk.SettingsView(i18n.T("Checklists"), checklistsHome, ""), checklistsPage(v))
}

// Checklist is the page on which one is written: GET /settings/checklists/:type.
func (s *Screen) Checklist(c echo.Context) error {
	one, err := s.checklist(c)
	if err != nil {
		return err
	}
	var rows []pointRow
	for _, p := range one.Points {
		rows = append(rows, pointRow{Code: p.Code, Text: p.Text, Hint: p.Hint, Required: p.Required})
	}
	return s.checklistForm(c, http.StatusOK, one, formView{Base: strconv.Itoa(one.Number), Rows: rows})
}

// checklist is the one in force of the type that the address names.
func (s *Screen) checklist(c echo.Context) (cases.Checklist, error) {
	found, err := s.cases.Checklists(c.Request().Context(), web.Actor(c))
	if err != nil {
		return cases.Checklist{}, err
	}
	at := slices.IndexFunc(found, func(one cases.Checklist) bool { return string(one.CaseType) == c.Param("type") })
	if at < 0 {
		return cases.Checklist{}, errs.New(errs.NotFound, "case.unknown_type")
	}
	return found[at], nil
}

// SaveChecklist puts a new version in force: POST /settings/checklists/:type. Fields: base, and code, text, hint, required of each line. A
// line without a text is left out.
func (s *Screen) SaveChecklist(c echo.Context) error {
	one, err := s.checklist(c)
	if err != nil {
		return err
	}
	form, err := c.FormParams()
	if err != nil {
		return cases.ErrStaleChecklist
	}
	v := formView{Base: form.Get("base")}
	in := cases.ChecklistInput{By: web.Actor(c), CaseType: one.CaseType}
	if in.Base, err = strconv.Atoi(v.Base); err != nil {
		return cases.ErrStaleChecklist
	}
	at := func(name string, i int) string {
		if list := form[name]; i < len(list) {
			return list[i]
		}
		return ""
	}
	for i, text := range form["text"] {
		if strings.TrimSpace(text) == "" {
			continue
		}
		row := pointRow{Code: at("code", i), Text: text, Hint: at("hint", i), Required: at("required", i) != ""}
		v.Rows = append(v.Rows, row)
		in.Points = append(in.Points, cases.Point{Code: row.Code, Text: row.Text, Hint: row.Hint, Required: row.Required})
	}
	_, err = s.cases.SaveChecklist(c.Request().Context(), in)
	switch errs.KindOf(err) {
	case errs.Invalid, errs.Conflict:
		for name, text := range s.desk.FieldErrors(c, err) {
			v.Wrong = append(v.Wrong, place(name)+text)
		}
		slices.Sort(v.Wrong)
		if len(v.Wrong) == 0 {
			v.Refused = s.desk.Sentence(c, err)
		}
		return s.checklistForm(c, web.Status(err), one, v)
	default:
		if err != nil {
			return err
		}
	}
	return c.Redirect(http.StatusSeeOther, checklistsHome)
}

func (s *Screen) checklistForm(c echo.Context, status int, one cases.Checklist, v formView) error {
	v.Title, v.Action, v.Told = titleOf(one.CaseType), checklistsHome+"/"+string(one.CaseType), s.told(c, one)
	for range freeRows {
		v.Rows = append(v.Rows, pointRow{})
	}
	for i := range v.Rows {
		v.Rows[i].No = strconv.Itoa(i + 1)
	}
	return s.desk.Page(c, status, desk.SettingsView(i18n.T("Checklists"), checklistsHome, v.Title), checklistPage(v))
}

// told says which version is in force, whose it is, and since when.
func (s *Screen) told(c echo.Context, one cases.Checklist) string {
	if one.Number == 0 {
		return ""
	}
	return s.versionTold(c, one.Number, one.CreatedName, one.CreatedAt)
}

func (s *Screen) versionTold(c echo.Context, number int, by string, at time.Time) string {
	r := kit.LocaleOf(s.desk.Context(c))
	return i18n.F("Version {number}, {by}, {at}", "number", strconv.Itoa(number), "by", by, "at", kit.FormatShort(at, r.Now, r.Zone, r.Lang))
}

// place says which line of the form a sentence is about.
func place(name string) string {
	parts := strings.Split(name, ".")
	if len(parts) < 2 {
		return ""
	}
	n, err := strconv.Atoi(parts[1])
	if err != nil {
		return ""
	}
	return i18n.F("Point {n}:", "n", strconv.Itoa(n+1)) + " "
}

// titleOf says what the cases of a type are.
func titleOf(t cases.Type) string {
	switch t {
	case cases.Inquiry:
		return i18n.T("Inquiries")
	case cases.Dispute:
		return i18n.T("Disputes")
	case cases.Concession:
		return i18n.T("Concession requests")
	case cases.Cancellation:
		return i18n.T("Cancellations")
	case cases.Refund:
		return i18n.T("Refund requests")
	case cases.Remittance:
		return i18n.T("Remittance questions")
	}
	return string(t)
}
