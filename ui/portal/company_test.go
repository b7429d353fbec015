package portal_test

import (
	"strings"
	"testing"

	"makegood/internal/dbtest"
)

// Who comes from a company's letter or contact form stands before that company, before and after they have asked for a code.
func TestTheDoorBearsTheCompanysName(t *testing.T) {
	t.Parallel()
	l := open(t)
	dbtest.AsOwner(t, l.DB, `insert into legal_entities (code, name, base_currency, country, support_address, support_name, time_zone)
		values ('ZZ', 'Westwind Trading', 'EUR', 'DE', 'billing@westwind.example', 'Billing', 'Europe/Berlin')`)
	entities, err := l.Billing.Entities(t.Context())
	l.Must(err)
	first, second := entities[0], entities[len(entities)-1]
	b := l.browser()
	shows(t, b.get("/portal/sign-in"), first.Name)
	for _, path := range []string{"/portal/sign-in?company=" + second.Code, "/portal/code", "/portal/sign-in"} {
		a := b.get(path)
		shows(t, a, second.Name)
		if strings.Contains(path, "sign-in?") && !strings.Contains(a.Body.String(), `href="/contact?company=`+second.Code) {
			t.Errorf("%s leads to another company's form: %s", path, a.Body)
		}
	}
}
