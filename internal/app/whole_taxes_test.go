package app_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"makegood/billing/reading"
	"makegood/internal/access"
	"makegood/internal/api"
	"makegood/internal/dbtest"
	"makegood/internal/scenario"
)

// TestInvoicesOfEveryShapeThroughTheAPI: document discounts and charges, several taxes on a line, cash rounding and what is to be
// withheld come in by the API, are shown, and go back to the cent: by line, by amount and whole.
func TestInvoicesOfEveryShapeThroughTheAPI(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	h.reachable()
	agent, controller := h.as(access.Agent), h.as(access.Controller)
	var bill api.Invoice
	controller.ask(201, "POST", "/invoices", map[string]any{
		"customer": h.Lumen.Account, "service_from": "2026-01-01", "service_to": "2026-01-31",
		"lines": []map[string]any{
			{"description": "Platform", "quantity": "1", "unit_price": "179.00", "tax_category": "S", "tax_rate": "10"},
			{"description": "Seats", "quantity": "3", "unit_price": "133.00", "tax_category": "S", "tax_rate": "10", "more_taxes": []map[string]string{{"code": "city", "category": "S", "rate": "10"}}},
		},
		"discounts":   []map[string]any{{"label": "Spring", "amount": "250.00", "lines": []int{1}}},
		"charges":     []map[string]string{{"label": "Freight", "amount": "12.00", "tax_category": "S", "tax_rate": "10"}},
		"rounding":    "0.02",
		"withholding": "17.00",
		"totals":      map[string]string{"net": "340.00", "tax": "48.90", "total": "388.92"},
	}, &bill)
	if bill.Net != euro("340.00") || bill.Tax != euro("48.90") || bill.Rounding != euro("0.02") || bill.Total != euro("388.92") || bill.Withholding != euro("17.00") {
		t.Fatalf("%+v", bill)
	}
	if len(bill.Lines) != 3 || bill.Lines[1].List != euro("399.00") || bill.Lines[1].Discount != euro("250.00") || bill.Lines[1].Net != euro("149.00") || !bill.Lines[2].Charge {
		t.Errorf("lines %+v", bill.Lines)
	}
	if len(bill.Discounts) != 1 || bill.Discounts[0] != (api.InvoiceDiscount{Label: "Spring", Amount: euro("250.00")}) {
		t.Errorf("discounts %+v", bill.Discounts)
	}
	if len(bill.Taxes) != 2 || bill.Taxes[0].Tax != euro("34.00") || bill.Taxes[1].Code != "city" || bill.Taxes[1].Tax != euro("14.90") {
		t.Errorf("taxes %+v", bill.Taxes)
	}
	page := h.browse(access.Agent).page("/invoices/" + bill.Number)
	for _, want := range []string{"Discount: Spring", "-250.00", "Freight (Charge)", "city 10", "Rounding", "of which to be withheld", "388.92"} {
		if !strings.Contains(strings.NewReplacer("\u2212", "-", "\u00a0", " ").Replace(page), want) {
			t.Errorf("the screen does not say %q", want)
		}
	}

	byLine := h.adjusted(map[string]any{"kind": "billing_error", "invoice": bill.Number, "lines": []api.ProposalLine{{InvoiceLine: bill.Lines[1].ID, Quantity: "1"}}})
	h.given(byLine, "The list amount before the discount", ">Spring<", ">133.00<", ">83.33<")
	charge := h.adjusted(map[string]any{"kind": "billing_error", "invoice": bill.Number, "lines": []api.ProposalLine{{InvoiceLine: bill.Lines[2].ID, Net: new(euro("12.00"))}}})
	h.given(charge, "a charge alone is a line", ">Freight<", ">12.00<")
	rest := h.adjusted(map[string]any{"kind": "billing_error", "invoice": bill.Number, "whole": true})
	h.given(rest, "the rest", ">Spring<", ">0.02<")
	agent.ask(200, "GET", "/invoices/"+bill.Number, nil, &bill)
	if bill.Open != euro("0.00") {
		t.Errorf("left open %+v", bill.Open)
	}
	for _, l := range bill.Lines {
		if l.Remaining != euro("0.00") {
			t.Errorf("left on %+v", l)
		}
	}
}

// given looks at the paper and the electronic form of a memo.
func (h *house) given(r api.CreditRequest, what string, says ...string) {
	h.t.Helper()
	agent := h.as(access.Agent)
	if pdf := agent.ask(200, "GET", "/credit-memos/"+r.Memo+".pdf", nil, nil); !bytes.HasPrefix(pdf.body, []byte("%PDF")) {
		h.t.Errorf("%s: no paper", what)
	}
	xml := agent.ask(200, "GET", "/credit-memos/"+r.Memo+".xml", nil, nil)
	for _, want := range says {
		if !bytes.Contains(xml.body, []byte(want)) {
			h.t.Errorf("%s: the electronic form of %s does not say %q:\n%s", what, r.Memo, want, xml.body)
		}
	}
}

// TestInvoicesThatDoNotAddUpAreRefused: the field, what was said, what it comes to, and the difference.
func TestInvoicesThatDoNotAddUpAreRefused(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	controller := h.as(access.Controller)
	whole := func(change map[string]any) map[string]any {
		body := map[string]any{
			"customer": h.Lumen.Account, "service_from": "2026-01-01", "service_to": "2026-01-31",
			"lines": []map[string]any{{"description": "Seats", "quantity": "1", "unit_price": "119.00", "tax_category": "S", "tax_rate": "19"}},
		}
		for k, v := range change {
			body[k] = v
		}
		return body
	}
	for _, wrong := range []struct {
		with map[string]any
		says []string
	}{
		{map[string]any{"totals": map[string]string{"total": "141.60"}}, []string{"totals.total", "141.61", "141.60", "-0.01"}},
		{map[string]any{"totals": map[string]string{"net": "120"}}, []string{"totals.net", "119"}},
		{map[string]any{"totals": map[string]string{"tax": "x"}}, []string{"totals.tax"}},
		{map[string]any{"discounts": []map[string]any{{"label": "All", "amount": "120.00"}}}, []string{"discounts.0.amount"}},
		{map[string]any{"discounts": []map[string]any{{"label": "All", "amount": "1.00", "lines": []int{7}}}}, []string{"discounts.0.lines"}},
		{map[string]any{"charges": []map[string]string{{"label": "Freight", "amount": "-5", "tax_category": "S", "tax_rate": "19"}}}, []string{"charges.0.amount"}},
		{map[string]any{"charges": []map[string]string{{"label": "", "amount": "5", "tax_category": "S", "tax_rate": "19"}}}, []string{"charges.0.label"}},
		{map[string]any{"charges": []map[string]string{{"label": "Freight", "amount": "5", "tax_category": "S", "tax_rate": "101"}}}, []string{"charges.0.tax_rate"}},
		{map[string]any{"rounding": "0.001"}, []string{"rounding"}},
		{map[string]any{"withholding": "150"}, []string{"withholding", "141.61"}},
		{map[string]any{"prices_include_tax": true, "lines": []map[string]any{{
			"description": "Seats", "quantity": "1", "unit_price": "1", "tax_category": "S", "tax_rate": "19", "more_taxes": []map[string]string{{"code": "city", "category": "S", "rate": "1"}},
		}}}, []string{"lines.0.more_taxes"}},
	} {
		got := controller.try("POST", "/invoices", whole(wrong.with))
		for _, want := range wrong.says {
			if got.status != 422 || !strings.Contains(string(got.body), want) {
				t.Errorf("%v: %d %s lacks %q", wrong.with, got.status, got.body, want)
			}
		}
	}
}

// TestPricesWithTaxThroughTheAPI: what was asked for is what is owed, and all of it goes back, with its discount and charge.
func TestPricesWithTaxThroughTheAPI(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	h.reachable()
	var bill api.Invoice
	h.as(access.Controller).ask(201, "POST", "/invoices", map[string]any{
		"customer": h.Lumen.Account, "service_from": "2026-01-01", "service_to": "2026-01-31", "prices_include_tax": true,
		"lines":     []map[string]any{{"description": "Seats", "quantity": "3", "unit_price": "39.99", "tax_category": "S", "tax_rate": "19"}},
		"discounts": []map[string]any{{"label": "Loyal", "amount": "10.00"}},
		"charges":   []map[string]string{{"label": "Handling", "amount": "5.01", "tax_category": "S", "tax_rate": "19"}},
		"totals":    map[string]string{"total": "114.98", "tax": "18.36"},
	}, &bill)
	if bill.Lines[1].Discount != euro("0.00") || bill.Lines[0].Discount != euro("10.00") {
		t.Errorf("a discount on everything is not on charges: %+v", bill.Lines)
	}
	part := h.adjusted(map[string]any{"kind": "billing_error", "invoice": bill.Number, "lines": []api.ProposalLine{{InvoiceLine: bill.Lines[0].ID, Net: new(euro("33.33"))}}})
	h.given(part, "a part", ">Loyal<")
	rest := h.adjusted(map[string]any{"kind": "billing_error", "invoice": bill.Number, "whole": true})
	h.given(rest, "the rest", ">Handling<", "<cbc:ChargeIndicator>true</cbc:ChargeIndicator>")
	h.as(access.Agent).ask(200, "GET", "/invoices/"+bill.Number, nil, &bill)
	if bill.Open != euro("0.00") {
		t.Errorf("left open %+v", bill.Open)
	}
}

// TestCertificatesAsLargeAsTheyMayBe come in by the API: 5 MB, in base64.
func TestCertificatesAsLargeAsTheyMayBe(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	var exempt api.TaxExemption
	h.as(access.Controller).ask(201, "POST", "/customers/"+h.Lumen.Account+"/exemptions", map[string]any{
		"certificate": "F-1", "reason": "Charity", "valid_from": "2026-01-01", "filename": "f.pdf", "content": append([]byte("%PDF-1.4"), make([]byte, 5<<20-8)...),
	}, &exempt)
	if exempt.Certificate != "F-1" {
		t.Errorf("%+v", exempt)
	}
}

// TestWhatIsWrongInABillIsNamedAsItWasSent: charges by their own place, whether it is tried, proposed or changed.
func TestWhatIsWrongInABillIsNamedAsItWasSent(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	agent := h.as(access.Agent)
	bill := charge("100.00")
	var request api.CreditRequest
	agent.ask(201, "POST", "/credit-requests", submitted(asked(map[string]any{"kind": "debit", "invoice": h.LumenBill.Number, "bill": bill})), &request)
	bill.Charges = []api.NewCharge{{Label: "Freight", Amount: "5", TaxCategory: "S", TaxRate: "19"}, {Amount: "-5", TaxCategory: "S", TaxRate: "19"}}
	for _, path := range []string{"/credit-requests/preview", "/credit-requests", requestPath(request.ID) + "/change"} {
		got := agent.try("POST", path, asked(map[string]any{"kind": "debit", "invoice": h.LumenBill.Number, "bill": bill}))
		for _, want := range []string{"bill.charges.1.label", "bill.charges.1.amount"} {
			if got.status != 422 || !strings.Contains(string(got.body), want) {
				t.Errorf("%s: %d %s lacks %q", path, got.status, got.body, want)
			}
		}
	}
}

// papered has a statement handed out, an account to read that is never asked, and an exemption, whose id it gives.
func (h *house) papered(t *testing.T) string {
	t.Helper()
	h.as(access.Agent).ask(200, "GET", "/customers/"+h.Lumen.Account+"/statement.pdf", nil, nil)
	p2(h.app.Reading.Set(t.Context(), reading.Setting{By: h.Actor(access.Admin), Entity: "DE", Secret: "rk_test_1"}))(t)
	dbtest.AsOwner(t, h.app.DB, `update live_sources set sealed = 'shut'`) // nobody is to be asked
	var exempt api.TaxExemption
	h.as(access.Controller).ask(201, "POST", "/customers/"+h.Lumen.Account+"/exemptions", map[string]any{
		"certificate": "F-1", "reason": "Charity", "valid_from": "2026-01-01", "filename": "f.pdf", "content": []byte("%PDF-1.4"),
	}, &exempt)
	return fmt.Sprint(exempt.ID)
}
