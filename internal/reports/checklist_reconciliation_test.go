package reports_test

import (
	"strings"
	"testing"
	"time"

	"makegood/billing/importer"
	"makegood/billing/reconciling"
	"makegood/internal/access"
	"makegood/internal/jobs/jobstest"
	"makegood/internal/reports"
	"makegood/ui/screentest"
)

// What a reconciliation found stands on the checklist of its month until it is explained or in a case, or a later
// comparison no longer finds it.
func TestDifferencesOnTheChecklist(t *testing.T) {
	t.Parallel()
	r := screentest.Open(t)
	if c := checklist(t, r, 0)[reports.CheckReconciliation]; c.Count != 0 {
		t.Errorf("before: %+v", c)
	}
	compare := func(file string) reconciling.ID {
		run, _, err := r.Reconciling.Start(t.Context(), reconciling.NewRun{
			By: r.Actor(access.Controller), EntityID: r.Company.Entity.ID, Source: "netsuite", Kind: importer.Invoices, Filename: "may.csv",
			Settings: reconciling.Settings{From: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 5, 31, 0, 0, 0, 0, time.UTC)},
		}, strings.NewReader("Invoice Number,Customer,Date,Currency,Total\n"+file))
		r.Must(err)
		jobstest.DrainNow(t, r.DB, r.Registry, r.Clock)
		return run.ID
	}
	id := compare("NS-1,100001,2026-05-05,EUR,50.00\nNS-2,100001,2026-05-06,EUR,60.00\n")
	found := checklist(t, r, 0)[reports.CheckReconciliation]
	if text := told(found); found.Count < 2 || !strings.Contains(text, "netsuite: missing here; -50.00; /reconciliations/1?resolution=open") || found.Blocking {
		t.Errorf("found: %s", text)
	}
	page, err := r.Reconciling.Findings(t.Context(), r.Actor(access.Controller), id, reconciling.FindingFilter{Query: "NS-1"})
	r.Must(err)
	_, err = r.Reconciling.Explain(t.Context(), reconciling.ExplainInput{By: r.Actor(access.Controller), Run: id, Finding: page.Rows[0].ID, Reason: "Of the sister company"})
	r.Must(err)
	if after := checklist(t, r, 0)[reports.CheckReconciliation]; after.Count != found.Count-1 || strings.Contains(told(after), "-50.00") {
		t.Errorf("explained: %s", told(after))
	}
	compare("NS-3,100001,2026-05-06,EUR,70.00\n")
	if after := told(checklist(t, r, 0)[reports.CheckReconciliation]); strings.Contains(after, "-60.00") || !strings.Contains(after, "-70.00") {
		t.Errorf("compared anew: %s", after)
	}
}
