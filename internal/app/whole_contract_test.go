package app_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"makegood/billing/commitment"
	"makegood/internal/access"
	"makegood/internal/api"
	"makegood/internal/scenario"
)

// lumenContract is a rack at 1,000.00 a month, promised at 99.9 %, and claims within 60 days of the month's end.
func (h *house) lumenContract(number string) map[string]any {
	return map[string]any{
		"number": number, "customer": h.Lumen.Account, "currency": "EUR", "time_zone": "Europe/Berlin", "from": "2020-01-01", "combination": "cumulative",
		"fee_base": "pro_rata", "excludes": []string{"maintenance"}, "claim_days": 60, "claim_from": "month_end", "month_cap": map[string]any{"percent": "50", "amount": euro("400.00")},
		"services": []map[string]any{{
			"name": "Rack 4", "product": "COLO-R", "fees": []map[string]any{{"from": "2020-01-01", "amount": euro("1000.00")}},
			"commitments": []map[string]any{{
				"metric": "availability", "target": "99.9", "digits": 3, "formula": "tier_percent",
				"tiers": []map[string]any{{"below": "99.9", "percent": "5"}, {"below": "99", "percent": "25"}},
			}},
		}},
	}
}

// lastMonth is the calendar month before this one, and its tenth day at noon.
func (h *house) lastMonth() (month string, noon time.Time) {
	now := h.app.DB.Now()
	noon = time.Date(now.Year(), now.Month()-1, 10, 12, 0, 0, 0, time.UTC)
	return noon.Format("2006-01"), noon
}

func (h *house) outage(reference string, minutes int) map[string]any {
	_, noon := h.lastMonth()
	return map[string]any{
		"source": "monitor", "reference": reference, "title": "Power lost", "kind": "outage", "from": noon, "until": noon.Add(time.Duration(minutes) * time.Minute),
		"services": []map[string]any{{"contract": "K/1", "service": "Rack 4"}},
	}
}

// TestServiceCreditThroughTheAPI enters a contract and an outage, sees what is owed, and keeps the sheet.
func TestServiceCreditThroughTheAPI(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	controller, agent := h.as(access.Controller), h.as(access.Agent)
	month, noon := h.lastMonth()
	var contract, again api.Contract
	controller.once("a").ask(201, "POST", "/contracts", h.lumenContract("K/1"), &contract)
	controller.ask(201, "POST", "/contracts", h.lumenContract("K/1"), &again)
	agent.ask(200, "GET", "/contracts/K%2F1", nil, &again)
	if again.MonthCap == nil || again.MonthCap.Amount.Amount != "400.00" || again.Services[0].Commitments[0].Tiers[1].Percent != "25" || contract.Number != "K/1" {
		t.Errorf("contract %+v", again)
	}
	other := h.lumenContract("K/1")
	other["claim_days"] = 30
	controller.ask(409, "POST", "/contracts", other, nil)
	other["number"], other["time_zone"] = "K/2", "Mars"
	controller.ask(422, "POST", "/contracts", other, nil)

	var incident api.Incident
	agent.ask(201, "POST", "/incidents", h.outage("T-1", 700), &incident)
	agent.ask(409, "POST", "/incidents", h.outage("T-1", 701), nil)
	var page struct{ Items []api.Incident }
	agent.ask(200, "GET", "/incidents?contract=K%2F1", nil, &page)
	if incident.ID == 0 || len(page.Items) != 1 || page.Items[0].Services[0].Service != "Rack 4" {
		t.Errorf("incident %+v, list %+v", incident, page)
	}

	var owed struct{ Items []api.OwedCredit }
	agent.ask(200, "GET", "/service-credits/owed", nil, &owed)
	if len(owed.Items) != 1 || owed.Items[0].Proposed.Amount != "250.00" || owed.Items[0].Month != month || *owed.Items[0].DaysLeft < 28 {
		t.Fatalf("owed %+v", owed)
	}
	agent.ask(201, "POST", "/contracts/K%2F1/exclusions", map[string]any{
		"kind": "maintenance", "from": noon, "until": noon.Add(10 * time.Hour), "reason": "Announced",
	}, &again)
	var sheet, same api.ServiceCredit
	ask := map[string]any{"contract": "K/1", "service": "Rack 4", "month": month}
	agent.once("b").ask(201, "POST", "/service-credits", ask, &sheet)
	agent.ask(201, "POST", "/service-credits", ask, &same)
	if sheet.Proposed.Amount != "50.00" || same.ID != sheet.ID || same.SHA256 != sheet.SHA256 { // 100 minutes are left
		t.Errorf("sheet %+v, again %+v", sheet, same)
	}
	canonical, err := commitment.Canonical(sheet.Sheet)
	must(t, err)
	var read commitment.Sheet
	must(t, json.Unmarshal(canonical, &read))
	if commitment.Hash(canonical) != sheet.SHA256 || read.Period.Down != 100 {
		t.Errorf("hash %s of %s", sheet.SHA256, canonical)
	}
	h.as(access.Auditor).ask(200, "GET", "/service-credits/"+fmt.Sprint(sheet.ID), nil, &same)
	ask["month"] = h.app.DB.Now().Format("2006-01")
	agent.ask(422, "POST", "/service-credits", ask, nil)
	h.sound()
}
