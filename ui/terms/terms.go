// Package terms is the screens of what clocks are measured by: calendars, what is promised to which cases, and who is told when it
// is not kept. Every change makes a new version, says why, and shows first what it would do.
package terms

import (
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

// Screen is the settings of clocks.
type Screen struct {
	desk    *desk.Desk
	cases   *cases.Service
	billing *billing.Service
	files   *reports.CaseFiles
}

// New makes the screens.
func New(d *desk.Desk, c *cases.Service, b *billing.Service, files *reports.CaseFiles) *Screen {
	return &Screen{desk: d, cases: c, billing: b, files: files}
}

func may(c echo.Context) bool { return access.May(web.Actor(c), access.ManageClocks) }

// typed is why a form was refused, or what was found out before it is saved.
type typed struct {
	text   string
	errors map[string]string
	notice string
	moves  *movesView
}

// refusal turns what a person can mend into words for the form; anything else is an error of the page.
func (s *Screen) refusal(c echo.Context, err error) (typed, error) {
	kind := errs.KindOf(err)
	if kind != errs.Invalid && kind != errs.Conflict {
		return typed{}, err
	}
	t := typed{errors: s.desk.FieldErrors(c, err)}
	if len(t.errors) == 0 {
		t.text = s.desk.Sentence(c, err)
	}
	return t, nil
}

// number is the id in the path.
func number(c echo.Context) (int64, error) {
	n, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return 0, errs.New(errs.NotFound, "error.not_found")
	}
	return n, nil
}

// movesView is what a change would do to the clocks that run.
type movesView struct {
	Text string
	Tone string
	Rows []moveRow
	More string
}

type moveRow struct{ Number, Subject, Clock, Before, After string }

func (s *Screen) moves(c echo.Context, m cases.ClockMoves) *movesView {
	v := &movesView{Tone: "ok", Text: i18n.T("No deadline moves.")}
	if m.Clocks > 0 {
		v.Tone = "info"
		v.Text = i18n.N(m.Clocks, "{n} deadline moves: {earlier} earlier, {later} later.", "{n} deadlines move: {earlier} earlier, {later} later.", "n", m.Clocks, "earlier", m.Earlier, "later", m.Later)
	}
	v.Text += " " + i18n.N(m.Cases, "{n} open case is under it.", "{n} open cases are under it.", "n", m.Cases)
	if m.Late > 0 {
		v.Tone = "stop"
		v.Text += " " + i18n.F("{plural} would be late at once.", "plural", clocksText(m.Late))
	}
	if m.Stuck > 0 {
		v.Tone = "stop"
		v.Text += " " + i18n.F("{plural} cannot be counted by it and would stay as they are.", "plural", casesText(m.Stuck))
	}
	if m.More {
		v.Text += " " + i18n.T("Only the newest 2,000 open cases were looked at.")
	}
	for _, one := range m.First {
		v.Rows = append(v.Rows, moveRow{one.Number, one.Subject, desk.ClockName(one.Kind), s.moment(c, one.Before), s.moment(c, one.After)})
	}
	if m.Clocks > len(m.First) {
		v.More = i18n.F("and {clocks} more", "clocks", strconv.Itoa(m.Clocks-len(m.First)))
	}
	return v
}

func (s *Screen) moment(c echo.Context, at *time.Time) string {
	if at == nil {
		return i18n.T("none")
	}
	return kit.FormatDateTime(*at, s.desk.Zone(c), s.desk.Lang(c))
}

func casesText(n int) string { return i18n.N(n, "{n} case", "{n} cases", "n", n) }

func clocksText(n int) string { return i18n.N(n, "{n} clock", "{n} clocks", "n", n) }

// changesView are the last changes of one setting, and how far each has been carried out.
type changesView struct {
	Rows []changeRow
	Self string
}

type changeRow struct{ Name, By, At, Why, State string }

func (s *Screen) changes(c echo.Context, what ...cases.ClockSetting) (changesView, error) {
	list, err := s.cases.ClockChanges(c.Request().Context(), web.Actor(c))
	v := changesView{Self: c.Request().URL.Path}
	for _, g := range list {
		if !slices.Contains(what, g.What) {
			continue
		}
		row := changeRow{Name: i18n.F("{name}, version {version}", "name", g.Name, "version", strconv.Itoa(g.Version)), By: g.MadeBy, At: s.moment(c, &g.MadeAt), Why: g.Comment, State: i18n.T("moved no case")}
		switch {
		case g.FinishedAt == nil:
			row.State = i18n.N(g.Total, "{done} of {n} open case looked at, {moved} moved", "{done} of {n} open cases looked at, {moved} moved", "done", g.Done, "n", g.Total, "moved", g.Moved)
		case g.Moved > 0:
			row.State = i18n.F("moved {plural}", "plural", casesText(g.Moved))
		}
		v.Rows = append(v.Rows, row)
	}
	return v, err
}
