package demo

import (
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
)

// Raw is a mail exactly as it was delivered: GET /demo/mailbox/:uid/eml.
func (s *Screen) Raw(c echo.Context) error {
	stored, _, err := s.read(uid(c))
	if err != nil {
		return err
	}
	return download(c, "mail-"+c.Param("uid")+".eml", stored.Raw)
}

// File is one attachment, never shown by the browser itself: GET /demo/mailbox/:uid/files/:n.
func (s *Screen) File(c echo.Context) error {
	_, m, err := s.read(uid(c))
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(c.Param("n"))
	if err != nil || n < 0 || n >= len(m.Attachments) {
		return errNoMail
	}
	return download(c, orElse(m.Attachments[n].Filename, "attachment-"+strconv.Itoa(n+1)), m.Attachments[n].Content)
}

func download(c echo.Context, name string, content []byte) error {
	c.Response().Header().Set(echo.HeaderContentDisposition, orElse(mime.FormatMediaType("attachment", map[string]string{"filename": name}), "attachment"))
	return c.Blob(http.StatusOK, "application/octet-stream", content)
}

func size(bytes int) string {
	switch {
	case bytes < 1_000:
		return fmt.Sprintf("%d B", bytes)
	case bytes < 1_000_000:
		return fmt.Sprintf("%d KB", (bytes+500)/1_000)
	}
	return fmt.Sprintf("%d.%d MB", bytes/1_000_000, bytes%1_000_000/100_000)
}

func fileIcon(mediaType string) string {
	switch {
	case strings.HasPrefix(mediaType, "image/"):
		return "photo"
	case mediaType == "application/pdf":
		return "file-type-pdf"
	}
	return "paperclip"
}
