package importer_test

import (
	"testing"

	"github.com/shopspring/decimal"

	"makegood/billing/importer"
)

// TestWhatConcernsTheWholeDocument: a discount comes off the lines by largest remainder, a charge is a line of its own, several
// taxes are told apart, cash rounding stands beside net and tax, and what is to be withheld is noted.
func TestWhatConcernsTheWholeDocument(t *testing.T) {
	t.Parallel()
	const head = "number,customer,date,item,qty,unit price,tax rate,more taxes,document discount,discount label,freight charge,charge tax rate,cash rounding,withheld amount,net total,tax total,total\n"
	got := read(t, head+
		"N1,C1,2026-01-05,A,1,100,10,,10.00,Spring,12,10,0.02,17,202.01,28.13,230.16\n"+
		"N1,C1,2026-01-05,B,2,33.33,10,city S 7.5; county 2.5 = 0.80,10.00,Spring,12,10,0.02,17,202.01,28.13,230.16\n"+
		"N1,C1,2026-01-05,C,1,33.35,10,city 7.5%,10.00,Spring,12,10,0.02,17,202.01,28.13,230.16\n", eur()).clean(t)
	d := got.invoices()[0]
	same(t, "sums", []any{d.Net, d.Tax, d.Rounding, d.Withholding, d.Total, d.DiscountLabel}, []any{dec("202.01"), dec("28.13"), dec("0.02"), dec("17"), dec("230.16"), "Spring"})
	var nets, discounts []decimal.Decimal
	for _, l := range d.Lines {
		nets, discounts = append(nets, l.Net), append(discounts, l.Discount)
	}
	same(t, "nets", nets, []decimal.Decimal{dec("95"), dec("63.33"), dec("31.68"), dec("12")})
	same(t, "discounts", discounts, []decimal.Decimal{dec("5"), dec("3.33"), dec("1.67"), dec("0")})
	same(t, "taxes", d.Taxes, []importer.Tax{
		{Category: "S", Rate: dec("10"), Net: dec("202.01"), Tax: dec("20.2")},
		{Code: "city", Category: "S", Rate: dec("7.5"), Net: dec("95.01"), Tax: dec("7.13")},
		{Code: "county", Category: "S", Rate: dec("2.5"), Net: dec("63.33"), Tax: dec("0.8")},
	})
	if l := d.Lines[3]; !l.Charge || l.No != 4 || d.Lines[0].Charge {
		t.Errorf("the charge %+v", l)
	}
}

// TestWholeDocumentsInOtherWays: where prices include tax, where a file has sums alone, where a credit note is below zero, and
// where the tax stands beside each line.
func TestWholeDocumentsInOtherWays(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ content, net, tax, total string }{
		"prices with tax":      {"number,customer,date,qty,unit price,tax rate,tax inclusive,invoice discount,freight charge\nN1,C1,2026-01-05,3,39.99,19,yes,10,5.01\n", "96.62", "18.36", "114.98"},
		"sums alone":           {"number,customer,date,net,tax,total,invoice discount,freight charge,cash rounding\nN1,C1,2026-01-05,100,19,119.01,10,5,0.01\n", "100", "19", "119.01"},
		"a total with a rate":  {"number,customer,date,total,tax rate,cash rounding\nN1,C1,2026-01-05,119.01,19,0.01\n", "100", "19", "119.01"},
		"tax of each line":     {"number,customer,date,qty,unit price,line tax,tax rate,tax,invoice discount,freight charge\nN1,C1,2026-01-05,1,110,19,19,20.90,10,10\n", "110", "20.9", "130.9"},
		"a charge among lines": {"number,customer,date,qty,unit price,tax rate,is charge,invoice discount\nN1,C1,2026-01-05,1,100,19,,10\nN1,C1,2026-01-05,1,10,19,yes,10\n", "100", "19", "119"},
	} {
		in := read(t, c.content, eur()).clean(t).invoices()
		if len(in) != 1 {
			t.Errorf("%s: not read", name)
			continue
		}
		same(t, name, []any{in[0].Net, in[0].Tax, in[0].Total}, []any{dec(c.net), dec(c.tax), dec(c.total)})
	}
	o := mapped(importer.Invoices, "currency", "EUR")
	o.Mapping.NegativeIsCredit = true
	got := read(t, "number,customer,date,qty,unit price,tax rate,more taxes,invoice discount,cash rounding,total\nN1,C1,2026-01-05,-1,100,10,city 10,10,-0.01,-108.01\n", o).clean(t)
	n := got.records[0].CreditNote
	same(t, "credit note", []any{n.Net, n.Tax, n.Rounding, n.Total, n.Lines[0].Discount, n.Lines[0].More[0].Tax}, []any{dec("90"), dec("18"), dec("0.01"), dec("108.01"), dec("10"), dec("9")})
}

// TestWholeDocumentsThatDoNotAgree are refused at the column that says otherwise, with the difference.
func TestWholeDocumentsThatDoNotAgree(t *testing.T) {
	t.Parallel()
	const head = "number,customer,date,qty,unit price,tax rate,more taxes,invoice discount,freight charge,charge tax rate,cash rounding,withheld amount,tax inclusive,total\n"
	for name, c := range map[string]struct{ row, key, column, difference string }{
		"rounding left out":      {"1,100,19,,,,,0.02,,,119.00", "billing.import.sum_differs", "total", "-0.02"},
		"discount left out":      {"1,100,19,,10,,,,,,119.00", "billing.import.sum_differs", "total", "11.9"},
		"discount over lines":    {"1,100,19,,101,,,,,,0", "billing.discount_over_lines", "invoice discount", ""},
		"withheld over total":    {"1,100,19,,,,,,200,,119", "billing.withholding_over_total", "withheld amount", ""},
		"a tax without a rate":   {"1,100,19,city,,,,,,,119", "billing.import.bad_more_taxes", "more taxes", ""},
		"a tax twice":            {"1,100,19,city 1; city 2,,,,,,,122", "billing.import.bad_more_taxes", "more taxes", ""},
		"a tax finer than cents": {"1,100,19,city 1 = 1.001,,,,,,,120", "billing.import.bad_more_taxes", "more taxes", ""},
		"two taxes in a price":   {"1,100,19,city 1,,,,,,yes,100", "billing.one_tax_where_prices_include_it", "more taxes", ""},
	} {
		got := read(t, head+"N1,C1,2026-01-05,"+c.row+"\n", eur())
		if len(got.records) != 0 || len(got.rejected) == 0 {
			t.Errorf("%s: read %+v", name, got.records)
			continue
		}
		if r := got.rejected[0]; r.Key != c.key || r.Column != c.column || r.Params["difference"] != c.difference {
			t.Errorf("%s: %+v", name, r)
		}
	}
	got := read(t, "number,customer,date,qty,unit price,tax rate,freight charge\nN1,C1,2026-01-05,1,100,19,5\nN1,C1,2026-01-05,1,100,7,5\n", eur())
	if len(got.rejected) == 0 || got.rejected[0].Field != importer.FieldChargeRate {
		t.Errorf("a charge of which nobody knows the tax: %+v", got)
	}
}

// TestColumnsThatMayMeanSomethingElse are not taken by themselves: a file that came in before they could be says the same still.
func TestColumnsThatMayMeanSomethingElse(t *testing.T) {
	t.Parallel()
	const plain, row = "number,customer,date,qty,unit price,tax rate,total", "N1,C1,2026-01-05,1,100,19,119"
	before := hash(t, read(t, plain+"\n"+row+"\n", eur()).clean(t).records[0])
	for _, column := range []string{"Total discount", "Gesamtrabatt", "Rounding", "Rundung", "Withholding tax", "Quellensteuer", "WHT", "Coupon"} {
		if after := hash(t, read(t, plain+","+column+"\n"+row+",7\n", eur()).clean(t).records[0]); after != before {
			t.Errorf("%s was taken", column)
		}
	}
	for _, column := range []string{"document discount", "discount label", "freight charge", "cash rounding", "withheld amount", "more taxes", "is charge"} {
		if after := hash(t, read(t, plain+","+column+"\n"+row+",\n", eur()).clean(t).records[0]); after != before {
			t.Errorf("an empty %s is part of the content", column)
		}
	}
	o := eur()
	o.Mapping.Columns = map[importer.Field]string{importer.FieldWithholding: "WHT"}
	if in := read(t, plain+",WHT\n"+row+",7\n", o).clean(t).invoices()[0]; !in.Withholding.Equal(dec("7")) {
		t.Errorf("one that was said to be it: %+v", in)
	}
}

// TestWhoSellsToACustomer is taken in, but a customer whose seller changes is the same customer.
func TestWhoSellsToACustomer(t *testing.T) {
	t.Parallel()
	records := func(content string) []importer.Record {
		return read(t, content, importer.Options{Kind: importer.Customers}).clean(t).records
	}
	plain := records("account,name,owner\nC1,Nordhaus,Ada\n")[0]
	sold := records("account,name,account manager\nC1,Nordhaus,Ada\n")[0]
	if plain.Customer.SalesOwner != "" || sold.Customer.SalesOwner != "Ada" || hash(t, plain) != hash(t, sold) {
		t.Errorf("%+v %+v", plain.Customer, sold.Customer)
	}
}

func hash(t *testing.T, r importer.Record) [32]byte {
	t.Helper()
	sum, err := r.ContentHash()
	if err != nil {
		t.Fatal(err)
	}
	return sum
}
