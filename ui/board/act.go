package board

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"makegood/cases"
	"makegood/internal/errs"
	"makegood/internal/web"
)

// People lists whom a case can be given to, for the menu of a row: GET /board/people.
func (s *Screen) People(c echo.Context) error {
	work, err := s.reader(c).work()
	if err != nil {
		return err
	}
	load, err := s.reports.Load(c.Request().Context(), work, 50)
	if err != nil {
		return err
	}
	return s.desk.Fragment(c, http.StatusOK, peopleMenu(load))
}

// Assign gives a case to somebody: POST /board/assign. Fields: case, version, assignee.
func (s *Screen) Assign(c echo.Context) error {
	id, err1 := strconv.ParseInt(c.FormValue("case"), 10, 64)
	version, err2 := strconv.Atoi(c.FormValue("version"))
	assignee, err3 := strconv.ParseInt(c.FormValue("assignee"), 10, 64)
	if err1 != nil || err2 != nil || err3 != nil {
		return errs.InvalidField("assignee", "error.required")
	}
	_, err := s.cases.Assign(c.Request().Context(), cases.AssignInput{
		On: cases.On{By: web.Actor(c), ID: cases.ID(id), Version: version}, AssigneeID: &assignee,
	})
	if err != nil {
		return err
	}
	return s.done(c, (*Screen).readNext, (*Screen).readNotices)
}

// Acknowledge says that the reader took notice of an escalation: POST /board/notices/:id/acknowledge.
func (s *Screen) Acknowledge(c echo.Context) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return echo.ErrNotFound
	}
	if err := s.cases.AcknowledgeNotice(c.Request().Context(), cases.NoticeInput{By: web.Actor(c), ID: id}); err != nil {
		return err
	}
	return s.done(c, (*Screen).readNext, (*Screen).readNotices)
}

// done answers with the list as it stands now, or leads a browser without script back to the board.
func (s *Screen) done(c echo.Context, parts ...part) error {
	if !web.IsFragment(c) {
		return c.Redirect(http.StatusSeeOther, "/board")
	}
	v, err := s.fill(c.Request().Context(), s.reader(c), parts...)
	if err != nil {
		return err
	}
	return s.desk.Fragment(c, http.StatusOK, next(v))
}
