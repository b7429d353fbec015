package app_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/billing/importer"
	"makegood/cases"
	"makegood/cases/assignment"
	"makegood/cases/clock"
	"makegood/cases/helpdesk"
	"makegood/cases/quality"
	"makegood/cases/sorting"
	"makegood/cases/sorting/rules"
	"makegood/cases/webhooks"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/api"
	"makegood/internal/dbtest"
	"makegood/internal/erasure"
	"makegood/internal/people"
	"makegood/internal/scenario"
	"makegood/ui/static"
)

// TestEveryRouteAsksForItsRight walks every route with every role and with nobody. A route that no table names fails.
func TestEveryRouteAsksForItsRight(t *testing.T) {
	t.Parallel()
	p := furnish(t)
	handler, err := p.app.Handler()
	must(t, err)
	server, ok := handler.(*echo.Echo)
	if !ok {
		t.Fatalf("the handler is a %T", handler)
	}
	rights := pageRights()
	for route, roles := range apiRights() {
		rights[route] = roles
	}
	var routes []string
	for _, r := range server.Routes() {
		route := r.Method + " " + r.Path
		switch {
		case r.Method == echo.RouteNotFound:
		case rights[route] == "":
			t.Errorf("no table says whom %s is for", route)
		default:
			routes = append(routes, route)
		}
	}
	for route := range rights {
		if !slices.Contains(routes, route) {
			t.Errorf("there is no %s", route)
		}
	}
	slices.Sort(routes) // reading goes before writing
	t.Run("nobody", func(t *testing.T) { p.asNobody(t, handler, routes, rights) })
	for _, role := range strings.Fields(everyone) {
		t.Run(role, func(t *testing.T) { p.asRole(t, handler, p.sign(t, role, nil), routes, rights) })
	}
	t.Run("what was done is noted", p.noted)
	t.Run("token of a foreign scope", func(t *testing.T) { p.asForeignScope(t, handler, routes, rights) })
	t.Run("customer", func(t *testing.T) { p.asCustomer(t, handler, routes, rights) })
	t.Run("agent of another company", func(t *testing.T) { p.asStranger(t, handler, p.sign(t, "agent", []int64{999}), routes, rights) })
}

// premises is a house with something of everything in it, and where to find it.
type premises struct {
	*house
	number  string            // of the case
	settled string            // one that somebody resolved
	review  quality.ReviewID  // of another
	objects map[string]string // what stands for a parameter of a path, by the path's beginning
}

func furnish(t *testing.T) premises {
	t.Helper()
	h := open(t, scenario.Options{})
	p2(h.app.Cases.SaveChecklist(t.Context(), cases.ChecklistInput{By: h.Actor(access.Supervisor), CaseType: cases.Dispute, Points: []cases.Point{{Code: "bill_looked_at", Text: "Bill looked at"}}}))(t)
	p2(h.app.Cases.KeepFields(t.Context(), cases.KeepFieldsInput{By: h.Actor(access.Supervisor), Fields: []cases.FieldEntry{{Code: "purchase_order", Name: "Purchase order"}}}))(t)
	hook, _, err := h.app.Webhooks.Add(t.Context(), webhooks.EndpointInput{By: h.Actor(access.Admin), URL: "https://127.0.0.1/in", Events: []string{"case.*"}, Active: true})
	must(t, err)
	first := p2(h.app.Intake.Ingest(t.Context(), mail(ada, "1@lumen.example", "Invoice "+h.LumenBill.Number, strings.Join([]string{
		"--x", "Content-Type: text/html", "", `<p>We were charged twice, 119.00 EUR too much.</p><img src="cid:dot@lumen.example">`,
		"--x", `Content-Type: text/csv; name="usage.csv"`, `Content-Disposition: attachment; filename="usage.csv"`, "", "day,gb",
		"--x", "Content-Type: image/gif", "Content-ID: <dot@lumen.example>", `Content-Disposition: inline; filename="dot.gif"`, "Content-Transfer-Encoding: base64", "",
		"R0lGODlhAQABAIAAAAUEBAAAACwAAAAAAQABAAACAkQBADs=", "--x--",
	}, "\n"), `Content-Type: multipart/mixed; boundary="x"`), inbox.SourceFile))(t)
	held := p2(h.app.Intake.Ingest(t.Context(), mail("carl@lumen.example", "2@lumen.example", "Re: Invoice", "What about this?",
		"In-Reply-To: <1@lumen.example>"), inbox.SourceFile))(t)
	h.awaitMails(1)
	draft := p2(h.app.Cases.DraftPolicy(t.Context(), cases.PolicyDraftInput{
		By: h.Actor(access.Supervisor), Name: "Tried", Position: 99, Calendar: "Round the clock",
		Definition: clock.Policy{Targets: map[clock.Kind]map[clock.Priority]clock.Target{clock.Resolution: {clock.P1: clock.Within(time.Hour)}}},
	}))(t)
	agent := h.as(access.Agent)
	p := premises{house: h, number: onlyCase(agent, "")}
	sorts := h.app.Intake.Sorting()
	rule := p2(sorts.SaveRule(t.Context(), sorting.RulesOn{By: h.Actor(access.Supervisor)}, rules.Rule{Name: "Audits", Active: true, Then: rules.Result{Tags: []string{"audit"}}}))(t)
	must(t, h.app.Jobs.Work(t.Context(), "sorting.train", []byte(`{}`)))
	model := count(t, h.app.DB, `select max(id) from sorting_models`)
	var small, large api.CreditRequest
	agent.ask(201, "POST", "/credit-requests", submitted(h.proposal(p.number, "50.00")), &small)
	agent.ask(201, "POST", "/credit-requests", submitted(h.proposal(p.number, "500.00")), &large)
	memo := h.awaitRequest(agent, small.ID, "posted").Memo
	dbtest.AsOwner(t, h.app.DB, `update own_limit_draws set draw = 0`) // in the sample, however chance drew
	h.awaitMails(2)
	var paid api.Payment
	h.as(access.Controller).ask(201, "POST", "/payments", map[string]any{"customer": h.Lumen.Account, "amount": euro("1.00")}, &paid)
	exempt := h.papered(t)
	h.reachable()
	debit := h.adjusted(map[string]any{"kind": "debit", "invoice": h.LumenBill.Number, "bill": charge("10.00")})
	refund := h.adjusted(map[string]any{"kind": "refund", "items": []api.ProposalItem{{Document: paid.Number, Amount: euro("0.50")}}})
	writeOff := h.adjusted(map[string]any{"kind": "write_off", "items": []api.ProposalItem{{Document: debit.Document, Amount: euro("1.00")}}})
	var promise api.Promise
	h.as(access.Controller).ask(201, "POST", "/promises", map[string]any{
		"invoice": h.FerroBill.Number, "amount": euro("1.00"), "on": h.app.DB.Now().AddDate(0, 1, 0).Format("2006-01-02"), "promised_by": "Finn",
	}, &promise)
	month, _ := h.lastMonth()
	h.as(access.Controller).ask(201, "POST", "/contracts", h.lumenContract("K/1"), nil)
	agent.ask(201, "POST", "/incidents", h.outage("T-1", 700), nil)
	var sheet api.ServiceCredit
	agent.ask(201, "POST", "/service-credits", map[string]any{"contract": "K/1", "service": "Rack 4", "month": month}, &sheet)
	payment := billing.NewImport{EntityID: h.Entity.ID, System: "northbooks", Kind: importer.Payments, Filename: "p.csv", By: access.SystemActor("test")}
	content := "payment number,customer,currency,amount,payment date\nZ-1," + h.Lumen.Account + ",EUR,1.00,2026-03-20\n"
	batch := p2(h.app.Billing.StageImport(t.Context(), payment, strings.NewReader(content)))(t)
	file := p2(h.app.Billing.KeepUpload(t.Context(), payment, []byte(content)))(t)
	past := p2(h.app.Helpdesk.Give(t.Context(), helpdesk.Input{Format: helpdesk.Salesforce, EntityID: h.Entity.ID, By: access.SystemActor("test")}, []helpdesk.Given{
		{Name: "Case.csv", Content: []byte("Case Number,Subject,Date/Time Opened\n6,Of before,2026-01-02\n=6+cmd,Of no day,never\n")},
	}))(t)
	finding := h.compared()
	inbound := fmt.Sprint(count(t, h.app.DB, `select min(id) from case_messages where kind = 'inbound'`))
	view := p2(h.app.Cases.SaveView(t.Context(), cases.SaveViewInput{By: h.Company.Actor(access.Supervisor), Name: "Handover", Shared: true}))(t)
	macro := p2(h.app.Cases.SaveMacro(t.Context(), cases.SaveMacroInput{By: h.Company.Actor(access.Supervisor), Name: "Tag", Kind: cases.Note, Shared: true, Does: cases.MacroDoes{Tags: []string{"seen"}}}))(t)
	deal := p2(h.app.Cases.SaveAssignmentRule(t.Context(), cases.AssignmentRule{Position: 1, Name: "North", How: assignment.ByLoad}, h.Company.Actor(access.Supervisor)))(t)
	h.reviewed(&p)
	gone := p2(h.app.Erasure.Ask(t.Context(), erasure.AskInput{By: h.Actor(access.Admin), Who: erasure.Who{Addresses: []string{"gone@elsewhere.example"}}, Reason: "By mail"}))(t)
	hold := p2(h.app.Erasure.SetHold(t.Context(), erasure.HoldInput{By: h.Actor(access.Admin), Address: "held@elsewhere.example", Reason: "A court asks"}))(t)
	p.objects = map[string]string{
		"/erasures/:id": fmt.Sprint(gone.ID), "/legal-holds/:id": fmt.Sprint(hold.ID),
		"/quality/cases/:number": p.settled, "/quality/reviews/:id": fmt.Sprint(p.review), "/quality/rules/:id": fmt.Sprint(count(t, h.app.DB, `select min(id) from teams`)),
		"/weeks/:week":          h.app.DB.Now().Format("2006-01-02"),
		"/assignment/rules/:id": fmt.Sprint(deal.ID), "/assignment/people/:id": fmt.Sprint(h.Users[access.Agent].ID),
		"/teams/:id":        fmt.Sprint(count(t, h.app.DB, `select min(id) from teams`)),
		"/macros/:id":       fmt.Sprint(macro.ID),
		"/checklists/:type": "dispute", "/checklist/:code": "bill_looked_at",
		"/contacts/:id":  fmt.Sprint(count(t, h.app.DB, `select min(id) from contacts where customer_id = $1`, h.Lumen.ID)),
		"/fields/:code":  "purchase_order",
		"/reasons/:code": "overcharge", "/root-causes/:code": "order_entry",
		"/statements/:id": fmt.Sprint(count(t, h.app.DB, `select min(id) from statements`)),
		"/policies/:id":   "1", "/ladders/:id": "1", "/drafts/:id": fmt.Sprint(draft.ID), "/sla-drafts/:id": fmt.Sprint(draft.ID),
		"/public-holidays/:country": "DE", "/:year": "2026",
		"/calendars/:id": fmt.Sprint(count(t, h.app.DB, `select max(id) from calendars`)),
		"/webhooks/:id":  fmt.Sprint(hook.ID), "/deliveries/:id": fmt.Sprint(count(t, h.app.DB, `select min(id) from webhook_deliveries`)),
		"/mail-pictures/:token": h.picture("/cases/" + p.number + "/messages/" + inbound + "/mail"),
		"/reconciliations/:id":  fmt.Sprint(finding.run), "/findings/:finding": fmt.Sprint(finding.id),
		"/imports/cases/:id": fmt.Sprint(past.ID), "/case-imports/:id": fmt.Sprint(past.ID),
		"/imports/:id": fmt.Sprint(batch.ID), "/imports/files/:id": fmt.Sprint(file.ID),
		"/incidents/:id":     fmt.Sprint(count(t, h.app.DB, `select min(id) from incidents`)),
		"/contracts/:number": "K/1", "/service-credits/:id": fmt.Sprint(sheet.ID),
		"/levels/:level": "1", "/levels/:id": "1", "/authority/changes/:id": "1", "/delegations/:id": "1", "/absences/:id": "1", "/changes/:change": "1", "/:verdict": "confirm",
		"/gateways/:entity": "DE", "/live/:entity": "DE", "/exemptions/:id": exempt, "/live-sources/:entity": "DE", "/elsewhere/:action": "issue", "/periods/:entity": "DE", "/reminders/:entity": "DE", "/collection-policies/:entity": "DE", "/kpis/:figure": "credits", "/work/:fact": "opened", "/packages/:entity": "DE", "/cases/:fact": "opened", "/concession-budgets/:team": "1", "/entities/:entity": "DE", "/:month": "2026-01", "/promises/:id": fmt.Sprint(promise.ID), "/blocks/:id": "1",
		"/late-fees/:number": h.LumenBill.Number, "/:base": "EUR", "/:quote": "EUR",
		"/debit-memos/:number": debit.Document, "/refunds/:number": refund.Document, "/write-offs/:number": writeOff.Document,
		"/adjustments/:number": writeOff.Document,
		"/requests/:number":    p.number,
		"/queue/views/:id":     fmt.Sprint(view.ID),
		"/cases/:number":       p.number, "/queue/preview/:number": p.number, "/queue/:number": p.number, "/invoices/:number": h.LumenBill.Number,
		"/credit-memos/:number": memo, "/payments/:number": paid.Number, "/customers/:account": h.Lumen.Account,
		"/brand/:entity": "DE", "/senders/:entity": "DE", "/surveys/:entity": "DE", "/unanswered/:entity": "DE", "/waiting-rules/:entity": "DE", "/survey-rules/:entity": "DE", "/collections/statements/:entity": "DE", "/statement-rules/:entity": "DE", "/statement-rounds/:entity": "DE", "/keys/:domain": "us.example", "/signing-keys/:domain": "us.example", "/letters/:entity": "DE", "/:kind": "acknowledgement", "/:language": "de", "/ledger/:entity": "DE", "/extracts/:entity": "DE", "/:what": "journal", "/:account": "receivable", "/documents/:number": debit.Document,
		"/reviews/:id": fmt.Sprint(small.ID), "/warnings/:id": "1", "/credit-warnings/:id": "1", "/own-limit-samples/:id": fmt.Sprint(small.ID), "/samples/:month": h.app.DB.Now().Format("2006-01"), "/months/:month": h.app.DB.Now().Format("2006-01"),
		"/approvals/:id": fmt.Sprint(large.ID), "/credit-requests/:id": fmt.Sprint(large.ID),
		"/messages/:id": inbound,
		"/disputes/:id": fmt.Sprint(count(t, h.app.DB, `select id from dispute_lines`)), "/mails/:mail": "1", "/mails/:id": "1", "/intake/out/:id": fmt.Sprint(count(t, h.app.DB, `select min(id) from outgoing_messages`)),
		"/settings/mailboxes/:id": fmt.Sprint(count(t, h.app.DB, `select min(id) from mailboxes`)), "/intake/:id": fmt.Sprint(first.ID), "/intake/messages/:id": fmt.Sprint(first.ID), "/intake/:id/notice": fmt.Sprint(held.ID),
		"/sorting/rules/:id": fmt.Sprint(rule), "/model/:id": fmt.Sprint(model), "/models/:id": fmt.Sprint(model),
		"/settings/tokens/:id": "1", "/settings/users/:id": fmt.Sprint(h.Users[access.Agent].ID), "/:act": "link", "/account/passkeys/:id": "1", "/account/sessions/:id": "1",
		"/notices/:id": "1", "/received/:id": "1", "/allocations/:id": "1", "/chargebacks/:id": "1", "/board/:part": "figures", "/mailbox/:uid": "2", "/files/:position": "0", "/draft/files/:file": "1", "/files/:n": "0", "/schemas/:schema": "Case.json",
	}
	return p
}

// picture is the signed name of the picture in a mail, as an agent is shown it.
func (h *house) picture(frame string) string {
	h.t.Helper()
	page, err := io.ReadAll(h.browse(access.Agent).open(frame).Body)
	must(h.t, err)
	found := regexp.MustCompile(`src="/mail-pictures/([^"]+)"`).FindSubmatch(page)
	if found == nil {
		h.t.Fatalf("no picture in %s", page)
	}
	return string(found[1])
}

// path puts real things in the places of a route's parameters: the longest beginning of the path that is known counts.
func (p premises) path(t *testing.T, pattern string) string {
	t.Helper()
	switch pattern {
	case "/static/*":
		return static.URL("css/kit.css")
	case "/cases/:number/dispute":
		return "/cases/" + p.number + "/dispute?invoice=" + url.QueryEscape(p.LumenBill.Number)
	}
	parts := strings.Split(pattern, "/")
	for i, part := range parts {
		if !strings.HasPrefix(part, ":") {
			continue
		}
		value, known := "", false
		for from := 0; from < i && !known; from++ {
			value, known = p.objects["/"+strings.Join(strings.Split(pattern, "/")[from+1:i+1], "/")]
		}
		if !known {
			t.Fatalf("nothing stands for %s in %s", part, pattern)
		}
		parts[i] = url.PathEscape(value)
	}
	return strings.Join(parts, "/")
}

// pass is what somebody shows at the door: nothing at all for nobody.
type pass struct {
	role, cookie, form, token, portal string

	run, report string // something done to many cases, and a report by mail, which are their owner's alone
}

func (p premises) sign(t *testing.T, role string, entities []int64) pass {
	t.Helper()
	ctx := t.Context()
	user, known := p.Users[access.Role(role)]
	if !known || entities != nil {
		user = p2(p.app.People.AddUser(ctx, people.NewUser{
			Email: role + "2@ostwind.example", Name: "Second " + role, Password: scenario.Password, Roles: []access.Role{access.Role(role)},
			EntityIDs: entities, By: access.SystemActor("test"),
		}))(t)
	}
	cookie, _, err := p.app.People.SignIn(ctx, user.Email, scenario.Password, "test")
	must(t, err)
	visit := p2(p.app.People.Signed(ctx, cookie))(t)
	who := pass{role: role, cookie: cookie, form: visit.CSRF, token: p.token(user.ID).token, run: "1"}
	actor, err := p.app.People.Bearer(ctx, who.token)
	must(t, err)
	if run, err := p.app.Cases.StartBulk(ctx, cases.BulkInput{By: actor, Numbers: []string{p.number}, Action: cases.BulkTag, Value: "seen"}); err == nil {
		who.run = fmt.Sprint(run.ID)
	}
	who.report = p.byMail(t, actor)
	return who
}

// walkFor is walk for an answer in a certain form.
func (p premises) walkFor(t *testing.T, handler http.Handler, who pass, route string, as form) *httptest.ResponseRecorder {
	t.Helper()
	method, pattern, _ := strings.Cut(route, " ")
	path := p.path(t, strings.NewReplacer("/bulk/:id", "/bulk/"+cmp.Or(who.run, "1"), "/bulk-runs/:id", "/bulk-runs/"+cmp.Or(who.run, "1"), "/reports/mail/:id", "/reports/mail/"+cmp.Or(who.report, "1"), "/report-schedules/:id", "/report-schedules/"+cmp.Or(who.report, "1")).Replace(pattern))
	var body []byte
	isAPI := strings.HasPrefix(pattern, "/api/")
	if isAPI && method != http.MethodGet {
		in, known := p.apiBodies()[route]
		if !known {
			in = map[string]any{}
		}
		body = p2(json.Marshal(in))(t)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	request := httptest.NewRequestWithContext(ctx, method, path, bytes.NewReader(body))
	if as.query != "" {
		request.URL.RawQuery = strings.TrimPrefix(request.URL.RawQuery+"&"+as.query, "&")
		request.Header.Set("Accept", as.accept)
	}
	switch {
	case isAPI:
		request.Header.Set("Content-Type", "application/json")
		if who.role != "" && method == http.MethodPost {
			request.Header.Set("Idempotency-Key", who.role+" "+route)
		}
		if who.token != "" {
			request.Header.Set("Authorization", "Bearer "+who.token)
		}
	case who.portal != "":
		request.AddCookie(&http.Cookie{Name: "mg_portal", Value: who.portal})
	case who.cookie != "":
		request.AddCookie(&http.Cookie{Name: "mg_session", Value: who.cookie})
		request.Header.Set("X-CSRF-Token", who.form)
	}
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(&firstLine{recorder, pattern == "/live" || strings.HasPrefix(pattern, "/live/"), cancel}, request)
	return recorder
}

// firstLine hangs up on a stream that would go on for ever, once it has begun.
type firstLine struct {
	*httptest.ResponseRecorder
	stream bool
	hangUp func()
}

// Flush passes on what there is.
func (f *firstLine) Flush() {
	f.ResponseRecorder.Flush()
	if f.stream {
		f.hangUp()
	}
}

func (p premises) asNobody(t *testing.T, handler http.Handler, routes []string, rights map[string]string) {
	t.Helper()
	for _, route := range routes {
		got := p.walk(t, handler, pass{}, route)
		switch {
		case got.Code >= 500:
			t.Errorf("%s: %d", route, got.Code)
		case rights[route] != public && got.Code != http.StatusUnauthorized && !toLogin(got):
			t.Errorf("%s lets nobody in: %d", route, got.Code)
		case rights[route] == public && strings.HasPrefix(route, "GET ") && got.Code != http.StatusOK:
			t.Errorf("%s is not public: %d", route, got.Code)
		}
	}
}

// asCustomer: a customer who has signed in with a mailed code sees everything of the portal that is theirs, and nothing of
// the desk.
func (p premises) asCustomer(t *testing.T, handler http.Handler, routes []string, rights map[string]string) {
	t.Helper()
	who := p.customer(t)
	for _, route := range routes {
		if !strings.HasPrefix(route, "GET ") || rights[route] == public {
			continue
		}
		got := p.walk(t, handler, who, route)
		switch {
		case strings.HasSuffix(route, "/xml") && got.Code == http.StatusNotFound && strings.Contains(got.Body.String(), "no electronic form"):
			// this company has no electronic address, so its memos have no electronic form
		case rights[route] == theirs && got.Code != http.StatusOK:
			t.Errorf("%s answers its customer %d: %s", route, got.Code, got.Body)
		case rights[route] != theirs && got.Code != http.StatusUnauthorized && !toLogin(got):
			t.Errorf("%s lets a customer in: %d", route, got.Code)
		}
	}
}

func (p premises) asRole(t *testing.T, handler http.Handler, who pass, routes []string, rights map[string]string) {
	t.Helper()
	for _, route := range routes {
		if rights[route] == public {
			continue
		}
		got := p.walk(t, handler, who, route)
		allowed := slices.Contains(strings.Fields(rights[route]), who.role)
		switch {
		case got.Code >= 500 || got.Code == http.StatusUnauthorized:
			t.Errorf("%s: %d %s", route, got.Code, got.Body)
		case rights[route] == theirs && toPortal(got):
		case !allowed && got.Code != http.StatusForbidden:
			t.Errorf("%s answers %d, not 403: %s", route, got.Code, got.Body)
		case allowed && strings.HasPrefix(route, "GET ") && !shows(got):
			t.Errorf("%s answers %d: %s", route, got.Code, got.Body)
		}
	}
}

// asStranger: what belongs to a legal entity outside somebody's scope is not there, and not in lists either.
func (p premises) asStranger(t *testing.T, handler http.Handler, who pass, routes []string, rights map[string]string) {
	t.Helper()
	for _, route := range routes {
		method, pattern, _ := strings.Cut(route, " ")
		named := slices.ContainsFunc([]string{":number", ":account", "/approvals/:id", "/credit-requests/:id", "/intake/:id", "/intake/out/:id", "/intake/messages/:id"}, func(s string) bool { return strings.Contains(pattern, s) })
		mail := strings.HasPrefix(pattern, "/demo/") // not a legal entity's
		if method != http.MethodGet || rights[route] == public || mail || !slices.Contains(strings.Fields(rights[route]), who.role) {
			continue
		}
		got := p.walk(t, handler, who, route)
		if named && got.Code != http.StatusNotFound {
			t.Errorf("%s answers %d, not 404", route, got.Code)
		}
		for _, word := range []string{p.number, "Lumen", p.LumenBill.Number} {
			if !named && strings.Contains(got.Body.String(), word) {
				t.Errorf("%s shows %s", route, word)
			}
		}
	}
}
