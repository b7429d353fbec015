package reports_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"makegood/internal/access"
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
