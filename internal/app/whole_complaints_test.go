package app_test

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"makegood/internal/access"
	"makegood/internal/api"
	"makegood/internal/scenario"
)

// What users of other products complain of, as far as it takes the whole program; see docs/money-cases.md.

func TestComplaint2AReturnThatLeaves001OpenWhenMadeThroughTheAPI(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	var bill api.Invoice
	h.as(access.Controller).ask(201, "POST", "/invoices", map[string]any{
		"customer": h.Ferro.Account, "service_from": "2026-10-01", "service_to": "2026-10-31",
		"lines": []map[string]string{{"product": "LIC", "description": "Licence", "quantity": "3", "unit_price": "9.995", "tax_category": "S", "tax_rate": "19"}},
	}, &bill)
	if bill.Total != euro("35.69") {
		t.Fatalf("billed %+v", bill.Total)
	}
	given := []string{}
	for range 3 { // piece by piece
		memo := h.adjusted(map[string]any{"kind": "billing_error", "invoice": bill.Number, "lines": []map[string]any{{"line_no": 1, "quantity": "1"}}})
		given = append(given, memo.Total.Amount)
	}
	h.as(access.Agent).ask(200, "GET", "/invoices/"+bill.Number, nil, &bill)
	if bill.Open != euro("0.00") || bill.Lines[0].Remaining != euro("0.00") {
		t.Errorf("%s left open, %s of the line, after %v", bill.Open.Amount, bill.Lines[0].Remaining.Amount, given)
	}
	h.sound()
}

func TestComplaint5ScreenAndAPINamingDifferentMaximumRefunds(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	agent, controller := h.as(access.Agent), h.as(access.Controller)
	var paid api.Payment
	controller.ask(201, "POST", "/payments", map[string]any{"customer": h.Lumen.Account, "amount": euro("400.00")}, &paid)
	controller.ask(201, "POST", "/allocations", map[string]any{"parts": []map[string]any{{"source": paid.Number, "invoice": h.LumenBill.Number, "amount": euro("250.00")}}}, nil)
	maximum := regexp.MustCompile(`Only ([0-9.,]+) EUR of what was received may still be refunded`)
	named := func(text string) string {
		found := maximum.FindStringSubmatch(text)
		if found == nil {
			t.Fatalf("no maximum is named: %s", text)
		}
		return found[1]
	}
	ask := func(amount string) (screen, program answer) {
		program = agent.try("POST", "/credit-requests/preview", asked(map[string]any{"kind": "billing_error", "invoice": h.LumenBill.Number, "whole": true, "refund": euro(amount)}))
		screen = h.browse(access.Agent).send("/invoices/"+h.LumenBill.Number+"/credit", url.Values{
			"kind": {"billing_error"}, "whole": {"yes"}, "refund": {amount}, "reason_code": {"overcharge"}, "explanation": {"Charged twice."}, "proof": {"Price list"},
		})
		return screen, program
	}
	screen, program := ask("250.01")
	if a, b := named(string(screen.body)), named(string(program.body)); a != b || a != "250.00" {
		t.Errorf("the screen names %s, the API %s", a, b)
	}
	screen, program = ask("250.00") // and both let exactly the maximum pass
	if maximum.Match(screen.body) || program.status != 200 {
		t.Errorf("screen %d, API %d: %s", screen.status, program.status, program.body)
	}
	if n := count(t, h.app.DB, `select count(*) from credit_requests where state = 'pending'`); n != 1 {
		t.Errorf("the screen took %d requests", n)
	}
}

// send posts the form of a page as a browser does.
func (b browser) send(path string, form url.Values) answer {
	b.t.Helper()
	token := regexp.MustCompile(`name="(_?csrf[^"]*)" value="([^"]+)"`).FindStringSubmatch(b.page(path))
	if token == nil {
		b.t.Fatalf("%s has no form", path)
	}
	form.Set(token[1], token[2])
	request, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.base+path, strings.NewReader(form.Encode()))
	must(b.t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := b.http.Do(request)
	must(b.t, err)
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	must(b.t, err)
	return answer{response.StatusCode, response.Header, text}
}
