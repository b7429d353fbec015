package casefile_test

import (
	"net/http"
	"net/url"
	"testing"

	"makegood/cases"
	"makegood/internal/access"
)

// The company's own fields stand beside the case and are filled there; what is wrong is said in the dialog, and the history tells.
func TestOwnFieldsOnScreen(t *testing.T) {
	t.Parallel()
	r := setup(t)
	c := r.open(cases.OpenInput{Type: cases.Inquiry, Subject: "The meter", Source: "agent", CustomerID: &r.customer, By: r.mara})
	base := "/cases/" + c.Number
	r.get(r.mara, base, false).lacks(t, "Details of the case")
	lead := r.mara
	lead.Roles = []access.Role{access.Supervisor}
	_, err := r.cases.KeepFields(t.Context(), cases.KeepFieldsInput{By: lead, Fields: []cases.FieldEntry{
		{Code: "purchase_order", Name: "Purchase <order>"},
		{Code: "meters", Name: "Meters", Kind: cases.FieldNumber},
		{Code: "ends", Name: "Ends", Kind: cases.FieldDate},
		{Code: "checked", Name: "Checked", Kind: cases.FieldYesNo},
	}})
	r.must(err)
	r.get(r.mara, base, false).has(t, http.StatusOK, "Purchase &lt;order&gt;", "not said", `name="field_meters"`, `type="date"`)
	r.get(r.auditor, base, false).lacks(t, "field_meters")
	bad := r.post(r.mara, base+"/fields", url.Values{"at": {"fields"}, "version": {version(c)}, "field_meters": {"many"}, "field_purchase_order": {"4711"}}, true)
	bad.has(t, http.StatusUnprocessableEntity, "Meters is a number such as 12.5")
	if to := bad.header.Get("HX-Retarget"); to != "#fields-error" {
		t.Errorf("said at %q", to)
	}
	r.post(r.mara, base+"/fields", url.Values{"version": {version(c)}, "field_meters": {"1250.5"}, "field_purchase_order": {"<b>4711"}, "field_ends": {"2031-12-31"}, "field_checked": {"yes"}}, true).
		has(t, http.StatusOK, "&lt;b&gt;4711", "1,250.5", `value="2031-12-31"`)
	r.get(r.mara, base, false).has(t, http.StatusOK, "You wrote Checked: yes · Ends: ", "Meters: 1,250.5")
	r.post(r.auditor, base+"/fields", url.Values{"field_meters": {"1"}}, true).has(t, http.StatusForbidden)
}
