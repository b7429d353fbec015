//go:build einvoice

package einvoicetest_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"makegood/billing/document"
	"makegood/billing/document/ubl"
	"makegood/internal/einvoicetest"
	"makegood/internal/money"
)

// TestFindsWhatIsWrong breaks a good document for the schema, for EN 16931 and for Peppol, and wants each named, so that no
// document is valid only because nobody looked.
func TestFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	rules, err := einvoicetest.FindRules()
	if err != nil {
		t.Fatal(err)
	}
	good, err := ubl.Write(note())
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for name, change := range map[string][2]string{
		"good.xml":      {"", ""},
		"schema.xml":    {"<cbc:IssueDate>2026-11-12</cbc:IssueDate>", "<cbc:IssueDate>soon</cbc:IssueDate>"},
		"unknown.xml":   {"<cbc:BuyerReference>", "<cbc:Weather>fine</cbc:Weather><cbc:BuyerReference>"},
		"standard.xml":  {`PayableAmount currencyID="EUR">119.00`, `PayableAmount currencyID="EUR">118.00`},
		"peppol.xml":    {`<cbc:EndpointID schemeID="9930">DE318842071</cbc:EndpointID>`, ""},
		"tolerated.xml": {`<cbc:TaxAmount currencyID="EUR">19.00`, `<cbc:TaxAmount currencyID="EUR">19.01`},
	} {
		content := strings.ReplaceAll(string(good), change[0], change[1])
		if change[0] == "" {
			content = string(good)
		} else if content == string(good) {
			t.Fatalf("%s: %q is not in the document", name, change[0])
		}
		if name == "tolerated.xml" {
			content = strings.NewReplacer(">119.00<", ">119.01<").Replace(content)
		}
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	report, err := rules.Validate(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][2]string{
		"schema.xml": {einvoicetest.Schema, ""}, "unknown.xml": {einvoicetest.Schema, ""},
		"standard.xml": {einvoicetest.EN16931, "BR-CO-16"}, "peppol.xml": {einvoicetest.Peppol, "PEPPOL-EN16931-R020"},
	} {
		if !slices.ContainsFunc(report[name], func(f einvoicetest.Failure) bool { return f.Set == want[0] && f.Rule == want[1] }) {
			t.Errorf("%s: no %s of %s in %v", name, want[1], want[0], report[name])
		}
	}
	// The official rules let a tax be a cent off; our own do not (ubl.Check).
	for _, name := range []string{"good.xml", "tolerated.xml"} {
		if len(report[name]) > 0 {
			t.Errorf("%s: %v", name, report[name])
		}
	}
	if got := report.Invalid(); len(got) != 4 || len(report) != 6 {
		t.Errorf("%d documents, invalid %v", len(report), got)
	}
	if _, err := rules.Validate(t.Context(), t.TempDir()); err == nil {
		t.Error("an empty folder is valid")
	}
	content, err := os.ReadFile(filepath.Join(folder, "tolerated.xml"))
	if err != nil {
		t.Fatal(err)
	}
	tolerated, err := ubl.Read(content)
	if err != nil {
		t.Fatal(err)
	}
	if err := ubl.Check(tolerated); err == nil {
		t.Error("we too let a tax be a cent off")
	}
}

func note() ubl.Document {
	eur := func(text string) money.Amount { return money.MustParse(text, "EUR") }
	german := ubl.PartyDetails{Country: "DE", Contact: ubl.Contact{Name: "Rechnungsstelle", Phone: "+49 40 5550 1234", Email: "billing@nordlicht.example"}}
	memo := document.CreditMemo{
		Language: document.German, Currency: "EUR", Number: "CM-2026-00017", Date: time.Date(2026, 11, 12, 0, 0, 0, 0, time.UTC),
		Originals: []document.InvoiceRef{{Number: "DE-2026-01877", Date: time.Date(2026, 10, 31, 0, 0, 0, 0, time.UTC)}}, Reason: "Doppelt berechnet",
		Entity:   document.Entity{Name: "Nordlicht Cloud GmbH", Address: []string{"Hafenstraße 12", "20457 Hamburg"}, TaxIDs: []document.TaxID{{Number: "DE318842071"}}},
		Customer: document.Customer{Name: "Brücke & Söhne AG", Account: "C-1", Address: []string{"Werkstraße 4", "70469 Stuttgart"}, TaxID: document.TaxID{Number: "DE811223344"}},
		Net:      eur("100.00"), Tax: eur("19.00"), Total: eur("119.00"),
		Settlements: []document.Settlement{{Bucket: document.CustomerBalance, Amount: eur("119.00")}},
	}
	rate := eur("19").Decimal()
	memo.Lines = []document.Line{{Description: "Objektspeicher", Net: memo.Net, Category: document.Standard, TaxRate: rate}}
	memo.Taxes = []document.TaxGroup{{Category: document.Standard, Rate: rate, Net: memo.Net, Tax: memo.Tax}}
	return ubl.CreditNote(memo, ubl.Details{Seller: german, Buyer: german})
}
