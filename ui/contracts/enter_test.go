package contracts_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"makegood/internal/access"
	"makegood/ui/screentest"
)

// sent is the form of a page as a browser would send it back.
func sent(a screentest.Answer) url.Values {
	form := url.Values{}
	attr := func(tag, name string) string {
		found := regexp.MustCompile(` ` + name + `="([^"]*)"`).FindStringSubmatch(tag)
		if found == nil {
			return ""
		}
		return html.UnescapeString(found[1])
	}
	for _, tag := range regexp.MustCompile(`<input[^>]*>`).FindAllString(a.HTML, -1) {
		if name := attr(tag, "name"); name != "" && (attr(tag, "type") != "checkbox" || strings.Contains(tag, " checked")) {
			form.Add(name, attr(tag, "value"))
		}
	}
	for _, area := range regexp.MustCompile(`(?s)<textarea([^>]*)>(.*?)</textarea>`).FindAllStringSubmatch(a.HTML, -1) {
		form.Add(attr(area[1], "name"), html.UnescapeString(area[2]))
	}
	for _, list := range regexp.MustCompile(`(?s)<select([^>]*)>(.*?)</select>`).FindAllStringSubmatch(a.HTML, -1) {
		options := regexp.MustCompile(`<option[^>]*>`).FindAllString(list[2], -1)
		chosen := attr(options[0], "value")
		for _, option := range options {
			if strings.Contains(option, " selected") {
				chosen = attr(option, "value")
			}
		}
		form.Add(attr(list[1], "name"), chosen)
	}
	return form
}

func TestAContractIsEnteredOnScreen(t *testing.T) {
	t.Parallel()
	r := open(t)
	controller := r.As(access.Controller)
	has(t, controller.Get("/contracts"), "Enter a contract…")
	form := sent(controller.Get("/contracts/new?customer=100001"))
	for name, value := range map[string]string{
		"number": "K 2026/8", "zone": "Europe/Berlin", "from": "2026-02-01", "month_cap.percent": "50", "claim_days": "30", "excludes": "maintenance",
		"services.0.name": "Rack 9", "services.0.fee": "900.00", "services.0.commitments.0.target": "99.9", "services.0.commitments.0.tiers": "99.9 5\n99: 25 %",
	} {
		form.Set(name, value)
	}
	form.Set("act", "service")
	form = sent(controller.Post("/contracts/new", form))
	form.Set("act", "promise-1")
	form = sent(controller.Post("/contracts/new", form))
	for name, value := range map[string]string{
		"services.1.name": "Line 3", "services.1.fee": "200.00", "services.1.commitments.1.metric": "restore", "services.1.commitments.1.target": "4",
		"services.1.commitments.1.formula": "percent_per_hour", "services.1.commitments.1.percent": "10",
	} {
		form.Set(name, value)
	}
	form.Set("act", "drop-promise-1-0")
	form = sent(controller.Post("/contracts/new", form))
	if form.Get("services.1.commitments.0.metric") != "restore" || form.Has("services.1.commitments.1.metric") || form.Get("services.0.commitments.0.target") != "99.9" {
		t.Fatalf("after taking a promise away: %v", form)
	}
	entered := controller.Post("/contracts/new", form)
	if entered.Status != http.StatusSeeOther {
		t.Fatalf("entered: %d %s", entered.Status, entered.Text)
	}
	has(t, controller.Get(entered.Header.Get("Location")), "K 2026/8", "from 1 Feb 2026", "Rack 9", "900.00 EUR a month", "99.9 % available in a calendar month",
		"5 % below 99.9 %, 25 % below 99 %", "Line 3", "Restored within 4 hours", "10 % of the month's fee for each full hour late", "planned maintenance",
		"Month's limit 50 % of the fee", "within 30 days of the month's end")
	went(t, controller.Post("/contracts/new", form)) // the same again is the same contract
	form.Set("services.1.fee", "201.00")
	has(t, controller.Post("/contracts/new", form), "Nothing was entered.", "K 2026/8")
}

func TestAContractIsRefusedAtItsFields(t *testing.T) {
	t.Parallel()
	r := open(t)
	controller := r.As(access.Controller)
	good := sent(controller.Get("/contracts/new?customer=100001"))
	for name, value := range map[string]string{
		"number": "K 2026/9", "zone": "Europe/Berlin", "from": "2026-02-01", "services.0.name": "Rack 9", "services.0.fee": "900.00",
		"services.0.commitments.0.target": "99.9", "services.0.commitments.0.tiers": "99.9 5",
	} {
		good.Set(name, value)
	}
	for _, c := range []struct{ field, text, at, says string }{
		{"number", "", "number", "This is needed."},
		{"customer", "no-such", "customer", "no"},
		{"currency", "EURO", "currency", "EURO"},
		{"zone", "Mars/North", "zone", "zone"},
		{"from", "", "from", "This is needed."},
		{"until", "2026-01-01", "until", "before"},
		{"month_cap.percent", "-1", "month_cap.percent", ""},
		{"claim_days", "soon", "claim_days", "not a number"},
		{"services.0.name", "", "services.0.name", ""},
		{"services.0.fee", "", "services.0.fee", "This is needed."},
		{"services.0.fee", "-5", "services.0.fee", "zero or more"},
		{"services.0.commitments.0.target", "101", "services.0.commitments.0.target", ""},
		{"services.0.commitments.0.tiers", "much", "services.0.commitments.0.tiers", "not a number"},
		{"services.0.commitments.0.tiers", "", "services.0.commitments.0.tiers", ""},
		{"services.0.commitments.0.digits", "9", "services.0.commitments.0.digits", ""},
		{"services.0.commitments.0.formula", "fixed", "services.0.commitments.0.amount", "amount"},
	} {
		refusedAt(t, controller.Post("/contracts/new", with(good, c.field, c.text)), "f-"+strings.ReplaceAll(c.at, ".", "-"), c.says)
	}
	for _, act := range []string{"promise--1", "drop-promise-0-7", "drop-service-0", "drop-service--1", "anything"} {
		if a := controller.Post("/contracts/new", with(good, "act", act)); a.Status != http.StatusOK || len(sent(a)) != len(good) {
			t.Errorf("%s: %d", act, a.Status)
		}
	}
	page, err := r.Billing.ContractByNumber(t.Context(), r.DB, "K 2026/9")
	if err == nil {
		t.Errorf("a refused contract was entered: %+v", page.Contract)
	}
	for _, role := range []access.Role{access.Agent, access.Auditor} {
		if a := r.As(role).Post("/contracts/new", good); a.Status != http.StatusForbidden {
			t.Errorf("%s enters a contract: %d", role, a.Status)
		}
	}
}
