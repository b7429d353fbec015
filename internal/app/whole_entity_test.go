package app_test

import (
	"slices"
	"strings"
	"testing"

	"makegood/internal/access"
	"makegood/internal/api"
	"makegood/internal/scenario"
)

// TestEntitiesThroughTheAPI: a legal entity is added, changed as long as nothing is posted, and gets the codes of its chart of
// accounts; one that has entries says what stands.
func TestEntitiesThroughTheAPI(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	admin := h.as(access.Admin)
	facts := api.EntityFacts{
		Name: "Südwind Netz AG", BaseCurrency: "CHF", Country: "CH", FiscalMonth: 7, TimeZone: "Europe/Zurich", Language: "de", BankDetails: "Musterbank, CH00", TaxRelief: true, MemoPeriod: "memo_day",
	}
	body := func(f api.EntityFacts, more map[string]any) map[string]any {
		all := map[string]any{
			"name": f.Name, "base_currency": f.BaseCurrency, "country": f.Country, "fiscal_month": f.FiscalMonth, "time_zone": f.TimeZone, "language": f.Language,
			"bank_details": f.BankDetails, "write_off_tax_relief": f.TaxRelief, "memo_period_policy": f.MemoPeriod,
		}
		for name, value := range more {
			all[name] = value
		}
		return all
	}
	var made, read api.LegalEntity
	admin.ask(201, "POST", "/entities", body(facts, map[string]any{"code": "CH", "support_address": "billing@suedwind.example"}), &made)
	if facts.BrandColor = "#0b5a7d"; made.EntityFacts != facts || len(made.Accounts) != 13 || made.Posted == nil || *made.Posted {
		t.Errorf("%+v", made)
	}
	facts.BaseCurrency, facts.Name = "EUR", "Südwind AG"
	admin.ask(200, "PUT", "/entities/CH", body(facts, map[string]any{"version": made.Version}), &read)
	if read.Name != "Südwind AG" || read.BaseCurrency != "EUR" || read.Version != made.Version+1 {
		t.Errorf("%+v", read)
	}
	accounts := map[string]any{"accounts": []api.LedgerAccount{{Role: "tax", Code: "2200", Name: "MWST"}}, "version": read.Version}
	admin.ask(200, "PUT", "/entities/CH/accounts", accounts, &read)
	if len(read.Accounts) != 13 || !slices.Contains(read.Accounts, api.LedgerAccount{Role: "tax", Code: "2200", Name: "MWST"}) {
		t.Errorf("%+v", read.Accounts)
	}
	if got := admin.try("PUT", "/entities/CH/accounts", accounts); got.status != 409 {
		t.Errorf("a stale version: %d %s", got.status, got.body)
	}
	admin.ask(200, "GET", "/entities/DE", nil, &read)
	if read.Posted == nil || !*read.Posted {
		t.Errorf("%+v", read)
	}
	if got := admin.try("PUT", "/entities/DE", body(facts, map[string]any{"version": read.Version})); got.status != 422 || !strings.Contains(string(got.body), "follow the law of DE") {
		t.Errorf("%d %s", got.status, got.body)
	}
}
