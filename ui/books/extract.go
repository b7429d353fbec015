package books

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/internal/errs"
	"makegood/internal/reports"
	"makegood/internal/web"
)

// Extract sends a month of a legal entity's journal or credit memos for another system: GET /books/extracts/:entity/:what?month=2026-05,
// the month we are in without.
func (s *Screen) Extract(c echo.Context) error {
	month := s.desk.Clock()
	if text := c.QueryParam("month"); text != "" {
		var err error
		if month, err = time.Parse(monthFormat, text); err != nil {
			return errs.InvalidField("month", "error.not_a_month", "text", text)
		}
	}
	ctx := c.Request().Context()
	x, err := s.books.Takeovers().Make(ctx, c.Param("what"), reports.Takeover{By: web.Actor(c), Entity: c.Param("entity"), Month: month})
	if err != nil {
		return err
	}
	out := web.StreamDownload(c, x.Name, "text/csv")
	if err := x.Write(ctx, out); err != nil {
		panic(http.ErrAbortHandler) //nolint:forbidigo // net/http breaks the answer off by it: what was sent is no whole file, so it must not end well
	}
	return nil
}
