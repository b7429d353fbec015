package demo

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/internal/i18n"
	"makegood/internal/web"
)

// octets: nothing is said of what a stranger's file is.
const octets = "application/octet-stream"

// Raw is a mail exactly as it was delivered: GET /demo/mailbox/:uid/eml.
func (s *Screen) Raw(c echo.Context) error {
	stored, _, err := s.read(uid(c))
	if err != nil {
		return err
	}
	return web.Download(c, "mail-"+c.Param("uid")+".eml", octets, stored.Raw)
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
	return web.Download(c, orElse(m.Attachments[n].Filename, "attachment-"+strconv.Itoa(n+1)), octets, m.Attachments[n].Content)
}

func size(bytes int) string {
	switch {
	case bytes < 1_000:
		return fmt.Sprintf("%d B", bytes)
	case bytes < 1_000_000:
		return i18n.F("{bytes} KB", "bytes", (bytes+500)/1_000)
	}
	return i18n.F("{bytes}.{bytes_2} MB", "bytes", bytes/1_000_000, "bytes_2", bytes%1_000_000/100_000)
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
