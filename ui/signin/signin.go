// Package signin is where somebody proves who they are: the sign-in with its second step, by password, code or passkey; the proof
// asked for anew before a decision; and the way out.
package signin

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/people"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/layout"
)

// Screen is the sign-in page.
type Screen struct {
	desk   *desk.Desk
	people *people.Service
	secure bool
}

// New makes the screen; secure marks the cookie for https only.
func New(d *desk.Desk, p *people.Service, secure bool) *Screen {
	return &Screen{desk: d, people: p, secure: secure}
}

type view struct {
	Email, Next, Error string
	Demo               bool
	Passkeys           bool
	Asked              bool // for a letter
	Provider           string
}

// Page shows the form; somebody signed in already is sent on.
func (s *Screen) Page(c echo.Context) error {
	next := safeNext(c.QueryParam("next"))
	if web.Actor(c).UserID != 0 {
		return c.Redirect(http.StatusSeeOther, next)
	}
	return s.show(c, http.StatusOK, view{Next: next})
}

// SignIn checks the password and opens a session, or goes on to the second step.
func (s *Screen) SignIn(c echo.Context) error {
	next := safeNext(c.FormValue("next"))
	email := c.FormValue("email")
	entry, err := s.people.Enter(c.Request().Context(), email, c.FormValue("password"), web.From(c))
	if errors.Is(err, people.ErrWrongSignIn) || errors.Is(err, people.ErrTooManyTry) {
		return s.show(c, status(err), view{Email: email, Next: next, Error: s.desk.Sentence(c, err)})
	}
	if err != nil {
		return err
	}
	if entry.Ticket != "" {
		s.keepTicket(c, entry.Ticket)
		return c.Redirect(http.StatusSeeOther, secondPath(next))
	}
	web.SignedIn(c, entry.Token, s.secure)
	return c.Redirect(http.StatusSeeOther, next)
}

// SignOut ends the session.
func (s *Screen) SignOut(c echo.Context) error {
	if err := s.people.SignOut(c.Request().Context(), web.SignedOut(c, s.secure)); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/login")
}

func (s *Screen) show(c echo.Context, code int, v view) error {
	v.Demo, v.Passkeys, v.Provider = s.desk.Demo, s.passkeysHere(c), s.people.ProviderName()
	return s.desk.Plain(c, code, layout.PlainView{Title: i18n.T("Sign in"), Script: true}, page(v))
}

// passkeysHere tells whether the browser has come by the name that passkeys are bound to. Whatever name it says it has come by, no more
// than a button depends on it.
func (s *Screen) passkeysHere(c echo.Context) bool {
	host, _, _ := strings.Cut(c.Request().Host, ":")
	return s.people.PasskeyHost() != "" && strings.EqualFold(host, s.people.PasskeyHost())
}

func status(err error) int {
	if errs.KindOf(err) == errs.TooMany {
		return http.StatusTooManyRequests
	}
	return http.StatusUnprocessableEntity
}

// safeNext keeps a redirect on this site: a path, and not one that a browser reads as another host.
func safeNext(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") || strings.HasPrefix(next, "/login") {
		return "/"
	}
	return next
}
