package imports_test

import (
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"makegood/cases/helpdesk"
	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/internal/jobs/jobstest"
	"makegood/internal/people"
	"makegood/internal/scenario"
	"makegood/internal/web"
	"makegood/ui/imports"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func open(t *testing.T) *screentest.Room {
	t.Helper()
	r := screentest.Open(t)
	r.Billing.RegisterImports(r.Registry)
	past := helpdesk.New(helpdesk.Services{DB: r.DB, Billing: r.Billing, Cases: r.Cases}, slog.New(slog.DiscardHandler))
	past.Register(r.Registry)
	s := imports.New(r.Desk, r.Billing, r.Reading, past)
	r.Echo.GET("/imports", s.List, web.Need(access.ReadBooks))
	r.Echo.POST("/imports", s.Give, web.Need(access.RecordPayment))
	r.Echo.GET("/imports/files/:id", s.File, web.Need(access.RecordPayment))
	r.Echo.POST("/imports/files/:id", s.Read, web.Need(access.RecordPayment))
	r.Echo.GET("/imports/cases", s.Past, web.Need(access.Administer))
	r.Echo.POST("/imports/cases", s.GivePast, web.Need(access.Administer))
	r.Echo.GET("/imports/cases/:id", s.PastImport, web.Need(access.Administer))
	r.Echo.GET("/imports/cases/:id/rejected", s.PastRejected, web.Need(access.Administer))
	r.Echo.POST("/imports/cases/:id/start", s.StartPast, web.Need(access.Administer))
	r.Echo.POST("/imports/cases/:id/discard", s.DiscardPast, web.Need(access.Administer))
	r.Echo.GET("/imports/:id", s.Batch, web.Need(access.ReadBooks))
	r.Echo.GET("/imports/:id/rejected", s.Rejected, web.Need(access.ReadBooks))
	r.Echo.POST("/imports/:id/start", s.Start, web.Need(access.RecordPayment))
	r.Echo.POST("/imports/:id/discard", s.Discard, web.Need(access.RecordPayment))
	r.Echo.POST("/imports/:id/approve", s.Approve, web.Need(access.SignImports))
	r.Echo.POST("/imports/:id/refuse", s.Refuse, web.Need(access.SignImports))
	r.Echo.POST("/imports/live/:entity/read", s.ReadNow, web.Need(access.IssueInvoice))
	r.Echo.POST("/imports/live/:entity", s.SetSource, web.Need(access.Administer))
	return r
}

func has(t *testing.T, a screentest.Answer, status int, wants ...string) {
	t.Helper()
	if a.Status != status {
		t.Errorf("status %d, want %d", a.Status, status)
	}
	for _, want := range wants {
		if !strings.Contains(a.Text, want) {
			t.Errorf("answer lacks %q: %s", want, a.Text)
		}
	}
}

// follow gives the address that a form leads to.
func follow(t *testing.T, a screentest.Answer) string {
	t.Helper()
	if a.Status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", a.Status, a.Text)
	}
	return a.Header.Get("Location")
}

var checked = regexp.MustCompile(`<select[^>]*name="([^"]+)"[^>]*>|<option value="([^"]*)" selected`)

// form is what the page of a file would send: its columns as they are chosen.
func form(page string) url.Values {
	values, name := url.Values{"seen": {"1"}}, ""
	for _, m := range checked.FindAllStringSubmatch(page, -1) {
		if m[1] != "" {
			name = m[1]
		} else {
			values.Set(name, m[2])
		}
	}
	return values
}

// second is another person of the company, who signs in.
func second(t *testing.T, r *screentest.Room, role access.Role) *screentest.Visitor {
	t.Helper()
	_, err := r.People.AddUser(t.Context(), people.NewUser{
		Email: "second@ostwind.example", Name: "Sara Second", Password: scenario.Password, Roles: []access.Role{role}, By: access.SystemActor("test"),
	})
	r.Must(err)
	return r.AsUser("second@ostwind.example")
}

// TestAFileComesIn goes the whole way: give it, see its columns, mend them, dry run, bring it in, have its credits
// approved by somebody else.
func TestAFileComesIn(t *testing.T) {
	t.Parallel()
	r := open(t)
	controller := r.As(access.Controller)
	account := r.Company.Lumen.Account
	content := "Ref,Account,Issued,Sum,Tax rate\nNB-1," + account + ",02/03/2026,119.00,19\nNB-2," + account + ",03/03/2026,11.90,19\n" +
		"NB-3,NOBODY,04/03/2026,5.00,19\nCN-NB-1," + account + ",05/03/2026,7.00,0\n"
	has(t, controller.Get("/imports"), 200, "Nothing was brought in yet", "From which system")
	give := map[string]string{"kind": "invoices", "entity": "DE", "system": "northbooks"}
	file := follow(t, controller.Give("/imports", give, "march.csv", content))
	page := controller.Get(file)
	has(t, page, 200, "march.csv", "Ref", "NB-1", "No column was found for number", "not read")

	values := form(page.HTML)
	values.Set("col_number", "Ref")
	values.Set("col_total", "Sum")
	values.Set("col_issued_on", "Issued")
	values.Set("default_currency", "EUR")
	has(t, controller.Get(file+"?"+values.Encode()), 200, "Day or month first? Issued on can be read either way.")
	values.Set("date_order", "DD.MM.YYYY")
	values.Set("credit_prefix", "CN-")
	has(t, controller.Get(file+"?"+values.Encode()), 200, "Ref Number", "Sum Total")
	values.Set("whole", "on")
	batch := follow(t, controller.Post(file, values))
	has(t, controller.Get(batch), 200, "Dry run", "The whole file or nothing: 1 rows keep it out.", "There is no customer with the account NOBODY.", "Read it differently")
	has(t, controller.Post(batch+"/start", nil), 422, "Nothing was changed. 1 rows cannot be brought in")

	values.Del("whole")
	again := follow(t, controller.Post(file, values))
	has(t, controller.Get(batch), 200, "Discarded")
	has(t, controller.Get(again), 200, "Bring 3 records in", "Not taken 1")
	follow(t, controller.Post(again+"/start", nil))
	moving := controller.Get(again)
	has(t, moving, 200, "Coming in", "0 of 3 records")
	if !strings.Contains(moving.HTML, `data-live="import:`) || !strings.Contains(moving.HTML, `aria-valuenow="0"`) {
		t.Error("nobody would see it move")
	}
	jobstest.DrainNow(t, r.DB, r.Registry, r.Clock)
	has(t, controller.Get(again), 200, "Waits for approval", "1 credit waits for approval. Somebody else has to approve them: you gave the file.", "Came in 2")
	has(t, controller.HTMX().Get(again), 200, "Waits for approval")
	has(t, controller.Post(again+"/approve", nil), 403, "Nobody approves the credits of a file they brought in themselves.")
	has(t, r.As(access.Auditor).Get(again), 200, "A controller or director whose level reaches to what each customer gets has to approve them.")
	has(t, controller.Get(again+"?show=failed"), 200, "NB-3")

	other := second(t, r, access.Controller)
	has(t, other.Post(again+"/refuse", url.Values{"reason": {""}}), 422, "Refuse them")
	has(t, other.Post(again+"/approve", nil), 403, "gets 7.00 EUR, which is more than your level reaches to", "march.csv", "Waits for approval")
	follow(t, r.As(access.Director).Post(again+"/approve", nil))
	jobstest.DrainNow(t, r.DB, r.Registry, r.Clock)
	has(t, controller.Get(again), 200, "Done", "Approved by", "Came in 3")
	has(t, controller.Get("/imports"), 200, "march.csv", "Carl Controller", "Done", "Discarded")

	rejected := controller.Get(again + "/rejected")
	if rejected.Status != 200 || !strings.Contains(rejected.HTML, "NB-3") || !strings.Contains(rejected.HTML, "NOBODY") || strings.Contains(rejected.HTML, "NB-2") {
		t.Errorf("rejected rows: %s", rejected.HTML)
	}
	has(t, controller.Get(file), 404)
}

// TestCreditsAreRefused leaves them out for good, with the reason beside each.
func TestCreditsAreRefused(t *testing.T) {
	t.Parallel()
	r := open(t)
	controller := r.As(access.Controller)
	give := map[string]string{"kind": "credit_notes", "entity": "DE", "system": "northbooks"}
	file := follow(t, controller.Give("/imports", give, "notes.csv", "credit note number,customer,date,currency,product,qty,unit price,tax rate\nNC-1,"+
		r.Company.Lumen.Account+",2026-03-11,EUR,THANKS,1,5,0\n"))
	batch := follow(t, controller.Post(file, form(controller.Get(file).HTML)))
	follow(t, controller.Post(batch+"/start", nil))
	jobstest.DrainNow(t, r.DB, r.Registry, r.Clock)
	follow(t, second(t, r, access.Controller).Post(batch+"/refuse", url.Values{"reason": {"Booked twice"}}))
	has(t, controller.Get(batch), 200, "Done", "Left out 1", "Not approved: Booked twice")
}

// TestWorkbooksAndStripe come by the same door; a file that is none is told of.
func TestWorkbooksAndStripe(t *testing.T) {
	t.Parallel()
	r := open(t)
	controller := r.As(access.Controller)
	give := map[string]string{"kind": "customers", "entity": "DE", "system": "northbooks"}
	book := excelize.NewFile()
	r.Must(book.SetSheetRow("Sheet1", "A1", &[]any{"account", "name", "country", "currency"}))
	r.Must(book.SetSheetRow("Sheet1", "A2", &[]any{"Q-1", "Quartz", "JP", "JPY"}))
	content, err := book.WriteToBuffer()
	r.Must(err)
	file := follow(t, controller.Give("/imports", give, "customers.xlsx", content.String()))
	page := controller.Get(file)
	has(t, page, 200, "Quartz", "Sheet")
	has(t, controller.Get(follow(t, controller.Post(file, form(page.HTML)))), 200, "Bring 1 records in", "Quartz · JP")

	give = map[string]string{"kind": "stripe", "entity": "DE"}
	file = follow(t, controller.Give("/imports", give, "objects.json", `{"object":"customer","id":"cus_1","name":"Sierra","address":{"country":"PT"}}`))
	has(t, controller.Get(file), 200, "Stripe objects of stripe")
	batch := follow(t, controller.Post(file, nil))
	has(t, controller.Get(batch), 200, "Bring 1 records in", "Sierra · PT")
	follow(t, controller.Post(batch+"/discard", nil))
	has(t, controller.Get(batch), 200, "Discarded", "No records")

	give = map[string]string{"kind": "invoices", "entity": "DE", "system": "northbooks"}
	file = follow(t, controller.Give("/imports", give, "letter.csv", "what,is,this\n1,2,3\n"))
	has(t, controller.Get(file), 200, "The file cannot be read this way. No row with names of columns was found")
	has(t, controller.Post(file, url.Values{"seen": {"1"}}), 422, "The file cannot be read this way.")
	has(t, controller.Give("/imports", give, "empty.csv", ""), 422, "Choose a file that holds something.")
	has(t, controller.Give("/imports", map[string]string{"kind": "invoices", "entity": "XX", "system": "n"}, "a.csv", "a"), 422)
	has(t, r.As(access.Agent).Give("/imports", give, "a.csv", "a"), 403)
	collector := second(t, r, access.Collections)
	has(t, collector.Give("/imports", give, "a.csv", "number\n1\n"), 403)
	has(t, collector.Get("/imports"), 200, "Payments")
}
