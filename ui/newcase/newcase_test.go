package newcase_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/internal/web"
	"makegood/ui/newcase"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func open(t *testing.T) *screentest.Room {
	t.Helper()
	r := screentest.Open(t)
	s := newcase.New(r.Desk, r.Reports.CaseFiles(r.Cases, r.Billing), r.Cases, r.Billing, r.Reports)
	work := web.Need(access.WorkCases)
	r.Echo.GET("/cases/new", s.Show, work)
	r.Echo.POST("/cases/new", s.Open, work)
	r.Echo.GET("/cases/new/customers", s.Customers, work)
	r.Echo.GET("/cases/new/customer", s.Customer, work)
	return r
}

// opened is the case a form ended on.
func opened(t *testing.T, r *screentest.Room, a screentest.Answer) cases.Case {
	t.Helper()
	at, ok := strings.CutPrefix(a.Header.Get("Location"), "/cases/")
	if a.Status != http.StatusSeeOther || !ok {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	c, err := r.Cases.CaseByNumber(t.Context(), r.DB, at, r.Actor(access.Agent))
	r.Must(err)
	return c
}

func mails(t *testing.T, r *screentest.Room, c cases.Case) int {
	t.Helper()
	list, err := r.Cases.Messages(t.Context(), r.DB, c.ID)
	r.Must(err)
	n := 0
	for _, m := range list {
		if m.Kind == cases.Letter {
			n++
		}
	}
	return n
}

// Somebody telephones: the customer is looked up, who asks is chosen, and what they said begins the case and its clocks.
func TestACallBecomesACase(t *testing.T) {
	t.Parallel()
	r := open(t)
	agent := r.As(access.Agent)
	lumen, bill := r.Company.Lumen, r.Company.LumenBill.Number
	if found := agent.HTMX().Get("/cases/new/customers?find=lumen+opt"); !strings.Contains(found.HTML, `/cases/new/customer?account=`+lumen.Account) {
		t.Fatalf("the customer is not found: %s", found.Text)
	}
	part := agent.HTMX().Get("/cases/new/customer?account=" + lumen.Account)
	if part.Status != http.StatusOK || !strings.Contains(part.HTML, `value="ada@lumen.example"`) || !strings.Contains(part.HTML, `value="`+bill+`"`) || strings.Contains(part.HTML, "<html") {
		t.Fatalf("%d %s", part.Status, part.HTML)
	}
	form := url.Values{
		"account": {lumen.Account}, "contact": {"ada@lumen.example"}, "channel": {"phone"}, "type": {"dispute"}, "subject": {"Charged twice"},
		"text": {"April stands on the bill twice."}, "invoice": {bill}, "mine": {"on"}, "came": {"2026-05-12T09:00"},
	}
	c := opened(t, r, agent.Post("/cases/new", form))
	if c.CustomerID == nil || *c.CustomerID != lumen.ID || c.ContactID == nil || *c.ContactID != r.Company.Ada.ID || c.Type != cases.Dispute || c.UnansweredSince == nil ||
		c.AssigneeID == nil || *c.AssigneeID != r.Actor(access.Agent).UserID || c.NextDueAt == nil || !c.OpenedAt.Before(r.Clock.Now()) {
		t.Errorf("%+v", c)
	}
	if mails(t, r, c) != 0 {
		t.Error("something was sent that nobody asked for")
	}
	linked, err := r.Cases.Invoices(t.Context(), r.DB, c.ID)
	r.Must(err)
	if len(linked) != 1 {
		t.Errorf("%+v", linked)
	}
	rows, err := r.Cases.Timeline(t.Context(), r.DB, c.ID, 0, 10)
	r.Must(err)
	if rows[0].Data["source"] != "phone" {
		t.Errorf("how it came is not kept: %v", rows[0].Data)
	}

	form.Set("acknowledge", "on")
	if c := opened(t, r, agent.Post("/cases/new", form)); mails(t, r, c) != 1 {
		t.Error("the acknowledgement that was asked for did not go")
	}
}

// What begins with us has no message, and somebody whom nobody knows has a case too.
func TestACaseThatBeginsWithUs(t *testing.T) {
	t.Parallel()
	r := open(t)
	agent := r.As(access.Agent)
	c := opened(t, r, agent.Post("/cases/new", url.Values{
		"name": {"Nora Feld"}, "address": {"Nora@feld.example"}, "channel": {"agent"}, "type": {"inquiry"}, "subject": {"Who pays for line 2?"},
	}))
	people, err := r.Cases.Participants(t.Context(), r.DB, c.ID)
	r.Must(err)
	if c.CustomerID != nil || c.AssigneeID != nil || c.UnansweredSince != nil || len(people) != 1 || people[0].Address != "nora@feld.example" || !people[0].Accepted {
		t.Errorf("%+v %+v", c, people)
	}
}

// What is wrong is said at its field, what was typed stays, and nothing is opened.
func TestANewCaseThatIsRefused(t *testing.T) {
	t.Parallel()
	r := open(t)
	agent := r.As(access.Agent)
	good := url.Values{"account": {r.Company.Lumen.Account}, "channel": {"phone"}, "type": {"inquiry"}, "subject": {"A copy"}, "text": {"Please send a copy."}}
	for name, c := range map[string]struct {
		field, value, says string
	}{
		"no subject":              {"subject", " ", "subject"},
		"no such channel":         {"channel", "pigeon", "by phone, by letter"},
		"an address that is none": {"address", "Nora <nora@feld.example>", "no mail address"},
		"the future":              {"came", "2026-05-13T09:00", "future"},
		"another's contact":       {"contact", "nobody@lumen.example", "Choose one of the customer"},
		"no customer chosen":      {"find", "Lumen", "Choose the customer"},
		"an unknown invoice":      {"invoices", "INV-0", "no such invoice"},
		"nobody to acknowledge":   {"acknowledge", "on", "Nobody can be written to"},
	} {
		form := url.Values{}
		for k, v := range good {
			form[k] = v
		}
		form.Set(c.field, c.value)
		if c.field == "find" {
			form.Del("account")
		}
		a := agent.Post("/cases/new", form)
		if a.Status != http.StatusUnprocessableEntity || !strings.Contains(strings.ToLower(a.Text), strings.ToLower(c.says)) || !strings.Contains(a.HTML, "Please send a copy.") {
			t.Errorf("%s: %d %s", name, a.Status, a.Text)
		}
	}
	page, err := r.Cases.Queue(t.Context(), cases.Filter{View: cases.ViewAllOpen}, r.Actor(access.Agent))
	r.Must(err)
	if len(page.Rows) != 0 {
		t.Errorf("%+v", page.Rows)
	}
	if a := r.As(access.Auditor).Get("/cases/new"); a.Status != http.StatusForbidden {
		t.Errorf("an auditor opens cases: %d", a.Status)
	}
}
