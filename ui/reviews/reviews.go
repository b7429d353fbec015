// Package reviews is the room of those who look at what others gave away: requests drawn from what people pass within their own
// limit, what was noticed about requests, and who signs for whom.
package reviews

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/internal/reports"
	"makegood/internal/sheet"
	"makegood/internal/web"
	"makegood/ui/creditview"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

// Screen is the room.
type Screen struct {
	desk    *desk.Desk
	credits *credits.Service
	reports *reports.Service
}

// New makes the screen.
func New(d *desk.Desk, c *credits.Service, r *reports.Service) *Screen {
	return &Screen{desk: d, credits: c, reports: r}
}

// The pages of the room.
const (
	waitingPath = "/reviews"
	donePath    = "/reviews/done"
	samplesPath = "/reviews/samples"
)

// reader is who looks, and when.
type reader struct {
	creditview.Reader
	by   access.Actor
	zone *time.Location
}

func (s *Screen) reader(c echo.Context) reader {
	return reader{
		Reader: creditview.Reader{Catalogue: s.desk.Catalogue, Lang: s.desk.Lang(c), Now: s.desk.Clock(), UserID: web.Actor(c).UserID},
		by:     web.Actor(c), zone: s.desk.Zone(c),
	}
}

func (s *Screen) page(c echo.Context, status int, title string, body templ.Component) error {
	return s.desk.Page(c, status, desk.View{Title: title, Heading: i18n.T("Reviews"), Sub: title, Active: "reviews", BodyClass: "page-reports"}, room(roomOf(c), body))
}

// roomOf is the page of the room that is open; what a form was refused on is still its page.
func roomOf(c echo.Context) string {
	if strings.HasPrefix(c.Request().URL.Path, warningsPath) {
		return warningsPath
	}
	return c.Request().URL.Path
}

func (r reader) moment(t time.Time) string { return kit.FormatShort(t, r.Now, r.zone, r.Lang) }

// limits writes a sum as limits are written.
func (r reader) limits(sum decimal.Decimal) string {
	return kit.FormatMoney(money.Of(sum, billing.AuthorityCurrency), r.Lang)
}

func requestHref(id credits.ID) string { return "/approvals/" + strconv.FormatInt(int64(id), 10) }

// monthAsked reads a month of the address; usual where it is not there.
func monthAsked(c echo.Context, field string, usual time.Time) (time.Time, error) {
	text := c.FormValue(field)
	if text == "" {
		return time.Date(usual.Year(), usual.Month(), 1, 0, 0, 0, 0, time.UTC), nil
	}
	month, err := time.Parse("2006-01", text)
	if err != nil {
		return month, errs.InvalidField(field, "error.not_a_month", "text", text)
	}
	return month, nil
}

// download sends a table as a file when the address asks for one; done tells that it did.
func download(c echo.Context, name string, table func() (sheet.Table, error)) (done bool, err error) {
	if c.QueryParam("as") != "csv" {
		return false, nil
	}
	t, err := table()
	if err != nil {
		return true, err
	}
	header := c.Response().Header()
	header.Set(echo.HeaderContentDisposition, `attachment; filename="`+name+`.csv"`)
	header.Set(echo.HeaderContentType, sheet.MediaCSV+"; charset=utf-8")
	c.Response().WriteHeader(http.StatusOK)
	return true, t.CSV(c.Response())
}
