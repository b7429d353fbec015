package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func compare(t *testing.T, on []string, args ...string) (typed, reconciled) {
	t.Helper()
	got := command(t, append(append([]string{"reconcile"}, args...), on...)...)
	var sum reconciled
	lines := strings.Split(strings.TrimSpace(got.out), "\n")
	if last := lines[len(lines)-1]; last != "" {
		if err := json.Unmarshal([]byte(last), &sum); err != nil {
			t.Fatalf("%+v: %v", got, err)
		}
	}
	return got, sum
}

func TestReconcile(t *testing.T) {
	t.Parallel()
	on := books(t)
	customers := file(t, "customers.csv", "account,name,country\nK-1,Kilo GmbH,DE\n")
	const head = "number,customer,date,currency,net,tax,total\n"
	invoices := file(t, "invoices.csv", head+"R-1,K-1,2026-01-05,EUR,100.00,19.00,119.00\nR-2,K-1,2026-01-06,EUR,200.00,38.00,238.00\n")
	importing(t, on, "csv", "customers", customers)
	importing(t, on, "csv", "invoices", invoices)

	got, sum := compare(t, on, invoices, "--entity", "DE", "--source", "netsuite")
	if got.code != 0 || sum.State != "done" || sum.Matched != 2 || sum.From != "2026-01-01" || sum.To != "2026-01-31" || !sum.Proven || len(sum.Differences) != 0 {
		t.Errorf("level: %+v", got)
	}
	other := file(t, "other.csv", head+"R-1,K-1,2026-01-05,EUR,110.00,19.00,129.00\nR-3,K-1,2026-01-07,EUR,1.00,0.19,1.19\n")
	got, sum = compare(t, on, other, "--source", "netsuite", "--findings")
	if got.code != 1 || got.err != "" || sum.Differences["amount"] != 1 || sum.Differences["missing_here"] != 1 || sum.Differences["missing_there"] != 1 || sum.Unexplained != 3 || sum.Matched != 0 {
		t.Errorf("differs: %+v", got)
	}
	if !strings.Contains(got.out, `{"difference":"amount","number":"R-1"`) || strings.Count(got.out, "\n") != 4 {
		t.Errorf("findings: %s", got.out)
	}
	if _, same := compare(t, on, other, "--source", "netsuite"); same.Reconciliation != sum.Reconciliation {
		t.Errorf("the same file is another run: %+v", same)
	}
	if _, again := compare(t, on, other, "--source", "netsuite", "--again"); again.Reconciliation == sum.Reconciliation || again.Unexplained != 3 {
		t.Errorf("again: %+v", again)
	}
	broken := file(t, "broken.csv", "number,customer,date,total\nR-1,K-1,2026-01-05,5\n")
	if got, sum = compare(t, on, broken, "--source", "netsuite"); got.code != 1 || sum.State != "failed" || !strings.Contains(sum.Failure, "No column was found for currency") {
		t.Errorf("broken: %+v", got)
	}
	if got, _ := compare(t, on, other); got.code != 1 || !strings.Contains(got.err, "source: This is needed.") {
		t.Errorf("without a source: %+v", got)
	}
	if got, _ := compare(t, on, other, "--source", "x", "--entity", "FR"); got.code != 1 || !strings.Contains(got.err, "name the legal entity") {
		t.Errorf("another entity: %+v", got)
	}
}
