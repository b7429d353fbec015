package imports_test

import (
	"strings"
	"testing"

	"makegood/internal/access"
	"makegood/internal/jobs/jobstest"
)

// TestCasesComeIn goes the whole way: files of another helpdesk are given, looked at, brought in while one watches, and what was not taken is
// downloaded with the reasons.
func TestCasesComeIn(t *testing.T) {
	t.Parallel()
	r := open(t)
	admin := r.As(access.Admin)
	give := map[string]string{"format": "salesforce", "entity": "DE"}
	content := "Case Number,Subject,Status,Date/Time Opened,Date/Time Closed,Account Number,Web Email\n" +
		"000451,Charged twice,Closed,2026-02-03 09:00:00,2026-02-05 10:00:00," + r.Company.Lumen.Account + ",\n" +
		"000452,Which PO?,Working,2026-05-04 09:00:00,,,who@elsewhere.example\n000453,No time,New,,,,\n"
	has(t, admin.Get("/imports"), 200, "Cases of another helpdesk")
	has(t, admin.Get("/imports/cases"), 200, "Nothing was brought in yet", "Salesforce", "Intercom", "Which installation")
	has(t, admin.Give("/imports/cases", give, "Lead.csv", "Id,Email\n1,x@y.example\n"), 422, "The file was not taken.", "No file holds cases", "Lead.csv")
	has(t, admin.Give("/imports/cases", map[string]string{"format": "salesforce"}, "Case.csv", content), 422, "Legal entity")

	at := follow(t, admin.Give("/imports/cases", give, "Case.csv", content))
	has(t, admin.Get(at), 200, "Dry run", "Closed there 1", "Open there 1", "Of no known customer 1", "Cannot come in 1", "It does not say when it was opened.", "Bring 2 cases in")
	follow(t, admin.Post(at+"/start", nil))
	has(t, admin.Get(at), 200, "Coming in", "0 of 2 cases")
	has(t, admin.Post(at+"/discard", nil), 409, "Nothing was changed. The import has moved on meanwhile.")
	jobstest.DrainNow(t, r.DB, r.Registry, r.Clock)
	has(t, admin.Get(at), 200, "Done", "Came in 2")
	rejected := admin.Get(at + "/rejected")
	if rejected.Status != 200 || !strings.HasPrefix(rejected.HTML, "file,row,number,not taken because\nCase.csv,4,000453,It does not say") {
		t.Errorf("rejected: %d %s", rejected.Status, rejected.HTML)
	}
	has(t, admin.Get("/imports/cases"), 200, "Case.csv", "Done")

	give["whole"] = "on"
	again := follow(t, admin.Give("/imports/cases", give, "Case.csv", content))
	has(t, admin.Get(again), 200, "There is nothing to bring in.", "Here already 2", "Every case or none: 1 cases keep the others out.")
	follow(t, admin.Post(again+"/discard", nil))
	has(t, admin.Get(again), 200, "Discarded")

	has(t, r.As(access.Controller).Get("/imports/cases"), 403)
	if page := r.As(access.Controller).Get("/imports"); strings.Contains(page.Text, "Cases of another helpdesk") {
		t.Error("who may not is led there")
	}
}
