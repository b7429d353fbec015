package signin

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/people"
	"makegood/internal/web"
	"makegood/ui/layout"
)

// flowCookie keeps the token of a visit to the provider. It has to come back with the provider's redirect, so it is Lax.
const flowCookie = "mg_oidc"

// AskProvider sends a browser to the provider to sign in: GET /login/oidc?next=…
func (s *Screen) AskProvider(c echo.Context) error {
	if s.people.ProviderName() == "" {
		return s.told(c, http.StatusOK, people.ErrNoSSO)
	}
	return s.visit(c, nil, safeNext(c.QueryParam("next")))
}

// Connect sends somebody signed in to the provider, to connect their account there: GET /account/oidc.
func (s *Screen) Connect(c echo.Context) error {
	if s.people.ProviderName() == "" {
		return c.Redirect(http.StatusSeeOther, "/account")
	}
	by := web.Actor(c)
	return s.visit(c, &by, "/account")
}

func (s *Screen) visit(c echo.Context, by *access.Actor, next string) error {
	token, address, err := s.people.BeginSSO(c.Request().Context(), by, next, web.From(c))
	if kind := errs.KindOf(err); kind == errs.Unavailable || kind == errs.TooMany {
		return s.told(c, web.Status(err), err)
	}
	if err != nil {
		return err
	}
	s.keepFlow(c, token)
	return c.Redirect(http.StatusSeeOther, address)
}

func (s *Screen) keepFlow(c echo.Context, token string) {
	cookie := &http.Cookie{Name: flowCookie, Value: token, Path: "/login/oidc", HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode, MaxAge: 600} //nolint:gosec // Secure follows the public URL's scheme: a desk on http://localhost must let people in
	if token == "" {
		cookie.MaxAge = -1
	}
	c.SetCookie(cookie)
}

// FromProvider takes what the provider sends back: GET /login/oidc/callback?state=…&code=…
func (s *Screen) FromProvider(c echo.Context) error {
	cookie, err := c.Cookie(flowCookie)
	if err != nil {
		return s.told(c, http.StatusOK, people.ErrSSORefused)
	}
	s.keepFlow(c, "")
	done, err := s.people.FinishSSO(c.Request().Context(), cookie.Value, c.QueryParam("state"), c.QueryParam("code"), web.User(c).ID, web.From(c))
	switch kind := errs.KindOf(err); {
	case kind == errs.Invalid || kind == errs.Conflict || kind == errs.Unavailable || kind == errs.NotFound:
		return s.told(c, web.Status(err), err)
	case err != nil:
		return err
	case done.Connected:
		return c.Redirect(http.StatusSeeOther, done.Next)
	case done.Ticket != "":
		s.keepTicket(c, done.Ticket)
		return c.Redirect(http.StatusSeeOther, secondPath(done.Next))
	}
	web.SignedIn(c, done.Token, s.secure)
	return c.Redirect(http.StatusSeeOther, done.Next)
}

func (s *Screen) told(c echo.Context, code int, err error) error {
	return s.desk.Plain(c, code, layout.PlainView{Title: i18n.T("Sign-in at the provider")}, ssoPage(s.desk.Sentence(c, err)))
}
