package web

import (
	"crypto/rand"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/people"
)

const (
	sessionCookie = "mg_session"
	requestIDKey  = "request_id"
	userKey       = "user"
	visitKey      = "visit"
	actorKey      = "actor"
	csrfKey       = "csrf"
)

func requestID(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		id := strings.ToLower(rand.Text()[:16])
		c.Set(requestIDKey, id)
		c.Response().Header().Set(echo.HeaderXRequestID, id)
		return next(c)
	}
}

// RequestID names this request, in the log, in the audit trail and on an error page.
func RequestID(c echo.Context) string {
	id, _ := c.Get(requestIDKey).(string)
	return id
}

// Actor is who acts in this request; the zero Actor when nobody has signed in.
func Actor(c echo.Context) access.Actor {
	a, _ := c.Get(actorKey).(access.Actor)
	return a
}

// User is the person signed in on this browser.
func User(c echo.Context) people.User {
	u, _ := c.Get(userKey).(people.User)
	return u
}

// Visit is the session of whoever is signed in at the desk; the zero Visit when nobody is.
func Visit(c echo.Context) people.Visit {
	v, _ := c.Get(visitKey).(people.Visit)
	return v
}

// From is the browser a request comes from.
func From(c echo.Context) people.Browser {
	return people.Browser{UserAgent: c.Request().UserAgent(), Origin: c.RealIP()}
}

// CSRF is the secret that every form of this session carries.
func CSRF(c echo.Context) string {
	token, _ := c.Get(csrfKey).(string)
	return token
}

// Session reads the sign-in cookie into the request, and checks the form secret of every write. It does not
// demand a sign-in: the right a route needs does.
func Session(p *people.Service) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			cookie, err := c.Cookie(sessionCookie)
			if err != nil || cookie.Value == "" {
				return next(c)
			}
			visit, err := p.Signed(c.Request().Context(), cookie.Value)
			if errs.KindOf(err) == errs.Unauthenticated {
				return next(c)
			}
			if err != nil {
				return err
			}
			actor := visit.Actor()
			actor.RequestID = RequestID(c)
			c.Set(visitKey, visit)
			c.Set(userKey, visit.User)
			c.Set(actorKey, actor)
			c.Set(csrfKey, visit.CSRF)
			return next(c)
		}
	}
}

// CheckForm refuses a write without the session's secret, sent as header X-CSRF-Token or form field csrf_token. It comes after whatever tells
// who is signed in, and reads the forms that bring files.
func CheckForm(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		done, err := takeForm(c)
		defer done()
		if err != nil {
			return err
		}
		if safe(c.Request().Method) || CSRF(c) == "" {
			return next(c)
		}
		sent := c.Request().Header.Get("X-CSRF-Token")
		if sent == "" {
			sent = c.FormValue("csrf_token")
		}
		if sent != CSRF(c) {
			return errs.New(errs.Forbidden, "error.stale_form")
		}
		return next(c)
	}
}

func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// Need guards a route with a right.
func Need(do access.Action) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if err := access.Can(Actor(c), do, access.Object{}); err != nil {
				return err
			}
			return next(c)
		}
	}
}

// SignedIn sets the sign-in cookie.
func SignedIn(c echo.Context, token string, secure bool) {
	c.SetCookie(&http.Cookie{Name: sessionCookie, Value: token, Path: "/", HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode}) //nolint:gosec // Secure follows the public URL's scheme: a desk on http://localhost must let people in
}

// SignedOut removes the sign-in cookie and tells which session it named.
func SignedOut(c echo.Context, secure bool) string {
	old := ""
	if cookie, err := c.Cookie(sessionCookie); err == nil {
		old = cookie.Value
	}
	c.SetCookie(&http.Cookie{Name: sessionCookie, Path: "/", MaxAge: -1, HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode}) //nolint:gosec // Secure follows the public URL's scheme: a desk on http://localhost must let people in
	return old
}

// IsFragment tells whether htmx asks for a part of a page rather than the whole.
func IsFragment(c echo.Context) bool {
	h := c.Request().Header
	return h.Get("HX-Request") == "true" && h.Get("HX-Request-Type") != "full" && h.Get("HX-Boosted") != "true"
}

// IsHTMX tells whether htmx made the request at all.
func IsHTMX(c echo.Context) bool { return c.Request().Header.Get("HX-Request") == "true" }

// SetActor says who acts in this request, for ways in that prove it themselves.
func SetActor(c echo.Context, a access.Actor) { c.Set(actorKey, a) }

// AsCustomer makes the request a customer's, or nobody's with the zero actor: whoever is signed in at the desk in the same
// browser does not count on the customers' pages. form is the secret of the customer's session.
func AsCustomer(c echo.Context, a access.Actor, form, timeZone string) {
	c.Set(userKey, people.User{Name: a.Name, TimeZone: timeZone})
	c.Set(actorKey, a)
	c.Set(csrfKey, form)
}
