package app_test

import (
	"strings"
	"testing"

	"makegood/internal/access"
	"makegood/internal/api"
	"makegood/internal/scenario"
)

// TestSmallBalancesThroughTheAPI: what is small is listed, asked for as one write-off of everything small, approved and gone.
func TestSmallBalancesThroughTheAPI(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	agent, controller := h.as(access.Agent), h.as(access.Controller)
	for _, account := range []string{h.Lumen.Account, h.Ferro.Account} {
		controller.ask(201, "POST", "/invoices", map[string]any{
			"customer": account, "service_from": "2026-01-01", "service_to": "2026-01-31", "issued_on": h.app.DB.Now().AddDate(0, 0, -100).Format("2006-01-02"),
			"due_on": h.app.DB.Now().AddDate(0, 0, -95).Format("2006-01-02"),
			"lines":  []map[string]string{{"product": "NET", "description": "Network", "quantity": "1", "unit_price": "4.00", "tax_category": "S", "tax_rate": "19"}},
		}, nil)
	}
	var list api.SmallBalanceList
	agent.ask(200, "GET", "/small-balances", nil, &list)
	if len(list.Items) != 2 || list.Entity != "DE" || list.Total != euro("9.52") || list.Items[1].Open != euro("4.76") || list.Items[1].Customer != h.Ferro.Account || list.More {
		t.Fatalf("%+v", list)
	}
	posted := h.adjusted(map[string]any{"kind": "write_off", "small_balances": api.SmallBalances{Entity: "DE"}})
	if posted.DocumentKind != "write_off" || posted.Total != euro("9.52") || len(posted.Content.Items) != 2 {
		t.Errorf("%+v", posted)
	}
	if page := h.browse(access.Agent).page("/invoices/" + list.Items[0].Invoice); !strings.Contains(page, "Write-off "+posted.Document) {
		t.Error("the postings of the invoice do not show that it was given up")
	}
	agent.ask(200, "GET", "/small-balances?entity=DE&threshold=4.76&days_overdue=90", nil, &list)
	if len(list.Items) != 0 {
		t.Errorf("given up and still there: %+v", list.Items)
	}
	for _, wrong := range []struct {
		with map[string]any
		says string
	}{
		{map[string]any{"kind": "write_off", "small_balances": api.SmallBalances{Entity: "DE"}}, "Nothing is small"},
		{map[string]any{"kind": "write_off", "small_balances": api.SmallBalances{Entity: "XX"}}, "There is no such legal entity"},
		{map[string]any{"kind": "write_off", "small_balances": api.SmallBalances{Threshold: "all"}}, "small_balances.threshold"},
		{map[string]any{"kind": "refund", "small_balances": api.SmallBalances{}}, "names no documents"},
	} {
		if got := agent.try("POST", "/credit-requests/preview", asked(wrong.with)); got.status != 422 || !strings.Contains(string(got.body), wrong.says) {
			t.Errorf("%v: %d %s", wrong.with, got.status, got.body)
		}
	}
}
