package books_test

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"

	"makegood/internal/access"
	"makegood/internal/web"
	"makegood/ui/books"
)

func TestCreditTermsAreSetOnScreen(t *testing.T) {
	t.Parallel()
	r := open(t)
	s := books.New(r.Desk, r.Reports.Books(r.Billing, r.Credits), r.Billing)
	r.Echo.GET("/customers/:account/edit", s.EditCustomer, web.Need(access.KeepCustomers))
	r.Echo.POST("/customers/:account/credit-terms", s.SaveCreditTerms, web.Need(access.KeepCustomers))
	controller := r.As(access.Controller)
	page := controller.Get("/customers/100001/edit")
	has(t, page, "May owe at most, EUR", "On hold for further credit because")
	version := regexp.MustCompile(`name="version" value="([0-9]+)"`).FindStringSubmatch(page.HTML)
	if version == nil {
		t.Fatal("no version on the form")
	}
	form := url.Values{"version": {version[1]}, "limit": {"much"}, "hold": {"Two promises were broken"}}
	if a := controller.Post("/customers/100001/credit-terms", form); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("much: %d", a.Status)
	}
	form.Set("limit", "1000.00")
	if a := controller.Post("/customers/100001/credit-terms", form); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	has(t, controller.Get("/customers/100001"), "Credit limit 1,000.00", "785.00 EUR over the credit limit.", "On hold for further credit. Two promises were broken")
	has(t, controller.Post("/customers/100001/credit-terms", form), "changed") // a stale version
	if a := r.As(access.Agent).Post("/customers/100001/credit-terms", form); a.Status != http.StatusForbidden {
		t.Errorf("an agent: %d", a.Status)
	}
}
