package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"makegood/internal/dbtest"
)

// books is a database with one legal entity.
func books(t *testing.T) []string {
	t.Helper()
	d := dbtest.New(t)
	dbtest.AsOwner(t, d, `insert into legal_entities (code, name, base_currency, country, support_address, support_name, time_zone)
		values ('DE', 'Nordlicht Cloud GmbH', 'EUR', 'DE', 'billing@nordlicht.example', 'Billing', 'Europe/Berlin')`)
	dbtest.AsOwner(t, d, `insert into ledger_accounts (entity_id, role, code, name) select e.id, r, r, r from legal_entities e,
		unnest(array['receivable','revenue','tax','cash','unapplied','concessions','rounding','cash_clearing','opening_balance']) r`)
	return []string{"--database-url", d.Pool().Config().ConnString(), "--secret-key", key}
}

func importing(t *testing.T, on []string, args ...string) (typed, imported) {
	t.Helper()
	got := command(t, append(append([]string{"import"}, args...), on...)...)
	var report imported
	if got.out != "" {
		if err := json.Unmarshal([]byte(got.out), &report); err != nil {
			t.Fatalf("%+v: %v", got, err)
		}
	}
	return got, report
}

func TestImport(t *testing.T) {
	t.Parallel()
	on := books(t)
	customers := file(t, "customers.csv", "account,name,country\nK-1,Kilo GmbH,DE\nK-2,Lima Ltd,GB\n")
	invoices := file(t, "invoices.csv", "Rechnungsnummer;Kundennummer;Rechnungsdatum;Nettobetrag;Bruttobetrag\nR-1;K-1;05.01.2026;1.000,00;1.190,00\nR-2;K-9;05.01.2026;1,00;1,19\nR-3;K-1;31.02.2026;1,00;1,19\n")

	got, report := importing(t, on, "csv", "customers", customers, "--dry-run")
	if got.code != 0 || report.Counts["new"] != 2 || !report.DryRun {
		t.Errorf("looked at: %+v", got)
	}
	if got, report = importing(t, on, "csv", "customers", customers); got.code != 0 || report.Counts["done"] != 2 || report.State != "done" {
		t.Errorf("customers: %+v", got)
	}
	rejected := filepath.Join(t.TempDir(), "rejected.csv")
	got, report = importing(t, on, "csv", "invoices", invoices, "--default", "currency=EUR", "--rejected", rejected)
	if got.code != 1 || report.Counts["done"] != 1 || len(report.Rejected) != 2 {
		t.Fatalf("invoices: %+v", got)
	}
	if r := report.Rejected[1]; r.Row != 4 || r.Column != "Rechnungsdatum" || r.Reason != "There is no such day." || r.Got != "31.02.2026" || r.Expected != "DD.MM.YYYY" {
		t.Errorf("rejected %+v", r)
	}
	if r := report.Rejected[0]; r.Row != 3 || r.State != "failed" || r.Reason != "There is no customer with the account K-9." {
		t.Errorf("failed %+v", r)
	}
	content, err := os.ReadFile(rejected)
	if err != nil || !strings.HasPrefix(string(content), "row,rejected because,Rechnungsnummer,") || strings.Count(string(content), "\n") != 3 {
		t.Errorf("%v: %s", err, content)
	}
	if got, report = importing(t, on, "csv", "invoices", invoices, "--default", "currency=EUR"); got.code != 1 || report.Counts["unchanged"] != 1 {
		t.Errorf("again: %+v", got)
	}

	open := file(t, "open.csv", "customer,number,date,currency,open amount\nK-1,A-1,2025-12-01,EUR,40\n")
	if got, report = importing(t, on, "openbalances", open); got.code != 0 || report.Counts["done"] != 1 {
		t.Errorf("open balances: %+v", got)
	}
	verify := command(t, append([]string{"verify"}, on...)...)
	if verify.code != 0 {
		t.Errorf("afterwards: %+v", verify)
	}
}

func TestImportStripe(t *testing.T) {
	t.Parallel()
	on := books(t)
	invoices := file(t, "invoices.json", `{"object":"list","data":[{"object":"invoice","id":"in_1","number":"ST-1","customer":"cus_1","currency":"eur","created":1771000000,"status":"open",
		"total":11900,"lines":{"data":[{"id":"il_1","amount":10000,"description":"Seats","taxes":[{"amount":1900,"tax_behavior":"exclusive"}]}]}}]}`)
	customers := file(t, "customers.json", `[{"object":"customer","id":"cus_1","name":"Sierra","address":{"country":"PT"}}]`)
	got, report := importing(t, on, "stripe", invoices, customers, "--dry-run")
	if got.code != 0 || report.Counts["new"] != 2 || report.File != "invoices.json, customers.json" {
		t.Errorf("looked at: %+v", got)
	}
	if got, report = importing(t, on, "stripe", invoices, customers, "--all-or-nothing"); got.code != 0 || report.Counts["done"] != 2 {
		t.Errorf("brought in: %+v", got)
	}
}

func TestImportRefuses(t *testing.T) {
	t.Parallel()
	on := books(t)
	path := file(t, "x.csv", "account,name\nK-1,Kilo\n")
	for want, args := range map[string][]string{
		"There is no preset called sap.":        {"csv", "customers", path, "--preset", "sap"},
		"name the legal entity by --entity: DE": {"csv", "customers", path, "--entity", "FR"},
		"No column was found for number":        {"csv", "invoices", path},
		"The file is no JSON from object 1 on.": {"stripe", path},
	} {
		if got, _ := importing(t, on, args...); got.code != 1 || !strings.Contains(got.err, want) {
			t.Errorf("%v: %+v", args, got)
		}
	}
	if got := command(t, "import", "csv", "dragons", path); got.code != 2 {
		t.Errorf("%+v", got)
	}
}
