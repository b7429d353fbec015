package bookrules_test

import (
	"net/http"
	"strings"
	"testing"

	"makegood/billing"
	"makegood/internal/access"
)

func TestAFileOfRatesIsTakenIn(t *testing.T) {
	t.Parallel()
	r := open(t)
	controller := r.As(access.Controller)
	const file = "date,base,quote,rate\n2026-05-04,EUR,NOK,11.5020\n2026-05-05,EUR,NOK,11.4810\n2026-05-05,EUR,XYZ,4\n"
	const at = "/books/rates/import"
	recorded := func() int {
		page, err := r.Billing.Fixings(t.Context(), billing.FixingQuery{Base: "EUR", Quote: "NOK", By: r.Actor(access.Controller)})
		r.Must(err)
		return len(page.Rows)
	}
	checked := controller.Give(at, map[string]string{"source": "ECB", "act": "check"}, "may.csv", file)
	has(t, checked, 200, "Checked may.csv: nothing is recorded yet. 2 would be recorded, 0 known already, 1 not taken.", "line 4", "XYZ")
	if n := recorded(); n != 0 {
		t.Fatalf("a check recorded %d rates", n)
	}
	has(t, controller.Give(at, map[string]string{"source": "ECB"}, "may.csv", file), 200, "Imported may.csv. 2 recorded, 0 known already, 1 not taken.", "EUR → NOK 11.481 5 May 2026")
	other := strings.Replace(file, "11.4810", "11.5", 1)
	has(t, controller.Give(at, map[string]string{"source": "Bank"}, "bank.csv", other), 200, "0 recorded, 1 known already, 2 not taken.", "line 3", "11.481")
	if n := recorded(); n != 2 {
		t.Errorf("recorded %d rates, want 2", n)
	}
	for _, wrong := range []struct{ source, file, says string }{{"", file, "This is needed."}, {"ECB", "a,b\n1,2\n", "first line"}} {
		has(t, controller.Give(at, map[string]string{"source": wrong.source}, "may.csv", wrong.file), 422, wrong.says)
	}
	if a := r.As(access.Agent).Give(at, map[string]string{"source": "ECB"}, "may.csv", file); a.Status != http.StatusForbidden {
		t.Errorf("an agent imports rates: %d", a.Status)
	}
}
