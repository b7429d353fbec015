package app_test

import (
	"fmt"
	"testing"

	"makegood/internal/access"
	"makegood/internal/api"
	"makegood/internal/scenario"
)

// comparison is a file of the other system with one invoice that is missing here.
func (h *house) comparison(on string) map[string]any {
	return map[string]any{
		"entity": "DE", "source": "netsuite", "kind": "invoices", "filename": "other.csv",
		"content": []byte("Invoice Number,Customer,Date,Currency,Total\nNS-1," + h.Lumen.Account + "," + on + ",EUR,5.00\n"),
	}
}

type comparedFinding struct{ run, id int64 }

// compared compares a file and gives the one thing that differs.
func (h *house) compared() comparedFinding {
	h.t.Helper()
	controller := h.as(access.Controller)
	var run api.Reconciliation
	controller.ask(201, "POST", "/reconciliations", h.comparison("2020-01-05"), &run)
	until(h.t, "the comparison to be done", h.news, func() bool {
		controller.ask(200, "GET", fmt.Sprintf("/reconciliations/%d", run.ID), nil, &run)
		return run.State == "done"
	})
	var page struct{ Items []api.Finding }
	controller.ask(200, "GET", fmt.Sprintf("/reconciliations/%d/findings?resolution=open", run.ID), nil, &page)
	if len(page.Items) != 1 {
		h.t.Fatalf("found %+v", page)
	}
	return comparedFinding{run.ID, page.Items[0].ID}
}

// TestReconciliationThroughTheAPI compares a file by a job, has a case opened by another, and explains what is left.
func TestReconciliationThroughTheAPI(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	controller, agent := h.as(access.Controller), h.as(access.Agent)
	found := h.compared()
	run, finding := fmt.Sprintf("/reconciliations/%d", found.run), fmt.Sprintf("/reconciliations/%d/findings/%d", found.run, found.id)
	var whole, same api.Reconciliation
	controller.ask(200, "GET", run, nil, &whole)
	if whole.Matched != 0 || whole.From != "2020-01-01" || whole.To != "2020-01-31" || *whole.Open != 1 || whole.Counts[0].Class != "missing_here" ||
		len(whole.Proofs) != 1 || whole.Proofs[0].Explained["missing_here"] != "-5.00" || !whole.Proven {
		t.Errorf("%+v", whole)
	}
	controller.ask(201, "POST", "/reconciliations", h.comparison("2020-01-05"), &same)
	if same.ID != whole.ID {
		t.Errorf("the same file is another run: %+v", same)
	}
	agent.ask(403, "POST", finding+"/case", nil, nil)
	var f api.Finding
	for range 2 {
		controller.ask(200, "POST", finding+"/case", nil, &f)
	}
	until(h.t, "the case to be open", h.news, func() bool {
		var page struct{ Items []api.Finding }
		controller.ask(200, "GET", run+"/findings", nil, &page)
		f = page.Items[0]
		return f.Resolution == "case"
	})
	if n := count(t, h.app.DB, `select count(*) from cases where topic = 'reconciliation'`); n != 1 || f.Case == "" || f.Gap[0].Amount != "-5.00" || f.There.Amount.Amount != "5.00" {
		t.Errorf("%d cases, %+v", n, f)
	}
	controller.ask(409, "POST", finding+"/explain", map[string]any{"reason": "Of the sister company"}, nil)
	var again api.Reconciliation
	controller.ask(201, "POST", run+"/again", nil, &again)
	if again.ID == whole.ID || again.Attempt != 2 {
		t.Errorf("again %+v", again)
	}
	var runs struct{ Items []api.Reconciliation }
	agent.ask(200, "GET", "/reconciliations?entity=DE", nil, &runs)
	if len(runs.Items) != 2 || runs.Items[1].ID != whole.ID || *runs.Items[1].Open != 0 {
		t.Errorf("runs %+v", runs)
	}
	bad := h.comparison("2020-01-05")
	bad["from"] = "yesterday"
	controller.ask(422, "POST", "/reconciliations", bad, nil)
}
