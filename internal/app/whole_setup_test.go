// Package app_test drives the whole program from outside: its web server, its workers, a real database and a real mail
// server. Nothing in it waits for time to pass: it waits for news.
package app_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/smtp"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"makegood/inbox/parse"
	"makegood/internal/access"
	"makegood/internal/app"
	"makegood/internal/config"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/demo/postoffice"
	"makegood/internal/people"
	"makegood/internal/scenario"
	"makegood/internal/telemetry"
)

// TestMain lets the test binary also stand in for a copy of the program that gets killed.
func TestMain(m *testing.M) {
	if os.Getenv(childDatabase) != "" {
		os.Exit(child())
	}
	dbtest.Main(m)
}

const (
	secret    = "a secret key that only the whole-program tests use"
	support   = "support"   // the account on the mail server that the program reads
	customers = "customers" // the one that gets everybody else's mail
	password  = "only for tests"
	patience  = 3 * time.Minute // a job that was cut off for the third time is tried again after 81 s
)

// house is the whole program with a database, a mail server and a small company of its own.
type house struct {
	scenario.Company
	t        *testing.T
	app      *app.App
	office   *postoffice.Office
	url      string          // of the database
	sessions string          // the way there without a pooler, where url leads through one
	news     <-chan struct{} // something changed in the database
	log      *record

	// ordinary: processes of their own send through a mail server like any other, which keeps what it is given however often.
	ordinary bool
}

// open starts a house.
func open(t *testing.T, o scenario.Options) *house {
	t.Helper()
	h := prepare(t, o, 0)
	must(t, h.app.Start(t.Context()))
	return h
}

// prepare makes a house whose program is not started. Its clock may be ahead of the world's.
func prepare(t *testing.T, o scenario.Options, ahead time.Duration) *house {
	t.Helper()
	return prepareOn(t, dbtest.URL(t), o, ahead)
}

// prepareOn is prepare on a database that is there.
func prepareOn(t *testing.T, url string, o scenario.Options, ahead time.Duration) *house {
	t.Helper()
	h := &house{t: t, url: url, log: &record{}}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(h.log.text())
		}
	})
	h.office = openOffice(t)
	h.news = listen(t, h.url)
	h.app = h.build(0)
	o.MailServer, o.MailUser, o.MailPassword = h.office.IMAPAddr(), support, password
	var err error
	h.Company, err = scenario.Build(t.Context(), servicesOf(h.app), o)
	must(t, err)
	if ahead > 0 {
		h.app = h.build(ahead)
	}
	return h
}

func servicesOf(a *app.App) scenario.Services {
	return scenario.Services{DB: a.DB, People: a.People, Billing: a.Billing, Inbox: a.Inbox, Cases: a.Cases, Credits: a.Credits}
}

// build makes a copy of the program that is stopped with the test. It is not started yet.
func (h *house) build(ahead time.Duration) *app.App {
	h.t.Helper()
	a, err := app.New(h.t.Context(), settings(h.url, h.office.SMTPAddr()), app.Options{
		Logger: telemetry.NewLogger(h.log, slog.LevelInfo), Office: h.office, Clock: func() time.Time { return time.Now().Add(ahead) },
		Passwords: scenario.QuickPasswords(),
	})
	must(h.t, err)
	h.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(h.t.Context()), patience)
		defer cancel()
		if err := a.Stop(ctx); err != nil {
			h.t.Errorf("stop: %v", err)
		}
	})
	return a
}

func settings(url, smtpAddr string) config.Config {
	return config.Config{
		DatabaseURL: url, HTTPAddr: "127.0.0.1:0", PublicURL: "http://desk.ostwind.example", SecretKey: secret,
		SMTPURL: relay(smtpAddr, false), Roles: []string{"web", "worker"},
		TrustedReceivers: []string{receiver},
	}
}

// relay is how the settings name the mail server: as one that drops repeated mail by their name, or as an ordinary one.
func relay(smtpAddr string, ordinary bool) string {
	if ordinary {
		return "smtp://" + smtpAddr
	}
	return "smtp://" + smtpAddr + "?repeat_header=" + postoffice.RepeatHeader
}

const receiver = "mail.ostwind.example"

func openOffice(t *testing.T) *postoffice.Office {
	t.Helper()
	office, err := postoffice.Start(t.Context(), postoffice.Config{
		Dir: t.TempDir(), SMTPAddr: "127.0.0.1:0", IMAPAddr: "127.0.0.1:0", Hostname: receiver,
		Accounts: []postoffice.Account{
			{User: support, Password: password, Addresses: []string{scenario.SupportAddress}},
			{User: customers, Password: password, CatchAll: true},
		},
	})
	must(t, err)
	t.Cleanup(func() { must(t, office.Stop(context.WithoutCancel(t.Context()))) })
	return office
}

// listen gives a value after something was announced in the database; several announcements may make one value.
func listen(t *testing.T, url string) <-chan struct{} {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	must(t, err)
	_, err = conn.Exec(t.Context(), "listen "+db.Channel)
	must(t, err)
	news := make(chan struct{}, 1)
	var heard sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	heard.Go(func() {
		for {
			if _, err := conn.WaitForNotification(ctx); err != nil {
				return
			}
			select {
			case news <- struct{}{}:
			default:
			}
		}
	})
	t.Cleanup(func() {
		cancel()
		heard.Wait()
		_ = conn.Close(context.WithoutCancel(t.Context()))
	})
	return news
}

// until waits for news that make done true. Done is looked at before the first news too.
func until(t *testing.T, what string, news <-chan struct{}, done func() bool) {
	t.Helper()
	untilWithin(t, patience, what, news, done)
}

func untilWithin(t *testing.T, most time.Duration, what string, news <-chan struct{}, done func() bool) {
	t.Helper()
	end := time.NewTimer(most)
	defer end.Stop()
	for !done() {
		select {
		case <-news:
		case <-end.C:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// post hands a mail to the mail server as the customer's own server would.
func (h *house) post(from string, raw []byte) error {
	return smtp.SendMail(h.office.SMTPAddr(), nil, from, []string{scenario.SupportAddress}, raw)
}

// mails are what customers have got, oldest first.
func (h *house) mails() []parse.Message {
	h.t.Helper()
	stored, err := h.office.Messages(customers, 0, 0)
	must(h.t, err)
	list := make([]parse.Message, len(stored))
	for i, s := range stored {
		list[i] = parse.Parse(s.Raw, parse.Options{})
	}
	return list
}

// awaitMails waits until customers have got so many mails.
func (h *house) awaitMails(n int) []parse.Message {
	h.t.Helper()
	arrived, done := h.office.Subscribe(customers)
	defer done()
	until(h.t, "mail to customers", arrived, func() bool { return len(h.mails()) >= n })
	return h.mails()
}

// awaitMail waits for one mail to customers among all that come, in whatever order they do.
func (h *house) awaitMail(is func(parse.Message) bool) parse.Message {
	h.t.Helper()
	arrived, done := h.office.Subscribe(customers)
	defer done()
	var found parse.Message
	until(h.t, "a certain mail to customers", arrived, func() bool {
		mails := h.mails()
		i := slices.IndexFunc(mails, is)
		if i >= 0 {
			found = mails[i]
		}
		return i >= 0
	})
	return found
}

func count(t *testing.T, r db.Reader, query string, args ...any) int {
	t.Helper()
	n, err := db.Value[int](t.Context(), r, query, args...)
	must(t, err)
	return n
}

// sound proves chains, books, deadlines and mail.
func (h *house) sound() {
	h.t.Helper()
	report, err := h.app.Verify(h.t.Context())
	must(h.t, err)
	for _, check := range report.Checks {
		if !check.OK {
			h.t.Errorf("%s: %s", check.Name, check.Fault)
		}
	}
}

// as is a caller of the API with the token of the company's person of a role.
func (h *house) as(role access.Role) caller {
	h.t.Helper()
	return h.token(h.Users[role].ID)
}

func (h *house) token(user int64) caller {
	h.t.Helper()
	token, err := h.app.People.CreateToken(h.t.Context(), people.NewToken{UserID: user, Name: "test", By: access.SystemActor("test")})
	must(h.t, err)
	return caller{t: h.t, base: "http://" + h.app.Addr() + "/api/v1", token: token}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// record keeps what the program logs, to be shown when its test fails.
type record struct {
	mu  sync.Mutex
	all bytes.Buffer
}

// Write keeps a line.
func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.all.Write(p)
}

func (r *record) text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.all.String()
}
