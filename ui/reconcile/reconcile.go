// Package reconcile is the room of comparing the books with other systems: a file is uploaded, what differs is listed beside
// the proof, explained, or made a case of with one click.
package reconcile

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	compared "makegood/billing/reconcile"
	"makegood/billing/reconciling"
	"makegood/internal/access"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/layout"
)

// Screen is the room of reconciliations.
type Screen struct {
	desk        *desk.Desk
	billing     *billing.Service
	reconciling *reconciling.Service
}

// New makes the screen.
func New(d *desk.Desk, b *billing.Service, r *reconciling.Service) *Screen {
	return &Screen{desk: d, billing: b, reconciling: r}
}

// reader is who looks, and how it is written for them.
type reader struct {
	lang string
	zone *time.Location
	may  bool
	fill func(reason *billing.ImportReason) string
}

func (s *Screen) reader(c echo.Context) reader {
	lang := s.desk.Lang(c)
	return reader{
		lang: lang, zone: s.desk.Zone(c), may: access.May(web.Actor(c), access.Reconcile),
		fill: func(reason *billing.ImportReason) string {
			return s.desk.Catalogue.Fill(lang, reason.Key, reason.Params)
		},
	}
}

// List shows the runs, newest first, above them the form that starts one: GET /reconciliations?after=.
func (s *Screen) List(c echo.Context) error { return s.list(c, http.StatusOK, startView{}) }

func (s *Screen) list(c echo.Context, status int, form startView) error {
	ctx, by := c.Request().Context(), web.Actor(c)
	page, err := s.reconciling.Runs(ctx, by, reconciling.Filter{After: c.QueryParam("after")})
	if err != nil {
		return err
	}
	entities, err := s.billing.Entities(ctx)
	if err != nil {
		return err
	}
	r := s.reader(c)
	v := listView{May: r.may, Form: form.complete(entities, by)}
	for _, row := range page.Rows {
		v.Rows = append(v.Rows, r.row(row))
	}
	if page.Next != "" {
		v.NextURL = "/reconciliations?" + url.Values{"after": {page.Next}}.Encode()
	}
	return s.desk.Page(c, status, desk.View{Title: i18n.T("Reconciliations"), Heading: i18n.T("Reconciliations"), Active: "reconcile", BodyClass: "page-books"}, listPage(v))
}

// asked is which run, and which of its findings, somebody looks at.
type asked struct {
	id     reconciling.ID
	filter reconciling.FindingFilter
}

func read(c echo.Context) (asked, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return asked{}, reconciling.ErrNoRun
	}
	return asked{reconciling.ID(id), reconciling.FindingFilter{
		Class: compared.Class(c.QueryParam("class")), Resolution: reconciling.Resolution(c.QueryParam("resolution")), Query: c.QueryParam("q"), After: c.QueryParam("after"),
	}}, nil
}

// to is the address of the run, or of something below it, with the filter and one change to it.
func (a asked) to(below string, change ...string) string {
	query := url.Values{}
	set := func(name, value string) {
		query.Del(name)
		if value != "" {
			query.Set(name, value)
		}
	}
	set("class", string(a.filter.Class))
	set("resolution", string(a.filter.Resolution))
	set("q", a.filter.Query)
	if len(change) == 0 {
		set("after", a.filter.After)
	}
	for i := 0; i+1 < len(change); i += 2 {
		set(change[i], change[i+1])
	}
	path := "/reconciliations/" + strconv.FormatInt(int64(a.id), 10) + below
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// Show is one run with its counts, its proof and its findings: GET /reconciliations/:id?class=&resolution=&q=&after=&as=.
func (s *Screen) Show(c echo.Context) error {
	a, err := read(c)
	if err != nil {
		return err
	}
	if as := c.QueryParam("as"); as == "csv" || as == "xlsx" {
		return s.export(c, a, as)
	}
	return s.show(c, http.StatusOK, a, refusal{})
}

// refusal is what a decision was refused for, with what had been typed.
type refusal struct {
	finding reconciling.FindingID
	text    string
	field   string
	reason  string
}

func (s *Screen) show(c echo.Context, status int, a asked, no refusal) error {
	v, err := s.view(c, a)
	if err != nil {
		return err
	}
	v.refuse(no)
	if web.IsFragment(c) {
		return s.desk.Fragment(c, status, runBody(v))
	}
	return s.desk.Page(c, status, desk.View{
		Title: v.Title, Active: "reconcile", BodyClass: "page-books", Topics: []string{a.id.Topic()},
		Crumbs: []layout.Crumb{{Text: i18n.T("Reconciliations"), Href: "/reconciliations"}, {Text: v.Title}},
	}, runPage(v))
}

func (s *Screen) view(c echo.Context, a asked) (runView, error) {
	ctx, by := c.Request().Context(), web.Actor(c)
	run, err := s.reconciling.Run(ctx, by, a.id)
	if err != nil {
		return runView{}, err
	}
	entity, err := s.billing.EntityByID(ctx, s.reconciling.Reader(), run.EntityID)
	if err != nil {
		return runView{}, err
	}
	counts, err := s.reconciling.Counts(ctx, by, a.id)
	if err != nil {
		return runView{}, err
	}
	proofs, err := s.reconciling.Proofs(ctx, by, a.id)
	if err != nil {
		return runView{}, err
	}
	page, err := s.reconciling.Findings(ctx, by, a.id, a.filter)
	if err != nil {
		return runView{}, err
	}
	return s.reader(c).run(a, run, entity, counts, proofs, page), nil
}
