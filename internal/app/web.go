package app

import (
	"context"
	"crypto/rand"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/cases/letterbook"
	"makegood/internal/access"
	"makegood/internal/api"
	"makegood/internal/idempotency"
	"makegood/internal/web"
	"makegood/ui"
	"makegood/ui/desk"
)

func randomName() string { return rand.Text()[:8] }

func (a *App) handler() (http.Handler, error) {
	secure := strings.HasPrefix(a.cfg.PublicURL, "https://")
	d := &desk.Desk{Catalogue: a.words, Logger: a.o.Logger, Clock: a.DB.Now, Badges: a.badges, Demo: a.o.Office != nil, Secure: secure}
	e := web.New(web.Options{
		Logger: a.o.Logger, Metrics: a.metrics, Secure: secure,
		Admit: func(c echo.Context) error { return a.Intake.Admit(c.Request().Context(), c.RealIP()) },
		Fail: func(c echo.Context, status int, err error) {
			if strings.HasPrefix(c.Request().URL.Path, "/api/") {
				api.Fail(c, a.words, status, err)
				return
			}
			d.Fail(c, status, err)
		},
	})
	if a.traces.On() {
		e.Use(a.traced)
	}
	a.operations(e)
	api.Mount(e, api.Services{
		People: a.People, Idempotency: idempotency.New(a.DB), Billing: a.Billing, Cases: a.Cases, Credits: a.Credits, Inbox: a.Inbox, Intake: a.Intake, Logger: a.o.Logger,
		Reports: a.Reports, Reconciling: a.Reconciling, PostBack: a.PostBack, Reading: a.Reading, Helpdesk: a.Helpdesk, Words: a.words, PublicURL: a.cfg.PublicURL, Letters: letterbook.New(a.DB), Telling: a.Telling, Survey: a.Survey, Awaiting: a.Awaiting, Statements: a.Statements, Quality: a.Quality, Webhooks: a.Webhooks,
		ReportMail: a.ReportMail, Erasure: a.Erasure,
	})
	ui.Mount(e, ui.Services{
		Desk: d, People: a.People, Billing: a.Billing, Cases: a.Cases, Credits: a.Credits, Inbox: a.Inbox, Intake: a.Intake, Mail: a.Mail,
		Reports: a.Reports, Reconciling: a.Reconciling, PostBack: a.PostBack, Reading: a.Reading, Helpdesk: a.Helpdesk, Portal: a.Portal, Hub: a.hub, Here: a.here, Office: a.o.Office, Secure: secure,
		TrustedReceivers: a.cfg.TrustedReceivers, Outside: a.outside, Keys: a.keys, Letters: letterbook.New(a.DB), Telling: a.Telling, Survey: a.Survey, Awaiting: a.Awaiting, Statements: a.Statements, Quality: a.Quality, Webhooks: a.Webhooks,
		ReportMail: a.ReportMail, Erasure: a.Erasure,
	})
	return e, nil
}

func (a *App) badges(ctx context.Context, by access.Actor) (desk.Badges, error) {
	counts, err := a.Reports.NavCounts(ctx, by)
	return desk.Badges(counts), err
}

// traced tells the collector of traces of each request, but for those that only ask whether the program is well, and the streams of news.
func (a *App) traced(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		r := c.Request()
		switch c.Path() {
		case "/healthz", "/readyz", "/metrics", "/live", "/live/cases/:number":
			return next(c)
		}
		ctx, end := a.traces.Request(r.Context(), r.Header, r.Method, c.Path())
		status := http.StatusInternalServerError // what a panic becomes
		defer func() { end(status) }()
		c.SetRequest(r.WithContext(ctx))
		if err = next(c); err != nil {
			status = web.Status(err)
		} else {
			status = c.Response().Status
		}
		return err
	}
}

// operations are the pages for those who run the program.
func (a *App) operations(e *echo.Echo) {
	e.GET("/healthz", func(c echo.Context) error { return c.String(http.StatusOK, "ok\n") })
	e.GET("/readyz", func(c echo.Context) error {
		ctx, cancel := context.WithTimeout(c.Request().Context(), 2*time.Second)
		defer cancel()
		if err := a.DB.Ping(ctx); err != nil {
			return c.String(http.StatusServiceUnavailable, "the database does not answer\n")
		}
		return c.String(http.StatusOK, "ready\n")
	})
	e.GET("/metrics", echo.WrapHandler(a.metrics.Handler()))
}
