package imports

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/cases/helpdesk"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

// Past is what was brought of other helpdesks, with the form for more: GET /imports/cases.
func (s *Screen) Past(c echo.Context) error { return s.past(c, http.StatusOK, refusal{}) }

func (s *Screen) past(c echo.Context, status int, no refusal) error {
	list, err := s.helpdesk.Imports(c.Request().Context(), web.Actor(c), 50)
	if err != nil {
		return err
	}
	entities, err := s.entities(c)
	if err != nil {
		return err
	}
	v := pastView{Refusal: no.text, Errors: no.fields, Form: pastForm(c, entities)}
	r := s.reader(c)
	for _, imp := range list {
		row := rowOfList{
			Href: pastAddress(imp.ID), File: imp.Filename, System: systemName(imp), By: imp.CreatedName, When: r.when(imp.CreatedAt),
			Rows: int64(imp.Counts.Read), Done: int64(imp.Counts.Brought), Tag: stateTag(billing.ImportState(imp.State)),
		}
		if row.By == "" {
			row.By = i18n.T("the command line")
		}
		v.Rows = append(v.Rows, row)
	}
	return s.desk.Page(c, status, desk.View{Title: i18n.T("Cases of another helpdesk"), Heading: i18n.T("Imports"), Active: "imports", BodyClass: "page-imports", TopExtra: back()}, pastList(v))
}

func pastAddress(id helpdesk.ImportID) string {
	return "/imports/cases/" + strconv.FormatInt(int64(id), 10)
}

// systemName is what an installation is called: its own name, or that of its maker.
func systemName(imp helpdesk.Import) string {
	if imp.System == string(imp.Format) {
		return imp.Format.Name()
	}
	return imp.System
}

func pastForm(c echo.Context, entities []billing.Entity) pastFormView {
	v := pastFormView{System: c.FormValue("system"), Whole: c.FormValue("whole") == "on"}
	for _, f := range helpdesk.Formats() {
		v.Formats = append(v.Formats, kit.Option{Value: string(f), Text: f.Name(), Selected: c.FormValue("format") == string(f)})
	}
	for _, e := range entities {
		v.Entities = append(v.Entities, kit.Option{Value: e.Code, Text: e.Code + " · " + e.Name, Selected: c.FormValue("entity") == e.Code})
	}
	for _, o := range []kit.Option{
		{Text: i18n.T("As the file says")}, {Value: "DD.MM.YYYY", Text: i18n.T("Day first")}, {Value: "MM/DD/YYYY", Text: i18n.T("Month first")},
	} {
		o.Selected = c.FormValue("date_order") == o.Value
		v.Orders = append(v.Orders, o)
	}
	return v
}

// GivePast takes files of another helpdesk and tells what would become of them: POST /imports/cases with the fields file (several), format,
// entity, system, date_order and whole.
func (s *Screen) GivePast(c echo.Context) error {
	imp, err := s.keepPast(c)
	if s.shown(err) || errs.KindOf(err) == errs.TooLarge {
		return s.past(c, web.Status(err), s.refusal(c, err))
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, pastAddress(imp.ID))
}

func (s *Screen) keepPast(c echo.Context) (helpdesk.Import, error) {
	entities, err := s.entities(c)
	if err != nil {
		return helpdesk.Import{}, err
	}
	at := slices.IndexFunc(entities, func(e billing.Entity) bool { return e.Code == c.FormValue("entity") })
	if at < 0 {
		return helpdesk.Import{}, errs.InvalidField("entity", "error.required")
	}
	files, err := givenFiles(c)
	if err != nil {
		return helpdesk.Import{}, err
	}
	return s.helpdesk.Give(c.Request().Context(), helpdesk.Input{
		Format: helpdesk.Format(c.FormValue("format")), System: strings.TrimSpace(c.FormValue("system")), EntityID: entities[at].ID,
		DateOrder: c.FormValue("date_order"), AllOrNothing: c.FormValue("whole") == "on", By: web.Actor(c),
	}, files)
}

// givenFiles reads the files of a form; their size is bounded by the server.
func givenFiles(c echo.Context) ([]helpdesk.Given, error) {
	form, err := c.MultipartForm()
	if err != nil {
		return nil, helpdesk.ErrNoFile
	}
	var list []helpdesk.Given
	for _, header := range form.File["file"] {
		file, err := header.Open()
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(file)
		_ = file.Close()
		if err != nil {
			return nil, err
		}
		list = append(list, helpdesk.Given{Name: header.Filename, Content: content})
	}
	return list, nil
}

// PastImport is one import as it stands: GET /imports/cases/:id. It fetches itself again while it runs.
func (s *Screen) PastImport(c echo.Context) error { return s.pastImport(c, http.StatusOK, refusal{}) }

func (s *Screen) pastImport(c echo.Context, status int, no refusal) error {
	ctx, by := c.Request().Context(), web.Actor(c)
	imp, err := s.findPast(c)
	if err != nil {
		return err
	}
	refused, err := s.helpdesk.Refusals(ctx, by, imp.ID, 0, rowsShown)
	if err != nil {
		return err
	}
	brought, err := s.helpdesk.Brought(ctx, imp)
	if err != nil {
		return err
	}
	v := s.reader(c).past(imp, brought, refused)
	v.Refusal = no.text
	if web.IsFragment(c) && status == http.StatusOK {
		return s.desk.Fragment(c, status, pastBatch(v))
	}
	return s.desk.Page(c, status, desk.View{Title: v.File, Heading: i18n.T("Imports"), Active: "imports", BodyClass: "page-import", TopExtra: backToPast()}, pastBatch(v))
}

func (s *Screen) findPast(c echo.Context) (helpdesk.Import, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return helpdesk.Import{}, helpdesk.ErrNoImport
	}
	return s.helpdesk.Import(c.Request().Context(), web.Actor(c), helpdesk.ImportID(id))
}

// StartPast has what was given brought in: POST /imports/cases/:id/start.
func (s *Screen) StartPast(c echo.Context) error {
	return s.stepPast(c, func(id helpdesk.ImportID) error {
		return s.helpdesk.Start(c.Request().Context(), id, web.Actor(c))
	})
}

// DiscardPast drops what was given: POST /imports/cases/:id/discard.
func (s *Screen) DiscardPast(c echo.Context) error {
	return s.stepPast(c, func(id helpdesk.ImportID) error {
		return s.helpdesk.Discard(c.Request().Context(), id, web.Actor(c))
	})
}

func (s *Screen) stepPast(c echo.Context, do func(helpdesk.ImportID) error) error {
	imp, err := s.findPast(c)
	if err != nil {
		return err
	}
	err = do(imp.ID)
	if s.shown(err) {
		return s.pastImport(c, web.Status(err), s.refusal(c, err))
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, pastAddress(imp.ID))
}

// PastRejected is what was not taken, with the reasons: GET /imports/cases/:id/rejected.
func (s *Screen) PastRejected(c echo.Context) error {
	imp, err := s.findPast(c)
	if err != nil {
		return err
	}
	list, err := s.helpdesk.AllRefusals(c.Request().Context(), web.Actor(c), imp.ID)
	if err != nil {
		return err
	}
	lang := s.desk.Lang(c)
	var rows bytes.Buffer
	if err := helpdesk.WriteRefused(&rows, list, func(key string, params errs.Params) string { return s.desk.Catalogue.Fill(lang, key, params) }); err != nil {
		return err
	}
	return web.Download(c, "rejected-cases-"+strconv.FormatInt(int64(imp.ID), 10)+".csv", "text/csv", rows.Bytes())
}
