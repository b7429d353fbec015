package books_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
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

func TestCustomersAndTheirPeopleAreEnteredOnScreen(t *testing.T) {
	t.Parallel()
	r := open(t)
	s := books.New(r.Desk, r.Reports.Books(r.Billing, r.Credits), r.Billing)
	r.Echo.GET("/customers/new", s.NewCustomer, web.Need(access.KeepCustomers))
	r.Echo.POST("/customers/new", s.AddCustomer, web.Need(access.KeepCustomers))
	r.Echo.GET("/customers/:account/contacts/new", s.NewContact, web.Need(access.KeepContacts))
	r.Echo.POST("/customers/:account/contacts/new", s.SaveContact, web.Need(access.KeepContacts))
	r.Echo.GET("/customers/:account/contacts/:id", s.EditContact, web.Need(access.KeepContacts))
	r.Echo.POST("/customers/:account/contacts/:id", s.SaveContact, web.Need(access.KeepContacts))
	controller, agent := r.As(access.Controller), r.As(access.Agent)
	has(t, controller.Get("/customers"), "New customer…")
	has(t, controller.Get("/customers/new"), "Legal entity", "Buys through", "Mail domains")
	form := url.Values{
		"entity": {"DE"}, "account": {"100001"}, "name": {"Halde Bau GmbH"}, "country": {"DE"}, "language": {"de"}, "kind": {"direct"}, "tier": {"silver"},
		"terms_days": {"soon"}, "domains": {"halde.example, gmail.com"},
	}
	if a := controller.Post("/customers/new", form); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.HTML, `value="Halde Bau GmbH"`) {
		t.Errorf("what was typed is not kept: %d", a.Status)
	}
	form.Set("terms_days", "14")
	has(t, controller.Post("/customers/new", form), "Anybody may have an address at gmail.com.")
	form.Set("domains", "halde.example")
	has(t, controller.Post("/customers/new", form), "100001 is the account of Lumen Optik GmbH already.")
	form.Set("account", "H-1")
	if a := controller.Post("/customers/new", form); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	if a := agent.Post("/customers/new", form); a.Status != http.StatusForbidden {
		t.Errorf("an agent: %d", a.Status)
	}
	has(t, agent.Get("/customers/H-1"), "Halde Bau GmbH", "Add a person…")
	has(t, agent.Get("/customers/H-1/contacts/new"), "Mail address", "What they do there")
	person := url.Values{"name": {"Eva Roth"}, "email": {"eva"}, "title": {"Accounts payable"}}
	has(t, agent.Post("/customers/H-1/contacts/new", person), "This is not a mail address.")
	person.Set("email", "eva@halde.example")
	if a := agent.Post("/customers/H-1/contacts/new", person); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	page := agent.Get("/customers/H-1")
	has(t, page, "Eva Roth", "eva@halde.example")
	path := regexp.MustCompile(`/customers/H-1/contacts/[0-9]+`).FindString(page.HTML)
	has(t, agent.Get(path), "No longer speaks for this customer")
	person.Set("version", "1")
	person.Set("retired", "on")
	if a := agent.Post(path, person); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	has(t, agent.Get("/customers/H-1"), "Eva Roth", "retired")
	has(t, agent.Post(path, person), "Somebody else changed this person meanwhile.")
	if a := r.As(access.Auditor).Post(path, person); a.Status != http.StatusForbidden {
		t.Errorf("an auditor: %d", a.Status)
	}
}
