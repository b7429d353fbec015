package casefile_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"makegood/cases"
	"makegood/internal/access"
)

// The checklist stands beside the case, is ticked there, says who was quicker, and keeps the case from being resolved.
func TestChecklistOnScreen(t *testing.T) {
	t.Parallel()
	r := setup(t)
	lead := r.mara
	lead.Roles = []access.Role{access.Supervisor}
	_, err := r.cases.SaveChecklist(t.Context(), cases.ChecklistInput{By: lead, CaseType: cases.Inquiry, Points: []cases.Point{
		{Text: "Meter <read>", Hint: "Ask metering for the export", Required: true}, {Text: "Contract looked at"},
	}})
	r.must(err)
	c := r.open(cases.OpenInput{Type: cases.Inquiry, Subject: "The meter", Source: "agent", CustomerID: &r.customer, By: r.mara})
	base := "/cases/" + c.Number
	r.get(r.mara, base, false).has(t, http.StatusOK, "2 left, 1 before it is resolved", "Meter &lt;read&gt;", "Ask metering for the export", "Still to be done: Meter &lt;read&gt;.",
		`action="`+base+`/checklist/meter_read"`, `aria-checked="false"`)
	r.get(r.auditor, base, false).lacks(t, base+"/checklist/")
	r.post(r.auditor, base+"/checklist/meter_read", url.Values{"point": {"1"}, "done": {"on"}}, true).has(t, http.StatusForbidden)
	r.post(r.mara, base+"/resolve", url.Values{"at": {"resolve"}, "version": {version(c)}}, true).has(t, http.StatusConflict, c.Number+" is not resolved yet. Still to be done: Meter &lt;read&gt;")
	r.post(r.mara, base+"/checklist/meter_read", url.Values{"point": {"1"}, "done": {"on"}}, true).
		has(t, http.StatusOK, "1 left", `aria-checked="true"`, "Mara Lindqvist", "You ticked “Meter &lt;read&gt;”")
	r.post(r.jonas, base+"/checklist/meter_read", url.Values{"point": {"1"}, "done": {"on"}}, true).has(t, http.StatusConflict, "Mara Lindqvist has ticked “Meter &lt;read&gt;” in the meantime.")
	r.post(r.jonas, base+"/checklist/meter_read", url.Values{"point": {"x"}}, true).has(t, http.StatusUnprocessableEntity)
	r.post(r.mara, base+"/checklist/contract_looked_at", url.Values{"point": {"1"}, "done": {"on"}}, true).has(t, http.StatusOK, "all done")
	off := r.post(r.jonas, base+"/checklist/contract_looked_at", url.Values{"point": {"2"}}, true)
	off.has(t, http.StatusOK, "1 left", "You took the tick off “Contract looked at”")
	if !strings.Contains(off.header.Get("HX-Trigger"), "The tick is off again.") {
		t.Error(off.header)
	}
	r.post(r.mara, base+"/resolve", url.Values{"at": {"resolve"}, "version": {version(c)}}, true).has(t, http.StatusOK)
	r.get(r.mara, base, false).lacks(t, base+"/checklist/")
}
