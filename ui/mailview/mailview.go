// Package mailview shows a mail as its sender saw it, in a frame that can do nothing, and serves the pictures in it: those of the
// mail itself, and those from elsewhere when a reader asks for them.
package mailview

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"makegood/cases"
	"makegood/inbox/display"
	"makegood/inbox/parse"
	"makegood/internal/outside"
	"makegood/internal/reports"
	"makegood/internal/secrets"
	"makegood/internal/web"
	"makegood/ui/desk"
)

// Services are what the frame needs.
type Services struct {
	Files   *reports.CaseFiles
	Outside *outside.Guard
	Keys    secrets.Keys
}

// Screen is the frame and its pictures.
type Screen struct {
	Services

	desk *desk.Desk
}

// New makes the screen.
func New(d *desk.Desk, s Services) *Screen { return &Screen{Services: s, desk: d} }

// Frame is a mail as a page of its own: GET /cases/:number/messages/:id/mail?pictures=1. Pictures from elsewhere are left out unless
// asked for.
func (s *Screen) Frame(c echo.Context) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return cases.ErrNoMessage
	}
	raw, err := s.Files.RawMail(c.Request().Context(), c.Param("number"), cases.MessageID(id), web.Actor(c))
	if err != nil {
		return err
	}
	o := display.Options{Inline: func(place int) string { return s.address(inline(cases.MessageID(id), place)) }}
	if c.QueryParam("pictures") != "" {
		o.Remote = func(address string) string { return s.address(remote(address)) }
	}
	page := display.Render(parse.Parse(raw.Content, parse.Options{}), o)
	h := c.Response().Header()
	h.Set("Content-Security-Policy", display.Policy())
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "unsafe-none") // a sandboxed page may not ask for more
	return c.HTML(http.StatusOK, page.HTML)
}

// Picture is a picture of a mail: GET /mail-pictures/:token. Frames without an origin send no cookies, so the link itself proves that
// it was given to a reader of the mail, an hour ago at most.
func (s *Screen) Picture(c echo.Context) error {
	wanted, err := s.open(c.Param("token"))
	if err != nil {
		return err
	}
	var picture outside.Picture
	if wanted.address != "" {
		picture, err = s.Outside.Picture(c.Request().Context(), wanted.address)
	} else {
		picture, err = s.inlined(c, wanted)
	}
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin") // the frame has an origin of its own
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "private, max-age=3600")
	return c.Blob(http.StatusOK, picture.MediaType, picture.Content)
}

// inlined is a file of the mail itself, if it is a picture.
func (s *Screen) inlined(c echo.Context, wanted wanted) (outside.Picture, error) {
	raw, err := s.Files.RawOf(c.Request().Context(), wanted.message)
	if err != nil {
		return outside.Picture{}, err
	}
	files := parse.Parse(raw, parse.Options{}).Attachments
	if wanted.place < 0 || wanted.place >= len(files) {
		return outside.Picture{}, cases.ErrNoMessage
	}
	return outside.Shown(files[wanted.place].Content)
}
