// Package app builds the program from its configuration, starts its parts in order and stops them in reverse. Nothing
// else wires.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"makegood/billing"
	"makegood/billing/document"
	"makegood/billing/gateway"
	"makegood/billing/postback"
	"makegood/billing/reading"
	"makegood/billing/reconciling"
	"makegood/cases"
	"makegood/cases/awaiting"
	"makegood/cases/differences"
	"makegood/cases/helpdesk"
	"makegood/cases/intake"
	"makegood/cases/portal"
	"makegood/cases/quality"
	"makegood/cases/statements"
	"makegood/cases/survey"
	"makegood/cases/telling"
	"makegood/cases/webhooks"
	"makegood/credits"
	"makegood/inbox"
	"makegood/inbox/fetch"
	"makegood/inbox/scan"
	"makegood/inbox/send"
	"makegood/internal/blob"
	"makegood/internal/config"
	"makegood/internal/db"
	"makegood/internal/demo/postoffice"
	"makegood/internal/doormail"
	"makegood/internal/erasure"
	"makegood/internal/i18n"
	"makegood/internal/idempotency"
	"makegood/internal/jobs"
	"makegood/internal/live"
	"makegood/internal/outside"
	"makegood/internal/people"
	"makegood/internal/reportmail"
	"makegood/internal/reports"
	"makegood/internal/secrets"
	"makegood/internal/telemetry"
	"makegood/internal/throttle"
	"makegood/internal/traces"
)

// Options are what only some callers give.
type Options struct {
	Logger *slog.Logger
	Clock  db.Clock           // nil means the system's
	Office *postoffice.Office // the demo's mail server, for the page with the customers' mailbox
	// DropJobs leaves out background work: used only while the demo writes its past.
	DropJobs bool
	// Undo is how long a reply can be taken back; 0 means 10 s.
	Undo time.Duration
	// Passwords is what hashing one costs; zero means the product's cost, and only tests mean anything else.
	Passwords people.Cost
	// Version is told to the collector of traces.
	Version string
	// Tracer sees every statement to the database; nil means nobody, or the collector of traces where there is one.
	Tracer pgx.QueryTracer
	// Outside are further addresses that pictures of mails may be fetched from; tests give their own server's.
	Outside outside.Options
	// Listener is an open port to serve on, instead of the configured address.
	Listener net.Listener
}

// App is the whole program for one configuration.
type App struct {
	DB         *db.DB
	People     *people.Service
	Billing    *billing.Service
	Inbox      *inbox.Service
	Cases      *cases.Service
	Credits    *credits.Service
	Intake     *intake.Intake
	Mail       *fetch.Fetcher // reads mailboxes once started; tests and compares them at any time
	Portal     *portal.Service
	Telling    *telling.Service
	Survey     *survey.Service
	Statements *statements.Service
	Awaiting   *awaiting.Service
	Quality    *quality.Service
	Erasure    *erasure.Service

	Helpdesk *helpdesk.Service

	Webhooks *webhooks.Service

	Reports    *reports.Service
	ReportMail *reportmail.Service
	Files      *blob.Store

	Reconciling *reconciling.Service
	PostBack    *postback.Service
	Reading     *reading.Service

	Jobs *jobs.Registry

	cfg     config.Config
	o       Options
	keys    secrets.Keys
	outside *outside.Guard
	replica *db.DB // nil without one
	hub     *live.Hub
	here    *live.Presence
	metrics *telemetry.Metrics
	traces  *traces.Traces
	words   *i18n.Catalogue
	runner  *jobs.Runner
	server  *http.Server
	port    net.Listener
}

// New builds the services on the database. It starts nothing.
func New(ctx context.Context, cfg config.Config, o Options) (*App, error) {
	keys, err := secrets.New(cfg.SecretKey, cfg.OlderKeys...)
	if err != nil {
		return nil, fmt.Errorf("read secret key: %w", err)
	}
	words, err := i18n.Load()
	if err != nil {
		return nil, err
	}
	a := &App{cfg: cfg, o: o, keys: keys, outside: outside.New(o.Outside), words: words, metrics: telemetry.NewMetrics(), Jobs: jobs.NewRegistry()}
	if err := a.build(ctx, document.New()); err != nil {
		a.close()
		return nil, err
	}
	return a, nil
}

// build opens the databases and makes the services on them.
func (a *App) build(ctx context.Context, renderer *document.Renderer) error {
	var err error
	if a.traces, err = traces.Open(ctx, a.cfg.TracesURL, a.o.Version, a.o.Logger); err != nil {
		return err
	}
	open := db.Options{URL: a.cfg.DatabaseURL, SessionURL: a.cfg.SessionDatabaseURL, Clock: a.o.Clock, Logger: a.o.Logger, DropJobs: a.o.DropJobs, Tracer: a.o.Tracer}
	if open.Tracer == nil {
		open.Tracer = a.traces.Statements()
	}
	if a.DB, err = db.Open(ctx, open); err != nil {
		return err
	}
	if open.URL, open.SessionURL = a.cfg.ReportDatabaseURL, ""; open.URL != "" {
		if a.replica, err = db.Open(ctx, open); err != nil {
			return fmt.Errorf("open the database of the reports: %w", err)
		}
	}
	if a.People, err = people.Open(a.DB, a.o.Logger, people.Options{Cost: a.o.Passwords, Keys: a.keys, PublicURL: a.cfg.PublicURL, Provider: a.provider()}); err != nil {
		return err
	}
	place, err := blob.Open(a.cfg.BlobURL)
	if err != nil {
		return err
	}
	a.Files = blob.New(a.DB, place)
	scanner, err := scan.New(a.cfg.ScannerURL)
	if err != nil {
		return err
	}
	a.domains(a.keys, renderer, scanner)
	if err := a.metrics.Add(newMailFigures(ctx, a.Inbox)); err != nil {
		return fmt.Errorf("add figures of mail: %w", err)
	}
	if err := a.metrics.Add(newWorkFigures(ctx, a.DB)); err != nil {
		return fmt.Errorf("add figures of work: %w", err)
	}
	if err := a.metrics.Add(newPostFigures(ctx, a.Inbox, a.DB.Now)); err != nil {
		return fmt.Errorf("add figures of the outbox: %w", err)
	}
	return a.background()
}

// provider is that of single sign-on, asked under the guard that refuses addresses inside.
func (a *App) provider() people.Provider {
	o := a.cfg.OIDC
	return people.Provider{
		Issuer: o.Issuer, ClientID: o.ClientID, Secret: o.ClientSecret, Name: o.Name, Client: outside.New(outside.Options{Also: o.Inside}).Client(),
	}
}

// close ends the connections to the databases.
func (a *App) close() {
	for _, d := range []*db.DB{a.DB, a.replica} {
		if d != nil {
			d.Close()
		}
	}
}

func (a *App) domains(keys secrets.Keys, renderer *document.Renderer, scanner scan.Scanner) {
	log := a.o.Logger
	a.Billing = billing.New(a.DB, renderer, log)
	a.Inbox = inbox.New(a.DB, keys, log, inbox.Options{
		Domain: mailDomain(a.cfg.PublicURL), Files: a.Files, LargestMail: int64(a.cfg.LargestMail) * 1_000_000,
	})
	a.Cases = cases.New(a.DB, a.Billing, a.Inbox, log, cases.Options{UndoWindow: a.o.Undo, Scanner: scanner})
	a.People.OnRetire(a.Cases.RefuseRetiredTx)
	a.Credits = credits.New(a.DB, a.Billing, a.Cases, a.Inbox, a.People, log)
	a.Intake = intake.New(a.DB, a.Inbox, a.Cases, a.Billing, log, intake.Options{
		TrustedReceivers: a.cfg.TrustedReceivers, PublicURL: strings.TrimSuffix(a.cfg.PublicURL, "/"), Scanner: scanner,
	})
	a.Helpdesk = helpdesk.New(helpdesk.Services{DB: a.DB, Billing: a.Billing, Cases: a.Cases}, log)
	a.Helpdesk.Register(a.Jobs)
	a.Mail = fetch.New(a.Inbox, fetch.Options{Owner: processName(), Inside: a.cfg.MailInside, Logger: log})
	throttle.Register(a.Jobs, a.DB)
	a.People.Register(a.Jobs)
	idempotency.New(a.DB).Register(a.Jobs)
	a.Portal = portal.New(portal.Services{DB: a.DB, Billing: a.Billing, Cases: a.Cases, Intake: a.Intake, Inbox: a.Inbox},
		keys, strings.TrimSuffix(a.cfg.PublicURL, "/"), log)
	a.Portal.Register(a.Jobs)
	a.Survey = survey.New(survey.Services{DB: a.DB, Billing: a.Billing, Cases: a.Cases, Inbox: a.Inbox}, keys, strings.TrimSuffix(a.cfg.PublicURL, "/"), log)
	a.Survey.Register(a.Jobs)
	a.Awaiting = awaiting.New(awaiting.Services{DB: a.DB, Billing: a.Billing, Cases: a.Cases, Inbox: a.Inbox}, keys, strings.TrimSuffix(a.cfg.PublicURL, "/"), log)
	a.Awaiting.Register(a.Jobs)
	a.Statements = statements.New(statements.Services{DB: a.DB, Billing: a.Billing, Inbox: a.Inbox}, a.o.Undo, log)
	a.Statements.Register(a.Jobs)
	a.Quality = quality.New(quality.Services{DB: a.DB, Cases: a.Cases}, log)
	a.Quality.Register(a.Jobs)
	a.Telling = telling.New(telling.Services{DB: a.DB, Billing: a.Billing, Inbox: a.Inbox}, a.words, strings.TrimSuffix(a.cfg.PublicURL, "/"), log)
	a.Telling.Register(a.Jobs)
	a.Webhooks = webhooks.New(a.DB, keys, a.outside, log)
	a.Webhooks.Register(a.Jobs)
	a.Reports = reports.NewWithFiles(a.DB, a.Files).FiguresFrom(a.replica)
	a.ReportMail = reportmail.New(reportmail.Services{
		DB: a.DB, People: a.People, Billing: a.Billing, Cases: a.Cases, Inbox: a.Inbox, Reports: a.Reports,
	}, a.words, strings.TrimSuffix(a.cfg.PublicURL, "/"), log)
	a.ReportMail.Register(a.Jobs)
	a.Reconciling = reconciling.New(a.DB, a.Billing)
	a.Reconciling.Register(a.Jobs)
	a.PostBack = postback.New(a.DB, a.Billing, keys, gateway.StripeAPI, log)
	a.PostBack.Register(a.Jobs)
	a.Reading = reading.New(a.DB, a.Billing, keys, reading.Options{Stripe: gateway.StripeAPI, Client: a.outside.Patient(reading.Patience), Logger: log})
	a.Reading.Register(a.Jobs)
	differences.New(a.DB, a.Billing, a.Cases, a.Reconciling).Register(a.Jobs)
	a.Billing.Register(a.Jobs)
	a.Billing.RegisterImports(a.Jobs)
	a.Cases.Register(a.Jobs)
	a.Credits.Register(a.Jobs)
	a.Erasure = erasure.New(erasure.Services{
		DB: a.DB, Billing: a.Billing, Cases: a.Cases, Inbox: a.Inbox, Intake: a.Intake, Portal: a.Portal, Survey: a.Survey, Files: a.Files, Hash: credits.HashOfMessage,
	}, log)
	a.Erasure.Register(a.Jobs)
	a.Inbox.Register(a.Jobs)
	a.Files.Register(a.Jobs)
	a.Intake.Register(a.Jobs)
	a.Mail.Register(a.Jobs)
	a.hub = live.NewHub(a.cfg.Sessions(), log)
	a.here = live.NewPresence(a.hub, a.DB, log)
}

func (a *App) background() error {
	post := &doormail.Service{People: a.People, Billing: a.Billing, Words: a.words, Logger: a.o.Logger, Clock: a.DB.Now, Public: a.cfg.PublicURL}
	if a.cfg.SMTPURL != "" {
		sender, err := send.NewSMTP(a.cfg.SMTPURL)
		if err != nil {
			return err
		}
		send.New(a.Inbox, sender, a.o.Logger).Register(a.Jobs)
		post.Sender = sender
	}
	post.Register(a.Jobs)
	if !a.cfg.Is("worker") {
		return nil
	}
	var err error
	if a.runner, err = jobs.NewRunner(a.DB, a.Jobs, jobs.RunnerOptions{Logger: a.o.Logger, Around: a.traces.AroundJobs()}); err != nil {
		return err
	}
	return nil
}

// mailDomain is what stands behind the @ of our Message-IDs.
func mailDomain(public string) string {
	u, err := url.Parse(public)
	if err != nil || u.Hostname() == "" || net.ParseIP(u.Hostname()) != nil {
		return "makegood.invalid"
	}
	return u.Hostname()
}

func processName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return host + ":" + strconv.Itoa(os.Getpid()) + ":" + randomName()
}

// Start opens the port, then begins to listen for news, to work jobs and to read mail, as far as the process' roles say.
func (a *App) Start(ctx context.Context) error {
	if a.cfg.Is("web") {
		a.hub.Start(ctx)
		a.here.Start(ctx)
		if err := a.serve(ctx); err != nil {
			return err
		}
	}
	if a.cfg.Is("worker") {
		if err := a.runner.Start(ctx); err != nil {
			return err
		}
		a.Mail.Start(ctx)
	}
	go settle(ctx)
	return nil
}

// Stop ends everything in reverse: no new mail, no new requests, running work finished, then the database.
func (a *App) Stop(ctx context.Context) error {
	var err error
	a.Mail.Stop()
	if a.server != nil {
		a.here.Stop()
		a.hub.Stop() // both end event streams, which would keep the server waiting
		err = a.server.Shutdown(ctx)
	}
	if a.runner != nil {
		err = errors.Join(err, a.runner.Stop(ctx))
	}
	err = errors.Join(err, a.traces.Close(ctx))
	a.close()
	return err
}

func (a *App) serve(ctx context.Context) error {
	handler, err := a.handler() //nolint:contextcheck // requests carry their own contexts
	if err != nil {
		return err
	}
	if a.port = a.o.Listener; a.port == nil {
		var listen net.ListenConfig
		if a.port, err = listen.Listen(ctx, "tcp", a.cfg.HTTPAddr); err != nil {
			return fmt.Errorf("listen on %s: %w", a.cfg.HTTPAddr, err)
		}
	}
	a.server = &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 2 * time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(a.o.Logger.Handler(), slog.LevelWarn),
	}
	go func() {
		if err := a.server.Serve(a.port); err != nil && !errors.Is(err, http.ErrServerClosed) {
			a.o.Logger.ErrorContext(ctx, "web server ended", "error", err.Error())
		}
	}()
	return nil
}

// Addr is where the web server listens.
func (a *App) Addr() string {
	if a.port == nil {
		return ""
	}
	return a.port.Addr().String()
}

// Handler is the web server without a port, for tests.
func (a *App) Handler() (http.Handler, error) { return a.handler() }
