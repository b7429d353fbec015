// Package imports is the room where files of other systems come in: given, read and looked at, brought in while one
// watches, and, where they carry credits, approved by somebody else.
package imports

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/billing/reading"
	"makegood/cases/helpdesk"
	"makegood/credits"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

// Screen is the room of imports.
type Screen struct {
	desk     *desk.Desk
	billing  *billing.Service
	reading  *reading.Service
	helpdesk *helpdesk.Service
}

// New makes the screen.
func New(d *desk.Desk, b *billing.Service, r *reading.Service, h *helpdesk.Service) *Screen {
	return &Screen{desk: d, billing: b, reading: r, helpdesk: h}
}

// List is what came in lately, with the form for another file: GET /imports?after=123.
func (s *Screen) List(c echo.Context) error { return s.list(c, http.StatusOK, refusal{}) }

// refusal is what was refused, with what had been typed.
type refusal struct {
	text   string
	fields map[string]string
	live   string // the entity whose account it is about
}

func (s *Screen) list(c echo.Context, status int, no refusal) error {
	ctx, by := c.Request().Context(), web.Actor(c)
	said := no
	page, err := s.billing.Imports(ctx, by, c.QueryParam("after"), 50)
	if err != nil {
		return err
	}
	entities, err := s.entities(c)
	if err != nil {
		return err
	}
	r := s.reader(c)
	if no.live != "" { // said at the account
		no.text, no.fields = "", nil
	}
	v := listView{May: access.May(by, access.RecordPayment), Refusal: no.text, Errors: no.fields, Next: page.Next, Form: r.form(c, entities)}
	if v.Live, err = s.live(c, said); err != nil {
		return err
	}
	for _, b := range page.Rows {
		v.Rows = append(v.Rows, r.row(b, entities))
	}
	return s.desk.Page(c, status, desk.View{Title: i18n.T("Imports"), Heading: i18n.T("Imports"), Active: "imports", BodyClass: "page-imports", TopExtra: toPast(access.May(by, access.Administer))}, list(v))
}

func (s *Screen) entities(c echo.Context) ([]billing.Entity, error) {
	list, err := s.billing.Entities(c.Request().Context())
	if err != nil {
		return nil, err
	}
	by := web.Actor(c)
	return slices.DeleteFunc(list, func(e billing.Entity) bool { return !by.SeesEntity(int64(e.ID)) }), nil
}

// Batch is one import as it stands: GET /imports/:id?show=failed&after=500. It fetches itself again while it runs.
func (s *Screen) Batch(c echo.Context) error { return s.batch(c, http.StatusOK, refusal{}) }

func (s *Screen) batch(c echo.Context, status int, no refusal) error {
	v, err := s.batchView(c)
	if err != nil {
		return err
	}
	v.Refusal, v.ReasonError = no.text, no.fields["reason"]
	if web.IsFragment(c) && status == http.StatusOK {
		return s.desk.Fragment(c, status, batch(v))
	}
	return s.desk.Page(c, status, desk.View{
		Title: v.File, Heading: i18n.T("Imports"), Active: "imports", BodyClass: "page-import", TopExtra: back(),
	}, batch(v))
}

func (s *Screen) batchView(c echo.Context) (batchView, error) {
	ctx, by := c.Request().Context(), web.Actor(c)
	id, err := batchID(c)
	if err != nil {
		return batchView{}, err
	}
	b, err := s.billing.Import(ctx, by, id)
	if err != nil {
		return batchView{}, err
	}
	counts, err := s.billing.ImportCounts(ctx, by, id)
	if err != nil {
		return batchView{}, err
	}
	filter := billing.ImportRowFilter{After: c.QueryParam("after"), Limit: rowsShown}
	if show := c.QueryParam("show"); show != "" {
		filter.States = []string{show}
	}
	rows, err := s.billing.ImportRows(ctx, by, id, filter)
	if err != nil {
		return batchView{}, err
	}
	upload, err := s.billing.UploadOf(ctx, id)
	if err != nil {
		return batchView{}, err
	}
	v := s.reader(c).batch(b, counts, c.QueryParam("show"))
	v.Upload = upload
	for _, row := range rows.Rows {
		v.Rows = append(v.Rows, s.rowView(c, row))
	}
	if rows.Next != "" {
		v.NextURL = v.base() + "?" + url.Values{"show": {c.QueryParam("show")}, "after": {rows.Next}}.Encode()
	}
	return v, nil
}

// rowsShown is how many records of a batch a page shows.
const rowsShown = 100

func batchID(c echo.Context) (billing.ImportID, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return 0, billing.ErrNoImport
	}
	return billing.ImportID(id), nil
}

// Start brings a planned batch in: POST /imports/:id/start.
func (s *Screen) Start(c echo.Context) error {
	return s.step(c, func(id billing.ImportID, by access.Actor) error {
		return s.billing.StartImport(c.Request().Context(), id, by)
	})
}

// Discard drops a batch of which nothing came in: POST /imports/:id/discard.
func (s *Screen) Discard(c echo.Context) error {
	return s.step(c, func(id billing.ImportID, by access.Actor) error {
		return s.billing.DiscardImport(c.Request().Context(), id, by)
	})
}

// Approve signs the credits of a batch off: POST /imports/:id/approve.
func (s *Screen) Approve(c echo.Context) error {
	return s.step(c, func(id billing.ImportID, by access.Actor) error {
		return s.billing.ApproveImport(c.Request().Context(), id, by)
	})
}

// Refuse leaves them out for good: POST /imports/:id/refuse, with the field reason.
func (s *Screen) Refuse(c echo.Context) error {
	return s.step(c, func(id billing.ImportID, by access.Actor) error {
		return s.billing.RefuseImport(c.Request().Context(), id, c.FormValue("reason"), by)
	})
}

// step does something with a batch and shows it; what was refused is said on it as it stands now.
func (s *Screen) step(c echo.Context, do func(billing.ImportID, access.Actor) error) error {
	id, err := batchID(c)
	if err != nil {
		return err
	}
	err = do(id, web.Actor(c))
	if s.shown(err) {
		return s.batch(c, web.Status(err), s.refusal(c, err))
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/imports/"+strconv.FormatInt(int64(id), 10))
}

// shown tells whether an error is for the page it came from. That nobody approves their own is said there too.
func (s *Screen) shown(err error) bool {
	kind, key := errs.KindOf(err), errs.KeyOf(err)
	return err != nil && (kind == errs.Invalid || kind == errs.Conflict || key == billing.ErrOwnImport.Key || key == credits.ErrImportAbove.Key)
}

func (s *Screen) refusal(c echo.Context, err error) refusal {
	no := refusal{fields: s.desk.FieldErrors(c, err)}
	if len(no.fields) == 0 {
		no.text = s.desk.Sentence(c, err)
	}
	return no
}

// Rejected is the file of the rows that were not taken, with the reasons: GET /imports/:id/rejected.
func (s *Screen) Rejected(c echo.Context) error {
	id, err := batchID(c)
	if err != nil {
		return err
	}
	by := web.Actor(c)
	if _, err := s.billing.Import(c.Request().Context(), by, id); err != nil {
		return err
	}
	lang := s.desk.Lang(c)
	var rows bytes.Buffer
	if err := s.billing.WriteRejectedRows(c.Request().Context(), by, id, &rows, func(key string, params errs.Params) string {
		return s.desk.Catalogue.Fill(lang, key, params)
	}); err != nil {
		return err
	}
	return web.Download(c, "rejected-"+strconv.FormatInt(int64(id), 10)+".csv", "text/csv", rows.Bytes())
}

// reader is who looks, and how it is written for them.
type reader struct {
	lang string
	zone *time.Location
	now  time.Time
	by   access.Actor
	say  func(key string, params errs.Params) string
}

func (s *Screen) reader(c echo.Context) reader {
	lang := s.desk.Lang(c)
	return reader{lang: lang, zone: s.desk.Zone(c), now: s.desk.Clock(), by: web.Actor(c), say: func(key string, params errs.Params) string {
		return s.desk.Catalogue.Fill(lang, key, params)
	}}
}

func (r reader) when(t time.Time) string { return kit.FormatDateTime(t, r.zone, r.lang) }
