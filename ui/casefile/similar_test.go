package casefile_test

import (
	"net/http"
	"testing"

	"makegood/cases"
)

// The page asks for similar cases once it is there; each says why it is like this one and how it ended.
func TestSimilarCasesOnScreen(t *testing.T) {
	t.Parallel()
	r, i, c := disputed(t)
	base := "/cases/" + c.Number
	r.get(r.mara, base, false).has(t, http.StatusOK, `hx-get="`+base+`/similar"`)
	r.get(r.mara, base+"/similar", true).has(t, http.StatusOK, "No settled case is like this one.")
	before := r.open(cases.OpenInput{
		Type: cases.Inquiry, Subject: "A <copy> of the bill", Source: "agent", CustomerID: &r.customer, By: r.mara,
		Invoices: []cases.LinkedInvoice{{InvoiceID: i.ID, Evidence: "agent", Confidence: 100}},
	})
	_, err := r.cases.SetStatus(t.Context(), cases.StatusInput{On: cases.On{By: r.mara, ID: before.ID, Version: before.Version}, To: cases.StatusResolved, Resolution: "Sent once more"})
	r.must(err)
	r.get(r.auditor, base+"/similar", true).has(t, http.StatusOK, "A &lt;copy&gt; of the bill", before.Number, "same invoice, same customer", "Nothing credited", "“Sent once more”")
	r.get(r.mara, "/cases/MG-009999/similar", true).has(t, http.StatusNotFound)
}
