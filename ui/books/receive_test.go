package books_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"makegood/billing"
	"makegood/internal/access"
)

const receivePath = "/customers/100001/payments/new"

func TestAPaymentIsRecordedAndGoesOnToTheWorkbench(t *testing.T) {
	t.Parallel()
	r := openMoney(t)
	controller := r.As(access.Controller)
	has(t, controller.Get("/customers/100001"), "Record a payment…", "Enter a contract…")
	page := controller.Get(receivePath)
	has(t, page, "Payment of", "What it settles 1,785.00 EUR", r.Company.LumenBill.Number, "Record the payment")
	form := url.Values{
		"list": {"EUR"}, "currency": {"EUR"}, "amount": {"2000.00"}, "received_on": {"2026-05-12"}, "method": {"bank_transfer"},
		"bank_reference": {"Rechnung " + r.Company.LumenBill.Number}, "key": {keyOf(t, page.HTML)}, partOf(t, page.HTML): {"1000.00"},
	}
	sent := controller.Post(receivePath, form)
	if sent.Status != http.StatusSeeOther || !strings.Contains(sent.Header.Get("Location"), "by=remittance") {
		t.Fatalf("recorded: %d %s", sent.Status, sent.Header.Get("Location"))
	}
	has(t, controller.Get(sent.Header.Get("Location")), "Apply 785.00 EUR to 1 invoice")
	openOn(t, r, "785.00")
	if again := controller.Post(receivePath, form); again.Status != http.StatusSeeOther { // sent twice
		t.Fatalf("sent again: %d %s", again.Status, again.Text)
	}
	list, err := r.Billing.Payments(t.Context(), billing.PaymentFilter{CustomerID: r.Company.Lumen.ID})
	r.Must(err)
	if len(list.Rows) != 1 || list.Rows[0].BankReference != form.Get("bank_reference") {
		t.Errorf("recorded: %+v", list.Rows)
	}
	form.Set("amount", "2001.00")
	has(t, controller.Post(receivePath, form), "Nothing was recorded.")
}

func TestAPaymentIsRefusedAtItsFields(t *testing.T) {
	t.Parallel()
	r := openMoney(t)
	controller := r.As(access.Controller)
	page := controller.Get(receivePath)
	part := partOf(t, page.HTML)
	good := url.Values{"list": {"EUR"}, "currency": {"EUR"}, "amount": {"100.00"}, "received_on": {"2026-05-12"}, "method": {"card"}, "key": {"one"}}
	for _, c := range []struct{ field, text, at, says string }{
		{"amount", "", "f-amount", "This is needed."},
		{"amount", "1.234", "f-amount", "EUR"},
		{"amount", "-4", "f-amount", "above zero"},
		{"currency", "XYZ", "f-currency", "XYZ"},
		{"received_on", "2026-05-13", "f-received_on", "has come"},
		{"method", "opening_balance", "f-method", "This is needed."},
		{part, "abc", part, "abc"},
		{part, "1785.01", part, "More than what is open."},
		{part, "100.01", "f-amount", "More is allocated"},
	} {
		form := url.Values{}
		for name, values := range good {
			form[name] = values
		}
		form.Set(c.field, c.text)
		a := controller.Post(receivePath, form)
		said := regexp.MustCompile(`(?s)id="` + c.at + `-error">.*?</p>`).FindString(a.HTML)
		if a.Status != http.StatusUnprocessableEntity || !strings.Contains(said, c.says) {
			t.Errorf("%s=%q: %d, at the field: %s", c.field, c.text, a.Status, said)
		}
	}
	openOn(t, r, "1785.00")
	for _, role := range []access.Role{access.Agent, access.Auditor} {
		if a := r.As(role).Post(receivePath, good); a.Status != http.StatusForbidden {
			t.Errorf("%s records a payment: %d", role, a.Status)
		}
		if a := r.As(role).Get("/customers/100001"); strings.Contains(a.Text, "Record a payment") {
			t.Errorf("%s is led to a form that it may not send", role)
		}
	}
}

func keyOf(t *testing.T, html string) string {
	t.Helper()
	found := regexp.MustCompile(`name="key" value="([^"]+)"`).FindStringSubmatch(html)
	if found == nil {
		t.Fatal("no key on the form")
	}
	return found[1]
}

// partOf is the field of the one open invoice.
func partOf(t *testing.T, html string) string {
	t.Helper()
	found := regexp.MustCompile(`name="(invoice-[0-9]+)"`).FindStringSubmatch(html)
	if found == nil {
		t.Fatal("no open invoice on the form")
	}
	return found[1]
}
