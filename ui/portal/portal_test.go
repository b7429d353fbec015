package portal_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	door "makegood/cases/portal"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
)

func TestSignInSaysNothingAboutWhoIsKnown(t *testing.T) {
	t.Parallel()
	l := open(t)
	known, unknown := l.browser(), l.browser()
	a := known.post("/portal/sign-in", url.Values{"email": {"Ada@lumen.example"}})
	b := unknown.post("/portal/sign-in", url.Values{"email": {"nobody@nowhere.example"}})
	if a.Code != b.Code || a.Header().Get("Location") != b.Header().Get("Location") || a.Body.String() != b.Body.String() {
		t.Errorf("known %d %s, unknown %d %s", a.Code, a.Body, b.Code, b.Body)
	}
	if list := l.codes(); len(list) != 1 || list[0].ToAddress != "ada@lumen.example" {
		t.Errorf("codes went out: %+v", list)
	}
	if a, b := known.post("/portal/code", url.Values{"code": {"1234"}}), unknown.post("/portal/code", url.Values{"code": {"1234"}}); a.Code != b.Code || a.Body.String() != b.Body.String() {
		t.Errorf("a wrong code: known %d, unknown %d", a.Code, b.Code)
	}
	if a := known.post("/portal/sign-in", url.Values{"email": {"ada"}}); a.Code != http.StatusUnprocessableEntity {
		t.Errorf("no address: %d", a.Code)
	}
}

func TestCodesAreGoodOnceForAWhileInOneBrowser(t *testing.T) {
	t.Parallel()
	refused := func(t *testing.T, a *httptest.ResponseRecorder) {
		t.Helper()
		if a.Code != http.StatusUnprocessableEntity || !strings.Contains(a.Body.String(), "does not hold") {
			t.Errorf("%d %s", a.Code, a.Body)
		}
	}
	ask := func(t *testing.T) (*lobby, *browser) {
		t.Helper()
		l := open(t)
		b := l.browser()
		b.post("/portal/sign-in", url.Values{"email": {"ada@lumen.example"}})
		return l, b
	}
	t.Run("used", func(t *testing.T) {
		t.Parallel()
		l, b := ask(t)
		ticket := b.cookies["mg_portal_ticket"]
		b.post("/portal/code", url.Values{"code": {l.code()}})
		again := l.browser()
		again.cookies["mg_portal_ticket"] = ticket
		refused(t, again.post("/portal/code", url.Values{"code": {l.code()}}))
		refused(t, again.post("/portal/link", url.Values{"t": {l.link()}}))
	})
	t.Run("expired", func(t *testing.T) {
		t.Parallel()
		l, b := ask(t)
		code, link := l.code(), l.link()
		l.Clock.Add(15*time.Minute + time.Second)
		refused(t, b.post("/portal/code", url.Values{"code": {code}}))
		refused(t, b.post("/portal/link", url.Values{"t": {link}}))
	})
	t.Run("in another browser", func(t *testing.T) {
		t.Parallel()
		l, _ := ask(t)
		refused(t, l.browser().post("/portal/code", url.Values{"code": {l.code()}}))
	})
	t.Run("guessed at", func(t *testing.T) {
		t.Parallel()
		l, b := ask(t)
		for range 5 {
			refused(t, b.post("/portal/code", url.Values{"code": {"00000000x"}}))
		}
		refused(t, b.post("/portal/code", url.Values{"code": {l.code()}}))
	})
	t.Run("forged link", func(t *testing.T) {
		t.Parallel()
		l, b := ask(t)
		for _, link := range []string{"", "x", "1.", "1.aaaaaaaaaaaaaaaaaaaaaaaaaa", "999." + strings.SplitN(l.link(), ".", 2)[1]} {
			refused(t, b.post("/portal/link", url.Values{"t": {link}}))
		}
	})
	t.Run("link", func(t *testing.T) {
		t.Parallel()
		l, _ := ask(t)
		other := l.browser()
		other.get("/portal/link?t=" + l.link()) // looking does not use it up
		if a := other.post("/portal/link", url.Values{"t": {l.link()}}); a.Code != http.StatusSeeOther || a.Header().Get("Location") != "/portal" {
			t.Errorf("%d %s", a.Code, a.Body)
		}
	})
	t.Run("too many asked for", func(t *testing.T) {
		t.Parallel()
		_, b := ask(t)
		for range 4 {
			b.post("/portal/sign-in", url.Values{"email": {"ada@lumen.example"}})
		}
		if a := b.post("/portal/sign-in", url.Values{"email": {"ada@lumen.example"}}); a.Code != http.StatusTooManyRequests {
			t.Errorf("sixth: %d", a.Code)
		}
	})
}

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	l := open(t)
	idle, out := l.as("ada@lumen.example"), l.as("finn@ferro.example")
	old := out.cookies["mg_portal"]
	out.get("/portal/invoices/" + url.PathEscape(l.Company.FerroBill.Number))
	out.post("/portal/sign-out", url.Values{})
	out.cookies["mg_portal"] = old
	if a := out.get("/portal"); a.Header().Get("Location") != "/portal/sign-in" {
		t.Errorf("after signing out: %d", a.Code)
	}
	l.Clock.Add(2*time.Hour + time.Second)
	if a := idle.get("/portal"); a.Header().Get("Location") != "/portal/sign-in" {
		t.Errorf("after two idle hours: %d", a.Code)
	}
	desk := l.browser()
	desk.cookies["mg_session"] = "anything"
	if a := desk.get("/portal"); a.Header().Get("Location") != "/portal/sign-in" {
		t.Errorf("nobody: %d", a.Code)
	}
}

// What is another's is not there, whatever is guessed.
func TestNobodySeesWhatIsAnothers(t *testing.T) {
	t.Parallel()
	l := open(t)
	c := l.Dispute("119.00")
	ada, finn := l.as("ada@lumen.example"), l.as("finn@ferro.example")
	shows(t, ada.get("/portal"), l.Company.LumenBill.Number, "In dispute 119.00 EUR", "To pay, not in dispute 1,666.00 EUR")
	shows(t, ada.get("/portal/requests"), c.Number, "The network was down half of April")
	finn.get("/portal/invoices/" + url.PathEscape(l.Company.FerroBill.Number))
	bill := "/portal/invoices/" + url.PathEscape(l.Company.LumenBill.Number)
	for path, a := range map[string]*httptest.ResponseRecorder{
		"invoice": finn.get(bill), "request": finn.get("/portal/requests/" + c.Number), "no request": finn.get("/portal/requests/MG-999999"),
		"dispute": finn.post(bill+"/dispute", url.Values{"line": {"1"}, "reason_1": {"overcharge"}}),
		"reply":   finn.post("/portal/requests/"+c.Number+"/messages", url.Values{"text": {"x"}}),
		"accept":  finn.post("/portal/requests/"+c.Number+"/outcome", url.Values{"answer": {"accept"}}),
		"memo":    finn.get("/portal/credit-memos/CM-1/pdf"), "xml": finn.get("/portal/credit-memos/CM-1/xml"),
	} {
		if a.Code != http.StatusNotFound || strings.Contains(a.Body.String(), "Lumen") {
			t.Errorf("%s: %d %s", path, a.Code, a.Body)
		}
	}
	for _, path := range []string{"/portal?all=1", "/portal/requests", "/portal/balance"} {
		if a := finn.get(path); strings.Contains(a.Body.String(), "Lumen") || strings.Contains(a.Body.String(), c.Number) {
			t.Errorf("%s shows another's: %s", path, a.Body)
		}
	}
}

// Who is billed is led to where what is not in dispute is paid; nobody else is, and nobody without the entity's link.
func TestTheUndisputedPartIsPaidByALink(t *testing.T) {
	t.Parallel()
	l := open(t)
	l.Dispute("119.00")
	l.Clock.Set(time.Date(2026, 6, 20, 8, 0, 0, 0, time.UTC))
	bill := "/portal/invoices/" + url.PathEscape(l.Company.LumenBill.Number)
	ada := l.as("ada@lumen.example")
	if a := ada.get(bill); strings.Contains(a.Body.String(), "po-pay") {
		t.Error("a link to pay without the entity's")
	}
	l.Must(l.Billing.SetCollectionPolicy(t.Context(), billing.CollectionPolicy{
		EntityID: l.Company.Entity.ID, LevelDays: []int{1}, PaymentLink: "https://pay.example/?i={reference}&a={amount}&c={currency}",
	}, l.Actor(access.Controller)))
	for path, want := range map[string]string{
		bill:              `href="https://pay.example/?i=` + l.Company.LumenBill.Number + `&amp;a=1666.00&amp;c=EUR"`,
		"/portal":         `href="https://pay.example/?i=100001&amp;a=1666.00&amp;c=EUR"`,
		"/portal/balance": `href="https://pay.example/?i=100001&amp;a=1666.00&amp;c=EUR"`,
	} {
		page := ada.get(path)
		if shows(t, page, "Pay 1,666.00 EUR now"); !strings.Contains(page.Body.String(), want) {
			t.Errorf("%s lacks %s", path, want)
		}
	}
	l.Must(l.DB.Do(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update customers set kind = 'end_customer', parent_id = $1, family_id = $1 where id = $2`, l.Company.Lumen.ID, l.Company.Ferro.ID)
		return err
	}))
	if a := ada.get("/portal/invoices/" + url.PathEscape(l.Company.FerroBill.Number)); a.Code != http.StatusOK || strings.Contains(a.Body.String(), "po-pay") {
		t.Errorf("who is not billed is led to pay: %d", a.Code)
	}
}

// A partner sees its end customers, an end customer only itself.
func TestPartnersAndEndCustomers(t *testing.T) {
	t.Parallel()
	l := open(t)
	l.Must(l.DB.Do(t.Context(), func(tx *db.Tx) error {
		if _, err := tx.Exec(t.Context(), `update customers set kind = 'partner' where id = $1`, l.Company.Lumen.ID); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), `update customers set kind = 'end_customer', parent_id = $1, family_id = $1 where id = $2`, l.Company.Lumen.ID, l.Company.Ferro.ID)
		return err
	}))
	partner, end := l.as("ada@lumen.example"), l.as("finn@ferro.example")
	shows(t, partner.get("/portal?all=1"), l.Company.LumenBill.Number, l.Company.FerroBill.Number, "Ferro Werke AG")
	shows(t, partner.get("/portal/invoices/"+url.PathEscape(l.Company.FerroBill.Number)), "Managed network")
	if a := end.get("/portal?all=1"); strings.Contains(a.Body.String(), l.Company.LumenBill.Number) || !strings.Contains(a.Body.String(), l.Company.FerroBill.Number) {
		t.Errorf("the end customer sees %s", a.Body)
	}
	if a := end.get("/portal/invoices/" + url.PathEscape(l.Company.LumenBill.Number)); a.Code != http.StatusNotFound {
		t.Errorf("the partner's invoice: %d", a.Code)
	}
}

func TestTickedLinesBecomeADispute(t *testing.T) {
	t.Parallel()
	l := open(t)
	ada := l.as("ada@lumen.example")
	bill := "/portal/invoices/" + url.PathEscape(l.Company.LumenBill.Number)
	for name, bad := range map[string]struct {
		fields url.Values
		want   string
	}{
		"nothing ticked": {url.Values{}, "Tick the lines that are wrong."},
		"no reason":      {url.Values{"line": {"1"}}, "mg-err"},
		"wrong reason":   {url.Values{"line": {"1"}, "reason_1": {"because"}}, "mg-err"},
		"too much":       {url.Values{"line": {"1"}, "reason_1": {"overcharge"}, "amount_1": {"1190.01"}}, "1190.00 EUR"},
		"not an amount":  {url.Values{"line": {"1"}, "reason_1": {"overcharge"}, "amount_1": {"1,190.00"}}, "Enter an amount above zero in EUR"},
		"a thousand?":    {url.Values{"line": {"1"}, "reason_1": {"overcharge"}, "amount_1": {"1,000"}}, "such as 120.50"},
		"below zero":     {url.Values{"line": {"1"}, "reason_1": {"overcharge"}, "amount_1": {"-1"}}, "Enter an amount above zero in EUR"},
	} {
		if a := ada.post(bill+"/dispute", bad.fields); a.Code != http.StatusUnprocessableEntity || !strings.Contains(strings.ReplaceAll(a.Body.String(), "\u00a0", " "), bad.want) {
			t.Errorf("%s: %d without %q", name, a.Code, bad.want)
		}
	}
	fields := url.Values{
		"line": {"1", "2"}, "reason_1": {"not_delivered"}, "amount_1": {"119,00"}, "words_1": {"Only <half> of it"}, "reason_2": {"overcharge"}, "form": {"once"},
	}
	a := ada.upload(bill+"/dispute", fields, "protocol.txt", []byte("down 15 days"))
	if a.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Code, a.Body)
	}
	c, err := l.Cases.CaseByNumber(t.Context(), l.DB, strings.TrimSuffix(strings.TrimPrefix(a.Header().Get("Location"), "/portal/requests/"), "?new=1"), access.SystemActor("test"))
	l.Must(err)
	if c.InDispute().String() != "714.00 EUR" || c.Type != cases.Dispute || *c.CustomerID != l.Company.Lumen.ID {
		t.Errorf("%s in dispute, type %s", c.InDispute(), c.Type)
	}
	item, err := l.Billing.InvoiceDetail(t.Context(), l.DB, l.Company.LumenBill.ID)
	l.Must(err)
	if !item.Open.Held.Equal(decimal.NewFromInt(714)) {
		t.Errorf("%s held", item.Open.Held)
	}
	l.settled()
	page := ada.get("/portal/requests/" + c.Number)
	shows(t, page, "Only", "119.00 EUR", "595.00 EUR", "Being checked", "protocol.txt", "Automatic message", "Ada Lumen")
	if strings.Contains(page.Body.String(), "<half>") {
		t.Error("what a customer wrote is markup")
	}
	messages, err := l.Inbox.Messages(t.Context(), inbox.Filter{CaseID: new(int64(c.ID))})
	l.Must(err)
	if len(messages) != 1 || messages[0].Fate != inbox.NewCase || messages[0].Source != inbox.SourceWeb {
		t.Errorf("kept as %+v", messages)
	}
	if again := ada.upload(bill+"/dispute", fields, "protocol.txt", []byte("x")); again.Code == http.StatusSeeOther {
		t.Error("one form opened two disputes")
	}
}

func TestRepliesShowAndNotesDoNot(t *testing.T) {
	t.Parallel()
	l := open(t)
	c := l.Dispute("119.00")
	ada := l.as("ada@lumen.example")
	agent := l.Actor(access.Agent)
	c, err := l.Cases.AddNote(t.Context(), cases.NoteInput{On: cases.On{By: agent, ID: c.ID}, Body: "The secret price list"})
	l.Must(err)
	_, err = l.Cases.Reply(t.Context(), cases.ReplyInput{On: cases.On{By: agent, ID: c.ID, Version: c.Version}, Body: "We look into it."})
	l.Must(err)
	path := "/portal/requests/" + c.Number
	if a := ada.get(path); strings.Contains(a.Body.String(), "We look into it.") || strings.Contains(a.Body.String(), "secret price") {
		t.Errorf("shown before it was final: %s", a.Body)
	}
	l.Clock.Add(11 * time.Minute)
	if a := ada.get(path); strings.Contains(a.Body.String(), "We look into it.") {
		t.Error("shown while a colleague can still take it back")
	}
	l.Must(l.DB.Do(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update outgoing_messages set state = 'sent' where kind = 'reply'`)
		return err
	}))
	shows(t, ada.get(path), "We look into it.", "Alma Agent")
	if a := ada.post(path+"/messages", url.Values{"text": {" "}}); a.Code != http.StatusUnprocessableEntity {
		t.Errorf("nothing said: %d", a.Code)
	}
	if a := ada.upload(path+"/messages", url.Values{"text": {"Here is the protocol."}, "form": {"r1"}}, "p.pdf", []byte("%PDF-1.4")); a.Code != http.StatusSeeOther {
		t.Fatalf("reply: %d %s", a.Code, a.Body)
	}
	shows(t, ada.get(path), "Here is the protocol.", "p.pdf")
	if a := ada.get(path); strings.Contains(a.Body.String(), "secret price") {
		t.Error("the note shows")
	}
	forged := *ada
	forged.csrf = "x"
	if a := (&forged).post(path+"/messages", url.Values{"text": {"forged"}}); a.Code != http.StatusForbidden {
		t.Errorf("without the session's secret: %d", a.Code)
	}
}

func TestAnOutcomeIsAcceptedOrContested(t *testing.T) {
	t.Parallel()
	l := open(t)
	c := l.Dispute("119.00")
	ada := l.as("ada@lumen.example")
	path := "/portal/requests/" + c.Number
	if a := ada.post(path+"/outcome", url.Values{"answer": {"accept"}}); a.Code != http.StatusConflict {
		t.Errorf("accepted before it was decided: %d", a.Code)
	}
	lines, err := l.Cases.Disputes(t.Context(), l.DB, c.ID)
	l.Must(err)
	c, err = l.Cases.DecideDispute(t.Context(), cases.DecideDisputeInput{
		On: cases.On{By: l.Actor(access.Agent), ID: c.ID, Version: c.Version}, DisputeID: lines[0].ID, Explanation: "The network was up.",
	})
	l.Must(err)
	shows(t, ada.get(path), "Not accepted", "The network was up.", "I accept this", "I do not agree")
	if a := ada.post(path+"/outcome", url.Values{"answer": {"contest"}, "text": {""}}); a.Code != http.StatusUnprocessableEntity {
		t.Errorf("contested without a word: %d", a.Code)
	}
	if a := ada.post(path+"/outcome", url.Values{"answer": {"contest"}, "text": {"It was down."}, "form": {"c1"}}); a.Code != http.StatusSeeOther {
		t.Fatalf("contest: %d %s", a.Code, a.Body)
	}
	shows(t, ada.get(path), "You contested this on", "It was down.", "I accept this")
	before, err := l.Cases.CaseByID(t.Context(), l.DB, c.ID, access.SystemActor("test"))
	l.Must(err)
	if a := ada.post(path+"/outcome", url.Values{"answer": {"accept"}}); a.Code != http.StatusSeeOther {
		t.Fatalf("accept: %d %s", a.Code, a.Body)
	}
	after, err := l.Cases.CaseByID(t.Context(), l.DB, c.ID, access.SystemActor("test"))
	l.Must(err)
	if after.Status != before.Status || after.Version != before.Version {
		t.Errorf("accepting moved the case from %s to %s", before.Status, after.Status)
	}
	if a := ada.post(path+"/outcome", url.Values{"answer": {"accept"}}); a.Code != http.StatusSeeOther {
		t.Errorf("accepted again: %d", a.Code)
	}
	for _, what := range []string{`outcome_answers where accepted and case_id = $1`, `case_messages where body = 'I accept the outcome.' and case_id = $1`} {
		if n, err := db.Value[int](t.Context(), l.DB, `select count(*) from `+what, c.ID); err != nil || n != 1 {
			t.Errorf("accepted twice there are %d %s: %v", n, what, err)
		}
	}
	page := ada.get(path)
	shows(t, page, "You accepted this on", "I accept the outcome.")
	if strings.Contains(page.Body.String(), "I accept this") {
		t.Error("what was accepted can be accepted again")
	}
}

func TestInvoicesComeInPages(t *testing.T) {
	t.Parallel()
	l := open(t)
	for range door.PageSize {
		l.Must(l.DB.Do(t.Context(), func(tx *db.Tx) error {
			day := billing.Date(tx.Now())
			_, err := l.Billing.IssueInvoiceTx(t.Context(), tx, billing.NewInvoice{
				EntityID: l.Company.Entity.ID, CustomerID: l.Company.Lumen.ID, SoldToID: l.Company.Lumen.ID, Currency: "EUR", IssuedOn: day, DueOn: day,
				ServiceFrom: day, ServiceTo: day, By: access.SystemActor("test"), Lines: []billing.NewLine{{
					Product: "NET", Description: "Port", Quantity: decimal.NewFromInt(1), UnitPrice: decimal.NewFromInt(1), TaxCategory: "S", TaxRate: decimal.NewFromInt(19),
				}},
			})
			return err
		}))
	}
	ada := l.as("ada@lumen.example")
	first := ada.get("/portal?all=1").Body.String()
	next := regexp.MustCompile(`href="(/portal\?[^"]*after=[^"]*)"`).FindStringSubmatch(first)
	if got := strings.Count(first, `href="/portal/invoices/`); got != door.PageSize || next == nil {
		t.Fatalf("%d invoices on the first page, next %v", got, next)
	}
	second := ada.get(strings.ReplaceAll(next[1], "&amp;", "&")).Body.String()
	if got := strings.Count(second, `href="/portal/invoices/`); got != 1 || !strings.Contains(second, l.Company.LumenBill.Number) {
		t.Errorf("%s invoices on the second page", strconv.Itoa(got))
	}
}
