// Package web is what screens and the API share: the Echo server, request ids, limits, security headers, the way from a
// sign-in to an actor, and the one table from error kinds to HTTP statuses.
package web

import (
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"makegood/internal/errs"
	"makegood/internal/telemetry"
)

// Policy is the content security policy of every page of ours.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'"

// Options says how to set up the server.
type Options struct {
	Logger  *slog.Logger
	Metrics *telemetry.Metrics
	Secure  bool // reached by https: cookies are marked so
	// Admit refuses a form of the contact page before it is read, whoever sends too many; nil refuses none.
	Admit func(c echo.Context) error
	// Fail answers a request that ended in an error: a page, a fragment or problem+json.
	Fail func(c echo.Context, status int, err error)
}

// New sets up Echo with everything that holds for each request.
func New(o Options) *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.IPExtractor = echo.ExtractIPFromXFFHeader() // what a proxy says counts only when it stands in our own network
	e.HTTPErrorHandler = func(err error, c echo.Context) {
		if c.Response().Committed {
			return
		}
		status := Status(err)
		if status >= http.StatusInternalServerError {
			o.Logger.ErrorContext(c.Request().Context(), "request failed", "error", err.Error(), "path", c.Path(),
				"method", c.Request().Method, "request_id", RequestID(c))
		}
		o.Fail(c, status, err)
	}
	e.Use(requestID, measure(o.Metrics), middleware.RecoverWithConfig(middleware.RecoverConfig{
		DisablePrintStack: true,
		LogErrorFunc: func(c echo.Context, err error, stack []byte) error {
			o.Logger.ErrorContext(c.Request().Context(), "panic", "error", err.Error(), "stack", string(stack), "request_id", RequestID(c))
			return err
		},
	}), headers, limitBodies(), sameOrigin, newDoor(o.Admit).stand, refuseNUL, compress())
	return e
}

func compress() echo.MiddlewareFunc {
	return middleware.GzipWithConfig(middleware.GzipConfig{
		Level: 5, MinLength: 1024,
		Skipper: func(c echo.Context) bool { // event streams must not be held back; static files and figures come compressed
			path := c.Request().URL.Path
			return path == "/live" || strings.HasPrefix(path, "/live/") || path == "/metrics" || len(path) > 8 && path[:8] == "/static/"
		},
	})
}

// Status maps an error to its HTTP status; this is the only such table.
func Status(err error) int {
	var he *echo.HTTPError
	if errs.KindOf(err) == errs.Internal && errors.As(err, &he) {
		return he.Code
	}
	switch errs.KindOf(err) {
	case errs.Invalid:
		if errors.Is(err, echo.ErrBadRequest) {
			return http.StatusBadRequest // it is not even read
		}
		return http.StatusUnprocessableEntity
	case errs.Unauthenticated:
		return http.StatusUnauthorized
	case errs.Forbidden:
		return http.StatusForbidden
	case errs.NotFound:
		return http.StatusNotFound
	case errs.Conflict:
		return http.StatusConflict
	case errs.TooLarge:
		return http.StatusRequestEntityTooLarge
	case errs.TooMany:
		return http.StatusTooManyRequests
	case errs.Unavailable:
		return http.StatusServiceUnavailable
	case errs.Internal:
		return http.StatusInternalServerError
	}
	return http.StatusInternalServerError
}

func measure(m *telemetry.Metrics) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			begin := time.Now() //nolint:forbidigo // measures how long an answer takes
			err := next(c)
			status := c.Response().Status
			if err != nil {
				status = Status(err)
			}
			m.Requests.WithLabelValues(c.Path(), c.Request().Method, strconv.Itoa(status/100)+"xx").
				Observe(time.Since(begin).Seconds())
			return err
		}
	}
}

func headers(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", Policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		if h.Get("Cache-Control") == "" {
			h.Set("Cache-Control", "no-store")
		}
		return next(c)
	}
}

// sameOrigin refuses a browser's write that comes from another site, before any session is looked at.
func sameOrigin(next echo.HandlerFunc) echo.HandlerFunc {
	guard := http.NewCrossOriginProtection()
	return func(c echo.Context) error {
		if err := guard.Check(c.Request()); err != nil {
			return errs.Wrap(err, errs.Forbidden, "error.stale_form")
		}
		return next(c)
	}
}
