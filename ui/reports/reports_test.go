package reports_test

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/internal/web"
	"makegood/ui/reports"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func open(t *testing.T) *screentest.Room {
	t.Helper()
	r := screentest.Open(t)
	s := reports.New(r.Desk, r.Reports)
	w := reports.NewWork(s, r.Reports.Work())
	bundles := r.Reports.Evidence(r.Cases)
	e := reports.NewEvidence(w, bundles, r.Reports.Packages(bundles, r.Billing), r.Reports)
	r.Echo.POST("/reports/audit", e.Download, web.Need(access.ReadAudit))
	for path, handler := range map[string]echo.HandlerFunc{
		"/reports": s.Home, "/reports/aging": s.Aging, "/reports/aging/items": s.Items, "/reports/dso": s.DSO, "/reports/dso/trend": s.Trend, "/reports/kpis": s.KPIs,
		"/reports/kpis/:figure": s.Rows, "/reports/work": w.Overview, "/reports/work/:fact": w.Fact, "/reports/work/:fact/rows": w.WorkRows,
		"/reports/audit": e.Package, "/reports/audit-log": e.AuditLog, "/cases/:number/evidence": e.Case,
	} {
		r.Echo.GET(path, handler, web.Need(access.ReadCases))
	}
	return r
}

// history gives the company an invoice of 2,380.00 that is 31 days late on 12 May 2026 and half paid, with 60.00 too much.
func history(t *testing.T, r *screentest.Room) {
	t.Helper()
	lumen, day := r.Company.Lumen, billing.Date(r.DB.Now())
	old, err := r.Billing.IssueInvoice(t.Context(), billing.NewInvoice{
		EntityID: lumen.EntityID, CustomerID: lumen.ID, Currency: "EUR", IssuedOn: day.AddDate(0, 0, -61), DueOn: day.AddDate(0, 0, -31),
		ServiceFrom: day.AddDate(0, 0, -91), ServiceTo: day.AddDate(0, 0, -62), By: r.Actor(access.Controller),
		Lines: []billing.NewLine{{
			Product: "NET", Description: "Network", Quantity: decimal.NewFromInt(1), UnitPrice: decimal.NewFromInt(2000), TaxCategory: "S", TaxRate: decimal.NewFromInt(19),
		}},
	})
	r.Must(err)
	_, err = r.Billing.RecordPayment(t.Context(), billing.NewPayment{
		EntityID: lumen.EntityID, CustomerID: lumen.ID, Currency: "EUR", Amount: decimal.NewFromInt(1250), ReceivedOn: day.AddDate(0, 0, -40),
		Allocate: []billing.Allocate{{InvoiceID: old.ID, Amount: decimal.NewFromInt(1190)}}, By: r.Actor(access.Controller),
	})
	r.Must(err)
}

func shows(t *testing.T, a screentest.Answer, wants ...string) {
	t.Helper()
	if a.Status != http.StatusOK {
		t.Fatalf("answer %d: %s", a.Status, a.Text)
	}
	for _, want := range wants {
		if !strings.Contains(a.Text, want) && !strings.Contains(a.HTML, want) {
			t.Errorf("answer lacks %q: %s", want, a.Text)
		}
	}
}

func TestAging(t *testing.T) {
	t.Parallel()
	r := open(t)
	history(t, r)
	r.Dispute("595.00")
	page := r.As(access.Controller).Get("/reports/aging")
	shows(t, page, "Figures as of 12 May 2026", "Receivable 3,082.00 EUR", "3 documents", "In dispute 595.00 EUR", "Unapplied cash 60.00 EUR", "1,190.00 past due, 38.6 %",
		"Lumen Optik GmbH", `aria-current="page"`, `title="What customers owe at the end of the day`,
		`href="/reports/aging/items?customer=100001&amp;range=31-60&amp;section=EUR&amp;side=owed"`)
	if strings.Contains(page.HTML, "style=") {
		t.Error("a style attribute, which the policy forbids")
	}
	if !strings.Contains(page.HTML, `js/charts`) {
		t.Error("the page does not load what draws its charts")
	}
	shows(t, r.As(access.Controller).Get("/reports/aging?as_of=2026-04-01"), "Receivable 2,380.00 EUR", "Figures as of 1 Apr 2026")
	shows(t, r.As(access.Controller).Get("/reports/aging?as_of=2026-05-11&basis=known_then"), "Nothing was open", "11 May 2026")
	part := r.As(access.Controller).HTMX().Get("/reports/aging?as_of=2026-04-01")
	if shows(t, part, "2,380.00"); strings.Contains(part.HTML, "<html") || !strings.Contains(part.HTML, `id="rp-body"`) {
		t.Error("a part was asked for, and something else came")
	}
}

// What the charts draw is what the table says.
func TestChartsHoldTheFigures(t *testing.T) {
	t.Parallel()
	r := open(t)
	history(t, r)
	r.Dispute("595.00")
	page := r.As(access.Controller).Get("/reports/aging").HTML
	found := regexp.MustCompile(`data-chart="([^"]*)"`).FindAllStringSubmatch(page, -1)
	if len(found) != 2 {
		t.Fatalf("%d charts", len(found))
	}
	var option struct {
		XAxis  struct{ Data []string }
		Series []struct {
			Name string
			Data []json.Number
		}
	}
	text := strings.NewReplacer("&#34;", `"`, "&amp;", "&").Replace(found[0][1])
	if err := json.Unmarshal([]byte(text), &option); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if len(option.XAxis.Data) != 6 || len(option.Series) != 2 || option.Series[0].Data[2] != "1190" || option.Series[1].Data[0] != "595" {
		t.Errorf("%+v", option)
	}
}

func TestItems(t *testing.T) {
	t.Parallel()
	r := open(t)
	history(t, r)
	r.Dispute("595.00")
	controller := r.As(access.Controller)
	page := controller.Get("/reports/aging/items?side=owed&range=31-60&section=EUR")
	shows(t, page, "1,190.00 EUR", "31–60", "Lumen Optik GmbH", "11 Apr 2026", "what owed", `href="/invoices/`)
	if strings.Contains(page.Text, "Ferro") {
		t.Errorf("documents of another range: %s", page.Text)
	}
	shows(t, controller.Get("/reports/aging/items?disputed=1"), "595.00", "only in dispute")
	shows(t, controller.Get("/reports/aging/items?customer=999"), "No such document was open")
}

func TestDSOAndIndicators(t *testing.T) {
	t.Parallel()
	r := open(t)
	history(t, r)
	auditor := r.As(access.Auditor)
	shows(t, auditor.Get("/reports/dso"), "DSO 64.9 days", "How count-back counts", "By length of the period", "Collection effectiveness", `hx-get="/reports/dso/trend?section=EUR"`)
	shows(t, auditor.Get("/reports/dso?days=30"), "DSO 48.9 days") // 3,082 × 30 ÷ 1,892
	shows(t, auditor.HTMX().Get("/reports/dso/trend?section=EUR"), "DSO at the end of each month", "64.9298", "30\u00a0Apr\u00a02026")
	shows(t, auditor.Get("/reports/kpis"), "Paid within terms, value 50.0 % ", "Invoice error rate 0.0 %", "Bad debt", "What was written off in the period", "No credit was posted in the period")
}

func TestDownloads(t *testing.T) {
	t.Parallel()
	r := open(t)
	history(t, r)
	controller := r.As(access.Controller)
	for path, rows := range map[string]int{"/reports/aging": 3, "/reports/aging/items": 5, "/reports/dso": 2, "/reports/kpis": 30} {
		got := controller.Get(path + "?as=csv")
		list, err := csv.NewReader(strings.NewReader(got.HTML)).ReadAll()
		if err != nil || len(list) < rows || !strings.Contains(got.Header.Get("Content-Disposition"), "2026-05-12.csv") {
			t.Errorf("%s: %d rows, %s (%v)", path, len(list), got.Header, err)
		}
		book, err := excelize.OpenReader(strings.NewReader(controller.Get(path + "?as=xlsx").HTML))
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if path == "/reports/aging" && strings.Join(book.GetSheetList(), " ") != "Customers Aging Documents" {
			t.Errorf("sheets %v", book.GetSheetList())
		}
		_ = book.Close()
	}
}

func TestWhoMayAndWhatIsWrong(t *testing.T) {
	t.Parallel()
	r := open(t)
	if got := r.As(access.Agent).Get("/reports/aging"); got.Status != http.StatusForbidden {
		t.Errorf("an agent: %d", got.Status)
	}
	controller := r.As(access.Controller)
	if got := controller.Get("/reports"); got.Status != http.StatusSeeOther || got.Header.Get("Location") != "/reports/aging" {
		t.Errorf("home: %d %s", got.Status, got.Header)
	}
	for _, path := range []string{"/reports/aging?as_of=soon", "/reports/dso?days=many", "/reports/aging/items?range=old", "/reports/aging?basis=guess"} {
		if got := controller.Get(path); got.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", path, got.Status, got.Text)
		}
	}
}

// A figure of the indicators opens its rows, one of its lists after the other, and keeps what was chosen.
func TestAFigureOpensItsRows(t *testing.T) {
	t.Parallel()
	r := open(t)
	controller := r.As(access.Controller)
	number := r.Company.LumenBill.Number
	page := controller.Get("/reports/kpis?section=EUR")
	if !strings.Contains(page.HTML, `href="/reports/kpis/dso?section=EUR"`) {
		t.Error("DSO opens nothing")
	}
	rows := controller.Get("/reports/kpis/dso?section=EUR")
	shows(t, rows, "DSO", "Open at the end", "Credit sales", number, "Days sales outstanding: the receivable", "Days past due")
	shows(t, controller.Get("/reports/kpis/dso?set=sales&section=EUR"), number, "Issued")
	shows(t, controller.Get("/reports/kpis/credits?by=reason&tag=-"), "Nothing counts in it", "reason none named")
	if csv := controller.Get("/reports/kpis/credit_sales?as=csv"); !strings.Contains(csv.HTML, number) || !strings.HasPrefix(csv.HTML, "Document,Kind,Account") {
		t.Errorf("as CSV: %.80s", csv.HTML)
	}
	for path, want := range map[string]int{"/reports/kpis/luck": http.StatusNotFound, "/reports/kpis/dso?set=credit_memos": http.StatusUnprocessableEntity, "/reports/kpis/dso?after=x": http.StatusUnprocessableEntity} {
		if a := controller.Get(path); a.Status != want {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	if a := r.As(access.Agent).Get("/reports/kpis/dso"); a.Status != http.StatusForbidden {
		t.Errorf("an agent: %d", a.Status)
	}
}
