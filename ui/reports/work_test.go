package reports_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/internal/evidence"
)

// The reports of cases: figures with what they mean, told apart, narrowed, down to the case, and as files.
func TestCases(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.Dispute("595.00")
	r.Clock.Add(9 * time.Hour) // the first answer was promised within eight hours
	lead := r.As(access.Supervisor)
	page := lead.Get("/reports/work")
	shows(t, page, "13 Apr 2026 to 12 May 2026", "Opened 1", "Backlog 1", "Promises kept 0.0 %", "Cases opened in the period.", `href="/reports/work/clocks"`, `href="/reports/work/opened/rows"`,
		"data-chart=")
	if strings.Contains(page.HTML, "style=") {
		t.Error("a style attribute, which the policy forbids")
	}
	shows(t, lead.HTMX().Get("/reports/work/clocks?by=part&tier=gold"), "First response", `href="/reports/work/clocks?by=agent&amp;part=first_response&amp;tier=gold"`,
		`href="/reports/work/clocks/rows?by=part&amp;key=first_response&amp;tier=gold"`)
	shows(t, lead.Get("/reports/work/clocks/rows?by=part&key=first_response"), "The network was down half of April", `href="/cases/MG-000001"`, "Broken", "Lumen Optik GmbH")
	shows(t, lead.Get("/reports/work/opened?tier=silver"), "Nothing counts in it")
	shows(t, lead.Get("/reports/work/opened?by=agent"), "None named", `key=0`)
	csv := lead.Get("/reports/work/opened?by=topic&as=csv")
	if csv.Status != http.StatusOK || !strings.HasPrefix(csv.HTML, "From,To,What,By,Group,Name,Count") || !strings.Contains(csv.HTML, "2026-04-13,2026-05-12,opened,topic") {
		t.Errorf("csv: %d %s", csv.Status, csv.HTML)
	}
	if book := lead.Get("/reports/work?as=xlsx"); book.Status != http.StatusOK || !strings.HasPrefix(book.HTML, "PK") {
		t.Errorf("workbook: %d %.40s", book.Status, book.HTML)
	}
	if bad := lead.Get("/reports/work?team=x"); bad.Status != http.StatusUnprocessableEntity {
		t.Errorf("a team that is none: %d", bad.Status)
	}
	if none := lead.Get("/reports/work/luck"); none.Status != http.StatusNotFound {
		t.Errorf("an unknown report: %d", none.Status)
	}
}

// Evidence is one download: of a case for whoever may see it, of the books for an auditor.
func TestEvidence(t *testing.T) {
	t.Parallel()
	r := open(t)
	c := r.Dispute("595.00")
	got := r.As(access.Agent).Get("/cases/" + c.Number + "/evidence")
	if found, err := evidence.Check([]byte(got.HTML)); err != nil || !found.OK() || found.Manifest.Subject != "case "+c.Number {
		t.Errorf("case: %v %+v", err, found)
	}
	auditor := r.As(access.Auditor)
	shows(t, auditor.Get("/reports/audit"), "Audit package", `value="2026-04-01"`, "Ostwind Netz GmbH", `aria-current="page"`)
	form := url.Values{"entity": {"DE"}, "from": {"2026-05-01"}, "to": {"2026-05-31"}, "seed": {"owl"}, "samples": {"3"}}
	book := auditor.Post("/reports/audit", form)
	if found, err := evidence.Check([]byte(book.HTML)); err != nil || !found.OK() {
		t.Errorf("books: %v %+v %.200s", err, found, book.HTML)
	}
	form.Set("to", "2024-05-31")
	if refused := auditor.Post("/reports/audit", form); refused.Status != http.StatusUnprocessableEntity || !strings.Contains(refused.HTML, `value="owl"`) {
		t.Errorf("days the wrong way round: %d %s", refused.Status, refused.Text)
	}
	if agent := r.As(access.Agent).Post("/reports/audit", form); agent.Status != http.StatusForbidden {
		t.Errorf("an agent: %d", agent.Status)
	}
}

// A file holds the whole list, however many pages that are.
func TestFilesHoldWholeLists(t *testing.T) {
	t.Parallel()
	r := open(t)
	dbtest.AsOwner(t, r.DB, `insert into cases (type, subject, status, priority, opened_at) select 'inquiry', 'Question ' || n, 'open', 'P3', '2026-05-10'::timestamptz + n * interval '1 second'
		from generate_series(1, 10050) n`)
	csv := r.As(access.Supervisor).Get("/reports/work/opened/rows?as=csv").HTML
	if n := strings.Count(csv, "\r\n"); n < 10_051 || !strings.Contains(csv, "Question 10050,") {
		t.Errorf("%d lines", n)
	}
}
