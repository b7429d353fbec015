package propose_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/web"
	"makegood/ui/approvals"
	"makegood/ui/propose"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func open(t *testing.T) (*screentest.Room, []billing.LineDetail) {
	t.Helper()
	r := screentest.Open(t)
	s := propose.New(r.Desk, r.Credits, r.Reports.CreditDesk(r.Billing, r.Cases, r.Credits))
	r.Echo.GET("/cases/:number/credit", s.Show, web.Need(access.Propose))
	r.Echo.POST("/cases/:number/credit", s.Submit, web.Need(access.Propose))
	r.Echo.POST("/cases/:number/credit/preview", s.Preview, web.Need(access.Propose))
	r.Echo.GET("/invoices/:number/credit", s.Show, web.Need(access.Propose))
	r.Echo.POST("/invoices/:number/credit", s.Submit, web.Need(access.Propose))
	r.Echo.POST("/invoices/:number/credit/preview", s.Preview, web.Need(access.Propose))
	r.Echo.GET("/approvals/:id/change", s.ShowChange, web.Need(access.Propose))
	r.Echo.POST("/approvals/:id/change", s.Change, web.Need(access.Propose))
	for _, path := range []string{"/customers/:account/refund", "/adjustments/:number/reversal", "/collections/small-balances"} {
		r.Echo.GET(path, s.Show, web.Need(access.Propose))
		r.Echo.POST(path, s.Submit, web.Need(access.Propose))
		r.Echo.POST(path+"/preview", s.Preview, web.Need(access.Propose))
	}
	detail, err := r.Billing.InvoiceDetail(t.Context(), r.DB, r.Company.LumenBill.ID)
	r.Must(err)
	return r, detail.Lines
}

func proposal(line billing.LineDetail, net string) url.Values {
	id := strconv.FormatInt(int64(line.ID), 10)
	return url.Values{
		"kind": {"billing_error"}, "reason_code": {"not_delivered"}, "line": {id}, "net." + id: {net},
		"explanation": {"Down from 1 to 15 April"}, "proof": {"Ticket 4711"}, "key": {"one-form"},
	}
}

func TestFormStartsFromWhatIsContested(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	c := r.Dispute("595.00")
	page := r.As(access.Agent).Get("/cases/" + c.Number + "/credit")
	if page.Status != http.StatusOK {
		t.Fatalf("status %d: %s", page.Status, page.Text)
	}
	for _, want := range []string{"−595.00", "Sven Senior", "Only half of it was delivered", "Send 595.00 EUR to Sven Senior for approval"} {
		if !strings.Contains(page.Text, want) {
			t.Errorf("page lacks %q: %s", want, page.Text)
		}
	}
	if !strings.Contains(page.HTML, `value="500.00"`) {
		t.Error("the contested amount is not filled in without its tax")
	}
}

// A draft is kept, found again with what was typed, and submitted with what is different.
func TestADraftIsKeptAndSubmitted(t *testing.T) {
	t.Parallel()
	r, lines := open(t)
	agent, path := r.As(access.Agent), "/invoices/"+r.Company.LumenBill.Number+"/credit"
	s := approvals.New(r.Desk, r.Credits, r.Reports.CreditDesk(r.Billing, r.Cases, r.Credits))
	r.Echo.GET("/approvals/:id", s.Request, web.Need(access.ReadCredits))
	r.Echo.POST("/approvals/:id/submit", s.Submit, web.Need(access.Propose))
	typed := proposal(lines[0], "500")
	typed.Set("do", "keep")
	kept := agent.Post(path, typed)
	to := kept.Header.Get("Location")
	if twice := agent.Post(path, typed); twice.Header.Get("Location") != to {
		t.Errorf("kept twice: %s", twice.Header.Get("Location"))
	}
	if page := agent.Get(to); kept.Status != http.StatusSeeOther || !strings.Contains(page.Text, "nobody has been asked yet") || !strings.Contains(page.HTML, to+"/submit") {
		t.Fatalf("%d %s: %s", kept.Status, to, page.Text)
	}
	form := agent.Get(to + "/change")
	for _, want := range []string{`value="500.00"`, "Down from 1 to 15 April"} {
		if !strings.Contains(form.HTML, want) {
			t.Errorf("the form of the draft lacks %q", want)
		}
	}
	if strings.Contains(form.Text, "Keep as draft") || strings.Contains(form.Text, "start the chain again") {
		t.Errorf("no chain has begun: %s", form.Text)
	}
	if a := agent.Post(to+"/change", proposal(lines[0], "250")); a.Status != http.StatusSeeOther {
		t.Fatalf("%d: %s", a.Status, a.Text)
	}
	if page := agent.Get(to); !strings.Contains(page.Text, "297.50") || !strings.Contains(page.Text, "It waits for Sven Senior") {
		t.Errorf("submitted: %s", page.Text)
	}
	if again := agent.HTMX().Post(to+"/submit", nil); again.Status != http.StatusConflict {
		t.Errorf("submitted twice: %d %s", again.Status, again.Text)
	}
}

func TestPreviewFollowsTheForm(t *testing.T) {
	t.Parallel()
	r, lines := open(t)
	c := r.Dispute("595.00")
	agent := r.As(access.Agent).HTMX()
	part := agent.Post("/cases/"+c.Number+"/credit/preview", proposal(lines[0], "1,000"))
	if part.Status != http.StatusOK || strings.Contains(part.HTML, "<html") {
		t.Fatalf("status %d, want a fragment: %s", part.Status, part.HTML)
	}
	for _, want := range []string{"−1,190.00", "190.00", "Sven Senior", "Sina Supervisor", "Send 1,190.00 EUR to Sven Senior for approval"} {
		if !strings.Contains(part.Text, want) {
			t.Errorf("preview lacks %q: %s", want, part.Text)
		}
	}
	over := agent.Post("/cases/"+c.Number+"/credit/preview", proposal(lines[0], "1000.01"))
	silent := fmt.Sprintf(`hx-target="#error-%d" hx-swap="innerHTML"></hx-partial>`, lines[0].ID)
	if strings.Contains(over.HTML, silent) || strings.Contains(over.Text, "−1,190") {
		t.Errorf("too much is not refused at its line: %s", over.Text)
	}
	empty := agent.Post("/cases/"+c.Number+"/credit/preview", url.Values{"kind": {"billing_error"}})
	if !strings.Contains(empty.Text, "Nothing to give back yet") {
		t.Errorf("an empty form has no empty state: %s", empty.Text)
	}
}

// The checklist says what the policy asks for and by which rule; a file of the case that is ticked is evidence with its hash.
func TestEvidenceChecklist(t *testing.T) {
	t.Parallel()
	r, lines := open(t)
	c := r.Dispute("595.00")
	dbtest.AsOwner(t, r.DB, fmt.Sprintf(`insert into case_attachments (case_message_id, position, filename, media_type, size, sha256)
		select id, 0, 'outage.pdf', 'application/pdf', 10, sha256('x') from case_messages where case_id = %d limit 1`, c.ID))
	agent := r.As(access.Agent)
	page := agent.Get("/cases/" + c.Number + "/credit")
	for _, want := range []string{"there · “a mistake is shown”", "outage.pdf"} {
		if !strings.Contains(page.Text, want) {
			t.Errorf("page lacks %q: %s", want, page.Text)
		}
	}
	form := proposal(lines[0], "500.00")
	form.Set("kind", "sla_credit")
	form.Set("calculation", "2 hours of 720")
	lacks := "Evidence is missing: a calculation sheet (“a service credit is computed”)."
	if answer := agent.Post("/cases/"+c.Number+"/credit", form); answer.Status != http.StatusUnprocessableEntity || !strings.Contains(answer.Text, lacks) {
		t.Errorf("a calculation in words: %d %s", answer.Status, answer.Text)
	}
	if part := agent.HTMX().Post("/cases/"+c.Number+"/credit/preview", form); !strings.Contains(part.Text, "A calculation sheet needed: “a service credit is computed”") {
		t.Errorf("the preview says %s", part.Text)
	}
	id, err := db.Value[int64](t.Context(), r.DB, `select id from case_attachments`)
	r.Must(err)
	form.Set("kind", "billing_error")
	form.Set("file", strconv.FormatInt(id, 10))
	form.Set("contract_page", "Clause 4.1")
	if answer := agent.Post("/cases/"+c.Number+"/credit", form); answer.Status != http.StatusSeeOther {
		t.Fatalf("%d: %s", answer.Status, answer.Text)
	}
	rows, err := r.Credits.ByCase(t.Context(), r.DB, c.ID)
	r.Must(err)
	got, err := r.Credits.Request(t.Context(), r.DB, rows[0].ID, r.Company.Actor(access.Controller))
	r.Must(err)
	var kinds []string
	for _, e := range got.Evidence {
		kinds = append(kinds, string(e.Kind)+" "+e.Label)
	}
	if want := "document outage.pdf, contract_page Clause 4.1, calculation 2 hours of 720, note Ticket 4711"; !strings.HasPrefix(strings.Join(kinds, ", "), want) {
		t.Errorf("%q", kinds)
	}
}

func TestSubmitSendsToApprovers(t *testing.T) {
	t.Parallel()
	r, lines := open(t)
	c := r.Dispute("595.00")
	agent := r.As(access.Agent)
	for range 2 { // the second time is the same form sent again
		answer := agent.Post("/cases/"+c.Number+"/credit", proposal(lines[0], "500.00"))
		if answer.Status != http.StatusSeeOther || answer.Header.Get("Location") != "/cases/"+c.Number {
			t.Fatalf("status %d to %q: %s", answer.Status, answer.Header.Get("Location"), answer.Text)
		}
		if said := answer.Said(); !strings.Contains(said, "over 595.00\u00a0EUR waits for approval") {
			t.Errorf("said of it: %q", said)
		}
	}
	rows, err := r.Credits.ByCase(t.Context(), r.DB, c.ID)
	r.Must(err)
	if len(rows) != 1 || rows[0].Total.StringFixed(2) != "595.00" || rows[0].State != "pending" {
		t.Fatalf("requests %+v, want one of 595.00 that is pending", rows)
	}
}

func TestRefusedFormComesBackWithSentences(t *testing.T) {
	t.Parallel()
	r, lines := open(t)
	c := r.Dispute("595.00")
	form := proposal(lines[0], "many")
	form.Set("explanation", "kept <as> typed")
	answer := r.As(access.Agent).Post("/cases/"+c.Number+"/credit", form)
	if answer.Status != http.StatusUnprocessableEntity {
		t.Fatalf("status %d", answer.Status)
	}
	for _, want := range []string{`value="many"`, "kept &lt;as&gt; typed"} {
		if !strings.Contains(answer.HTML, want) {
			t.Errorf("form lacks %q", want)
		}
	}
}

func TestOwnLimitPostsAtOnce(t *testing.T) {
	t.Parallel()
	r, lines := open(t)
	page := r.As(access.Agent).HTMX()
	number := r.Company.LumenBill.Number
	first := r.As(access.Agent).Get("/invoices/" + number + "/credit?line=" + strconv.FormatInt(int64(lines[1].ID), 10) + "&amount=10.00")
	if !strings.Contains(first.Text, "Post 11.90 EUR now, within your own limit") {
		t.Errorf("own limit is not named: %s", first.Text)
	}
	answer := page.Post("/invoices/"+number+"/credit", proposal(lines[1], "10.00"))
	if answer.Status != http.StatusSeeOther || !strings.HasPrefix(answer.Header.Get("Location"), "/approvals/") {
		t.Errorf("status %d to %q: %s", answer.Status, answer.Header.Get("Location"), answer.Text)
	}
}

func TestAuditorMayNotPropose(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	c := r.Dispute("595.00")
	if page := r.As(access.Auditor).Get("/cases/" + c.Number + "/credit"); page.Status != http.StatusForbidden {
		t.Errorf("status %d, want 403", page.Status)
	}
}

func TestWholeInvoiceWithRefund(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	pay(t, r, "1000.00", r.Company.LumenBill.ID)
	form := url.Values{
		"kind": {"concession"}, "reason_code": {"not_delivered"}, "whole": {"yes"}, "refund": {"1,000.01"}, "explanation": {"As agreed"}, "key": {"whole"},
	}
	agent := r.As(access.Agent).HTMX()
	path := "/invoices/" + r.Company.LumenBill.Number + "/credit"
	if over := agent.Post(path+"/preview", form); !strings.Contains(over.Text, "Only 1000.00 EUR of what was received may still be refunded.") {
		t.Errorf("what remains to be refunded is not named: %s", over.Text)
	}
	form.Set("refund", "400")
	part := agent.Post(path+"/preview", form)
	for _, want := range []string{"This invoice 785.00", "Credit balance 600.00", "Paid out 400.00", "Outside 0.00", "Sina Supervisor", "All that remains; tax by what the invoice charged"} {
		if !strings.Contains(part.Text, want) {
			t.Errorf("preview lacks %q: %s", want, part.Text)
		}
	}
}

// pay records a payment of the first customer on an invoice, or on none.
func pay(t *testing.T, r *screentest.Room, amount string, invoice billing.InvoiceID) billing.Payment {
	t.Helper()
	value := decimal.RequireFromString(amount)
	in := billing.NewPayment{
		EntityID: r.Company.Entity.ID, CustomerID: r.Company.Lumen.ID, Currency: "EUR", Amount: value, ReceivedOn: billing.Date(r.DB.Now()),
		Method: "bank_transfer", By: r.Company.Actor(access.Controller),
	}
	if invoice != 0 {
		in.Allocate = []billing.Allocate{{InvoiceID: invoice, Amount: value}}
	}
	paid, err := r.Billing.RecordPayment(t.Context(), in)
	r.Must(err)
	return paid
}

func TestDebitMemoFromAnInvoice(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	agent := r.As(access.Agent).HTMX()
	path := "/invoices/" + r.Company.LumenBill.Number + "/credit"
	form := url.Values{
		"kind": {"debit"}, "reason_code": {"not_delivered"}, "explanation": {"A port was left out"}, "proof": {"Order form"}, "key": {"debit"},
		"bill.description": {"Port 4", "Set-up"}, "bill.quantity": {"2", ""}, "bill.price": {"100", "50.00"}, "bill.tax": {"S 19", "S 19"},
	}
	part := agent.Post(path+"/preview", form)
	for _, want := range []string{"Debit memo", "297.50", "47.50", "Customer open 1,785.00 → 2,082.50", "Send 297.50 EUR to Sven Senior for approval"} {
		if !strings.Contains(part.Text, want) {
			t.Errorf("preview lacks %q: %s", want, part.Text)
		}
	}
	if !strings.Contains(part.HTML, `hx-target="#pr-bill" hx-swap="beforeend"`) {
		t.Error("a full table gets no further row")
	}
	answer := agent.Post(path, form)
	if answer.Status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", answer.Status, answer.Text)
	}
	form.Set("key", "other")
	form["bill.price"] = []string{"much", "50.00"}
	if answer = agent.Post(path, form); answer.Status != http.StatusUnprocessableEntity || !strings.Contains(answer.HTML, `value="much"`) {
		t.Errorf("status %d: %s", answer.Status, answer.Text)
	}
}

func TestWriteOffOfAnInvoice(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	agent := r.As(access.Agent).HTMX()
	path := "/invoices/" + r.Company.LumenBill.Number + "/credit"
	page := agent.Get(path)
	if !strings.Contains(page.HTML, `name="give_up" type="text" value="1785.00"`) && !strings.Contains(page.HTML, `value="1785.00"`) {
		t.Error("what is open is not filled in")
	}
	form := url.Values{"kind": {"write_off"}, "reason_code": {"not_delivered"}, "give_up": {"1785.01"}, "explanation": {"Insolvent"}, "key": {"off"}}
	if over := agent.Post(path+"/preview", form); !strings.Contains(over.HTML, "More than what is open.") {
		t.Errorf("more than is open: %s", over.Text)
	}
	form.Set("give_up", "1785.00")
	part := agent.Post(path+"/preview", form)
	if !strings.Contains(part.Text, "Send 1,785.00 EUR to Sina Supervisor for approval") || !strings.Contains(part.Text, "Customer open 1,785.00 → 0.00") {
		t.Errorf("preview: %s", part.Text)
	}
	if answer := agent.Post(path, form); answer.Status != http.StatusSeeOther {
		t.Errorf("status %d: %s", answer.Status, answer.Text)
	}
}

func TestRefundOfUnappliedMoney(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	agent := r.As(access.Agent).HTMX()
	path := "/customers/" + r.Company.Lumen.Account + "/refund"
	if page := agent.Get(path); !strings.Contains(page.Text, "Nothing is unapplied") {
		t.Errorf("nothing to pay out: %s", page.Text)
	}
	paid := pay(t, r, "250.00", 0)
	key := "payment-" + strconv.FormatInt(int64(paid.ID), 10)
	page := agent.Get(path)
	if !strings.Contains(page.Text, paid.Number) || !strings.Contains(page.HTML, `value="250.00"`) {
		t.Errorf("page: %s", page.Text)
	}
	form := url.Values{
		"kind": {"refund"}, "reason_code": {"not_delivered"}, "item": {key}, "amount." + key: {"300"}, "explanation": {"Paid twice"},
		"destination": {"DE•• 4711"}, "key": {"refund"},
	}
	if over := agent.Post(path+"/preview", form); !strings.Contains(over.HTML, "More than what is open.") {
		t.Errorf("more than is there: %s", over.Text)
	}
	form.Set("amount."+key, "250.00")
	if part := agent.Post(path+"/preview", form); !strings.Contains(part.Text, "Send 250.00 EUR to Sina Supervisor for approval") {
		t.Errorf("preview: %s", part.Text)
	}
	if answer := agent.Post(path, form); answer.Status != http.StatusSeeOther || !strings.HasPrefix(answer.Header.Get("Location"), "/approvals/") {
		t.Errorf("status %d: %s", answer.Status, answer.Text)
	}
}

func TestTakingBackAMemo(t *testing.T) {
	t.Parallel()
	r, lines := open(t)
	agent := r.As(access.Agent).HTMX()
	answer := agent.Post("/invoices/"+r.Company.LumenBill.Number+"/credit", proposal(lines[1], "10.00"))
	if answer.Status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", answer.Status, answer.Text)
	}
	r.Must(r.Credits.Post(t.Context(), credits.PostRequest{ID: 1}))
	row, err := r.Credits.Request(t.Context(), r.DB, 1, r.Company.Actor(access.Controller))
	r.Must(err)
	path := "/adjustments/" + row.DocumentNumber + "/reversal"
	page := agent.Get(path)
	for _, want := range []string{"Why is " + row.DocumentNumber + " taken back?", "Everything " + row.DocumentNumber + " did is taken back", "An explanation needed: “what is given up or moved is explained”"} {
		if !strings.Contains(page.Text, want) {
			t.Errorf("page lacks %q: %s", want, page.Text)
		}
	}
	form := url.Values{"kind": {"reversal"}, "reason_code": {"not_delivered"}, "explanation": {"Wrong line"}, "key": {"back"}}
	if answer = agent.Post(path, form); answer.Status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", answer.Status, answer.Text)
	}
	form.Set("key", "again")
	if answer = agent.Post(path, form); answer.Status != http.StatusUnprocessableEntity || !strings.Contains(answer.Text, row.DocumentNumber) {
		t.Errorf("status %d: %s", answer.Status, answer.Text)
	}
	if missing := agent.Get("/adjustments/CM-DE-2026-00099/reversal"); missing.Status != http.StatusNotFound {
		t.Errorf("a memo that is not there: %d", missing.Status)
	}
}
