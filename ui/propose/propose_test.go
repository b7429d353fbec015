package propose_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/internal/web"
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
