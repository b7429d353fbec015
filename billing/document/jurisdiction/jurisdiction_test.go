package jurisdiction_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/document"
	"makegood/billing/document/jurisdiction"
	"makegood/internal/i18n"
	"makegood/internal/money"
)

func day(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return t
}

func book(t *testing.T) jurisdiction.Book {
	t.Helper()
	b, err := jurisdiction.Load()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// complete is a memo that says everything any law asks; taxes are one group at a rate, or one without tax.
func complete(cur money.Currency, total string) jurisdiction.Facts {
	a := money.MustParse(total, cur)
	return jurisdiction.Facts{
		Kind: jurisdiction.CreditNote, Heading: "Credit note", Number: "CM-2026-00017", Date: day("2026-11-12"),
		SupplyFrom: day("2026-10-01"), SupplyTo: day("2026-10-31"), Reason: "Charged twice",
		Seller:    jurisdiction.Party{Name: "Nordlicht Cloud GmbH", Address: []string{"Hafenstraße 12", "Hamburg"}, TaxIDs: []string{"DE318842071", "T9810456723001"}},
		Buyer:     jurisdiction.Party{Name: "Brücke & Söhne AG", Address: []string{"Werkstraße 4", "Stuttgart"}, TaxIDs: []string{"DE811223344"}},
		Originals: []jurisdiction.Original{{Number: "INV-2026-00310", Date: day("2026-10-31")}},
		Lines:     []string{"Object storage"},
		Taxes:     []document.TaxGroup{{Category: "S", Rate: decimal.NewFromInt(9), Net: a, Tax: money.Zero(cur)}},
		Total:     a, HomeCurrency: cur,
	}
}

func fields(missing []jurisdiction.Missing) []jurisdiction.Field {
	var list []jurisdiction.Field
	for _, m := range missing {
		list = append(list, m.Field)
	}
	return list
}

// TestEachLaw takes one thing away, or changes it, and wants exactly that named.
func TestEachLaw(t *testing.T) {
	t.Parallel()
	b := book(t)
	const key, uuid, mark = "35260612345678000190550010000012341000012345", "6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d", "400001234567890"
	stamp := func(s string) func(*jurisdiction.Facts) {
		return func(f *jurisdiction.Facts) { f.Originals[0].Stamp = s }
	}
	without := func(category, note string) func(*jurisdiction.Facts) {
		return func(f *jurisdiction.Facts) {
			f.Taxes[0].Category, f.Taxes[0].Rate, f.Taxes[0].Note = category, decimal.Zero, note
		}
	}
	for _, c := range []struct {
		country, name string
		change        func(*jurisdiction.Facts)
		want          []jurisdiction.Field
	}{
		{"AT", "complete", nil, nil},
		{"AT", "original not named", func(f *jurisdiction.Facts) { f.Originals = nil }, []jurisdiction.Field{"original_number", "original_date"}},
		{"AT", "one of two originals undated", func(f *jurisdiction.Facts) {
			f.Originals = append(f.Originals, jurisdiction.Original{Number: "INV-2026-00311"})
		}, []jurisdiction.Field{"original_date"}},
		{"AT", "a credit on the account names none", func(f *jurisdiction.Facts) { f.Originals, f.OnAccount = nil, true }, nil},
		{"AT", "no number", func(f *jurisdiction.Facts) { f.Number = "" }, []jurisdiction.Field{"number"}},
		{"AT", "no customer's number where nobody else owes the tax", func(f *jurisdiction.Facts) { f.Buyer.TaxIDs = nil }, nil},
		{"AT", "reverse charge needs the customer's number", func(f *jurisdiction.Facts) {
			without("AE", "")(f)
			f.Buyer.TaxIDs = []string{" "}
		}, []jurisdiction.Field{"buyer_tax_id"}},
		{"AT", "exempt without a reason", without("E", ""), []jurisdiction.Field{"exemption_reason"}},
		{"AT", "exempt with one", without("E", "art. 132 (1) (i)"), nil},
		{"AT", "foreign currency without the tax at home", func(f *jurisdiction.Facts) { f.HomeCurrency = "SEK" }, []jurisdiction.Field{"tax_in_home_currency"}},
		{"AT", "one line says nothing", func(f *jurisdiction.Facts) { f.Lines = []string{"Object storage", ""} }, []jurisdiction.Field{"description"}},

		{"DE", "no reason", func(f *jurisdiction.Facts) { f.Reason = "" }, []jurisdiction.Field{"reason"}},
		{"DE", "called by the name of self-billing", func(f *jurisdiction.Facts) { f.Heading = "Gutschrift" }, []jurisdiction.Field{"heading"}},
		{"DE", "what the Union asks too", func(f *jurisdiction.Facts) { f.Seller.TaxIDs = nil }, []jurisdiction.Field{"seller_tax_id"}},

		{"SG", "complete", nil, nil},
		{"SG", "under another name", func(f *jurisdiction.Facts) { f.Heading = "Credit memo" }, []jurisdiction.Field{"heading"}},
		{"SG", "in capitals", func(f *jurisdiction.Facts) { f.Heading = "CREDIT NOTE" }, nil},
		{"SG", "no address of the customer", func(f *jurisdiction.Facts) { f.Buyer.Address = nil }, []jurisdiction.Field{"buyer_address"}},
		{"SG", "original undated", func(f *jurisdiction.Facts) { f.Originals[0].Date = time.Time{} }, []jurisdiction.Field{"original_date"}},
		{"SG", "no tax credited", func(f *jurisdiction.Facts) { f.Taxes[0].Tax = money.Amount{} }, []jurisdiction.Field{"tax_per_rate"}},
		{"SG", "foreign currency without Singapore dollars", func(f *jurisdiction.Facts) { f.HomeCurrency = "SGD" }, []jurisdiction.Field{"total_in_home_currency", "tax_in_home_currency"}},
		{"SG", "foreign currency with them", func(f *jurisdiction.Facts) {
			f.HomeCurrency, f.HomeTotal, f.HomeTax = "SGD", money.MustParse("147.10", "SGD"), money.MustParse("0.00", "SGD")
		}, nil},

		{"BR", "without the access key", nil, []jurisdiction.Field{"original_stamp"}},
		{"BR", "with it", stamp(key), nil},
		{"BR", "with a digit too few", stamp(key[1:]), []jurisdiction.Field{"original_stamp"}},
		{"MX", "without the folio", nil, []jurisdiction.Field{"original_stamp"}},
		{"MX", "with it", stamp(uuid), nil},
		{"MX", "a debit note", func(f *jurisdiction.Facts) { f.Kind = jurisdiction.DebitNote; f.Originals[0].Stamp = uuid }, []jurisdiction.Field{"heading"}},
		{"GR", "with its mark", stamp(mark), nil},
		{"FR", "a corrected invoice", func(f *jurisdiction.Facts) { f.Kind = jurisdiction.CorrectedInvoice }, nil},
		{"US", "by what is customary", func(f *jurisdiction.Facts) { f.Originals[0].Number = "" }, []jurisdiction.Field{"original_number"}},
	} {
		t.Run(c.country+" "+c.name, func(t *testing.T) {
			t.Parallel()
			facts := complete("EUR", "109.00")
			if c.change != nil {
				c.change(&facts)
			}
			if got := fields(jurisdiction.Check(b.Of(c.country), facts)); !slices.Equal(got, c.want) {
				t.Errorf("missing %v, want %v", got, c.want)
			}
		})
	}
}

// TestJapan holds the qualified return invoice: its fields, and that none is due below 10,000 yen with tax.
func TestJapan(t *testing.T) {
	t.Parallel()
	rules := book(t).Of("JP")
	bare := func(total string) jurisdiction.Facts {
		f := complete("JPY", total)
		f.Seller.TaxIDs, f.SupplyFrom, f.SupplyTo = []string{"DE318842071"}, time.Time{}, time.Time{}
		return f
	}
	for total, want := range map[string][]jurisdiction.Field{
		"9999": nil, "10000": {"seller_tax_id", "supply_date"}, "10001": {"seller_tax_id", "supply_date"},
	} {
		if got := fields(jurisdiction.Check(rules, bare(total))); !slices.Equal(got, want) {
			t.Errorf("%s yen: missing %v, want %v", total, got, want)
		}
	}
	two := complete("JPY", "96320")
	two.Taxes = []document.TaxGroup{
		{Category: "S", Rate: decimal.NewFromInt(10), Net: two.Total, Tax: two.Total}, {Category: "S", Rate: decimal.NewFromInt(8), Net: two.Total, Tax: two.Total},
	}
	if got := fields(jurisdiction.Check(rules, two)); !slices.Equal(got, []jurisdiction.Field{"reduced_rate_mark"}) {
		t.Errorf("reduced rate not marked: missing %v", got)
	}
	two.Taxes[1].Note = "※ 8%は軽減税率の対象です。"
	if got := jurisdiction.Check(rules, two); got != nil {
		t.Errorf("marked: missing %v", got)
	}
}

func TestTitles(t *testing.T) {
	t.Parallel()
	b := book(t)
	for _, c := range []struct {
		country  string
		kind     jurisdiction.Kind
		language string
		want     string
	}{
		{"DE", "credit_note", "de-DE", "Rechnungskorrektur"},
		{"SG", "credit_note", "en", "Credit note"},
		{"SG", "debit_note", "en", "Tax invoice"},
		{"JP", "credit_note", "ja", "適格返還請求書"},
		{"JP", "credit_note", "en", "Qualified return invoice"},
		{"PT", "credit_note", "pt-PT", "Nota de crédito"},
		{"FR", "credit_note", "fr", "Avoir"},
		{"IT", "debit_note", "it", "Nota di debito"},
		{"IN", "debit_note", "en", "Debit note"},
	} {
		if got := b.Of(c.country).Document(c.kind).Title(c.language); got != c.want {
			t.Errorf("%s %s in %s is called %q, want %q", c.country, c.kind, c.language, got, c.want)
		}
	}
}

// TestEveryCountryOnce wants each country under one law, and every law's kinds to ask for number and original.
func TestEveryCountryOnce(t *testing.T) {
	t.Parallel()
	b := book(t)
	union := strings.Fields("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK")
	for _, country := range append(union, "SG", "JP", "BR", "MX", "IN", "US", "XX") {
		rules := b.Of(country)
		for _, field := range []jurisdiction.Field{jurisdiction.Number, jurisdiction.OriginalNumber, jurisdiction.Description} {
			if !slices.ContainsFunc(rules.Credit.Require, func(r jurisdiction.Requirement) bool { return r.Field == field }) {
				t.Errorf("%s does not ask a credit note for %s", country, field)
			}
		}
		if slices.Contains(union, country) && !strings.Contains(rules.Credit.Require[0].Law, "219") {
			t.Errorf("%s is not under art. 219: %+v", country, rules.Credit.Require[0])
		}
		if len(rules.Debit.Require) == 0 || rules.Law == "" {
			t.Errorf("%s says nothing of debit notes or its source", country)
		}
	}
}

// TestOverride puts an entity's own rules over its country's: added to, replaced, and refused.
func TestOverride(t *testing.T) {
	t.Parallel()
	rules := book(t).Of("DE")
	more, err := rules.Override([]byte("credit_note:\n  inherit: true\n  require: [supply_date]\n"))
	if err != nil {
		t.Fatal(err)
	}
	facts := complete("EUR", "109.00")
	facts.SupplyFrom, facts.SupplyTo, facts.Reason = time.Time{}, time.Time{}, ""
	if got := fields(jurisdiction.Check(more, facts)); !slices.Equal(got, []jurisdiction.Field{"reason", "supply_date"}) {
		t.Errorf("added to: missing %v", got)
	}
	other, err := rules.Override([]byte("credit_note:\n  titles: {de: Korrekturbeleg}\n  require: [number]\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := jurisdiction.Check(other, facts); got != nil || other.Credit.Title("de") != "Korrekturbeleg" {
		t.Errorf("replaced: missing %v, called %q", got, other.Credit.Title("de"))
	}
	if got := jurisdiction.Check(rules, facts); len(got) != 1 {
		t.Errorf("the country's own rules changed with them: %v", got)
	}
	for name, text := range map[string]string{
		"a field nobody knows":     "credit_note: {require: [shoe_size]}",
		"a condition nobody knows": "credit_note: {require: [{field: total, when: raining}]}",
		"a form that is none":      "credit_note: {require: [{field: number, form: '('}]}",
		"a kind nobody knows":      "kinds: [apology]",
		"a word nobody knows":      "credit_memo: {}",
		"no YAML":                  "credit_note: [",
	} {
		if _, err := rules.Override([]byte(text)); !errors.Is(err, jurisdiction.ErrRules) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if same, err := rules.Override(nil); err != nil || same.Law != rules.Law {
		t.Errorf("nothing to override: %v", err)
	}
}

// TestEveryFieldHasASentence wants the key of each thing that can be missing in the catalogue.
func TestEveryFieldHasASentence(t *testing.T) {
	t.Parallel()
	words, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	b, seen := book(t), map[jurisdiction.Field]bool{}
	for _, country := range []string{"AT", "DE", "ES", "SG", "JP", "BR", "MX", "GR", "US"} {
		for _, kind := range []jurisdiction.Kind{jurisdiction.CreditNote, jurisdiction.DebitNote} {
			nothing := jurisdiction.Facts{Kind: kind, Heading: "Gutschrift", Taxes: []document.TaxGroup{
				{Category: "AE"}, {Category: "S", Rate: decimal.NewFromInt(8)}, {Category: "S", Rate: decimal.NewFromInt(10)},
			}, Total: money.Zero("USD"), HomeCurrency: "EUR"}
			missing := jurisdiction.Check(b.Of(country), nothing)
			if len(missing) == 0 {
				t.Errorf("%s lets an empty %s pass", country, kind)
			}
			for _, m := range missing {
				seen[m.Field] = true
				if !words.Has(i18n.Fallback, m.Key) || m.Law == "" {
					t.Errorf("%s %s: key %q, law %q", country, m.Field, m.Key, m.Law)
				}
			}
		}
	}
	if len(seen) < 15 {
		t.Errorf("only %d fields were ever asked for", len(seen))
	}
}

// TestFactsOfMemos takes the facts from what is printed.
func TestFactsOfMemos(t *testing.T) {
	t.Parallel()
	usd, sgd := money.Currency("USD"), money.Currency("SGD")
	memo := document.CreditMemo{
		Language: document.English, Currency: usd, Number: "CM-SG-2026-00017", Date: day("2026-11-12"),
		Originals: []document.InvoiceRef{{Number: "SG-2026-00310", Date: day("2026-10-31")}}, Reason: "Charged twice",
		Entity:   document.Entity{Name: "Straits Metering Pte. Ltd.", Address: []string{"21 Harbourlight Walk"}, TaxIDs: []document.TaxID{{Number: "M9-0012345-6"}}, Country: "SG"},
		Customer: document.Customer{Name: "Angsana Dental", Address: []string{"4 Orchard Close"}},
		Lines:    []document.Line{{Description: "Premium support", Net: money.MustParse("100.00", usd), Category: "S", TaxRate: decimal.NewFromInt(9)}},
		Taxes:    []document.TaxGroup{{Category: "S", Rate: decimal.NewFromInt(9), Net: money.MustParse("100.00", usd), Tax: money.MustParse("9.00", usd)}},
		Net:      money.MustParse("100.00", usd), Tax: money.MustParse("9.00", usd), Total: money.MustParse("109.00", usd),
		HomeTax: &document.HomeTax{Tax: money.MustParse("12.14", sgd), Rate: decimal.RequireFromString("1.3489")},
	}
	rules := book(t).Of("SG")
	known := jurisdiction.Known{Heading: "Credit note", HomeCurrency: sgd, Stamps: map[string]string{"SG-2026-00310": "X"}}
	facts := jurisdiction.CreditMemo(memo, known)
	if got := jurisdiction.Check(rules, facts); got != nil {
		t.Errorf("missing %v", got)
	}
	if facts.HomeTotal.String() != "147.03 SGD" || facts.Originals[0].Stamp != "X" {
		t.Errorf("total at home %s, stamp %q", facts.HomeTotal, facts.Originals[0].Stamp)
	}
	memo.HomeTax = nil
	if got := fields(jurisdiction.Check(rules, jurisdiction.CreditMemo(memo, known))); !slices.Equal(got, []jurisdiction.Field{"total_in_home_currency", "tax_in_home_currency"}) {
		t.Errorf("without home tax: missing %v", got)
	}
	more := document.DebitMemo{
		Currency: usd, Number: "DM-SG-2026-00002", Date: memo.Date, Reason: memo.Reason, Entity: memo.Entity, Customer: memo.Customer,
		Lines: memo.Lines, Taxes: memo.Taxes, Net: memo.Net, Tax: memo.Tax, Total: memo.Total,
	}
	if got := fields(jurisdiction.Check(rules, jurisdiction.DebitMemo(more, jurisdiction.Known{Heading: "Debit memo", HomeCurrency: usd}))); !slices.Equal(got, []jurisdiction.Field{"heading"}) {
		t.Errorf("debit memo: missing %v", got)
	}
}
