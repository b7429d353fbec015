// Package letters is the screen of the letters a company writes to its customers: what is in force for each legal entity, kind and
// language, and since when; the words themselves, to change, try and take back.
package letters

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/letterbook"
	"makegood/cases/letters"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/layout"
)

// Screen is the settings of letters.
type Screen struct {
	desk    *desk.Desk
	book    *letterbook.Service
	billing *billing.Service
	cases   *cases.Service
}

// New makes the screen.
func New(d *desk.Desk, book *letterbook.Service, b *billing.Service, c *cases.Service) *Screen {
	return &Screen{desk: d, book: book, billing: b, cases: c}
}

// List shows every letter with what is in force: GET /settings/letters.
func (s *Screen) List(c echo.Context) error {
	ctx, by := c.Request().Context(), web.Actor(c)
	entities, err := s.billing.Entities(ctx)
	if err != nil {
		return err
	}
	versions, err := s.book.InForce(ctx, by)
	if err != nil {
		return err
	}
	var v listView
	for _, e := range entities {
		if !by.SeesEntity(int64(e.ID)) {
			continue
		}
		row := entityView{Code: e.Code, Title: e.Name, Languages: languageNames()}
		for _, kind := range letters.Kinds() {
			row.Kinds = append(row.Kinds, s.kindRow(c, e, kind, versions))
		}
		v.Entities = append(v.Entities, row)
	}
	return s.desk.Page(c, http.StatusOK, frame(i18n.T("Letters")), listPage(v))
}

func (s *Screen) kindRow(c echo.Context, e billing.Entity, kind letters.Kind, versions []letterbook.Version) kindView {
	row := kindView{Title: kindName(kind)}
	for _, lang := range letters.Languages() {
		cell := cellView{Href: hrefOf(letterbook.Place{Entity: e.Code, Kind: kind, Language: lang}), Label: row.Title + ", " + desk.LanguageName(lang) + ", " + e.Code, Text: i18n.T("as shipped")}
		at := slices.IndexFunc(versions, func(v letterbook.Version) bool { return v.EntityID == e.ID && v.Kind == kind && v.Language == lang })
		if at >= 0 && !versions[at].Shipped {
			cell.Own = true
			cell.Text = i18n.F("version {number} since {format}", "number", strconv.Itoa(versions[at].Number), "format", versions[at].CreatedAt.In(s.desk.Zone(c)).Format("2006-01-02 15:04"))
			cell.Broken = letters.Check(kind, *versions[at].Own()) != nil
		}
		row.Cells = append(row.Cells, cell)
	}
	return row
}

// typed is what stands in the form.
type typed struct {
	subject, body, caseNumber string
	errors                    map[string]string
	refused                   string
	preview                   *letters.Letter
}

// Edit shows one letter: GET /settings/letters/:entity/:kind/:language.
func (s *Screen) Edit(c echo.Context) error { return s.show(c, http.StatusOK, nil) }

// Save puts new words in force: POST /settings/letters/:entity/:kind/:language. Fields: base, subject, body, case.
func (s *Screen) Save(c echo.Context) error {
	base, err := strconv.Atoi(c.FormValue("base"))
	if err != nil {
		return errs.InvalidField("base", "error.not_a_number")
	}
	_, err = s.book.Save(c.Request().Context(), letterbook.SaveInput{
		By: web.Actor(c), Place: place(c), Base: base, Subject: c.FormValue("subject"), Body: c.FormValue("body"),
	})
	if err != nil {
		return s.refuse(c, err)
	}
	return c.Redirect(http.StatusSeeOther, hrefOf(place(c)))
}

// Restore goes back to an earlier version, or with number 0 to the words the program ships: POST …/restore. Fields: base, number.
func (s *Screen) Restore(c echo.Context) error {
	base, err := strconv.Atoi(c.FormValue("base"))
	if err != nil {
		return errs.InvalidField("base", "error.not_a_number")
	}
	number, err := strconv.Atoi(c.FormValue("number"))
	if err != nil {
		return errs.InvalidField("number", "error.not_a_number")
	}
	_, err = s.book.Restore(c.Request().Context(), letterbook.RestoreInput{By: web.Actor(c), Place: place(c), Base: base, Number: number})
	if kind := errs.KindOf(err); kind == errs.Invalid || kind == errs.Conflict {
		return s.show(c, web.Status(err), &typed{refused: s.desk.Sentence(c, err)})
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, hrefOf(place(c)))
}

// Preview shows what a customer would read: POST …/preview. Fields: base, subject, body, case, and as=html for the HTML part alone.
func (s *Screen) Preview(c echo.Context) error {
	l, err := s.written(c)
	if err != nil {
		return s.refuse(c, err)
	}
	if c.FormValue("as") == "html" {
		c.Response().Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
		return c.HTML(http.StatusOK, l.HTML)
	}
	form := formOf(c)
	form.preview = &l
	return s.show(c, http.StatusOK, form)
}

// written writes the letter as typed, about a case where one is named, else about an invented one.
func (s *Screen) written(c echo.Context) (letters.Letter, error) {
	ctx, by := c.Request().Context(), web.Actor(c)
	var f letters.Frame
	name := ""
	if number := strings.TrimSpace(c.FormValue("case")); number != "" {
		found, people, err := s.cases.CaseToWrite(ctx, number, by)
		if kind := errs.KindOf(err); kind == errs.NotFound || kind == errs.Forbidden {
			return letters.Letter{}, errs.InvalidField("case", "letters.no_case")
		}
		if err != nil {
			return letters.Letter{}, err
		}
		f.CaseNumber, f.Subject = found.Number, found.Subject
		if len(people) > 0 {
			name = people[0].Name
		}
	}
	return s.book.Preview(ctx, by, place(c), letters.Wording{Subject: c.FormValue("subject"), Body: c.FormValue("body")}, f, name)
}

func (s *Screen) refuse(c echo.Context, err error) error {
	if kind := errs.KindOf(err); kind != errs.Invalid && kind != errs.Conflict {
		return err
	}
	form := formOf(c)
	if form.errors = s.desk.FieldErrors(c, err); len(form.errors) == 0 {
		form.refused = s.desk.Sentence(c, err)
	}
	return s.show(c, web.Status(err), form)
}

func formOf(c echo.Context) *typed {
	return &typed{subject: c.FormValue("subject"), body: c.FormValue("body"), caseNumber: c.FormValue("case")}
}

func place(c echo.Context) letterbook.Place {
	return letterbook.Place{Entity: c.Param("entity"), Kind: letters.Kind(c.Param("kind")), Language: c.Param("language")}
}

// show draws the letter: what is in force, or what was typed.
func (s *Screen) show(c echo.Context, status int, form *typed) error {
	p := place(c)
	history, err := s.book.History(c.Request().Context(), web.Actor(c), p)
	if err != nil {
		return err
	}
	shipped, err := letters.Shipped(p.Kind, p.Language)
	if err != nil {
		return err
	}
	v := letterView{Href: hrefOf(p), Base: "0", Subject: shipped.Subject, Body: shipped.Body, Variables: letters.Variables(p.Kind), InForce: i18n.T("as shipped")}
	for n, one := range history {
		v.History = append(v.History, s.version(c, one, n == 0))
	}
	if len(history) > 0 {
		v.Base = strconv.Itoa(history[0].Number)
		if own := history[0].Own(); own != nil {
			v.Own, v.Subject, v.Body = true, own.Subject, own.Body
			v.InForce = i18n.F("version {base}", "base", v.Base)
			v.Broken = letters.Check(p.Kind, *own) != nil
		}
	}
	if form != nil {
		v.Errors, v.Refused, v.Case, v.Preview = form.errors, form.refused, form.caseNumber, form.preview
		if form.body != "" || form.errors != nil {
			v.Subject, v.Body = form.subject, form.body
		}
	}
	title := kindName(p.Kind) + " · " + desk.LanguageName(p.Language) + " · " + p.Entity
	return s.desk.Page(c, status, frame(title, layout.Crumb{Text: i18n.T("Letters"), Href: "/settings/letters"}, layout.Crumb{Text: title}), letterPage(v))
}

func (s *Screen) version(c echo.Context, one letterbook.Version, current bool) versionView {
	v := versionView{Number: strconv.Itoa(one.Number), By: one.CreatedName, At: one.CreatedAt.In(s.desk.Zone(c)).Format("2006-01-02 15:04"), Current: current, Subject: one.Subject, Body: one.Body}
	switch {
	case one.Shipped:
		v.What = i18n.T("Back to the words we ship")
	case one.RestoredFrom != nil:
		v.What = i18n.F("Back to version {restored_from}", "restored_from", strconv.Itoa(*one.RestoredFrom))
	default:
		v.What = i18n.T("Own words")
	}
	return v
}

func frame(title string, crumbs ...layout.Crumb) desk.View {
	return desk.View{Title: title, Heading: title, Active: "intake", BodyClass: "page-periods", Crumbs: crumbs}
}
