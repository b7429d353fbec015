package imports

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/billing/importer"
	"makegood/billing/importer/table"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/desk"
)

// Give takes a file: POST /imports with the fields file, entity, system, kind and preset. Its columns are settled next;
// Stripe's objects have none and are read at once.
func (s *Screen) Give(c echo.Context) error {
	up, err := s.keep(c)
	if s.shown(err) {
		return s.list(c, web.Status(err), s.refusal(c, err))
	}
	if err != nil {
		return err
	}
	target := fileAddress(up.ID)
	if preset := c.FormValue("preset"); preset != "" {
		target += "?" + url.Values{"preset": {preset}}.Encode()
	}
	return c.Redirect(http.StatusSeeOther, target)
}

func fileAddress(id billing.UploadID) string {
	return "/imports/files/" + strconv.FormatInt(int64(id), 10)
}

func (s *Screen) keep(c echo.Context) (billing.ImportUpload, error) {
	kind := importer.Kind(c.FormValue("kind"))
	if !slices.Contains(kinds(), kind) {
		return billing.ImportUpload{}, errs.InvalidField("kind", "error.required")
	}
	entities, err := s.entities(c)
	if err != nil {
		return billing.ImportUpload{}, err
	}
	at := slices.IndexFunc(entities, func(e billing.Entity) bool { return e.Code == c.FormValue("entity") })
	if at < 0 {
		return billing.ImportUpload{}, errs.InvalidField("entity", "error.required")
	}
	in := billing.NewImport{EntityID: entities[at].ID, System: strings.TrimSpace(c.FormValue("system")), Kind: kind, By: web.Actor(c)}
	if in.System == "" && kind == billing.StripeFile {
		in.System = "stripe"
	}
	name, content, err := given(c)
	if err != nil {
		return billing.ImportUpload{}, err
	}
	in.Filename = name
	return s.billing.KeepUpload(c.Request().Context(), in, content)
}

// given reads the file of a form; its size is bounded by the server.
func given(c echo.Context) (name string, content []byte, err error) {
	header, err := c.FormFile("file")
	if err != nil {
		return "", nil, billing.ErrEmptyUpload
	}
	file, err := header.Open()
	if err != nil {
		return "", nil, err
	}
	defer func() { _ = file.Close() }()
	content, err = io.ReadAll(file)
	return header.Filename, content, err
}

func uploadID(c echo.Context) (billing.UploadID, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return 0, billing.ErrNoUpload
	}
	return billing.UploadID(id), nil
}

// File settles how a file is read: GET /imports/files/:id. With the fields of its form it shows the first rows read that
// way.
func (s *Screen) File(c echo.Context) error { return s.file(c, http.StatusOK, c.QueryParams(), nil) }

func (s *Screen) file(c echo.Context, status int, form url.Values, refused error) error {
	id, err := uploadID(c)
	if err != nil {
		return err
	}
	up, err := s.billing.Upload(c.Request().Context(), web.Actor(c), id)
	if err != nil {
		return err
	}
	o := optionsOf(form)
	v := fileView{ID: id, File: up.Filename, Kind: kindName(up.Kind), System: up.System, Stripe: up.Kind == billing.StripeFile}
	if !v.Stripe {
		seen, err := s.billing.ExamineUpload(c.Request().Context(), up, o)
		if err != nil && !s.shown(err) {
			return err
		}
		if err != nil && refused == nil {
			refused = err
		}
		v.read(up, seen, o, s.reader(c))
	}
	v.Whole, v.Remember = form.Get("whole") == "on", form.Get("remember") == "on"
	if refused != nil {
		no := s.refusal(c, refused)
		v.Refusal = no.text
		for _, text := range no.fields {
			v.Refusal = text
		}
	}
	return s.desk.Page(c, status, desk.View{Title: up.Filename, Heading: i18n.T("Imports"), Active: "imports", BodyClass: "page-import", TopExtra: back()}, file(v))
}

// Read reads a file into a batch without bringing anything in: POST /imports/files/:id.
func (s *Screen) Read(c echo.Context) error {
	id, err := uploadID(c)
	if err != nil {
		return err
	}
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	batch, err := s.billing.StageUpload(c.Request().Context(), id, billing.NewImport{
		Options: optionsOf(form), AllOrNothing: form.Get("whole") == "on", Remember: form.Get("remember") == "on", By: web.Actor(c),
	})
	if s.shown(err) {
		return s.file(c, web.Status(err), form, err)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/imports/"+strconv.FormatInt(int64(batch.ID), 10))
}

// optionsOf is what the form says about the reading. Once a person has seen it, its columns are all there are.
func optionsOf(form url.Values) importer.Options {
	m := importer.Mapping{
		Preset: form.Get("preset"), DateOrder: importer.DateOrder(form.Get("date_order")), DecimalMark: form.Get("decimal_mark"),
		CreditPrefix: strings.TrimSpace(form.Get("credit_prefix")), Only: form.Get("seen") != "",
		Columns: map[importer.Field]string{}, Defaults: map[importer.Field]string{},
	}
	for name := range form {
		value := strings.TrimSpace(form.Get(name))
		if field, is := strings.CutPrefix(name, "col_"); is && value != "" {
			m.Columns[importer.Field(field)] = value
		}
		if field, is := strings.CutPrefix(name, "default_"); is && value != "" {
			m.Defaults[importer.Field(field)] = value
		}
	}
	return importer.Options{Mapping: m, Table: table.Options{Sheet: form.Get("sheet")}}
}
