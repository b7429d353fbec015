package propose_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/access"
)

func onAccount(kind string) url.Values {
	return url.Values{
		"kind": {kind}, "reason_code": {"unknown_charge"}, "explanation": {"As promised in March"}, "proof": {"Letter of 3 March"}, "key": {kind},
		"bill.description": {"Goodwill for the first quarter", "Training"}, "bill.quantity": {"", "2.5"}, "bill.price": {"100", "80.00"}, "bill.tax": {"S 19", "S 19"},
	}
}

// TestCreditWithoutAnInvoice: goodwill is given to a customer by lines with their own tax, worked out as they are typed, and
// the request is changed on the same form.
func TestCreditWithoutAnInvoice(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	agent := r.As(access.Agent)
	path := "/customers/" + r.Company.Lumen.Account + "/refund"
	page := agent.Get(path + "?kind=concession")
	for _, want := range []string{"Without an invoice", "Goodwill, without an invoice", "What is given , without tax, in EUR", "19 %", "Type what is given and choose a reason"} {
		if !strings.Contains(page.Text, want) {
			t.Errorf("page lacks %q: %s", want, page.Text)
		}
	}
	if !strings.Contains(page.HTML, `value="concession" checked`) {
		t.Error("the kind of the address is not chosen")
	}
	form := onAccount("concession")
	part := agent.HTMX().Post(path+"/preview", form)
	for _, want := range []string{"−357.00", "57.00", "Credit balance 357.00", "Credit not used yet 0.00 → 357.00"} {
		if !strings.Contains(part.Text, want) {
			t.Errorf("preview lacks %q: %s", want, part.Text)
		}
	}
	if strings.Contains(part.Text, "This invoice") {
		t.Errorf("there is no invoice to reduce: %s", part.Text)
	}
	wrong := onAccount("concession")
	wrong["bill.description"] = []string{"", "Training"}
	if part := agent.HTMX().Post(path+"/preview", wrong); !strings.Contains(part.HTML, `hx-target="#pr-err-bill" hx-swap="innerHTML">`) || strings.Contains(part.Text, "357.00") {
		t.Errorf("a line without words: %s", part.Text)
	}
	answer := agent.Post(path, form)
	if answer.Status != http.StatusSeeOther {
		t.Fatalf("%d: %s", answer.Status, answer.Text)
	}
	found, err := r.Credits.List(t.Context(), credits.ListFilter{}, r.Actor(access.Controller))
	r.Must(err)
	if len(found.Rows) != 1 || found.Rows[0].Kind != billing.Concession || found.Rows[0].InvoiceNumber != "" || found.Rows[0].Account != r.Company.Lumen.Account || !found.Rows[0].Total.Equal(decimal.NewFromInt(357)) {
		t.Fatalf("%+v", found.Rows)
	}
	change := fmt.Sprintf("/approvals/%d/change", found.Rows[0].ID)
	page = agent.Get(change)
	if page.Status != http.StatusOK || !strings.Contains(page.HTML, `value="Training"`) || !strings.Contains(page.HTML, `value="200.00"`) || !strings.Contains(page.Text, "357.00") {
		t.Errorf("%d: %s", page.Status, page.Text)
	}
	form["bill.description"], form["bill.quantity"], form["bill.price"], form["bill.tax"] = form["bill.description"][:1], []string{""}, []string{"100"}, []string{"S 19"}
	form.Set("version", "1")
	form.Set("answer", "Without the training")
	if answer = agent.Post(change, form); answer.Status != http.StatusSeeOther {
		t.Fatalf("%d: %s", answer.Status, answer.Text)
	}
	changed, err := r.Credits.Request(t.Context(), r.DB, found.Rows[0].ID, r.Actor(access.Controller))
	r.Must(err)
	if !changed.Total.Equal(decimal.NewFromInt(119)) || changed.ContentVersion != 2 {
		t.Errorf("%s in version %d", changed.Total, changed.ContentVersion)
	}
}

// TestDebitWithoutAnInvoice: a customer is charged for what is on no invoice.
func TestDebitWithoutAnInvoice(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	agent := r.As(access.Agent)
	path := "/customers/" + r.Company.Ferro.Account + "/refund"
	form := onAccount("debit")
	form["bill.tax"] = []string{"S 7", "S 7"}
	part := agent.HTMX().Post(path+"/preview", form)
	for _, want := range []string{"Debit memo", "321.00", "21.00", "Customer open 107.00 → 428.00"} {
		if !strings.Contains(part.Text, want) {
			t.Errorf("preview lacks %q: %s", want, part.Text)
		}
	}
	if answer := agent.Post(path, form); answer.Status != http.StatusSeeOther {
		t.Fatalf("%d: %s", answer.Status, answer.Text)
	}
	found, err := r.Credits.List(t.Context(), credits.ListFilter{}, r.Actor(access.Controller))
	r.Must(err)
	if len(found.Rows) != 1 || found.Rows[0].Kind != billing.Debit || found.Rows[0].Account != r.Company.Ferro.Account {
		t.Fatalf("%+v", found.Rows)
	}
	form.Set("key", "other")
	form["bill.tax"] = []string{"nineteen", "S 7"}
	if answer := agent.Post(path, form); answer.Status != http.StatusUnprocessableEntity || !strings.Contains(answer.Text, "Write a tax as its category and per cent") {
		t.Errorf("%d: %s", answer.Status, answer.Text)
	}
}
