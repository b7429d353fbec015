package api_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/api"
	"makegood/internal/dbtest"
	"makegood/internal/i18n"
	"makegood/internal/idempotency"
	"makegood/internal/people"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// caller asks the API on an invented company's books as somebody with a token.
type caller struct {
	t     *testing.T
	room  *screentest.Room
	token string
}

func open(t *testing.T, role access.Role) caller {
	t.Helper()
	return openWith(t, role, nil)
}

func openWith(t *testing.T, role access.Role, logger *slog.Logger) caller {
	t.Helper()
	room := screentest.Open(t)
	words, err := i18n.Load()
	room.Must(err)
	api.Mount(room.Echo, api.Services{
		People: room.People, Billing: room.Billing, Cases: room.Cases, Credits: room.Credits, Inbox: room.Inbox, Reports: room.Reports,
		Idempotency: idempotency.New(room.DB), Words: words, PublicURL: "http://desk.example", Logger: logger,
	})
	token, err := room.People.CreateToken(t.Context(), people.NewToken{UserID: room.Company.Users[role].ID, Name: "test", Kind: "person", By: access.SystemActor("test")})
	room.Must(err)
	return caller{t, room, token}
}

func (c caller) get(path, accept string) *httptest.ResponseRecorder {
	c.t.Helper()
	request := httptest.NewRequest(http.MethodGet, "/api/v1"+path, nil).WithContext(c.t.Context())
	request.Header.Set(echo.HeaderAuthorization, "Bearer "+c.token)
	if accept != "" {
		request.Header.Set(echo.HeaderAccept, accept)
	}
	recorder := httptest.NewRecorder()
	c.room.Echo.ServeHTTP(recorder, request)
	return recorder
}

// read reads a JSON answer.
func (c caller) read(path string, into any) {
	c.t.Helper()
	answer := c.get(path, "")
	if answer.Code != http.StatusOK || !strings.HasPrefix(answer.Header().Get(echo.HeaderContentType), "application/json") {
		c.t.Fatalf("%s: %d %s: %s", path, answer.Code, answer.Header().Get(echo.HeaderContentType), answer.Body)
	}
	if err := json.Unmarshal(answer.Body.Bytes(), into); err != nil {
		c.t.Fatalf("%s: %v: %s", path, err, answer.Body)
	}
}

// history gives the company two older invoices and a payment: as of 12 May 2026, 1,190.00 is 31 days late.
func (c caller) history() {
	c.t.Helper()
	lumen := c.room.Company.Lumen
	day := billing.Date(c.room.DB.Now())
	old, err := c.room.Billing.IssueInvoice(c.t.Context(), billing.NewInvoice{
		EntityID: lumen.EntityID, CustomerID: lumen.ID, Currency: "EUR", IssuedOn: day.AddDate(0, 0, -61), DueOn: day.AddDate(0, 0, -31),
		ServiceFrom: day.AddDate(0, 0, -91), ServiceTo: day.AddDate(0, 0, -62), By: c.room.Actor(access.Controller),
		Lines: []billing.NewLine{{Product: "NET", Description: "Network", Quantity: decimal.NewFromInt(1), UnitPrice: decimal.NewFromInt(2000), TaxCategory: "S", TaxRate: decimal.NewFromInt(19)}},
	})
	c.room.Must(err)
	_, err = c.room.Billing.RecordPayment(c.t.Context(), billing.NewPayment{
		EntityID: lumen.EntityID, CustomerID: lumen.ID, Currency: "EUR", Amount: decimal.NewFromInt(1250), ReceivedOn: day.AddDate(0, 0, -40),
		Allocate: []billing.Allocate{{InvoiceID: old.ID, Amount: decimal.NewFromInt(1190)}}, By: c.room.Actor(access.Controller),
	})
	c.room.Must(err)
}

func TestAging(t *testing.T) {
	t.Parallel()
	c := open(t, access.Controller)
	c.history()
	c.room.Dispute("595.00")
	var aging api.Aging
	c.read("/reports/aging", &aging)
	if aging.AsOf != "2026-05-12" || len(aging.Sections) != 1 {
		t.Fatalf("%+v", aging)
	}
	s := aging.Sections[0]
	if got := s.Receivable.Open.Amount + " " + s.Receivable.Disputed.Amount; got != "3082.00 595.00" { // 1,785.00 + 107.00 + 1,190.00
		t.Errorf("receivable and disputed %s", got)
	}
	if s.Owed[2].Range != "31-60" || s.Owed[2].Open.Amount != "1190.00" || s.Cash[2].Open.Amount != "60.00" {
		t.Errorf("31 days late %+v, 40 days unapplied %+v", s.Owed[2], s.Cash[2])
	}
	c.read("/reports/aging?as_of=2026-04-01&buckets=0,30,60,90", &aging)
	if s = aging.Sections[0]; s.Receivable.Open.Amount != "2380.00" || len(s.Owed) != 5 {
		t.Errorf("before the payment %+v", s)
	}
	c.read("/reports/aging?as_of=2026-05-11&basis=known_then", &aging)
	if len(aging.Sections) != 0 {
		t.Errorf("all was posted on the 12th, but the 11th knew %+v", aging.Sections)
	}
}

func TestAgingRows(t *testing.T) {
	t.Parallel()
	c := open(t, access.Controller)
	c.history()
	var customers api.AgingCustomers
	c.read("/reports/aging/customers?limit=1", &customers)
	if len(customers.Items) != 1 || customers.Items[0].Open.Amount != "2975.00" || customers.Items[0].ByAge["31-60"].Amount != "1190.00" || customers.NextCursor == "" {
		t.Fatalf("%+v", customers)
	}
	c.read("/reports/aging/customers?limit=1&cursor="+customers.NextCursor, &customers)
	if len(customers.Items) != 1 || customers.Items[0].Name != "Ferro Werke AG" {
		t.Errorf("%+v", customers)
	}
	var items api.AgingItems
	c.read("/reports/aging/items?side=owed&range=31-60", &items)
	if len(items.Items) != 1 || items.Items[0].Days != 31 || items.Items[0].Customer != "100001" {
		t.Errorf("%+v", items)
	}
}

func TestDSOAndKPIs(t *testing.T) {
	t.Parallel()
	c := open(t, access.Auditor)
	c.history()
	var dso api.DSO
	c.read("/reports/dso?days=90", &dso)
	f := dso.Sections[0].Figures[0]
	if f.Name != "dso" || f.Value == nil || *f.Value != "64.9298" || !strings.Contains(f.Definition, "÷") { // 3,082 × 90 ÷ 4,272
		t.Errorf("%+v", f)
	}
	var kpis api.KPIs
	c.read("/reports/kpis?days=30", &kpis)
	found := map[string]*string{}
	for _, f := range kpis.Sections[0].Figures {
		found[f.Name] = f.Value
	}
	if got := found["credit_sales"]; got == nil || *got != "1892.00" {
		t.Errorf("sales %v", got)
	}
	if value, there := found["dispute_time"]; !there || value != nil {
		t.Errorf("without a dispute there is no time to resolve: %v, %t", value, there)
	}
}

func TestReportsAsTables(t *testing.T) {
	t.Parallel()
	c := open(t, access.Controller)
	c.history()
	for path, want := range map[string]string{
		"/reports/aging": "As of", "/reports/aging/customers": "Account", "/reports/aging/items": "Document", "/reports/dso": "From", "/reports/kpis": "From",
	} {
		answer := c.get(path, "text/csv")
		rows, err := csv.NewReader(answer.Body).ReadAll()
		if err != nil || answer.Header().Get(echo.HeaderContentType) != "text/csv" || len(rows) < 2 || rows[0][0] != want {
			t.Errorf("%s: %s %v (%v)", path, answer.Header(), rows, err)
		}
		answer = c.get(path, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
		book, err := excelize.OpenReader(bytes.NewReader(answer.Body.Bytes()))
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if got, err := book.GetCellValue(book.GetSheetName(0), "A1"); err != nil || got != want {
			t.Errorf("%s: A1 is %q (%v)", path, got, err)
		}
		_ = book.Close()
	}
}

func TestReportsSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	c := open(t, access.Controller)
	for path, want := range map[string]string{
		"/reports/aging?as_of=yesterday": "as_of", "/reports/aging?buckets=30,20": "buckets", "/reports/aging?currency=EURO": "currency",
		"/reports/aging/items?range=91%2B": "bucket", "/reports/dso?days=4000": "days", "/reports/aging/customers?cursor=x": "cursor",
	} {
		answer := c.get(path, "")
		if answer.Code != http.StatusUnprocessableEntity || !strings.Contains(answer.Body.String(), want) {
			t.Errorf("%s: %d %s", path, answer.Code, answer.Body)
		}
	}
	if answer := c.get("/reports/aging?entity=FR", ""); answer.Code != http.StatusNotFound {
		t.Errorf("an unknown entity: %d %s", answer.Code, answer.Body)
	}
	agent := open(t, access.Agent)
	if answer := agent.get("/reports/aging", ""); answer.Code != http.StatusForbidden {
		t.Errorf("an agent reads reports: %d %s", answer.Code, answer.Body)
	}
}
