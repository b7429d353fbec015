package portal

import (
	"fmt"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"makegood/cases"
	"makegood/internal/web"
)

func fileURL(number string, id cases.MessageID, position int) string {
	return fmt.Sprintf("%s/requests/%s/messages/%d/files/%d", prefix, url.PathEscape(number), id, position)
}

// Attachment hands over a file of a request: GET /portal/requests/:number/messages/:id/files/:position.
func (s *Screen) Attachment(c echo.Context) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return cases.ErrNoMessage
	}
	position, err := strconv.Atoi(c.Param("position"))
	if err != nil {
		return cases.ErrNoMessage
	}
	file, err := s.portal.File(c.Request().Context(), visitor(c), c.Param("number"), cases.MessageID(id), position)
	if err != nil {
		return err
	}
	return web.Download(c, file.Filename, file.MediaType, file.Content)
}
