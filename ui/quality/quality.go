// Package quality is the room where supervisors review how cases were settled, and where agents read what was said about theirs.
package quality

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"makegood/cases"
	"makegood/cases/quality"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

// The pages of the room.
const (
	home     = "/quality"
	donePath = "/quality/done"
	minePath = "/quality/mine"
	weekPath = "/quality/weeks"
	setPath  = "/settings/quality"
)

// Screen is the room and the settings behind it.
type Screen struct {
	desk    *desk.Desk
	quality *quality.Service
	cases   *cases.Service
	reports *reports.Service
}

// New makes the screen.
func New(d *desk.Desk, q *quality.Service, s *cases.Service, r *reports.Service) *Screen {
	return &Screen{desk: d, quality: q, cases: s, reports: r}
}

// reader is who looks, and when.
type reader struct {
	by   access.Actor
	lang string
	zone *time.Location
	now  time.Time
}

func (s *Screen) reader(c echo.Context) reader {
	return reader{by: web.Actor(c), lang: s.desk.Lang(c), zone: s.desk.Zone(c), now: s.desk.Clock()}
}

func (r reader) moment(t time.Time) string { return kit.FormatShort(t, r.now, r.zone, r.lang) }

func (r reader) percent(v quality.Review) string {
	return kit.FormatDecimal(v.Score, scorePlaces, r.lang) + " %"
}

const (
	scorePlaces = 2
	shown       = 50
)

func (s *Screen) page(c echo.Context, status int, title string, body templ.Component) error {
	by := web.Actor(c)
	return s.desk.Page(c, status, desk.View{Title: title, Heading: i18n.T("Quality"), Sub: title, Active: "quality", BodyClass: "page-reports"},
		room(c.Request().URL.Path, access.May(by, access.ReadQuality), access.May(by, access.ManageQuality), access.May(by, access.ReadReports), body))
}

// queueView is what waits to be reviewed.
type queueView struct {
	Rows    []queueRow
	Next    string
	May     bool
	Number  string // typed, of a case that was not drawn
	Refused string
}

type queueRow struct {
	Number, Subject, Agent, Team, Week, When, Href string
	Mine                                           bool
}

// Queue lists what was drawn and waits: GET /quality.
func (s *Screen) Queue(c echo.Context) error { return s.queue(c, http.StatusOK, nil) }

func (s *Screen) queue(c echo.Context, status int, refused error) error {
	r := s.reader(c)
	after, err := cursorOf(c, "after")
	if err != nil {
		return err
	}
	list, err := s.quality.Queue(c.Request().Context(), r.by, cases.ID(after), shown)
	if err != nil {
		return err
	}
	v := queueView{May: access.May(r.by, access.ReviewQuality), Number: c.QueryParam("number")}
	if refused != nil {
		v.Refused = s.desk.Sentence(c, refused)
	}
	for _, w := range list {
		v.Rows = append(v.Rows, queueRow{
			Number: w.Number, Subject: w.Subject, Agent: w.AgentName, Team: w.Team, Week: w.Week.Format(time.DateOnly), When: r.moment(w.ResolvedAt), Mine: w.Mine, Href: sheetPath(w.Number),
		})
	}
	if len(list) == shown {
		v.Next = home + "?after=" + strconv.FormatInt(int64(list[shown-1].CaseID), 10)
	}
	return s.page(c, status, i18n.In("quality", "To review"), queuePage(v))
}

func sheetPath(number string) string { return home + "/cases/" + number }

func cursorOf(c echo.Context, name string) (int64, error) {
	text := c.QueryParam(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, errs.InvalidField(name, "error.not_a_number", "text", text)
	}
	return n, nil
}

// Pick opens a case that was not drawn: GET /quality/pick?number=.
func (s *Screen) Pick(c echo.Context) error {
	number := strings.ToUpper(strings.TrimSpace(c.QueryParam("number")))
	if number == "" {
		return c.Redirect(http.StatusSeeOther, home)
	}
	sheet, err := s.quality.Sheet(c.Request().Context(), number, web.Actor(c))
	switch kind := errs.KindOf(err); {
	case err == nil && sheet.Review != 0:
		return c.Redirect(http.StatusSeeOther, reviewPath(sheet.Review))
	case err == nil:
		return c.Redirect(http.StatusSeeOther, sheetPath(number))
	case kind == errs.NotFound || kind == errs.Conflict || kind == errs.Forbidden && access.May(web.Actor(c), access.ReviewQuality):
		return s.queue(c, web.Status(err), err)
	}
	return err
}

func reviewPath(id quality.ReviewID) string {
	return home + "/reviews/" + strconv.FormatInt(int64(id), 10)
}

// listView is reviews that were written.
type listView struct {
	Mine bool
	Rows []reviewRow
	Next string
}

type reviewRow struct {
	Number, Subject, Agent, Reviewer, Score, When, Href string
	Tag                                                 kit.TagView
}

// Done lists the reviews that were written: GET /quality/done.
func (s *Screen) Done(c echo.Context) error { return s.list(c, false) }

// Mine lists those of one's own work, or shows one of them: GET /quality/mine?review=.
func (s *Screen) Mine(c echo.Context) error {
	if id := c.QueryParam("review"); id != "" {
		return s.review(c, http.StatusOK, id, nil)
	}
	return s.list(c, true)
}

func (s *Screen) list(c echo.Context, mine bool) error {
	r := s.reader(c)
	before, err := cursorOf(c, "before")
	if err != nil {
		return err
	}
	list, err := s.quality.Reviews(c.Request().Context(), r.by, mine, quality.ReviewID(before), shown)
	if err != nil {
		return err
	}
	v, title := listView{Mine: mine}, i18n.In("quality", "Reviewed")
	if mine {
		title = i18n.T("Your reviews")
	}
	for _, one := range list {
		v.Rows = append(v.Rows, reviewRow{
			Number: one.Number, Subject: one.Subject, Agent: one.AgentName, Reviewer: one.ReviewerName, Score: r.percent(one), When: r.moment(one.ReviewedAt),
			Href: reviewPath(one.ID), Tag: tagOf(one),
		})
		if mine {
			v.Rows[len(v.Rows)-1].Href = minePath + "?review=" + strconv.FormatInt(int64(one.ID), 10)
		}
	}
	if len(list) == shown {
		v.Next = c.Request().URL.Path + "?before=" + strconv.FormatInt(int64(list[shown-1].ID), 10)
	}
	return s.page(c, http.StatusOK, title, listPage(v))
}

func tagOf(v quality.Review) kit.TagView {
	switch {
	case v.AcknowledgedAt == nil:
		return kit.TagView{Text: i18n.T("not read yet"), Tone: "hold"}
	case v.Reply != "":
		return kit.TagView{Text: i18n.T("answered"), Tone: "ok", Icon: "message"}
	}
	return kit.TagView{Text: i18n.T("acknowledged"), Tone: "ok", Icon: "check"}
}

// weekView is how a week was drawn.
type weekView struct {
	Week, Before, Commitment, Seed, When string
	None                                 bool
	Rows                                 []quality.OneDraw
	Next                                 string
}

// Week shows every draw of a week: GET /quality/weeks/:week.
func (s *Screen) Week(c echo.Context) error {
	of, err := time.Parse(time.DateOnly, c.Param("week"))
	if err != nil {
		return quality.ErrNoWeek
	}
	after, err := cursorOf(c, "after")
	if err != nil {
		return err
	}
	r := s.reader(c)
	found, err := s.quality.Week(c.Request().Context(), of, cases.ID(after), shown, r.by)
	v := weekView{Week: of.Format(time.DateOnly), Before: weekPath + "/" + of.AddDate(0, 0, -7).Format(time.DateOnly)}
	switch {
	case errs.KindOf(err) == errs.NotFound:
		v.None = true
	case err != nil:
		return err
	default:
		v.Week, v.Commitment, v.Rows = found.Week.Format(time.DateOnly), hexOf(found.Commitment), found.Draws
		v.Before = weekPath + "/" + found.Week.AddDate(0, 0, -7).Format(time.DateOnly)
		if found.DrawnAt != nil {
			v.Seed, v.When = hexOf(found.Seed), r.moment(*found.DrawnAt)
		}
		if len(found.Draws) == shown {
			v.Next = weekPath + "/" + v.Week + "?after=" + strconv.FormatInt(int64(found.Draws[shown-1].CaseID), 10)
		}
	}
	return s.page(c, http.StatusOK, i18n.F("Week of {week}", "week", v.Week), weekPage(v))
}

// ThisWeek leads to the present week: GET /quality/weeks.
func (s *Screen) ThisWeek(c echo.Context) error {
	return c.Redirect(http.StatusSeeOther, weekPath+"/"+s.desk.Clock().UTC().Format(time.DateOnly))
}
