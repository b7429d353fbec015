package importer_test

import (
	"strings"
	"testing"

	"makegood/billing/importer"
)

func mapped(kind importer.Kind, defaults ...string) importer.Options {
	o := importer.Options{Kind: kind, Mapping: importer.Mapping{Defaults: map[importer.Field]string{}}}
	for i := 0; i+1 < len(defaults); i += 2 {
		o.Mapping.Defaults[importer.Field(defaults[i])] = defaults[i+1]
	}
	return o
}

// amountAs reads one payment's amount as a cell shows it; "" when it is refused, and why.
func amountAs(t *testing.T, cell, currency, mark string) (amount, key string) {
	t.Helper()
	o := mapped(importer.Payments)
	o.Mapping.DecimalMark = mark
	got := read(t, "number\tcustomer\tcurrency\treceived on\tamount\nP1\tC1\t"+currency+"\t2026-01-05\t"+cell+"\n", o)
	if len(got.records) == 1 {
		return got.records[0].Payment.Amount.String(), ""
	}
	return "", got.rejected[0].Key
}

func TestAmounts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ cell, currency, mark, want, key string }{
		{"12.30", "EUR", ".", "12.3", ""},
		{"1,234.50", "EUR", ".", "1234.5", ""},
		{"1.234,50", "EUR", ",", "1234.5", ""},
		{"1 234,50", "EUR", ",", "1234.5", ""},
		{"1\u00a0234,50 €", "EUR", ",", "1234.5", ""},
		{"1'234.50", "CHF", ".", "1234.5", ""},
		{"CHF 1’234.50", "CHF", ".", "1234.5", ""},
		{"12,34,567.00", "INR", ".", "1234567", ""},
		{"$1,234.50", "USD", ".", "1234.5", ""},
		{"US$ 1,234.50", "USD", ".", "1234.5", ""},
		{"EUR12.30", "EUR", ".", "12.3", ""},
		{"１２．３０", "EUR", ".", "12.3", ""},
		{".5", "EUR", ".", "0.5", ""},
		{"1.2E+3", "EUR", ".", "1200", ""},
		{"1,2E+03", "EUR", ",", "1200", ""},
		{"=\"12.30\"", "EUR", ".", "12.3", ""},
		{"1200", "JPY", ".", "1200", ""},
		{"1.234", "KWD", ".", "1.234", ""},
		{"12.304", "EUR", ".", "", "billing.import.too_fine"},
		{"12.5", "JPY", ".", "", "billing.import.too_fine"},
		{"1.2345", "KWD", ".", "", "billing.import.too_fine"},
		{"1.234,50", "EUR", ".", "", "billing.import.not_a_number"},
		{"12,34.50", "EUR", ".", "", "billing.import.not_a_number"},
		{"1,234,56", "EUR", ".", "", "billing.import.not_a_number"},
		{"12.30 USD", "EUR", ".", "", "billing.import.other_currency"},
		{"12..3", "EUR", ".", "", "billing.import.not_a_number"},
		{"--12", "EUR", ".", "", "billing.import.not_a_number"},
		{"twelve", "EUR", ".", "", "billing.import.not_a_number"},
		{"#REF!", "EUR", ".", "", "billing.import.not_a_number"},
		{"1e99", "EUR", ".", "", "billing.import.too_large"},
		{"1e999999999", "EUR", ".", "", "billing.import.not_a_number"},
		{"-12.30", "EUR", ".", "", "billing.import.not_positive"},
		{"(12.30)", "EUR", ".", "", "billing.import.not_positive"},
		{"12.30-", "EUR", ".", "", "billing.import.not_positive"},
		{"12.30 CR", "EUR", ".", "", "billing.import.not_positive"},
		{"−12.30", "EUR", ".", "", "billing.import.not_positive"},
		{"", "EUR", ".", "", "error.required"},
		{"n/a", "EUR", ".", "", "error.required"},
		{"-", "EUR", ".", "", "error.required"},
		{"12.30", "ABC", ".", "", "billing.import.unknown_currency"},
	} {
		if amount, key := amountAs(t, c.cell, c.currency, c.mark); amount != c.want || key != c.key {
			t.Errorf("%q %s with %q: %s %s, want %s %s", c.cell, c.currency, c.mark, amount, key, c.want, c.key)
		}
	}
}

// TestMarkIsFound: which mark divides decimals is told by the file's own numbers.
func TestMarkIsFound(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		"1.234,50|7,00": "1234.5 7",
		"1,234.50|7.00": "1234.5 7",
		"1.234.567|1,5": "1234567 1.5",
		"1.234|12,5":    "1234 12.5",
		"1,234|12.5":    "1234 12.5",
		"12|1.234":      "12 1234", // a file cut by semicolons writes decimals with a comma
	} {
		amounts := strings.Split(content, "|")
		got := read(t, "number;customer;currency;received on;amount\nP1;C1;EUR;2026-01-05;"+amounts[0]+"\nP2;C1;EUR;2026-01-05;"+amounts[1]+"\n", mapped(importer.Payments)).clean(t)
		if len(got.records) != 2 || got.records[0].Payment.Amount.String()+" "+got.records[1].Payment.Amount.String() != want {
			t.Errorf("%s: %+v", content, got.records)
		}
	}
}

// dayAs reads one payment's date as a cell shows it.
func dayAs(t *testing.T, cell string, order importer.DateOrder, zone string) string {
	t.Helper()
	o := mapped(importer.Payments)
	o.Mapping.DateOrder, o.Mapping.Zone = order, zone
	got := read(t, "number\tcustomer\tcurrency\treceived on\tamount\nP1\tC1\tEUR\t"+cell+"\t1\n", o)
	if len(got.records) == 1 {
		return got.records[0].Payment.ReceivedOn.Format("2006-01-02")
	}
	return strings.TrimPrefix(got.rejected[0].Key, "billing.import.")
}

func TestDates(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cell  string
		order importer.DateOrder
		zone  string
		want  string
	}{
		{"2026-01-05", "", "", "2026-01-05"},
		{"2026/1/5", "", "", "2026-01-05"},
		{"20260105", "", "", "2026-01-05"},
		{"2026年1月5日", "", "", "2026-01-05"},
		{"05.01.2026", "", "", "2026-01-05"},
		{"5.1.26", "", "", "2026-01-05"},
		{"15/01/2026", "", "", "2026-01-15"},
		{"1/15/2026", "", "", "2026-01-15"},
		{"01/05/2026", "", "", "date_ambiguous"},
		{"05/05/2026", "", "", "2026-05-05"},
		{"01/05/2026", importer.MonthFirst, "", "2026-01-05"},
		{"01/05/2026", importer.DayFirst, "", "2026-05-01"},
		{"26-01-05", importer.YearFirst, "", "2026-01-05"},
		{"5 January 2026", "", "", "2026-01-05"},
		{"05-JAN-2026", "", "", "2026-01-05"},
		{"05-JAN-26", "", "", "2026-01-05"},
		{"Jan 5, 2026", "", "", "2026-01-05"},
		{"5. März 2026", "", "", "2026-03-05"},
		{"5 décembre 2026", "", "", "2026-12-05"},
		{"5 de fevereiro de 2026", "", "", "2026-02-05"},
		{"2026-01-05 23:59:59", "", "", "2026-01-05"},
		{"1/5/2026 3:04 PM", importer.MonthFirst, "", "2026-01-05"},
		{"2026-01-05T23:30:00Z", "", "Asia/Singapore", "2026-01-06"},
		{"2026-01-05T23:30:00+02:00", "", "", "2026-01-05"},
		{"1767654000", importer.UnixTime, "", "2026-01-05"},
		{"1767654000", "", "", "not_a_date"},
		{"31.02.2026", "", "", "no_such_day"},
		{"29.02.2025", "", "", "no_such_day"},
		{"2026-13-01", "", "", "no_such_day"},
		{"0206-01-05", "", "", "date_out_of_range"},
		{"01/05/3026", importer.DayFirst, "", "date_out_of_range"},
		{"yesterday", "", "", "not_a_date"},
		{"5 Frimaire 2026", "", "", "no_such_day"},
	} {
		if got := dayAs(t, c.cell, c.order, c.zone); got != c.want {
			t.Errorf("%q as %q: %s, want %s", c.cell, c.order, got, c.want)
		}
	}
}

// TestOrderOfDatesIsFound: one date that can only be read one way says how to read all of them.
func TestOrderOfDatesIsFound(t *testing.T) {
	t.Parallel()
	const head = "number,customer,currency,received on,amount\nP1,C1,EUR,01/05/2026,1\n"
	for second, want := range map[string]string{"13/05/2026": "2026-05-01", "05/13/2026": "2026-01-05"} {
		got := read(t, head+"P2,C1,EUR,"+second+",1\n", mapped(importer.Payments)).clean(t)
		if d := got.records[0].Payment.ReceivedOn.Format("2006-01-02"); d != want {
			t.Errorf("beside %s: %s, want %s", second, d, want)
		}
	}
	got := read(t, head+"P2,C1,EUR,13/05/2026,1\nP3,C1,EUR,05/13/2026,1\n", mapped(importer.Payments))
	if len(got.records) != 2 || got.rejected[0].Key != "billing.import.date_ambiguous" || got.rejected[0].Expected != "DD/MM/YYYY or MM/DD/YYYY" {
		t.Errorf("a file of both orders: %+v", got.rejected)
	}
}

func TestFormulasAreNotCarriedAlong(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"=HYPERLINK(\"x\")": "", "@SUM(A1)": "", "+cmd|' /C calc'!A0": "", "-2+3+cmd|x!A": "-2+3+cmd|x!A",
		"'=HYPERLINK(\"x\")": "=HYPERLINK(\"x\")", "+49 40 123": "+49 40 123", "- (none) -": "- (none) -", "''tis": "'tis",
	} {
		got := read(t, "number\tcustomer\tcustomer name\tcurrency\treceived on\tamount\nP1\tC1\t"+strings.ReplaceAll(name, `"`, `""`)+"\tEUR\t2026-01-05\t1\n", mapped(importer.Payments))
		switch {
		case want == "" && (len(got.rejected) != 1 || got.rejected[0].Key != "billing.import.formula"):
			t.Errorf("%q was taken", name)
		case want != "" && (len(got.records) != 1 || strings.ReplaceAll(got.records[0].Payment.CustomerName, `""`, `"`) != want):
			t.Errorf("%q became %+v %+v", name, got.records, got.rejected)
		}
	}
	for in, want := range map[string]string{"=1": "'=1", "plain": "plain", "": "", "-3": "'-3", "'x": "''x"} {
		if got := importer.QuoteFormula(in); got != want {
			t.Errorf("%q is written %q, want %q", in, got, want)
		}
	}
}
