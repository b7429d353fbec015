// Package mailview shows a mail as its sender saw it, in a frame that can do nothing, and serves the pictures in it: those of the
// mail itself, and those from elsewhere when a reader asks for them.
package mailview

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"makegood/cases"
	"makegood/cases/intake"
	"makegood/inbox"
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
	Inbox   *inbox.Service
	Intake  *intake.Intake
	Reports *reports.Service
	Outside *outside.Guard
	Keys    secrets.Keys
}

// Screen is the frame and its pictures.
type Screen struct {
	Services

	desk  *desk.Desk
	album *album
}

// New makes the screen.
func New(d *desk.Desk, s Services) *Screen { return &Screen{Services: s, desk: d, album: newAlbum()} }

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
	return s.render(c, ofCase(cases.MessageID(id)), raw.Content)
}

// Waiting is Frame for a message that came and may be in no case: GET /intake/:id/mail?pictures=1. What a virus scanner found something
// in, or has not looked at yet, is shown to nobody.
func (s *Screen) Waiting(c echo.Context) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return inbox.ErrNoMessage
	}
	if _, err := s.Inbox.Readable(c.Request().Context(), s.Reports.Reader(), inbox.InboundID(id), web.Actor(c)); err != nil {
		return err
	}
	raw, err := s.waiting(c, inbox.InboundID(id))
	if err != nil {
		return err
	}
	return s.render(c, ofIntake(inbox.InboundID(id)), raw)
}

// waiting gives the bytes of a message if they may be opened.
func (s *Screen) waiting(c echo.Context, id inbox.InboundID) ([]byte, error) {
	m, err := s.Inbox.Message(c.Request().Context(), s.Reports.Reader(), id)
	if err != nil {
		return nil, err
	}
	if err := s.Intake.MayOpen(m); err != nil {
		return nil, err
	}
	return s.Inbox.Raw(c.Request().Context(), s.Reports.Reader(), id)
}

// render shows a mail as a page that can do nothing.
func (s *Screen) render(c echo.Context, of source, raw []byte) error {
	o := display.Options{Inline: func(place int) string { return s.address(inline(of, place)) }}
	if c.QueryParam("pictures") != "" {
		o.Remote = func(address string) string { return s.address(remote(address)) }
	}
	m := parse.Parse(raw, parse.Options{})
	s.album.put(of, m)
	page := display.Render(m, o)
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
	list, err := s.album.pictures(wanted.mail, func() ([]byte, error) {
		if wanted.mail.waits {
			return s.waiting(c, inbox.InboundID(wanted.mail.id))
		}
		return s.Files.RawOf(c.Request().Context(), cases.MessageID(wanted.mail.id))
	})
	if err != nil {
		return outside.Picture{}, err
	}
	if wanted.place < 0 || wanted.place >= len(list) {
		return outside.Picture{}, cases.ErrNoMessage
	}
	if list[wanted.place] == nil {
		return outside.Picture{}, outside.ErrNoPicture
	}
	return *list[wanted.place], nil
}
