package propose_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/access"
	"makegood/ui/screentest"
)

// rests leaves 4.50 open on Lumen's invoice and 7.00 on Ferro's, and goes to 20 June, nine days after they fell due.
func rests(t *testing.T, r *screentest.Room) {
	t.Helper()
	for _, paid := range []struct {
		bill   billing.Invoice
		amount string
	}{{r.Company.LumenBill, "1780.50"}, {r.Company.FerroBill, "100.00"}} {
		amount := decimal.RequireFromString(paid.amount)
		_, err := r.Billing.RecordPayment(t.Context(), billing.NewPayment{
			EntityID: paid.bill.EntityID, CustomerID: paid.bill.CustomerID, Currency: "EUR", Amount: amount, ReceivedOn: billing.Date(r.Clock.Now()), By: access.SystemActor("test"),
			Allocate: []billing.Allocate{{InvoiceID: paid.bill.ID, Amount: amount}},
		})
		r.Must(err)
	}
	r.Clock.Set(time.Date(2026, 6, 20, 8, 0, 0, 0, time.UTC))
}

const smallFilter = "entity=DE&currency=eur&threshold=7&days_overdue=9"

// TestSmallBalances: an agent looks at what is small, sees what it comes to and who approves, and sends it as one request for
// both customers. It stands as asked for from then on, and cannot be asked for twice.
func TestSmallBalances(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	rests(t, r)
	agent := r.As(access.Agent)
	page := agent.Get("/collections/small-balances?" + smallFilter)
	if page.Status != http.StatusOK {
		t.Fatalf("status %d: %s", page.Status, page.Text)
	}
	for _, want := range []string{
		r.Company.LumenBill.Number, r.Company.FerroBill.Number, "Ferro Werke AG", "9 days", "2 small rests, 11.50 EUR in all", "−11.50", "Send 11.50 EUR to", "2 invoices are no longer owed",
	} {
		if !strings.Contains(page.Text, want) {
			t.Errorf("page lacks %q: %s", want, page.Text)
		}
	}
	form, err := url.ParseQuery(smallFilter)
	r.Must(err)
	one := "invoice-" + strconv.FormatInt(int64(r.Company.FerroBill.ID), 10)
	form["kind"], form["reason_code"], form["key"] = []string{"write_off"}, []string{"unknown_charge"}, []string{"one-form"}
	form["explanation"], form["proof"] = []string{"Costs more to collect"}, []string{"Policy of small rests"}
	form["item"] = []string{one}
	part := agent.HTMX().Post("/collections/small-balances/preview", form)
	if part.Status != http.StatusOK || strings.Contains(part.HTML, "<html") || !strings.Contains(part.Text, "−7.00") {
		t.Fatalf("%d: %s", part.Status, part.Text)
	}
	form["item"] = []string{one, "invoice-" + strconv.FormatInt(int64(r.Company.LumenBill.ID), 10)}
	answer := agent.Post("/collections/small-balances", form)
	if answer.Status != http.StatusSeeOther || !strings.HasPrefix(answer.Header.Get("Location"), "/approvals/") {
		t.Fatalf("%d to %q: %s", answer.Status, answer.Header.Get("Location"), answer.Text)
	}
	found, err := r.Credits.List(t.Context(), credits.ListFilter{}, r.Actor(access.Controller))
	r.Must(err)
	if len(found.Rows) != 1 || found.Rows[0].Kind != billing.WriteOff || !found.Rows[0].Total.Equal(decimal.RequireFromString("11.50")) || found.Rows[0].Account != "" {
		t.Fatalf("%+v", found.Rows)
	}
	page = agent.Get("/collections/small-balances?" + smallFilter)
	if n := strings.Count(page.Text, "Given up by "+found.Rows[0].Number+" already"); n != 2 || !strings.Contains(page.Text, "Nothing given up yet") {
		t.Errorf("%d times: %s", n, page.Text)
	}
}

// TestSmallBalancesThatAreNoMore: what was paid or disputed since the list was drawn is said, not left out; money of the
// customer's own that would settle the rest is pointed at, and that rest is not ticked; a filter that is none says why.
func TestSmallBalancesThatAreNoMore(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	rests(t, r)
	agent := r.As(access.Agent)
	gone, err := url.ParseQuery(smallFilter)
	r.Must(err)
	gone["kind"], gone["reason_code"], gone["item"] = []string{"write_off"}, []string{"unknown_charge"}, []string{"invoice-" + strconv.FormatInt(int64(r.Company.FerroBill.ID), 10), "invoice-99999"}
	if answer := agent.Post("/collections/small-balances", gone); answer.Status != http.StatusUnprocessableEntity || !strings.Contains(answer.Text, "Of what was ticked, 1 no longer is small") {
		t.Errorf("%d: %s", answer.Status, answer.Text)
	}
	_, err = r.Billing.RecordPayment(t.Context(), billing.NewPayment{
		EntityID: r.Company.Entity.ID, CustomerID: r.Company.Ferro.ID, Currency: "EUR", Amount: decimal.NewFromInt(7), ReceivedOn: billing.Date(r.Clock.Now()), By: access.SystemActor("test"),
	})
	r.Must(err)
	page := agent.Get("/collections/small-balances?" + smallFilter)
	if !strings.Contains(page.Text, "Has 7.00 EUR not used: apply it instead") || !strings.Contains(page.Text, "−4.50") {
		t.Errorf("%s", page.Text)
	}
	for query, want := range map[string]string{
		"threshold=none":  "Enter an amount above zero",
		"days_overdue=0":  "overdue for one day at least",
		"currency=XYZ1":   "is no ISO 4217 currency",
		"threshold=-1.00": "Enter an amount above zero",
	} {
		if page := agent.Get("/collections/small-balances?" + query); page.Status != http.StatusUnprocessableEntity || !strings.Contains(page.Text, want) {
			t.Errorf("%s: %d %s", query, page.Status, page.Text)
		}
	}
	if page := agent.Get("/collections/small-balances?entity=XX"); page.Status != http.StatusNotFound {
		t.Errorf("another entity: %d", page.Status)
	}
}
