package app_test

import (
	"log/slog"
	"testing"

	"makegood/internal/access"
	"makegood/internal/app"
	"makegood/internal/dbtest"
	"makegood/internal/reports"
	"makegood/internal/scenario"
	"makegood/internal/telemetry"
)

// A database that has nothing stands for the replica, so that what is read there and what is not can be told apart.
func TestFiguresAreReadFromTheReplica(t *testing.T) {
	t.Parallel()
	h := prepare(t, scenario.Options{}, 0)
	set := settings(h.url, h.office.SMTPAddr())
	set.ReportDatabaseURL = dbtest.URL(t)
	other, err := app.New(t.Context(), set, app.Options{Logger: telemetry.NewLogger(h.log, slog.LevelInfo), Passwords: scenario.QuickPasswords()})
	must(t, err)
	t.Cleanup(func() { _ = other.Stop(t.Context()) })
	scope := reports.Scope{By: h.Actor(access.Controller)}
	here := p2(h.app.Reports.Receivables().Aging(t.Context(), scope, nil))(t)
	there := p2(other.Reports.Receivables().Aging(t.Context(), scope, nil))(t)
	if len(here.Sections) == 0 || len(there.Sections) != 0 {
		t.Errorf("%d currencies in the database, %d from the replica", len(here.Sections), len(there.Sections))
	}
	if c := p2(other.Billing.CustomerByAccount(t.Context(), other.Reports.Reader(), h.Lumen.Account))(t); c.ID != h.Lumen.ID {
		t.Errorf("everything else comes from there too: %+v", c)
	}
	set.ReportDatabaseURL = "postgres://127.0.0.1:1/nowhere"
	if _, err := app.New(t.Context(), set, app.Options{Logger: telemetry.NewLogger(h.log, slog.LevelInfo)}); err == nil {
		t.Error("a replica that is not there is not noticed")
	}
}
