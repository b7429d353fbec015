package intake

import (
	"strconv"

	"github.com/labstack/echo/v4"

	"makegood/inbox"
	"makegood/internal/web"
)

// Raw is a message exactly as it came: GET /intake/:id/eml. Who took it is on record.
func (s *Screen) Raw(c echo.Context) error {
	id := selected(c).id
	raw, err := s.Intake.Download(c.Request().Context(), web.Actor(c), inbox.InboundID(id))
	if err != nil {
		return err
	}
	return web.Download(c, "message-"+text(id)+".eml", "application/octet-stream", raw)
}

// File is one attachment, never shown by the browser itself: GET /intake/:id/files/:n. Who took it is on record.
func (s *Screen) File(c echo.Context) error {
	n, err := strconv.Atoi(c.Param("n"))
	if err != nil {
		return inbox.ErrNoMessage
	}
	file, err := s.Intake.DownloadFile(c.Request().Context(), web.Actor(c), inbox.InboundID(selected(c).id), n)
	if err != nil {
		return err
	}
	return web.Download(c, orElse(file.Filename, "attachment-"+strconv.Itoa(n+1)), "application/octet-stream", file.Content)
}
