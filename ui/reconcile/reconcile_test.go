package reconcile_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/internal/jobs/jobstest"
	"makegood/internal/web"
	"makegood/ui/reconcile"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func open(t *testing.T) *screentest.Room {
	t.Helper()
	r := screentest.Open(t)
	s := reconcile.New(r.Desk, r.Billing, r.Reconciling)
	r.Echo.GET("/reconciliations", s.List, web.Need(access.ReadBooks))
	r.Echo.POST("/reconciliations", s.Start, web.Need(access.Reconcile))
	r.Echo.GET("/reconciliations/:id", s.Show, web.Need(access.ReadBooks))
	r.Echo.POST("/reconciliations/:id/again", s.Again, web.Need(access.Reconcile))
	r.Echo.POST("/reconciliations/:id/findings/:finding/case", s.Case, web.Need(access.Reconcile))
	r.Echo.POST("/reconciliations/:id/findings/:finding/explain", s.Explain, web.Need(access.Reconcile))
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

// upload is a form with a file, as a browser sends it.
func upload(t *testing.T, who *screentest.Visitor, file string, fields url.Values) screentest.Answer {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name := range fields {
		if err := form.WriteField(name, fields.Get(name)); err != nil {
			t.Fatal(err)
		}
	}
	if file != "" {
		part, err := form.CreateFormFile("file", "may.csv")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write([]byte(file)); err != nil {
			t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	return who.Send("/reconciliations", form.FormDataContentType(), &body)
}

func ofMay(more ...string) url.Values {
	v := url.Values{"entity": {"DE"}, "kind": {"invoices"}, "preset": {"netsuite"}, "from": {"2026-05-01"}, "to": {"2026-05-31"}}
	for i := 0; i+1 < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	return v
}

func TestAFileIsComparedOnScreen(t *testing.T) {
	t.Parallel()
	r := open(t)
	controller, auditor := r.As(access.Controller), r.As(access.Auditor)
	has(t, controller.Get("/reconciliations"), 200, "Nothing has been compared yet", "Compare a file", "DE, Ostwind Netz GmbH")
	bill := r.Company.LumenBill
	file := fmt.Sprintf("Invoice Number,Customer,Date,Currency,Total\n%s,100001,%s,EUR,1700.00\nNS-9,100001,2026-05-05,EUR,5.00\nNS-10,100001,2026-05-99,EUR,5.00\n", bill.Number, bill.IssuedOn.Format("2006-01-02"))
	fields := ofMay("from", bill.IssuedOn.Format("2006-01")+"-01")
	a := upload(t, controller, file, fields)
	if a.Status != http.StatusSeeOther || a.Header.Get("Location") != "/reconciliations/1" {
		t.Fatalf("started: %d to %s: %s", a.Status, a.Header.Get("Location"), a.Text)
	}
	if again := upload(t, controller, file, fields); again.Header.Get("Location") != "/reconciliations/1" {
		t.Errorf("the same again leads to %s", again.Header.Get("Location"))
	}
	has(t, controller.Get("/reconciliations/1"), 200, "Waiting", "At work.")
	jobstest.DrainNow(t, r.DB, r.Registry, r.Clock)
	const page = "/reconciliations/1"
	has(t, controller.Get(page), 200, "netsuite may.csv", "Differences open", "Rows read 3", "Different amount", "1,785.00 EUR", "1,700.00 EUR", "85.00 EUR",
		"Missing here", "Unreadable Date: There is no such day. (“2026-05-99”) row 4", "From opening to closing", "EUR Proven", "Unexplained 0.00", "Every kind")
	has(t, controller.Get(page+"?class=amount"), 200, "1,700.00 EUR", "row 2")
	if text := controller.Get(page + "?class=amount").Text; strings.Contains(text, "NS-9") {
		t.Errorf("the filter lets NS-9 through: %s", text)
	}
	has(t, controller.Get(page+"?q=ns-9"), 200, "NS-9")
	has(t, controller.Get("/reconciliations"), 200, "No. 1", "netsuite", "Differences open")
	if text := auditor.Get(page).Text; strings.Contains(text, "Open a case") || strings.Contains(text, "Compare again") {
		t.Errorf("an auditor may decide: %s", text)
	}
	has(t, r.As(access.Agent).Post(page+"/findings/1/case", nil), 403)
}

func TestAFindingIsDecidedOnScreen(t *testing.T) {
	t.Parallel()
	r := open(t)
	controller := r.As(access.Controller)
	upload(t, controller, "Invoice Number,Customer,Date,Currency,Total\nNS-1,100001,2026-05-05,EUR,5.00\nNS-2,100001,2026-05-06,EUR,6.00\n", ofMay())
	jobstest.DrainNow(t, r.DB, r.Registry, r.Clock)
	const page = "/reconciliations/1"
	ids := map[string]int{}
	for _, number := range []string{"NS-1", "NS-2"} {
		html := controller.Get(page + "?q=" + number).HTML
		at := strings.Index(html, `id="f-`)
		if _, err := fmt.Sscanf(html[at:], `id="f-%d"`, new(int)); err != nil {
			t.Fatal(err)
		}
		var id int
		_, _ = fmt.Sscanf(html[at:], `id="f-%d"`, &id)
		ids[number] = id
	}
	first, second := fmt.Sprintf("%s/findings/%d/", page, ids["NS-1"]), fmt.Sprintf("%s/findings/%d/", page, ids["NS-2"])
	has(t, controller.Post(first+"explain", url.Values{"reason": {" "}}), 422, "This is needed.")
	if a := controller.Post(first+"explain?class=missing_here", url.Values{"reason": {"Of the sister company"}}); a.Header.Get("Location") != page+"?class=missing_here" {
		t.Errorf("%d to %s: %s", a.Status, a.Header.Get("Location"), a.Text)
	}
	has(t, controller.Get(page+"?resolution=explained"), 200, "“Of the sister company”", "Carl Controller")
	has(t, controller.Post(first+"case", nil), 409, "Nothing was changed. This difference is explained or in a case already.")
	has(t, controller.HTMX().Post(second+"case", nil), 200, "Case being opened")
	controller.Post(second+"case", nil)
	jobstest.DrainNow(t, r.DB, r.Registry, r.Clock)
	has(t, controller.Get(page+"?resolution=case"), 200, "NS-2", "In a case 1", "Explained 1")
	if html := controller.Get(page + "?resolution=case").HTML; !strings.Contains(html, `href="/cases/`) {
		t.Errorf("no way to the case: %s", html)
	}
	has(t, controller.Post(first[:len(page)]+"/findings/999999/case", nil), 404)
	if a := controller.Post(page+"/again", nil); a.Header.Get("Location") != "/reconciliations/2" {
		t.Errorf("again: %d %s", a.Status, a.Header.Get("Location"))
	}
}

func TestFindingsAsAFile(t *testing.T) {
	t.Parallel()
	r := open(t)
	controller := r.As(access.Controller)
	upload(t, controller, "Invoice Number,Customer,Date,Currency,Total\n+NS-1,100001,2026-05-05,EUR,5.00\n", ofMay())
	jobstest.DrainNow(t, r.DB, r.Registry, r.Clock)
	a := controller.Get("/reconciliations/1?class=missing_here&as=csv")
	rows, err := csv.NewReader(strings.NewReader(a.HTML)).ReadAll()
	if err != nil || len(rows) != 2 || rows[1][2] != "'+NS-1" || rows[1][12] != "5.00" || rows[1][15] != "-5.00" || !strings.Contains(a.Header.Get("Content-Disposition"), "reconciliation-1.csv") {
		t.Errorf("%v %q", err, rows)
	}
	book, err := excelize.OpenReader(strings.NewReader(controller.Get("/reconciliations/1?class=missing_here&as=xlsx").HTML))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := book.GetCellValue("Findings", "M2"); err != nil || got != "5.00" {
		t.Errorf("%q %v", got, err)
	}
}

func TestWhatTheFormRefuses(t *testing.T) {
	t.Parallel()
	r := open(t)
	controller := r.As(access.Controller)
	const file = "a,b\n1,2\n"
	for want, fields := range map[string]url.Values{
		"Write a field and its column":             ofMay("columns", "number"),
		"is no amount with a currency":             ofMay("opening", "12"),
		"A period has a first and a last day":      ofMay("to", "2026-04-01"),
		"This kind of document cannot be compared": ofMay("kind", "dragons"),
		"This is needed.":                          ofMay("preset", ""),
		"This is not a number.":                    ofMay("days_apart", "a few"),
		"between 0 and 60":                         ofMay("timing_days", "61"),
	} {
		has(t, upload(t, controller, file, fields), 422, want)
	}
	has(t, upload(t, controller, "", ofMay()), 422, "This is needed.")
	has(t, upload(t, controller, file, ofMay("entity", "XX")), 404, "legal entity")
	has(t, upload(t, r.As(access.Agent), file, ofMay()), 403)
	upload(t, controller, file, ofMay())
	jobstest.DrainNow(t, r.DB, r.Registry, r.Clock)
	has(t, controller.Get("/reconciliations/1"), 200, "Cannot be compared", "The file cannot be compared.")
	has(t, controller.Get("/reconciliations/77"), 404)
}

func TestRunsOfAnotherCompany(t *testing.T) {
	t.Parallel()
	r := open(t)
	upload(t, r.As(access.Controller), "Invoice Number,Customer,Date,Currency,Total\nNS-1,100001,2026-05-05,EUR,5.00\n", ofMay())
	dbtest.AsOwner(t, r.DB, `update users set entity_ids = '{999}' where email like 'auditor@%'`)
	stranger := r.As(access.Auditor)
	has(t, stranger.Get("/reconciliations"), 200, "Nothing has been compared yet")
	has(t, stranger.Get("/reconciliations/1"), 404)
	has(t, stranger.Get("/reconciliations/1?as=csv"), 404)
}
