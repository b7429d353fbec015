package app_test

import (
	"bytes"
	"maps"
	"strings"
	"testing"

	"makegood/internal/access"
	"makegood/internal/api"
	"makegood/internal/dbtest"
	"makegood/internal/scenario"
)

// asked completes a proposal with what every kind needs.
func asked(proposal map[string]any) map[string]any {
	whole := map[string]any{
		"reason_code": "overcharge", "explanation": "As agreed with the account manager.", "customer_note": "As agreed.",
		"evidence": []api.NewEvidence{{Kind: "document", Label: "Order form"}},
	}
	maps.Copy(whole, proposal)
	return whole
}

// charge is a bill of one line at 19 % tax.
func charge(net string) api.ProposalBill {
	return api.ProposalBill{Lines: []api.ProposalBillLine{{Description: "Support hours", Quantity: "1", UnitPrice: net, TaxCategory: "S", TaxRate: "19"}}}
}

// adjusted has an agent ask for an adjustment, everybody sign who has to, and waits for its document.
func (h *house) adjusted(proposal map[string]any) api.CreditRequest {
	h.t.Helper()
	agent := h.as(access.Agent)
	var request api.CreditRequest
	agent.ask(201, "POST", "/credit-requests", submitted(asked(proposal)), &request)
	for _, role := range []access.Role{access.Senior, access.Supervisor, access.Controller} {
		if request.State != "pending" {
			break
		}
		h.as(role).try("POST", requestPath(request.ID)+"/approve", map[string]any{})
		agent.ask(200, "GET", requestPath(request.ID), nil, &request)
	}
	return h.awaitRequest(agent, request.ID, "posted")
}

func TestEveryKindThroughTheAPI(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	agent, controller := h.as(access.Agent), h.as(access.Controller)
	var paid api.Payment
	controller.ask(201, "POST", "/payments", map[string]any{"customer": h.Lumen.Account, "amount": euro("400.00")}, &paid)

	rebill := h.adjusted(map[string]any{"kind": "rebill", "invoice": h.LumenBill.Number, "bill": charge("100.00")})
	if rebill.Memo == "" || rebill.DocumentKind != "credit_memo" || rebill.Content.Bill.Total != euro("119.00") || rebill.Total != euro("1785.00") {
		t.Errorf("%+v %+v", rebill, rebill.Content)
	}
	h.reachable()
	anew := h.rebilled(rebill)
	debit := h.adjusted(map[string]any{"kind": "debit", "customer": h.Ferro.Account, "bill": charge("30.00")})
	var memo api.DebitMemo
	agent.ask(200, "GET", "/debit-memos/"+debit.Document, nil, &memo)
	if memo.Customer != h.Ferro.Account || memo.Total != euro("35.70") || memo.Open != euro("35.70") || len(memo.Lines) != 1 {
		t.Errorf("%+v", memo)
	}
	refund := h.adjusted(map[string]any{"kind": "refund", "destination": "DE•• 4711", "items": []api.ProposalItem{{Document: paid.Number, Amount: euro("100.00")}}})
	var out api.Refund
	agent.ask(200, "GET", "/refunds/"+refund.Document, nil, &out)
	if out.Amount != euro("100.00") || out.Destination != "DE•• 4711" || len(out.Items) != 1 || out.Items[0].Document != paid.Number {
		t.Errorf("%+v", out)
	}
	paidOut := map[string]any{"paid_on": out.RefundedOn, "bank_reference": "B-4711"}
	var due struct{ Items []api.Refund }
	controller.ask(200, "GET", "/refunds-to-pay?entity=DE", nil, &due)
	if len(due.Items) != 1 || due.Items[0].Number != refund.Document {
		t.Errorf("to be paid: %+v", due.Items)
	}
	agent.ask(403, "POST", "/refunds/"+refund.Document+"/paid-out", paidOut, nil)
	controller.ask(200, "POST", "/refunds/"+refund.Document+"/paid-out", paidOut, &out)
	if out.Payout == nil || out.Payout.BankReference != "B-4711" {
		t.Errorf("paid: %+v", out.Payout)
	}
	batch := h.adjusted(map[string]any{"kind": "write_off", "items": []api.ProposalItem{
		{Document: debit.Document, Amount: euro("35.70")}, {Document: h.FerroBill.Number, Amount: euro("7.00")},
	}})
	var given api.WriteOff
	agent.ask(200, "GET", "/write-offs/"+batch.Document, nil, &given)
	if given.Amount != euro("42.70") || given.Invoices != 2 || len(given.Lines) != 2 {
		t.Errorf("%+v", given)
	}
	account := h.adjusted(map[string]any{"kind": "concession", "customer": h.Ferro.Account, "lines": []map[string]any{
		{"description": "Goodwill", "net": euro("20.00"), "tax_category": "S", "tax_rate": "19"},
	}})
	if account.Invoice != "" || account.Total != euro("23.80") {
		t.Errorf("%+v", account)
	}
	back := h.adjusted(map[string]any{"kind": "reversal", "reverses": batch.Document})
	if back.AuthorityKind != "write_off" || back.Content.Reverses != batch.Document {
		t.Errorf("%+v", back)
	}
	agent.ask(200, "GET", "/write-offs/"+batch.Document, nil, &given)
	if given.TakenBackBy != back.Document {
		t.Errorf("taken back by %q", given.TakenBackBy)
	}
	for _, path := range []string{
		"/debit-memos/" + debit.Document + ".pdf", "/invoices/" + debit.Document + ".pdf", "/invoices/" + anew + ".pdf", "/refunds/" + refund.Document + ".pdf",
		"/customers/" + h.Lumen.Account + "/statement.pdf?language=de",
	} {
		file := agent.ask(200, "GET", path, nil, nil)
		if !bytes.HasPrefix(file.body, []byte("%PDF-")) {
			t.Errorf("%s: %.60s", path, file.body)
		}
	}
	agent.ask(404, "GET", "/refunds/"+debit.Document+".pdf", nil, nil)
	agent.ask(404, "GET", "/debit-memos/"+anew+".pdf", nil, nil)
	agent.ask(404, "GET", "/refunds/"+refund.Document+".xml", nil, nil)
	agent.ask(422, "GET", "/customers/"+h.Lumen.Account+"/statement.pdf?language=tlh", nil, nil)
	agent.ask(422, "GET", "/customers/"+h.Lumen.Account+"/statement.pdf?from=yesterday", nil, nil)
	h.lists(agent, map[string]string{"/debit-memos": debit.Document, "/refunds": refund.Document, "/write-offs": batch.Document})
	h.sound()
}

// reachable lets everybody be sent electronic documents.
func (h *house) reachable() {
	h.t.Helper()
	dbtest.AsOwner(h.t, h.app.DB, `update legal_entities set phone = '+49 40 0'`, `update customers set endpoint_scheme = '0060', endpoint_id = lpad(id::text, 9, '0')`)
}

// rebilled is the number of the invoice that a rebill issued, whose electronic form names the one it replaces.
func (h *house) rebilled(rebill api.CreditRequest) string {
	h.t.Helper()
	agent := h.as(access.Agent)
	var memo api.CreditMemo
	agent.ask(200, "GET", "/credit-memos/"+rebill.Memo, nil, &memo)
	xml := agent.ask(200, "GET", "/invoices/"+memo.RebilledAs+".xml", nil, nil)
	for _, want := range []string{"<Invoice", ">" + memo.RebilledAs + "<", ">" + h.LumenBill.Number + "<", ">119.00<"} {
		if !bytes.Contains(xml.body, []byte(want)) {
			h.t.Errorf("the electronic form of %s does not say %q", memo.RebilledAs, want)
		}
	}
	return memo.RebilledAs
}

// lists reads lists page by page, by customer too.
func (h *house) lists(c caller, wanted map[string]string) {
	h.t.Helper()
	for path, number := range wanted {
		var page struct {
			Items []struct {
				Number string `json:"number"`
			} `json:"items"`
			Next string `json:"next_cursor"`
		}
		c.ask(200, "GET", path+"?limit=1", nil, &page)
		if len(page.Items) != 1 || page.Items[0].Number != number || page.Next != "" {
			h.t.Errorf("%s: %+v", path, page)
		}
		customer := h.Ferro.Account
		if path == "/refunds" {
			customer = h.Lumen.Account
		}
		c.ask(200, "GET", path+"?customer="+customer, nil, &page)
		if len(page.Items) != 1 {
			h.t.Errorf("%s of %s: %+v", path, customer, page)
		}
		c.ask(200, "GET", path+"?q=nothing+like+it", nil, &page)
		if len(page.Items) != 0 {
			h.t.Errorf("%s: %+v", path, page)
		}
		c.ask(404, "GET", path+"/XX-2026-00001", nil, nil)
	}
}

func TestRefusalsNameTheFieldsOfTheAPI(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	agent := h.as(access.Agent)
	var paid api.Payment
	h.as(access.Controller).ask(201, "POST", "/payments", map[string]any{"customer": h.Lumen.Account, "amount": euro("400.00")}, &paid)
	dollars := api.Money{Amount: "1.00", Currency: "USD"}
	for field, proposal := range map[string]map[string]any{
		"invoice":                 {"kind": "rebill", "bill": charge("1.00")},
		"bill":                    {"kind": "rebill", "invoice": h.LumenBill.Number},
		"bill.lines.0.unit_price": {"kind": "debit", "customer": h.Lumen.Account, "bill": charge("1e9")},
		"bill.lines.0.tax_rate":   {"kind": "debit", "customer": h.Lumen.Account, "bill": map[string]any{"lines": []map[string]any{{"description": "x", "quantity": "1", "unit_price": "1", "tax_category": "S", "tax_rate": "-1"}}}},
		"customer":                {"kind": "debit", "customer": "999999", "bill": charge("1.00")},
		"items":                   {"kind": "refund"},
		"items.0.document":        {"kind": "refund", "items": []api.ProposalItem{{Document: "PAY-XX-1", Amount: euro("1.00")}}},
		"items.0.amount":          {"kind": "refund", "items": []api.ProposalItem{{Document: paid.Number, Amount: euro("400.01")}}},
		"items.0.amount.currency": {"kind": "refund", "items": []api.ProposalItem{{Document: paid.Number, Amount: dollars}}},
		"to_customer":             {"kind": "transfer", "to_customer": h.Ferro.Account, "items": []api.ProposalItem{{Document: paid.Number, Amount: euro("1.00")}}},
		"reverses":                {"kind": "reversal", "reverses": "CM-DE-2026-00099"},
		"refund":                  {"kind": "concession", "invoice": h.LumenBill.Number, "whole": true, "refund": euro("1.00")},
		"refund.currency":         {"kind": "concession", "invoice": h.LumenBill.Number, "whole": true, "refund": dollars},
		"lines.0.quantity":        {"kind": "concession", "invoice": h.LumenBill.Number, "lines": []map[string]any{{"line_no": 1, "quantity": "1.5"}}},
		"lines.0.net":             {"kind": "concession", "invoice": h.LumenBill.Number, "lines": []map[string]any{{"line_no": 1}}},
		"lines.0.tax_rate":        {"kind": "concession", "customer": h.Ferro.Account, "lines": []map[string]any{{"description": "x", "net": euro("1.00"), "tax_category": "S", "tax_rate": "x"}}},
		"lines.0.dispute_id":      {"kind": "concession", "invoice": h.LumenBill.Number, "lines": []map[string]any{{"line_no": 1, "net": euro("1.00"), "dispute_id": 77}}},
		"evidence.0.sha256":       {"kind": "concession", "invoice": h.LumenBill.Number, "whole": true, "evidence": []map[string]any{{"kind": "calculation", "label": "x", "sheet_id": 1}}},
	} {
		answer := agent.try("POST", "/credit-requests/preview", asked(proposal))
		if answer.status != 422 || !strings.Contains(string(answer.body), `"field":"`+field+`"`) {
			t.Errorf("%s: %d %s", field, answer.status, answer.body)
		}
	}
}
