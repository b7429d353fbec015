package app_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"makegood/internal/access"
	"makegood/internal/api"
	"makegood/internal/app"
	"makegood/internal/scenario"
	"makegood/internal/telemetry"
)

// What something that is done between an approval and its posting comes to.
const (
	refused = "refused" // with a clear error
	falls   = "falls"   // the approval does: nothing is posted, and the request and the record say why
	stands  = "stands"  // what was approved is posted as it was approved: it does not rest on this
)

// meddling is something done through the API to a request that has been approved and waits to be posted, or to what it rests on.
type meddling struct {
	route string
	as    access.Role
	path  func(b *between, r api.CreditRequest) string // "" is the route's
	in    func(b *between, r api.CreditRequest) any
	comes string
}

// between is a house whose program answers, and posts only when it is told to.
type between struct {
	*house
	number string // of the case of the request at hand
}

// TestBetweenApprovalAndPosting tries everything that the API can do to a request, to its evidence, its customer, its rates, its contract and
// the authority behind it, once its last approver has signed and before it is posted.
func TestBetweenApprovalAndPosting(t *testing.T) {
	t.Parallel()
	b := &between{house: prepare(t, scenario.Options{}, 0)}
	cfg := settings(b.url, b.office.SMTPAddr())
	cfg.Roles = []string{"web"}
	var err error
	b.app, err = app.New(t.Context(), cfg, app.Options{Logger: telemetry.NewLogger(b.log, slog.LevelInfo), Office: b.office, Passwords: scenario.QuickPasswords()})
	must(t, err)
	must(t, b.app.Start(t.Context()))
	t.Cleanup(func() { must(t, b.app.Stop(context.WithoutCancel(t.Context()))) })
	tried := map[string]bool{}
	for _, m := range meddlings() {
		tried[m.route] = true
		b.meddle(m)
	}
	for route := range apiRights() {
		method, path, _ := strings.Cut(route, " ")
		if method != "GET" && !tried[route] && slices.ContainsFunc(restsOn(), func(p string) bool { return strings.HasPrefix(path, "/api/v1/"+p) }) {
			t.Errorf("nobody tries %s", route)
		}
	}
	b.sound()
}

// restsOn is where a write may concern an approved request: it must be among what is tried.
func restsOn() []string {
	return []string{"credit-requests/:id", "customers", "exchange-rates", "contracts", "incidents", "service-credits", "authority/changes", "authority/levels", "authority/policy/changes", "concession-budgets", "reasons", "cases/:number/disputes"}
}

func meddlings() []meddling {
	none := func(*between, api.CreditRequest) any { return map[string]any{} }
	say := func(in map[string]any) func(*between, api.CreditRequest) any {
		return func(*between, api.CreditRequest) any { return in }
	}
	const request = "/api/v1/credit-requests/:id/"
	list := []meddling{
		{"POST " + request + "submit", access.Agent, nil, none, refused},
		{"POST " + request + "approve", access.Senior, nil, none, refused},
		{"POST " + request + "reject", access.Supervisor, nil, say(map[string]any{"comment": "No."}), refused},
		{"POST " + request + "withdraw", access.Agent, nil, say(map[string]any{"comment": "No."}), refused},
		{"POST " + request + "retry", access.Agent, nil, none, refused},
		{"POST " + request + "ask-back", access.Supervisor, nil, say(map[string]any{"question": "Why?"}), refused},
		{"POST " + request + "answer", access.Agent, nil, say(map[string]any{"answer": "Because."}), refused},
		{"POST " + request + "approve-less", access.Supervisor, nil, func(b *between, r api.CreditRequest) any {
			line := count(b.t, b.app.DB, `select invoice_line_id from credit_request_lines where credit_request_id = $1`, r.ID)
			return map[string]any{"comment": "Less.", "lines": []map[string]any{{"invoice_line_id": line, "amount": euro("1.00")}}}
		}, refused},
		{"POST " + request + "change", access.Agent, nil, func(b *between, r api.CreditRequest) any { return b.asking(r.Invoice, "390.00") }, refused},
		{"POST " + request + "evidence", access.Agent, nil, say(map[string]any{"kind": "ticket", "label": "INC-9"}), stands}, // it is listed as later
		{"POST /api/v1/cases/:number/disputes", access.Agent, ofCase("/disputes"), func(_ *between, r api.CreditRequest) any {
			return map[string]any{"invoice": r.Invoice, "contested": euro("20.00"), "reason_code": "overcharge"}
		}, stands},
		{"POST /api/v1/cases/:number/disputes/:id/decision", access.Agent, func(b *between, r api.CreditRequest) string {
			b.as(access.Agent).ask(201, "POST", "/cases/"+r.Case+"/disputes", map[string]any{"invoice": r.Invoice, "contested": euro("20.00"), "reason_code": "overcharge"}, nil)
			return fmt.Sprintf("/cases/%s/disputes/%d/decision", r.Case, count(b.t, b.app.DB, `select max(id) from dispute_lines`))
		}, say(map[string]any{"accepted": "0", "explanation": "As agreed."}), refused},
		{"PATCH /api/v1/cases/:number", access.Agent, ofCase(""), func(b *between, _ api.CreditRequest) any { return map[string]any{"customer": b.Lumen.Account} }, refused}, // it has a credit
		{"PUT /api/v1/customers/:account/credit-terms", access.Controller, ofFerro("/credit-terms"), func(b *between, _ api.CreditRequest) any {
			return map[string]any{"limit": euro("10.00"), "hold": "Two promises were broken", "version": b.version()}
		}, stands},
		{"POST /api/v1/customers", access.Controller, nil, say(map[string]any{"account": "H-1", "entity": "DE", "name": "Halde Bau", "country": "DE", "language": "de", "terms_days": 30}), stands},
		{"POST /api/v1/customers/:account/contacts", access.Controller, ofFerro("/contacts"), say(map[string]any{"name": "Eva Roth", "email": "eva@ferro.example"}), stands},
		{"PUT /api/v1/customers/:account/contacts/:id", access.Controller, func(b *between, _ api.CreditRequest) string {
			return fmt.Sprintf("/customers/%s/contacts/%d", b.Ferro.Account, count(b.t, b.app.DB, `select max(id) from contacts where customer_id = $1`, b.Ferro.ID))
		}, say(map[string]any{"name": "Eva Stein", "email": "eva@ferro.example", "version": 1}), stands},
		{"PUT /api/v1/customers/:account/statement/reader", access.Controller, ofFerro("/statement/reader"), say(map[string]any{"wanted": true, "version": 0}), stands},
		{"POST /api/v1/customers/:account/statement", access.Controller, ofFerro("/statement"), none, ""},
		{"POST /api/v1/customers/:account/statement/mails/:id/take-back", access.Controller, ofFerro("/statement/mails/1/take-back"), none, ""},
		{"POST /api/v1/exchange-rates", access.Controller, nil, say(map[string]any{"base": "EUR", "quote": "CHF", "date": "2026-05-12", "rate": "0.94", "source": "ECB"}), stands},
		{"POST /api/v1/exchange-rates/corrections", access.Controller, nil, say(map[string]any{"base": "EUR", "quote": "CHF", "date": "2026-05-12", "rate": "0.99", "source": "ECB", "reason": "Misread"}), stands}, // of another currency
		{"PUT /api/v1/exchange-rates/age", access.Controller, nil, say(map[string]any{"days": 400}), stands},
		{"PUT /api/v1/concession-budgets/:team/:month", access.Director, fixed("/concession-budgets/1/2026-01"), say(map[string]any{"amount": "0.00", "version": 0}), ""},
		{"POST /api/v1/reasons", access.Supervisor, nil, say(map[string]any{"reasons": []any{map[string]any{"code": "overcharge", "name": "Anything", "type": "dispute"}}}), ""},
		{"POST /api/v1/reasons/starter", access.Supervisor, nil, none, ""},
		{"POST /api/v1/service-credits", access.Agent, nil, say(map[string]any{"contract": "K/1", "service": "Rack 4", "month": "2020-01"}), ""},
		{"POST /api/v1/contracts", access.Controller, nil, func(b *between, _ api.CreditRequest) any { return b.lumenContract("K/1") }, stands},
		{"POST /api/v1/incidents", access.Agent, nil, func(b *between, _ api.CreditRequest) any { return b.outage("T-1", 700) }, stands},
		{"POST /api/v1/contracts/:number/exclusions", access.Agent, fixed("/contracts/K%2F1/exclusions"), say(map[string]any{"kind": "maintenance", "from": "2020-01-01T00:00:00Z", "until": "2020-01-01T01:00:00Z"}), stands},
	}
	return append(list, authorityMeddlings()...)
}

// authorityMeddlings change who may decide. Whoever signed had the right to at that moment, and it is that moment that counts.
func authorityMeddlings() []meddling {
	path := func(tail string) func(*between, api.CreditRequest) string {
		return func(b *between, _ api.CreditRequest) string { return fmt.Sprintf(tail, b.second()) }
	}
	last := func(tail string) func(*between, api.CreditRequest) string {
		return func(b *between, _ api.CreditRequest) string {
			return fmt.Sprintf("/authority/changes/%d/%s", count(b.t, b.app.DB, `select max(id) from authority_changes`), tail)
		}
	}
	say := func(in map[string]any) func(*between, api.CreditRequest) any {
		return func(*between, api.CreditRequest) any { return in }
	}
	lower := say(map[string]any{"signatures": 1, "comment": "None at all", "limits": []map[string]any{{"kind": "billing_error", "max": "1", "own": "0"}}})
	return []meddling{
		{"POST /api/v1/authority/levels", access.Controller, nil, say(map[string]any{"rank": 77, "name": "L77", "signatures": 1, "limits": []any{}, "comment": "x"}), stands},
		{"POST /api/v1/authority/levels/:id/changes", access.Controller, path("/authority/levels/%d/changes"), lower, stands},
		{"POST /api/v1/authority/changes/:id/:verdict", access.Director, last("confirm"), say(map[string]any{"note": "seen"}), stands},
		{"POST /api/v1/authority/levels/:id/holders", access.Controller, path("/authority/levels/%d/holders"), func(b *between, _ api.CreditRequest) any {
			return map[string]any{"user_id": b.Users[access.Senior].ID, "holds": false, "comment": "x"}
		}, stands},
		{"POST /api/v1/authority/policy/changes", access.Controller, nil, say(map[string]any{"yaml": "rules:\n  - name: A director looks\n    when: {kinds: [billing_error]}\n    then: {step: {role: director}}\n", "comment": "x"}), stands},
		{"POST /api/v1/authority/changes/:id/:verdict", access.Director, last("confirm"), say(map[string]any{"note": "seen"}), stands},
		{"PUT /api/v1/customers/:account/particulars", access.Controller, ofFerro("/particulars"), func(b *between, _ api.CreditRequest) any {
			return map[string]any{"name": "Somebody Else GmbH", "address": "Weg 2", "country": "DE", "language": "de", "tax_id": "", "terms_days": 30, "version": b.version()}
		}, falls},
	}
}

func fixed(path string) func(*between, api.CreditRequest) string {
	return func(*between, api.CreditRequest) string { return path }
}

func ofFerro(tail string) func(*between, api.CreditRequest) string {
	return func(b *between, _ api.CreditRequest) string { return "/customers/" + b.Ferro.Account + tail }
}

func ofCase(tail string) func(*between, api.CreditRequest) string {
	return func(_ *between, r api.CreditRequest) string { return "/cases/" + r.Case + tail }
}

func (b *between) version() int {
	return count(b.t, b.app.DB, `select version from customers where account = $1`, b.Ferro.Account)
}

func (b *between) second() int {
	return count(b.t, b.app.DB, `select id from authority_levels where rank = 2`)
}

// asking asks for a net amount of the first line of an invoice in a case of its own.
func (b *between) asking(invoice, net string) map[string]any {
	in := b.proposal(b.number, net)
	in["invoice"] = invoice
	return in
}

// approved is a request of its own that everybody has signed.
func (b *between) approved() api.CreditRequest {
	b.t.Helper()
	var bill api.Invoice
	b.as(access.Controller).ask(201, "POST", "/invoices", map[string]any{
		"customer": b.Ferro.Account, "service_from": "2026-10-01", "service_to": "2026-10-31",
		"lines": []map[string]string{{"product": "LIC", "description": "Licence", "quantity": "1", "unit_price": "400.00", "tax_category": "S", "tax_rate": "19"}},
	}, &bill)
	agent := b.as(access.Agent)
	var c api.Case
	agent.ask(201, "POST", "/cases", map[string]any{"type": "inquiry", "subject": "Too much", "customer": b.Ferro.Account}, &c)
	b.number = c.Number
	var request api.CreditRequest
	agent.ask(201, "POST", "/credit-requests", submitted(b.asking(bill.Number, "110.00")), &request)
	signers := []access.Role{access.Senior, access.Supervisor, access.Controller, access.Director}
	for _, role := range slices.Concat(signers, signers) { // a rule's step comes before those of levels
		if request.State == "pending" {
			b.as(role).try("POST", requestPath(request.ID)+"/approve", map[string]any{})
			agent.ask(200, "GET", requestPath(request.ID), nil, &request)
		}
	}
	if request.State != "approved" {
		b.t.Fatalf("%s is %s", request.Number, request.State)
	}
	return request
}

// meddle does something to an approved request, has it posted, and looks what came of it.
func (b *between) meddle(m meddling) {
	b.t.Helper()
	was := b.approved()
	method, path, _ := strings.Cut(m.route, " ")
	path = strings.TrimPrefix(strings.ReplaceAll(path, ":id", fmt.Sprint(was.ID)), "/api/v1")
	if m.path != nil {
		path = m.path(b, was)
	}
	a := b.as(m.as).try(method, path, m.in(b, was))
	if a.status >= 500 || m.comes == refused && (a.status/100 != 4 || len(a.body) == 0) || m.comes != refused && m.comes != "" && a.status/100 != 2 {
		b.t.Errorf("%s: %d %s", m.route, a.status, a.body)
	}
	must(b.t, b.app.Jobs.Work(b.t.Context(), "credits.post_request", fmt.Appendf(nil, `{"id": %d}`, was.ID)))
	var now api.CreditRequest
	b.as(access.Agent).ask(200, "GET", requestPath(was.ID), nil, &now)
	memos := count(b.t, b.app.DB, `select count(*) from credit_memos where credit_request_id = $1`, was.ID)
	if m.comes == falls {
		b.fell(m.route, now, memos)
		return
	}
	if now.State != "posted" || memos != 1 || now.Digest != was.Digest || now.Total != was.Total || now.Customer != was.Customer {
		b.t.Errorf("%s: %s %+v, %d memos", m.route, now.State, now.Failure, memos)
	}
}

// fell expects a request to say why it was not posted, to who asks the API, to who looks at the screen, and to who reads the record.
func (b *between) fell(route string, now api.CreditRequest, memos int) {
	b.t.Helper()
	if now.State != "failed" || now.Failure == nil || memos != 0 {
		b.t.Errorf("%s: %s %+v, %d memos", route, now.State, now.Failure, memos)
		return
	}
	page := b.browse(access.Controller).page("/approvals/" + fmt.Sprint(now.ID))
	if !strings.Contains(page, "Since it was approved") {
		b.t.Errorf("%s: the screen does not say why: %s", route, now.Failure.Detail)
	}
	if n := count(b.t, b.app.DB, `select count(*) from audit_log where what = 'credit.failed' and data ->> 'number' = $1`, now.Number); n != 1 {
		b.t.Errorf("%s: %d events say so", route, n)
	}
}
