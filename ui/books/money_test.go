package books_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/ledger"
	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/internal/reports"
	"makegood/internal/web"
	"makegood/ui/books"
	"makegood/ui/screentest"
)

// openMoney is the room of what is done with money, beside the documents.
func openMoney(t *testing.T) *screentest.Room {
	t.Helper()
	r := open(t)
	s := books.New(r.Desk, r.Reports.Books(r.Billing, r.Credits), r.Billing)
	r.Echo.GET("/customers/:account/apply", s.ApplyPage, web.Need(access.ReadBooks))
	r.Echo.POST("/customers/:account/apply", s.Apply, web.Need(access.RecordPayment))
	r.Echo.POST("/customers/:account/apply/preview", s.ApplyPreview, web.Need(access.RecordPayment))
	r.Echo.POST("/customers/:account/apply/take-back", s.TakeBack, web.Need(access.RecordPayment))
	r.Echo.GET("/customers/:account/statement", s.Statement, web.Need(access.ReadBooks))
	r.Echo.GET("/customers/:account/statement.pdf", s.StatementPDF, web.Need(access.ReadBooks))
	r.Echo.GET("/documents/:number/pdf", s.Paper, web.Need(access.ReadBooks))
	r.Echo.GET("/documents/:number/xml", s.Electronic, web.Need(access.ReadBooks))
	r.Echo.GET("/customers/:account/payments/new", s.NewPayment, web.Need(access.RecordPayment))
	r.Echo.POST("/customers/:account/payments/new", s.RecordPayment, web.Need(access.RecordPayment))
	r.Echo.GET("/payments/:number", s.Payment, web.Need(access.ReadBooks))
	r.Echo.POST("/payments/:number/charge-back", s.ChargeBack, web.Need(access.RecordPayment))
	r.Echo.POST("/payments/:number/chargebacks/:id/won", s.ChargebackWon, web.Need(access.RecordPayment))
	r.Echo.GET("/books/ledger/:entity/:account", s.Account, web.Need(access.ReadBooks))
	r.Echo.GET("/documents/:number", s.Document, web.Need(access.ReadBooks))
	return r
}

// paid is money of Lumen that nobody has applied.
func paid(t *testing.T, r *screentest.Room, amount, reference string) billing.Payment {
	t.Helper()
	p, err := r.Billing.RecordPayment(t.Context(), billing.NewPayment{
		EntityID: r.Company.Entity.ID, CustomerID: r.Company.Lumen.ID, Currency: "EUR", Amount: decimal.RequireFromString(amount),
		ReceivedOn: billing.Date(r.Clock.Now()), BankReference: reference, By: r.Actor(access.Controller),
	})
	r.Must(err)
	return p
}

// fields are the amounts and hidden fields of a workbench as a browser without script sends them.
func fields(a screentest.Answer) url.Values {
	values := url.Values{}
	for _, input := range regexp.MustCompile(`<input[^>]*>`).FindAllString(a.HTML, -1) {
		name := regexp.MustCompile(` name="([^"]*)"`).FindStringSubmatch(input)
		value := regexp.MustCompile(` value="([^"]*)"`).FindStringSubmatch(input)
		if name != nil && (strings.HasPrefix(name[1], "amount-") || strings.Contains(" currency from by said ", " "+name[1]+" ")) {
			values[name[1]] = []string{""}
			if value != nil {
				values.Set(name[1], value[1])
			}
		}
	}
	return values
}

// amountField is the one amount of the form.
func amountField(t *testing.T, form url.Values) string {
	t.Helper()
	found := ""
	for name := range form {
		if strings.HasPrefix(name, "amount-") {
			if found != "" {
				t.Fatalf("more than one amount: %v", form)
			}
			found = name
		}
	}
	if found == "" {
		t.Fatalf("no amount: %v", form)
	}
	return found
}

func openOn(t *testing.T, r *screentest.Room, want string) {
	t.Helper()
	item, there, err := r.Billing.ItemByNumber(t.Context(), r.DB, r.Company.LumenBill.Number)
	r.Must(err)
	if !there || !item.Open.Equal(decimal.RequireFromString(want)) {
		t.Errorf("open on the invoice: %v, want %s", item.Open, want)
	}
	faults, err := r.Billing.Verify(t.Context())
	r.Must(err)
	if len(faults) > 0 {
		t.Errorf("the books are wrong: %v", faults)
	}
}

func TestMoneyIsAppliedAsTheButtonSays(t *testing.T) {
	t.Parallel()
	r := openMoney(t)
	p := paid(t, r, "1240.00", "Rechnung "+r.Company.LumenBill.Number)
	const path = "/customers/100001/apply"
	controller := r.As(access.Controller)
	has(t, controller.Get("/customers/100001"), "Apply what is unapplied", "Statement of account")
	empty := controller.Get(path)
	has(t, empty, "Unapplied 1,240.00 EUR "+p.Number+" Payment · 12 May 2026 Rechnung", "Open invoices 1,785.00 EUR", "Check the amounts", "Nothing was applied so far")
	has(t, controller.Get(path+"?by=amount"), "No invoice, and no run of the oldest, is open for exactly this.")
	has(t, controller.Get(path+"?by=remittance"), "Apply 1,240.00 EUR to 1 invoice")
	filled := controller.Get(path + "?by=oldest")
	has(t, filled, p.Number+" keeps 0.00 EUR.", "Apply 1,240.00 EUR to 1 invoice")

	form := fields(filled)
	amount := amountField(t, form)
	form.Set(amount, "1000.00") // without script the button still says 1,240.00
	has(t, controller.Post(path, form), "The amounts were changed. This is what they do now:", p.Number+" keeps 240.00 EUR.", "Apply 1,000.00 EUR to 1 invoice")
	openOn(t, r, "1785.00")
	form.Set("said", "1000.00/1")
	if a := controller.Post(path, form); a.Status != http.StatusSeeOther {
		t.Fatalf("apply: %d %s", a.Status, a.Text)
	}
	openOn(t, r, "785.00")
	has(t, controller.Get(path), "Unapplied 240.00 EUR", "12 May 2026 "+p.Number+" "+r.Company.LumenBill.Number+" 1,000.00 EUR Take back")
}

func TestWrongAmountsAreToldAtTheirFields(t *testing.T) {
	t.Parallel()
	r := openMoney(t)
	paid(t, r, "100.00", "")
	const path = "/customers/100001/apply"
	controller := r.As(access.Controller)
	form := fields(controller.Get(path + "?by=oldest"))
	amount := amountField(t, form)
	for text, want := range map[string]string{"lots": "“lots” is no amount.", "1.005": "EUR", "-1": "Enter an amount above zero"} {
		form.Set(amount, text)
		answer := controller.Post(path, form)
		if has(t, answer, want); answer.Status != http.StatusUnprocessableEntity || !strings.Contains(answer.HTML, `aria-invalid="true"`) {
			t.Errorf("%s: status %d, no mark at the field", text, answer.Status)
		}
		has(t, controller.HTMX().Post(path+"/preview", form), want)
	}
	form.Set(amount, "100.01")
	has(t, controller.HTMX().Post(path+"/preview", form), "has only 100.00 EUR that is free.", "Apply 100.01 EUR to 1 invoice")
	form.Set("said", "100.01/1")
	answer := controller.Post(path, form)
	if has(t, answer, "More than what is open."); answer.Status != http.StatusUnprocessableEntity || !strings.Contains(answer.HTML, `aria-invalid="true"`) {
		t.Errorf("status %d, no mark at the field", answer.Status)
	}
	form.Set(amount, "")
	has(t, controller.Post(path, form), "No amount is filled in.")
	openOn(t, r, "1785.00")
}

func TestWhatWasAppliedIsTakenBackForAReason(t *testing.T) {
	t.Parallel()
	r := openMoney(t)
	paid(t, r, "100.00", "")
	const path = "/customers/100001/apply"
	controller := r.As(access.Controller)
	if a := controller.Post(path, fields(controller.Get(path+"?by=oldest"))); a.Status != http.StatusSeeOther {
		t.Fatalf("apply: %d %s", a.Status, a.Text)
	}
	id := regexp.MustCompile(`name="id" value="(\d+)"`).FindStringSubmatch(controller.Get(path).HTML)
	if id == nil {
		t.Fatal("nothing to take back")
	}
	back := url.Values{"id": {id[1]}, "currency": {"EUR"}}
	refused := controller.Post(path+"/take-back", back)
	if has(t, refused, "This is needed."); refused.Status != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: %d", refused.Status)
	}
	openOn(t, r, "1685.00")
	back.Set("reason", "Meant for another invoice")
	if a := controller.Post(path+"/take-back", back); a.Status != http.StatusSeeOther {
		t.Fatalf("take back: %d %s", a.Status, a.Text)
	}
	openOn(t, r, "1785.00")
	has(t, controller.Get(path), "−100.00 EUR takes back Meant for another invoice", "taken back")
	again := controller.Post(path+"/take-back", back)
	if has(t, again, "Nothing was changed."); again.Status != http.StatusUnprocessableEntity {
		t.Errorf("a second time: %d", again.Status)
	}
}

func TestSeveralPaymentsMeetWhatTheyName(t *testing.T) {
	t.Parallel()
	r := openMoney(t)
	one, two := paid(t, r, "85.00", "for "+r.Company.LumenBill.Number), paid(t, r, "1700.00", "thanks")
	const path = "/customers/100001/apply"
	controller := r.As(access.Controller)
	has(t, controller.Get(path), "Everything unapplied 2 documents", "choose one document on the left")
	all := controller.Get(path + "?from=all&by=oldest")
	has(t, all, "Apply 1,785.00 EUR to 1 invoice", one.Number+" keeps 0.00 EUR. "+two.Number+" keeps 0.00 EUR. Settles 1 in full.")
	has(t, controller.Get(path+"?from=all&by=remittance"), "Apply 85.00 EUR to 1 invoice")
	has(t, controller.Get(path+"?by=oldest&from="+two.Number), "Apply 1,700.00 EUR to 1 invoice")
	if a := controller.Post(path, fields(all)); a.Status != http.StatusSeeOther {
		t.Fatalf("apply: %d %s", a.Status, a.Text)
	}
	openOn(t, r, "0")
}

func TestPayingWhatIsDisputedIsSaid(t *testing.T) {
	t.Parallel()
	r := openMoney(t)
	r.Dispute("595.00")
	paid(t, r, "1785.00", "")
	controller := r.As(access.Controller)
	undisputed := controller.Get("/customers/100001/apply?by=oldest")
	if has(t, undisputed, "Apply 1,190.00 EUR to 1 invoice"); strings.Contains(undisputed.Text, "Pays some of what is disputed") {
		t.Error("disputed money is paid by the oldest first")
	}
	has(t, controller.Get("/customers/100001/apply?by=amount"), "Apply 1,785.00 EUR to 1 invoice", "Pays some of what is disputed on "+r.Company.LumenBill.Number+".")
}

func TestWhoMayNotApplyReadsOnly(t *testing.T) {
	t.Parallel()
	r := openMoney(t)
	p := paid(t, r, "100.00", "")
	agent := r.As(access.Agent)
	page := agent.Get("/customers/100001/apply?by=oldest")
	if has(t, page, "You can look at it.", p.Number); strings.Contains(page.Text, "Apply 100.00 EUR") || !strings.Contains(page.HTML, " readonly") {
		t.Errorf("an agent can apply: %s", page.Text)
	}
	for _, path := range []string{"/customers/100001/apply", "/customers/100001/apply/preview", "/customers/100001/apply/take-back", "/payments/" + p.Number + "/charge-back"} {
		if a := agent.Post(path, nil); a.Status != http.StatusForbidden {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	if a := agent.Get("/payments/" + p.Number); strings.Contains(a.Text, "Charge back") {
		t.Error("an agent can charge back")
	}
}

func TestAStatementRunsFromOpeningToClosing(t *testing.T) {
	t.Parallel()
	r := openMoney(t)
	r.Dispute("595.00")
	p := paid(t, r, "85.00", "")
	number := r.Company.LumenBill.Number
	const path = "/customers/100001/statement"
	page := r.As(access.Agent).Get(path + "?from=2026-05-01&to=2026-05-31")
	has(t, page, "1 May 2026 to 31 May 2026, in EUR", "Opening 0.00", "Closing 1,700.00", "Pay now 0.00 EUR", number+" Invoice 1,785.00 1,785.00",
		p.Number+" Payment 85.00 1,700.00", number+" Invoice 11 Jun 2026 1,785.00 595.00 not due yet", "−85.00", "Due later and not in dispute 1,190.00")
	for _, link := range []string{`href="/invoices/` + number + `"`, `href="/payments/` + p.Number + `"`} {
		if !strings.Contains(page.HTML, link) {
			t.Errorf("statement lacks %s", link)
		}
	}
	has(t, r.As(access.Agent).Get(path+"?from=2026-06-01&to=2026-06-30"), "Opening 1,700.00", "Closing 1,700.00",
		number+" Invoice 11 Jun 2026 1,785.00 595.00 1,190.00", "Due and not in dispute 1,190.00", "Less money and credits not used −85.00", "Pay now 1,105.00 EUR")
	for query, want := range map[string]string{"?from=May": "“May” is no date", "?from=2026-05-31&to=2026-05-01": "ends before it begins"} {
		wrong := r.As(access.Agent).Get(path + query)
		if has(t, wrong, want); wrong.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", query, wrong.Status)
		}
	}
}

func TestAStatementAsPDF(t *testing.T) {
	t.Parallel()
	r := openMoney(t)
	paid(t, r, "85.00", "")
	const path = "/customers/100001/statement"
	agent := r.As(access.Agent)
	page := agent.Get(path + "?from=2026-05-01&to=2026-05-31&known_on=2026-05-11")
	has(t, page, "Closing 0.00") // nothing was posted by the evening before
	if want := `href="` + path + `.pdf?currency=EUR&amp;from=2026-05-01&amp;known_on=2026-05-11&amp;to=2026-05-31"`; !strings.Contains(page.HTML, want) {
		t.Errorf("the screen does not lead to its PDF: %s", page.HTML)
	}
	seen := map[string]string{}
	for _, query := range []string{"?to=2026-05-31", "?to=2026-05-31", "?to=2026-05-31&language=de", "?to=2026-05-31&language=ja", "?to=2026-05-31&known_on=2026-05-11"} {
		file := agent.Get(path + ".pdf" + query)
		tag := file.Header.Get("ETag")
		if file.Status != http.StatusOK || !strings.HasPrefix(file.HTML, "%PDF-") || len(tag) != 66 ||
			file.Header.Get("Content-Disposition") != `attachment; filename=statement-100001-2026-05-31.pdf` {
			t.Errorf("%s: %d %v", query, file.Status, file.Header)
		}
		if before, known := seen[tag]; known && before != query {
			t.Errorf("%s is the same as %s", query, before)
		}
		seen[tag] = query
	}
	if len(seen) != 4 {
		t.Errorf("the same statement has several hashes: %v", seen)
	}
	for query, status := range map[string]int{
		"?from=May": http.StatusUnprocessableEntity, "?from=2026-05-31&to=2026-05-01": http.StatusUnprocessableEntity,
		"?language=tlh": http.StatusUnprocessableEntity, "?currency=1": http.StatusUnprocessableEntity,
	} {
		if a := agent.Get(path + ".pdf" + query); a.Status != status {
			t.Errorf("%s: %d %s", query, a.Status, a.Text)
		}
	}
	if a := agent.Get("/customers/999999/statement.pdf"); a.Status != http.StatusNotFound {
		t.Errorf("of nobody: %d", a.Status)
	}
}

func TestADocumentsPaperByItsNumber(t *testing.T) {
	t.Parallel()
	r := openMoney(t)
	posted := memo(t, r)
	agent := r.As(access.Agent)
	if a := agent.Get("/documents/" + posted.Number + "/pdf"); a.Status != http.StatusOK || !strings.HasPrefix(a.HTML, "%PDF-") {
		t.Errorf("%s: %d %s", posted.Number, a.Status, a.Text)
	}
	for _, number := range []string{"RF-DE-2026-00001", r.Company.LumenBill.Number} {
		if a := agent.Get("/documents/" + number + "/pdf"); a.Status != http.StatusNotFound {
			t.Errorf("%s has a paper: %d", number, a.Status)
		}
	}
	lacks := agent.Get("/documents/" + posted.Number + "/xml")
	has(t, lacks, posted.Number+" cannot be written for the customer's own system yet.", "buyer endpoint: The electronic document needs this.")
	dbtest.AsOwner(t, r.DB, `update legal_entities set phone = '+49 40 0'`, `update customers set endpoint_scheme = '0060', endpoint_id = '910000001'`)
	if a := agent.Get("/documents/" + posted.Number + "/xml"); a.Status != http.StatusOK || !strings.Contains(a.HTML, "<CreditNote") || !strings.HasPrefix(a.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	dbtest.AsOwner(t, r.DB, `update invoices set origin = 'imported', sequence_no = null where number = '`+r.Company.LumenBill.Number+`'`, `delete from stored_documents`)
	if a := agent.Get("/documents/" + r.Company.LumenBill.Number + "/pdf"); a.Status != http.StatusNotFound {
		t.Errorf("of another system: %d", a.Status)
	}
}

func TestAPaymentIsChargedBackAndWon(t *testing.T) {
	t.Parallel()
	r := openMoney(t)
	p := paid(t, r, "1000.00", "")
	controller := r.As(access.Controller)
	if a := controller.Post("/customers/100001/apply", fields(controller.Get("/customers/100001/apply?by=oldest"))); a.Status != http.StatusSeeOther {
		t.Fatalf("apply: %d %s", a.Status, a.Text)
	}
	path := "/payments/" + p.Number
	page := controller.Get(path)
	has(t, page, "Settles invoices 1,000.00", "Unapplied 0.00", "The bank took nothing back.", r.Company.LumenBill.Number, "balanced")
	key := regexp.MustCompile(`name="key" value="([^"]+)"`).FindStringSubmatch(page.HTML)[1]
	form := url.Values{"amount": {"400.00"}, "on": {"2026-05-13"}, "reason": {"Not authorised"}, "key": {key}}
	has(t, controller.Post(path+"/charge-back", form), "Enter a day that has come.")
	form.Set("on", "2026-05-12")
	form.Set("amount", "1000.01")
	has(t, controller.Post(path+"/charge-back", form), "More than what is open.")
	openOn(t, r, "785.00")
	form.Set("amount", "400.00")
	for range 2 { // a second press records nothing more
		if a := controller.Post(path+"/charge-back", form); a.Status != http.StatusSeeOther {
			t.Fatalf("charge back: %d %s", a.Status, a.Text)
		}
	}
	openOn(t, r, "1185.00")
	after := controller.Get(path)
	has(t, after, "Charged back −400.00", "Not authorised", "Settles invoices 600.00", "Record that 400.00 EUR came back")
	won := regexp.MustCompile(path + `/chargebacks/\d+/won`).FindString(after.HTML)
	has(t, controller.Post(won, url.Values{"on": {""}}), "This is needed.")
	if a := controller.Post(won, url.Values{"on": {"2026-05-12"}}); a.Status != http.StatusSeeOther {
		t.Fatalf("won: %d %s", a.Status, a.Text)
	}
	openOn(t, r, "785.00")
	if end := controller.Get(path); !strings.Contains(end.Text, "came back") || strings.Contains(end.Text, "Charged back −") || strings.Contains(end.Text, "Record that") {
		t.Errorf("after it was won: %s", end.Text)
	}
	chargeback := regexp.MustCompile(`CB-[\w-]+`).FindString(after.Text)
	if a := controller.Get("/documents/" + chargeback); a.Header.Get("Location") != path {
		t.Errorf("%s is told at %q", chargeback, a.Header.Get("Location"))
	}
}

func TestAnAccountOfTheLedger(t *testing.T) {
	t.Parallel()
	r := openMoney(t)
	p := paid(t, r, "100.00", "")
	agent := r.As(access.Agent)
	const path = "/books/ledger/DE/receivable"
	may := agent.Get(path + "?month=2026-05")
	has(t, may, "May 2026", "Opening balance 0.00", r.Company.LumenBill.Number+" Invoice Lumen Optik GmbH 1,785.00 EUR 1,785.00 1,785.00",
		r.Company.FerroBill.Number+" Invoice Ferro Werke AG 107.00 EUR 107.00 1,892.00", "Closing balance 1,892.00 0.00 1,892.00")
	has(t, agent.Get(path+"?month=2026-06"), "Opening balance 1,892.00", "Nothing was booked on this account in June 2026.", "Closing balance 0.00 0.00 1,892.00")
	has(t, agent.Get("/books/ledger/DE/unapplied"), p.Number+" Payment Lumen Optik GmbH −100.00 EUR 100.00 −100.00")
	if !strings.Contains(agent.Get("/invoices/"+r.Company.LumenBill.Number).HTML, `href="`+path+`?month=2026-05"`) {
		t.Error("an invoice's postings do not lead to the account")
	}
	first, err := r.Reports.Books(r.Billing, r.Credits).Ledger(t.Context(), reports.LedgerQuery{
		Entity: "DE", Account: ledger.Receivable, Month: r.Clock.Now(), Limit: 1,
	}, r.Actor(access.Agent))
	r.Must(err)
	rest := agent.Get(path + "?month=2026-05&after=" + url.QueryEscape(first.Next))
	if has(t, rest, "Carried over from the beginning of the month 1,785.00", "107.00 1,892.00", "Closing balance"); strings.Contains(rest.Text, r.Company.LumenBill.Number) {
		t.Error("a page repeats the one before")
	}
	for path, want := range map[string]int{"/books/ledger/DE/none": 404, "/books/ledger/XX/receivable": 404, path + "?month=May": 422} {
		if a := agent.Get(path); a.Status != want {
			t.Errorf("%s: %d, want %d", path, a.Status, want)
		}
	}
}
