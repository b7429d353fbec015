package intake

import (
	"strconv"

	"github.com/labstack/echo/v4"

	"makegood/inbox"
	"makegood/internal/web"
)

// Raw is a message exactly as it came: GET /intake/:id/eml.
func (s *Screen) Raw(c echo.Context) error {
	id := selected(c).id
	if err := s.mayOpen(c, inbox.InboundID(id)); err != nil {
		return err
	}
	raw, err := s.Inbox.Raw(c.Request().Context(), s.Reports.Reader(), inbox.InboundID(id))
	if err != nil {
		return err
	}
	return web.Download(c, "message-"+text(id)+".eml", "application/octet-stream", raw)
}

// File is one attachment, never shown by the browser itself: GET /intake/:id/files/:n.
func (s *Screen) File(c echo.Context) error {
	l, _, err := s.open(c.Request().Context(), selected(c).id, web.Actor(c))
	if err == nil {
		err = s.Intake.MayOpen(l.Inbound)
	}
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(c.Param("n"))
	if err != nil || n < 0 || n >= len(l.Attachments) {
		return inbox.ErrNoMessage
	}
	file := l.Attachments[n]
	return web.Download(c, orElse(file.Filename, "attachment-"+strconv.Itoa(n+1)), "application/octet-stream", file.Content)
}

func (s *Screen) mayOpen(c echo.Context, id inbox.InboundID) error {
	m, err := s.Inbox.Readable(c.Request().Context(), s.Reports.Reader(), id, web.Actor(c))
	if err != nil {
		return err
	}
	return s.Intake.MayOpen(m)
}
