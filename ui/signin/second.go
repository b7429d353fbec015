package signin

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"makegood/internal/access"
	"makegood/internal/i18n"
	"makegood/internal/people"
	"makegood/internal/web"
	"makegood/ui/layout"
)

// ticketCookie keeps the ticket of a sign-in whose first step is done. Only the sign-in's own pages are sent it.
const ticketCookie = "mg_step"

func secondPath(next string) string { return "/login/second?next=" + url.QueryEscape(next) }

func (s *Screen) keepTicket(c echo.Context, ticket string) {
	cookie := &http.Cookie{Name: ticketCookie, Value: ticket, Path: "/login", HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode, MaxAge: 600} //nolint:gosec // Secure follows the public URL's scheme: a desk on http://localhost must let people in
	if ticket == "" {
		cookie.MaxAge = -1
	}
	c.SetCookie(cookie)
}

func ticketOf(c echo.Context) string {
	cookie, err := c.Cookie(ticketCookie)
	if err != nil {
		return ""
	}
	return cookie.Value
}

type secondView struct {
	people.Step
	Next, Error string
	Passkey     bool
	Gone        bool // the first step lies too far back, or was never done
}

// Second shows the second step: GET /login/second. Whoever has not done the first is told so.
func (s *Screen) Second(c echo.Context) error {
	return s.showSecond(c, http.StatusOK, secondView{Next: safeNext(c.QueryParam("next"))})
}

// Finish takes the code of the second step: POST /login/second.
func (s *Screen) Finish(c echo.Context) error {
	next := safeNext(c.FormValue("next"))
	entry, recovery, err := s.people.Finish(c.Request().Context(), ticketOf(c), c.FormValue("code"))
	switch {
	case errors.Is(err, people.ErrWrongCode) || errors.Is(err, people.ErrTooManyTry):
		return s.showSecond(c, status(err), secondView{Next: next, Error: s.desk.Sentence(c, err)})
	case errors.Is(err, access.ErrSignIn):
		return c.Redirect(http.StatusSeeOther, "/login")
	case err != nil:
		return err
	}
	s.keepTicket(c, "")
	web.SignedIn(c, entry.Token, s.secure)
	if len(recovery) > 0 {
		return s.desk.Plain(c, http.StatusOK, layout.PlainView{Title: i18n.T("Recovery codes")}, codesPage(recovery, next))
	}
	return c.Redirect(http.StatusSeeOther, next)
}

func (s *Screen) showSecond(c echo.Context, code int, v secondView) error {
	step, err := s.people.Second(c.Request().Context(), ticketOf(c))
	if v.Gone = errors.Is(err, access.ErrSignIn); err != nil && !v.Gone {
		return err
	}
	v.Step, v.Passkey = step, step.Passkeys > 0 && s.passkeysHere(c)
	return s.desk.Plain(c, code, layout.PlainView{Title: i18n.T("Second step"), Script: true}, secondPage(v))
}

type proveView struct {
	people.Challenge
	Next, Error string
	Passkey     bool
}

// ProvePage asks somebody signed in to prove themselves anew: GET /prove?next=…
func (s *Screen) ProvePage(c echo.Context) error {
	return s.showProof(c, http.StatusOK, proveView{Next: safeNext(c.QueryParam("next"))})
}

// Prove takes the code or password: POST /prove.
func (s *Screen) Prove(c echo.Context) error {
	next := safeNext(c.FormValue("next"))
	err := s.people.Prove(c.Request().Context(), web.Visit(c), c.FormValue("secret"))
	if errors.Is(err, people.ErrWrongCode) || errors.Is(err, people.ErrTooManyTry) {
		return s.showProof(c, status(err), proveView{Next: next, Error: s.desk.Sentence(c, err)})
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, next)
}

func (s *Screen) showProof(c echo.Context, code int, v proveView) error {
	var err error
	if v.Challenge, err = s.people.Challenge(c.Request().Context(), web.Actor(c)); err != nil {
		return err
	}
	v.Passkey = v.Passkeys > 0 && s.passkeysHere(c)
	return s.desk.Plain(c, code, layout.PlainView{Title: i18n.T("Prove that it is you"), Script: true}, provePage(v))
}
