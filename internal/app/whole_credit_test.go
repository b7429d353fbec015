package app_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"testing"

	"github.com/shopspring/decimal"

	"makegood/internal/access"
	"makegood/internal/api"
	"makegood/internal/app"
	"makegood/internal/people"
	"makegood/internal/scenario"
)

// euro is an amount as the API writes it.
func euro(amount string) api.Money { return api.Money{Amount: amount, Currency: "EUR"} }

// caseOf has an agent open a case about the customer's invoice, as after a call.
func (h *house) caseOf(agent caller) api.Case {
	h.t.Helper()
	var c api.Case
	agent.ask(201, "POST", "/cases", map[string]any{
		"type": "dispute", "subject": "Charged too much", "customer": h.Lumen.Account, "contact": ada,
		"message": "You charged us too much.", "invoices": []string{h.LumenBill.Number},
	}, &c)
	return c
}

// proposal asks for a net amount of the invoice's first line.
func (h *house) proposal(number, net string) map[string]any {
	return map[string]any{
		"kind": "billing_error", "case": number, "invoice": h.LumenBill.Number, "reason_code": "overcharge",
		"explanation": "The old price list was used.", "customer_note": "We charged an old price.",
		"lines":    []api.ProposalLine{{LineNo: 1, Net: &api.Money{Amount: net, Currency: "EUR"}}},
		"evidence": []api.NewEvidence{{Kind: "document", Label: "Price list"}},
	}
}

func submitted(proposal map[string]any) map[string]any {
	proposal["submit"] = true
	return proposal
}

// awaitRequest waits until a credit request has come to a state.
func (h *house) awaitRequest(c caller, id int64, state string) api.CreditRequest {
	h.t.Helper()
	var request api.CreditRequest
	until(h.t, "the credit request to be "+state, h.news, func() bool {
		c.ask(200, "GET", requestPath(id), nil, &request)
		return request.State == state
	})
	return request
}

func requestPath(id int64) string { return "/credit-requests/" + strconv.FormatInt(id, 10) }

func TestCreditReachesLedger(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	agent, senior, supervisor, controller := h.as(access.Agent), h.as(access.Senior), h.as(access.Supervisor), h.as(access.Controller)
	c := h.caseOf(agent)
	proposal := h.proposal(c.Number, "1000.00")
	var preview api.CreditPreview
	agent.ask(200, "POST", "/credit-requests/preview", proposal, &preview)
	if preview.Total != euro("1190.00") || approvers(preview.Chain) != "[L2 senior: Sven Senior] [L3 supervisor: Sina Supervisor]" {
		t.Fatalf("preview %s, chain %s", preview.Total.Amount, approvers(preview.Chain))
	}
	if n := count(t, h.app.DB, `select count(*) from credit_requests`); n != 0 {
		t.Errorf("the preview left %d requests", n)
	}
	var request api.CreditRequest
	agent.ask(201, "POST", "/credit-requests", submitted(proposal), &request)
	path := requestPath(request.ID)
	agent.ask(http.StatusForbidden, "POST", path+"/approve", map[string]any{}, nil)
	supervisor.ask(http.StatusForbidden, "POST", path+"/approve", map[string]any{}, nil) // not yet the open step
	senior.ask(200, "POST", path+"/approve", map[string]any{}, nil)
	senior.ask(http.StatusConflict, "POST", path+"/approve", map[string]any{}, nil) // nobody signs twice
	supervisor.ask(200, "POST", path+"/approve", map[string]any{"comment": "Right."}, nil)
	request = h.awaitRequest(agent, request.ID, "posted")

	var memo api.CreditMemo
	controller.ask(200, "GET", "/credit-memos/"+request.Memo, nil, &memo)
	if memo.Total != preview.Total || memo.Invoice != h.LumenBill.Number || memo.ToInvoice != memo.Total {
		t.Errorf("memo %+v", memo)
	}
	var invoice api.Invoice
	controller.ask(200, "GET", "/invoices/"+h.LumenBill.Number, nil, &invoice)
	if want := h.LumenBill.Total.Sub(decimal.RequireFromString(memo.Total.Amount)).StringFixed(2); invoice.Open.Amount != want {
		t.Errorf("open %s, want %s", invoice.Open.Amount, want)
	}
	h.booksAgree(invoice.Open.Amount)
	pdf := controller.ask(200, "GET", "/credit-memos/"+request.Memo+".pdf", nil, nil)
	h.brings(pdf.body, request.Memo)
	h.sound()
}

func approvers(chain []api.ChainStep) string {
	var text string
	for i, step := range chain {
		if i > 0 {
			text += " "
		}
		text += "[" + step.Level + ":"
		for _, a := range step.Approvers {
			text += " " + a.Name
		}
		text += "]"
	}
	return text
}

// booksAgree compares the customer's account in the ledger with the open items, and the API with both.
func (h *house) booksAgree(open string) {
	h.t.Helper()
	faults, err := h.app.Billing.Verify(h.t.Context())
	must(h.t, err)
	for _, f := range faults {
		h.t.Errorf("%s: %s, %s", f.Check, f.Row, f.Detail)
	}
	var balance api.Balance
	h.as(access.Controller).ask(200, "GET", "/customers/"+h.Lumen.Account+"/balance", nil, &balance)
	if balance.Open != euro(open) {
		h.t.Errorf("the customer owes %s, the invoice says %s", balance.Open.Amount, open)
	}
	if n := count(h.t, h.app.DB, `select count(*) from credit_memos`); n != 1 {
		h.t.Errorf("%d memos", n)
	}
}

// brings expects, after the acknowledgement, one mail to the customer with the memo's document.
func (h *house) brings(pdf []byte, memo string) {
	h.t.Helper()
	letters := h.awaitMails(2)
	m := letters[len(letters)-1]
	switch {
	case len(letters) != 2 || len(m.To) != 1 || m.To[0].Address != ada:
		h.t.Errorf("%d mails, the last to %v", len(letters), m.To)
	case len(m.Attachments) != 1 || m.Attachments[0].ContentType != "application/pdf":
		h.t.Errorf("attachments %+v", m.Attachments)
	case !bytes.HasPrefix(pdf, []byte("%PDF-")) || !bytes.Equal(pdf, m.Attachments[0].Content):
		h.t.Error("the customer did not get the document that the desk shows")
	case !bytes.Contains([]byte(m.Text), []byte(memo)):
		h.t.Errorf("the letter does not name %s:\n%s", memo, m.Text)
	}
}

func TestSameRequestTwice(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	agent := h.as(access.Agent)
	c := h.caseOf(agent)
	keyed := agent.once("one and the same")
	in := submitted(h.proposal(c.Number, "700.00"))
	first := keyed.ask(201, "POST", "/credit-requests", in, nil)
	again := keyed.ask(201, "POST", "/credit-requests", in, nil)
	if again.header.Get("Idempotency-Replayed") != "true" || !bytes.Equal(first.body, again.body) {
		t.Errorf("the second answer is %s, the first was %s", again.body, first.body)
	}
	keyed.ask(http.StatusConflict, "POST", "/credit-requests", submitted(h.proposal(c.Number, "1.00")), nil)
	var together sync.WaitGroup
	keyed = agent.once("at once")
	second := submitted(h.proposal(c.Number, "5.00"))
	for range 8 {
		together.Go(func() {
			if a := keyed.try("POST", "/credit-requests", second); a.status != 201 && a.status != http.StatusConflict {
				t.Errorf("%d: %s", a.status, a.body)
			}
		})
	}
	together.Wait()
	if n := count(t, h.app.DB, `select count(*) from credit_requests`); n != 2 {
		t.Errorf("%d requests, want 2", n)
	}
}

// TestManyApproversAtOnce has ten people press the button at the same moment, at two copies of the program, whose workers
// then both look for the posting to do.
func TestManyApproversAtOnce(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	second := h.build(0)
	must(t, second.Start(t.Context()))
	agent := h.as(access.Agent)
	c := h.caseOf(agent)
	seniors := h.moreSeniors(9)
	seniors = append(seniors, h.as(access.Senior))
	var request api.CreditRequest
	agent.ask(201, "POST", "/credit-requests", submitted(h.proposal(c.Number, "700.00")), &request)
	statuses := approveTogether(requestPath(request.ID), seniors, h.app, second)
	if statuses[200] != 1 || statuses[409] != len(seniors)-1 {
		t.Errorf("answers by status: %v", statuses)
	}
	h.awaitRequest(agent, request.ID, "posted")
	h.awaitMails(2)
	for table, want := range map[string]int{"credit_memos": 1, "credit_decisions": 1, "outgoing_messages": 2} {
		if n := count(t, h.app.DB, `select count(*) from `+table); n != want {
			t.Errorf("%d %s, want %d", n, table, want)
		}
	}
	h.sound()
}

func approveTogether(path string, who []caller, copies ...*app.App) map[int]int {
	var mu sync.Mutex
	var together sync.WaitGroup
	statuses := map[int]int{}
	for i, one := range who {
		together.Go(func() {
			a := one.on(copies[i%len(copies)].Addr()).try("POST", path+"/approve", map[string]any{})
			mu.Lock()
			defer mu.Unlock()
			statuses[a.status]++
		})
	}
	together.Wait()
	return statuses
}

// moreSeniors gives the level of the senior to more people.
func (h *house) moreSeniors(n int) []caller {
	h.t.Helper()
	var ids []int64
	var list []caller
	for i := range n {
		user, err := h.app.People.AddUser(h.t.Context(), people.NewUser{
			Email: fmt.Sprintf("senior%d@ostwind.example", i), Name: fmt.Sprintf("Senior %d", i), Password: scenario.Password,
			Roles: []access.Role{access.Senior}, By: access.SystemActor("test"),
		})
		must(h.t, err)
		ids = append(ids, user.ID)
		list = append(list, h.token(user.ID))
	}
	must(h.t, scenario.AddHolders(h.t.Context(), h.app.DB, 2, ids...))
	return list
}
