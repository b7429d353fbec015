package board

import (
	"net/http"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"makegood/internal/i18n"
	"makegood/ui/desk"
)

// Show is the whole board: GET /board. With ?wall=1 it fills a screen on the wall.
func (s *Screen) Show(c echo.Context) error {
	r := s.reader(c)
	v, err := s.fill(c.Request().Context(), r, (*Screen).readClosings, (*Screen).readFigures, (*Screen).readNext, (*Screen).readNotices, (*Screen).readLoad, (*Screen).readApprovals, (*Screen).readWaiting, (*Screen).readFlow, (*Screen).readRisk, (*Screen).readMail)
	if err != nil {
		return err
	}
	wall := c.QueryParam("wall") == "1"
	view := desk.View{Title: i18n.T("Board"), Heading: i18n.T("Board"), Sub: r.openCases(v.Open), Active: "board", BodyClass: "page-board", Wall: wall}
	if wall {
		return s.desk.Page(c, http.StatusOK, view, wallPage(v))
	}
	view.TopExtra = wallLink()
	return s.desk.Page(c, http.StatusOK, view, boardPage(v))
}

// Part is one region of the board, as it stands now: GET /board/:part.
func (s *Screen) Part(c echo.Context) error {
	reads := map[string][]part{
		"closing": {(*Screen).readClosings}, "figures": {(*Screen).readFigures}, "next": {(*Screen).readNext, (*Screen).readNotices}, "load": {(*Screen).readLoad}, "approvals": {(*Screen).readApprovals, (*Screen).readWaiting},
		"flow": {(*Screen).readFlow}, "risk": {(*Screen).readRisk}, "mail": {(*Screen).readMail}, "outgoing": {(*Screen).readMail}, "clock": {},
	}
	draws := map[string]func(*view) templ.Component{
		"closing": closings, "figures": figures, "next": next, "load": load, "approvals": approvals, "flow": flowCard, "risk": riskCard, "mail": mailCard,
		"outgoing": outgoingCard, "clock": func(*view) templ.Component { return wallClock() },
	}
	name := c.Param("part")
	draw, known := draws[name]
	if !known {
		return echo.ErrNotFound
	}
	v, err := s.fill(c.Request().Context(), s.reader(c), reads[name]...)
	if err != nil {
		return err
	}
	return s.desk.Fragment(c, http.StatusOK, draw(v))
}
