package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"makegood/internal/access"
	"makegood/internal/api"
	"makegood/internal/evidence"
)

// The reports of cases come as JSON and as files, their rows page by page, and a bad question names its field.
func TestCaseReports(t *testing.T) {
	t.Parallel()
	c := open(t, access.Supervisor)
	c.room.Dispute("59.50")
	c.room.Clock.Add(9 * time.Hour) // the first answer was promised within eight hours
	var all api.CaseReports
	c.read("/reports/cases", &all)
	if len(all.Items) != 18 || all.Items[0].Fact != "opened" || all.Items[0].All.Now.Count != 1 || all.Items[0].Definition == "" || all.Items[0].BeforeAsOf != "2026-04-12" {
		t.Fatalf("%+v", all.Items)
	}
	var sla api.CaseReport
	c.read("/reports/sla", &sla)
	if len(sla.Groups) == 0 || sla.All.Now.Count != 1 || sla.All.Now.Share == nil || *sla.All.Now.Share != "0" {
		t.Errorf("promises: %+v", sla)
	}
	var reasons api.CaseReport
	c.read("/reports/cases/opened?by=reason&tier=gold", &reasons)
	if len(reasons.Groups) != 1 || reasons.Groups[0].Key != "not_delivered" {
		t.Errorf("reasons: %+v", reasons.Groups)
	}
	var rows api.CaseReportRows
	c.read("/reports/cases/clocks/rows?limit=1&by=part&key=first_response", &rows)
	if len(rows.Items) != 1 || rows.Items[0].Number != "MG-000001" || rows.Items[0].Good == nil || *rows.Items[0].Good || rows.NextCursor != "" {
		t.Errorf("rows: %+v", rows)
	}
	var causes api.RootCauseReport
	c.read("/reports/root-causes", &causes)
	if len(causes.Items) != 0 {
		t.Errorf("causes before any is named: %+v", causes)
	}
	for path, heading := range map[string]string{"/reports/cases": "From", "/reports/sla?by=agent": "From", "/reports/cases/opened/rows": "At (UTC)", "/reports/root-causes": "Code"} {
		if text := c.get(path, "text/csv").Body.String(); !strings.HasPrefix(text, heading) {
			t.Errorf("%s as csv: %.80s", path, text)
		}
	}
	for path, field := range map[string]string{"/reports/cases/opened?by=mood": "by", "/reports/cases?as_of=yesterday": "as_of", "/reports/cases/opened/rows?cursor=x": "cursor"} {
		if answer := c.get(path, ""); answer.Code != http.StatusUnprocessableEntity || !strings.Contains(answer.Body.String(), field) {
			t.Errorf("%s: %d %s", path, answer.Code, answer.Body)
		}
	}
	if answer := open(t, access.Agent).get("/reports/sla", ""); answer.Code != http.StatusForbidden {
		t.Errorf("an agent: %d", answer.Code)
	}
}

// The evidence of a case and the package of the books come as files that prove themselves.
func TestEvidenceByAPI(t *testing.T) {
	t.Parallel()
	c := open(t, access.Auditor)
	dispute := c.room.Dispute("59.50")
	for _, path := range []string{"/cases/" + dispute.Number + "/evidence", "/audit/packages/DE?from=2026-05-01&to=2026-05-31&seed=owl"} {
		answer := c.get(path, "")
		found, err := evidence.Check(answer.Body.Bytes())
		if err != nil || !found.OK() || answer.Header().Get("Manifest-SHA256") != found.SHA256 || answer.Header().Get("Content-Type") != "application/zip" {
			t.Errorf("%s: %d %v %+v", path, answer.Code, err, found)
		}
	}
	if answer := c.get("/cases/MG-999999/evidence", ""); answer.Code != http.StatusNotFound {
		t.Errorf("no such case: %d", answer.Code)
	}
}
