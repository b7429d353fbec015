package statements_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"makegood/billing"
	service "makegood/cases/statements"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/ui/screentest"
)

func TestRulesOfStatements(t *testing.T) {
	t.Parallel()
	c := open(t)
	set := func(day, version string) screentest.Answer {
		return c.As(access.Controller).Post("/collections/statements/DE", url.Values{"active": {"on"}, "on_day": {day}, "version": {version}})
	}
	if got := set("32", "0"); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Text, "from 1 to 31") {
		t.Errorf("%d %s", got.Status, got.Text)
	}
	if got := set("5", "0"); got.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", got.Status, got.Text)
	}
	if got := set("6", "0"); got.Status != http.StatusConflict {
		t.Errorf("a stale version: %d", got.Status)
	}
	c.wantsReader(c.Company.Lumen)
	c.on("2026-05-12")
	if n := len(c.mails()); n != 0 {
		t.Errorf("switched on after the fifth, it sent %d", n)
	}
	c.on("2026-06-14")
	if n := len(c.mails()); n != 0 {
		t.Errorf("more than a week late it sent %d", n)
	}
	if got := set("31", "1"); got.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", got.Status, got.Text)
	}
	c.on("2026-06-30") // June has no 31st
	if n := len(c.mails()); n != 1 {
		t.Errorf("%d mails on the last of June", n)
	}
	if _, err := c.statements.SetRule(t.Context(), service.RuleInput{By: c.Actor(access.Agent), Entity: "DE", OnDay: 1}); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("an agent: %v", err)
	}
}

// wantsReader has a customer get statements, by the form on its page.
func (c *counter) wantsReader(customer billing.Customer) {
	c.t.Helper()
	got := c.As(access.Agent).Post("/customers/"+customer.Account+"/statement/reader", url.Values{"wanted": {"on"}, "reader": {"0"}, "version": {"0"}})
	if got.Status != http.StatusSeeOther {
		c.t.Fatalf("%d %s", got.Status, got.Text)
	}
}
