// Package reports shows the figures of receivables: aging, days sales outstanding and the indicators of a period, each
// with what it means, and the documents behind it. Nothing is changed here.
package reports

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/billing/figures"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/internal/reports"
	"makegood/internal/sheet"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

// Screen is the room of reports.
type Screen struct {
	desk *desk.Desk
	all  *reports.Service
	read *reports.Receivables
}

// New makes the screen.
func New(d *desk.Desk, r *reports.Service) *Screen {
	return &Screen{desk: d, all: r, read: r.Receivables()}
}

// Home leads to the first report: GET /reports.
func (s *Screen) Home(c echo.Context) error { return c.Redirect(http.StatusSeeOther, "/reports/aging") }

// asked is what somebody wants to see, as it stands in the address.
type asked struct {
	reports.Scope
	Days    int
	Section money.Currency // the currency shown, of those there are
	path    string
	today   time.Time // that is shown without a day in the address
}

const daysShown = reports.MoneyDays

// asked reads the address. A day that is none is refused with its field's name.
func (s *Screen) asked(c echo.Context) (asked, error) {
	today, err := s.read.Today(c.Request().Context(), web.Actor(c), c.QueryParam("entity"))
	if err != nil {
		return asked{}, err
	}
	scope, days, err := question(c).MoneyScope(func(string) (time.Time, error) { return today, nil })
	return asked{Scope: scope, Days: days, Section: money.Currency(c.QueryParam("section")), path: c.Request().URL.Path, today: today}, err
}

// question is the report that the address asks for.
func question(c echo.Context) reports.Question {
	return reports.Question{By: web.Actor(c), Report: strings.TrimPrefix(c.Request().URL.Path, "/reports/"), Filter: c.QueryParams()}
}

// values is the address as it is, without what is usual.
func (a asked) values(today time.Time) url.Values {
	v := url.Values{}
	set := func(name, value string, usual bool) {
		if !usual && value != "" {
			v.Set(name, value)
		}
	}
	set("as_of", a.On.Format(time.DateOnly), a.On.Equal(today))
	set("basis", string(a.Basis), a.Basis == reports.KnownNow)
	set("entity", a.Entity, false)
	set("money", "base", !a.Base)
	set("days", strconv.Itoa(a.Days), a.Days == daysShown)
	set("section", string(a.Section), false)
	return v
}

// byMail is the form that has a report come by mail, narrowed as it is shown.
func byMail(q reports.Question) string {
	v := url.Values{"report": {q.Report}}
	for _, name := range append(q.Filters(), "days") {
		if value := q.Filter.Get(name); value != "" {
			v.Set(name, value)
		}
	}
	return mailPath + "/new?" + v.Encode()
}

// linker makes addresses of reports that keep what was chosen.
type linker struct {
	asked
	today time.Time
}

// to is another page with what was chosen and these changes; names and values in turn, "" takes one away.
func (l linker) to(path string, changes ...string) string {
	v := l.values(l.today)
	for i := 0; i+1 < len(changes); i += 2 {
		if changes[i+1] == "" {
			v.Del(changes[i])
		} else {
			v.Set(changes[i], changes[i+1])
		}
	}
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

// frame is what every report has around its figures.
type frame struct {
	linker
	Lang       string
	Entities   []reports.EntityChoice
	Currencies []money.Currency // the sections there are
	WithPeriod bool
	ByMail     string // where this report is had by mail
	say        func(key string, params ...string) string
}

func (s *Screen) frame(c echo.Context, a asked, currencies []money.Currency) (frame, error) {
	entities, err := s.read.Entities(c.Request().Context(), a.By)
	if err != nil {
		return frame{}, err
	}
	if len(currencies) > 0 && !slices.Contains(currencies, a.Section) {
		a.Section = currencies[0]
	}
	return frame{linker: linker{a, a.today}, Lang: s.desk.Lang(c), Entities: entities, Currencies: currencies, ByMail: byMail(question(c)), say: s.desk.Say(c)}, nil
}

// show answers with the whole page, or with its body when htmx asks for a part.
func (s *Screen) show(c echo.Context, title string, f frame, body pageBody) error {
	view := desk.View{
		Title: title, Heading: i18n.T("Reports"), Sub: i18n.F("Figures as of {on}", "on", kit.FormatDate(f.On, time.UTC, f.Lang)), Active: "reports", BodyClass: "page-reports",
		Scripts: []string{"js/charts.js"},
	}
	return s.desk.Show(c, view, page(f, body), reportBody(f, body))
}

// download sends a report as a file when the address asks for one; done tells that it did.
func (s *Screen) download(c echo.Context) (done bool, err error) {
	as := c.QueryParam("as")
	if as != "csv" && as != "xlsx" {
		return false, nil
	}
	file, err := s.all.Workbook(c.Request().Context(), question(c))
	if err != nil {
		return true, err
	}
	header := c.Response().Header()
	header.Set(echo.HeaderContentDisposition, `attachment; filename="`+file.Name+"."+as+`"`)
	if as == "csv" {
		header.Set(echo.HeaderContentType, sheet.MediaCSV+"; charset=utf-8")
		c.Response().WriteHeader(http.StatusOK)
		return true, file.Tables[0].CSV(c.Response())
	}
	header.Set(echo.HeaderContentType, sheet.MediaXLSX)
	c.Response().WriteHeader(http.StatusOK)
	return true, sheet.XLSX(c.Response(), file.Tables...)
}

// tile is a figure at the head of a report, with the sentence that defines it.
type tile struct {
	Title, Value, Unit, Detail, Href, Definition string
	Change, Tone                                 string
}

// tile writes a figure for the reader.
func (f frame) tile(name figures.Name, value figures.Figure, detail, href string) tile {
	d, _ := figures.DefinitionOf(name)
	text, unit := f.write(d.Unit, value)
	return tile{Title: f.say(d.TitleKey()), Value: text, Unit: unit, Detail: detail, Href: href, Definition: f.say(d.Key())}
}
