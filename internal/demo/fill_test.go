package demo_test

import (
	"log/slog"
	"testing"
	"time"

	"makegood/billing"
	"makegood/billing/document"
	"makegood/cases"
	"makegood/credits"
	"makegood/inbox"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/demo"
	"makegood/internal/people"
	"makegood/internal/secrets"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// services opens a fresh database as the demo's first start does.
func services(t *testing.T, now time.Time) demo.Services {
	t.Helper()
	clock := demo.NewClock(now)
	url := dbtest.URL(t)
	logAll(t, url)
	d, err := db.Open(t.Context(), db.Options{URL: url, Clock: clock.Now, DropJobs: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	log := slog.New(slog.DiscardHandler)
	keys, err := secrets.New("a secret key for tests of the demo only")
	if err != nil {
		t.Fatal(err)
	}
	renderer, err := document.New()
	if err != nil {
		t.Fatal(err)
	}
	s := demo.Services{DB: d, Clock: clock, Now: now, MailServer: "127.0.0.1:1143", Token: func(role string) string { return "mgd_test-" + role }}
	if s.People, err = people.New(d, log); err != nil {
		t.Fatal(err)
	}
	s.Billing = billing.New(d, renderer, log)
	s.Inbox = inbox.New(d, keys, log, inbox.Options{Domain: "makegood.invalid"})
	s.Cases = cases.New(d, s.Billing, s.Inbox, log)
	s.Credits = credits.New(d, s.Billing, s.Cases, s.Inbox, s.People, log)
	return s
}

func TestFill(t *testing.T) {
	t.Parallel()
	s := services(t, time.Date(2026, 11, 18, 10, 30, 0, 0, time.UTC))
	show := func() {}
	start, c0 := time.Now(), cpuSelf()
	if err := demo.Fill(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	show()
	t.Log("filled in", time.Since(start), "own cpu", cpuSelf()-c0)
	t.Log(cpuPG(t))
}
