package casefile

import (
	"mime"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"makegood/cases"
	"makegood/internal/reports"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/layout"
)

func messageID(c echo.Context) (cases.MessageID, error) {
	n, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return 0, cases.ErrNoMessage
	}
	return cases.MessageID(n), nil
}

// Message shows one message with its whole text, quote and signature included.
func (s *Screen) Message(c echo.Context) error {
	id, err := messageID(c)
	if err != nil {
		return err
	}
	m, err := s.files.WholeMessage(c.Request().Context(), c.Param("number"), id, web.Actor(c))
	if err != nil {
		return err
	}
	v := s.reader(c).message(c.Param("number"), m)
	v.Subject = m.Subject
	if web.IsFragment(c) {
		h := c.Response().Header()
		h.Set("HX-Retarget", "#m-"+v.ID)
		h.Set("HX-Reswap", "outerHTML")
	}
	return s.desk.Show(c, desk.View{
		Title: m.Subject, Active: "queue",
		Crumbs: []layout.Crumb{{Text: "Queue", Href: "/"}, {Text: c.Param("number"), Href: "/cases/" + c.Param("number")}, {Text: "Message"}},
	}, messagePage(v), message(v, true))
}

// Raw gives the mail exactly as it came.
func (s *Screen) Raw(c echo.Context) error {
	id, err := messageID(c)
	if err != nil {
		return err
	}
	file, err := s.files.RawMail(c.Request().Context(), c.Param("number"), id, web.Actor(c))
	if err != nil {
		return err
	}
	return download(c, file)
}

// Attachment gives a file of a message.
func (s *Screen) Attachment(c echo.Context) error {
	id, err := messageID(c)
	if err != nil {
		return err
	}
	position, err := strconv.Atoi(c.Param("position"))
	if err != nil {
		return cases.ErrNoMessage
	}
	file, err := s.files.Attachment(c.Request().Context(), c.Param("number"), id, position, web.Actor(c))
	if err != nil {
		return err
	}
	return download(c, file)
}

// download hands a file over to be saved. A browser must never show it as a page of ours, so neither its name nor its
// type is trusted.
func download(c echo.Context, file reports.File) error {
	h := c.Response().Header()
	h.Set(echo.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": safeName(file.Name)}))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	mediaType, _, err := mime.ParseMediaType(file.MediaType)
	if err != nil {
		mediaType = "application/octet-stream"
	}
	return c.Blob(http.StatusOK, mediaType, file.Content)
}

// safeName keeps a file name from being a path or from ending the header.
func safeName(name string) string {
	safe := []rune{}
	for _, r := range name {
		if r < ' ' || r == '/' || r == '\\' || r == 0x7f {
			r = '_'
		}
		safe = append(safe, r)
	}
	if len(safe) == 0 {
		return "attachment"
	}
	return string(safe[:min(len(safe), 120)])
}
