package reports_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"makegood/internal/access"
	"makegood/internal/i18n"
	"makegood/internal/reportmail"
	"makegood/internal/web"
	"makegood/ui/reports"
	"makegood/ui/screentest"
)

func openMail(t *testing.T) *screentest.Room {
	t.Helper()
	r := open(t)
	words, err := i18n.Load()
	r.Must(err)
	service := reportmail.New(reportmail.Services{
		DB: r.DB, People: r.People, Billing: r.Billing, Cases: r.Cases, Inbox: r.Inbox, Reports: r.Reports,
	}, words, "https://desk.ostwind.example", nil)
	s := reports.NewMail(reports.NewWork(reports.New(r.Desk, r.Reports), r.Reports.Work()), service)
	need := web.Need(access.ReadReports)
	r.Echo.GET("/reports/mail", s.List, need)
	r.Echo.POST("/reports/mail", s.Make, need)
	r.Echo.GET("/reports/mail/new", s.New, need)
	r.Echo.GET("/reports/mail/:id", s.Show, need)
	r.Echo.POST("/reports/mail/:id", s.Save, need)
	r.Echo.POST("/reports/mail/:id/stop", s.Stop, need)
	r.Echo.POST("/reports/mail/:id/resume", s.Resume, need)
	return r
}

func TestReportsByMail(t *testing.T) {
	t.Parallel()
	r := openMail(t)
	boss := r.As(access.Supervisor)
	if a := boss.Get("/reports/work/clocks?entity=DE&by=team&as_of=2026-05-01&days=7"); !strings.Contains(a.HTML, `href="/reports/mail/new?by=team&amp;days=7&amp;entity=DE&amp;report=work%2Fclocks"`) {
		t.Fatalf("no way there: %s", a.HTML)
	}
	a := boss.Get("/reports/mail/new?by=team&days=7&entity=DE&report=work%2Fclocks")
	if a.Status != http.StatusOK || !strings.Contains(a.Text, "Narrowed to: by team, entity DE.") || !strings.Contains(a.HTML, `value="by=team&amp;entity=DE"`) || !strings.Contains(a.HTML, `value="7"`) {
		t.Fatalf("%d %s", a.Status, a.HTML)
	}
	form := url.Values{
		"report": {"work/clocks"}, "filters": {"by=team&entity=DE"}, "title": {"Promises"}, "covers": {"days"}, "days": {"7"}, "form": {"csv"}, "repeats": {"week"}, "weekday": {"5"},
		"monthday": {"1"}, "at": {"25:00"},
	}
	if a := boss.Post("/reports/mail", form); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Text, "This is no time of day.") || !strings.Contains(a.HTML, `value="Promises"`) {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	form.Set("at", "06:30")
	form.Set("filters", "by=mood")
	if a := boss.Post("/reports/mail", form); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Text, "cannot be told apart by") {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	form.Set("filters", "by=team&entity=DE")
	if a := boss.Post("/reports/mail", form); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	if a := boss.Get("/reports/mail?saved=1"); !strings.Contains(a.Text, "Promises") || !strings.Contains(a.Text, "Fridays at 06:30 (") || !strings.Contains(a.Text, "Saved.") {
		t.Errorf("%s", a.Text)
	}
	if a := boss.Get("/reports/mail/1"); a.Status != http.StatusOK || !strings.Contains(a.HTML, `value="06:30"`) || !strings.Contains(a.Text, "Nothing was sent yet.") || !strings.Contains(a.HTML, "/reports/work/clocks?as_of=2026-05-11&amp;by=team&amp;days=7&amp;entity=DE") {
		t.Errorf("%d %s", a.Status, a.HTML)
	}
	if a := r.As(access.Controller).Get("/reports/mail/1"); a.Status != http.StatusNotFound {
		t.Errorf("another: %d", a.Status)
	}
	if a := boss.Post("/reports/mail/1/stop", url.Values{"version": {"1"}}); a.Status != http.StatusSeeOther {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	if a := boss.Post("/reports/mail/1/stop", url.Values{"version": {"1"}}); a.Status != http.StatusConflict || !strings.Contains(a.Text, "Somebody changed this meanwhile") || !strings.Contains(a.Text, "stopped it.") {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	form.Set("version", "2")
	form.Set("repeats", "month")
	form.Set("monthday", "31")
	if a := boss.Post("/reports/mail/1", form); a.Status != http.StatusSeeOther {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	if a := boss.Post("/reports/mail/1/resume", url.Values{"version": {"3"}}); a.Status != http.StatusSeeOther {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	form.Set("version", "4")
	form.Set("title", "")
	form.Set("at", "26:15")
	if a := boss.Post("/reports/mail/1", form); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.HTML, `value="26:15"`) || strings.Contains(a.HTML, `value="Promises"`) {
		t.Errorf("what was typed beside an empty title: %d %s", a.Status, a.HTML)
	}
	if a := boss.Get("/reports/mail"); !strings.Contains(a.Text, "Day 31 of the month at 06:30") {
		t.Errorf("%s", a.Text)
	}
}
