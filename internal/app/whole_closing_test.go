package app_test

import (
	"fmt"
	"testing"
	"time"

	"makegood/internal/access"
	"makegood/internal/api"
	"makegood/internal/scenario"
)

// TestMonthIsClosedAndReopened goes through the API: soft-closed, closed with a reason, asked for by one, opened by another.
func TestMonthIsClosedAndReopened(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	month := h.app.DB.Now().AddDate(0, -2, 0).Format("2006-01")
	path := "/periods/DE/" + month
	controller, director := h.as(access.Controller), h.as(access.Director)
	var p api.Period
	controller.ask(409, "POST", path+"/close", map[string]any{}, nil)
	controller.ask(200, "POST", path+"/soft-close", map[string]any{}, &p)
	if p.State != "soft_closed" || p.Version != 1 || p.ChangedBy != "Carl Controller" {
		t.Errorf("soft-closed: %+v", p)
	}
	controller.ask(409, "POST", path+"/close", map[string]any{"version": 7}, nil)
	controller.ask(200, "POST", path+"/close", map[string]any{"version": 1}, &p)
	controller.ask(422, "POST", path+"/reopen", map[string]any{}, nil)
	controller.ask(200, "POST", path+"/reopen", map[string]any{"reason": "An invoice was forgotten"}, &p)
	if p.State != "closed" || p.Reopening == nil || p.Reopening.RequestedBy != "Carl Controller" {
		t.Errorf("asked: %+v", p)
	}
	controller.ask(403, "POST", path+"/reopen/confirm", map[string]any{}, nil)
	director.ask(200, "POST", path+"/reopen/confirm", map[string]any{}, &p)
	var file api.PeriodFile
	h.as(access.Auditor).ask(200, "GET", path, nil, &file)
	if file.State != "open" || !file.Reopened || len(file.Checklist) < 8 || len(file.History) != 3 || file.History[2].RequestedBy != "Carl Controller" || file.History[2].By != "Dora Director" {
		t.Errorf("file: %+v", file)
	}
	h.sound()
}

// TestPromiseAndBlockKeepRemindersBack goes through the API: a promise, a block, the list and a late fee.
func TestPromiseAndBlockKeepRemindersBack(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	controller := h.as(access.Controller)
	today := h.app.DB.Now()
	in := func(days int) string { return today.AddDate(0, 0, days).Format(time.DateOnly) }
	var promise api.Promise
	controller.ask(409, "POST", "/promises", map[string]any{"invoice": h.LumenBill.Number, "amount": euro("1785.01"), "on": in(40), "promised_by": "Ada"}, nil)
	var again api.Promise
	for _, into := range []*api.Promise{&promise, &again} { // the same request sent twice
		controller.once("a").ask(201, "POST", "/promises", map[string]any{"invoice": h.LumenBill.Number, "amount": euro("785.00"), "on": in(40), "promised_by": "Ada"}, into)
	}
	if promise.ID == 0 || again.ID != promise.ID {
		t.Errorf("promises %d and %d for one key", promise.ID, again.ID)
	}
	var block api.Block
	controller.ask(201, "POST", "/dunning/blocks", map[string]any{"customer": h.Ferro.Account, "until": in(40), "reason": "Waits for a copy"}, &block)
	var list api.DunningDay
	controller.ask(200, "GET", "/dunning?entity=DE&day="+in(35), nil, &list)
	if len(list.Items) != 1 || list.Items[0].Dunnable.Amount != "1000.00" || list.Items[0].Promised.Amount != "785.00" || len(list.KeptBack) != 1 || list.KeptBack[0].Why != "blocked" {
		t.Errorf("in 35 days: %+v", list)
	}
	controller.ask(200, "POST", "/dunning/blocks/"+fmt.Sprint(block.ID)+"/lift", map[string]any{"reason": "It has come"}, &block)
	controller.ask(200, "POST", "/promises/"+fmt.Sprint(promise.ID)+"/withdraw", map[string]any{"reason": "Agreed anew"}, &promise)
	if promise.State != "withdrawn" || block.LiftReason == "" {
		t.Errorf("promise %+v, block %+v", promise, block)
	}
	var fee api.LateFee
	controller.ask(200, "GET", "/dunning/late-fees/"+h.LumenBill.Number+"?through="+in(60), nil, &fee)
	if fee.Fee.Amount != "0.00" || len(fee.Days) != 1 || fee.Days[0].Base.Amount != "1785.00" {
		t.Errorf("fee %+v", fee)
	}
	h.sound()
}

// TestRatesThroughTheAPI: recorded once, never overwritten, corrected with a reason.
func TestRatesThroughTheAPI(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	controller := h.as(access.Controller)
	on := h.app.DB.Now().Format(time.DateOnly)
	rate := map[string]any{"base": "EUR", "quote": "CHF", "date": on, "rate": "0.94", "source": "ECB"}
	var recorded api.ExchangeRate
	controller.ask(201, "POST", "/exchange-rates", rate, &recorded)
	rate["rate"] = "0.95"
	controller.ask(409, "POST", "/exchange-rates", rate, nil)
	controller.ask(422, "POST", "/exchange-rates/corrections", rate, nil)
	rate["reason"] = "Misread"
	controller.ask(201, "POST", "/exchange-rates/corrections", rate, &recorded)
	var used api.UsedRate
	controller.ask(200, "GET", "/exchange-rates/CHF/EUR", nil, &used)
	if recorded.Version != 2 || used.Rate != "1.0526315789" || !used.Inverse || used.Source != "ECB" {
		t.Errorf("recorded %+v, used %+v", recorded, used)
	}
	controller.ask(422, "GET", "/exchange-rates/CHF/JPY", nil, nil)
}
