package importer_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"makegood/billing/importer"
	"makegood/billing/tax"
	"makegood/internal/money"
)

func reader(s string) io.Reader { return strings.NewReader(s) }

// word is any text a person may have typed into a field: formulas, quotes, separators, line feeds, other scripts.
func word(t *rapid.T, what string) string {
	s := rapid.OneOf(
		rapid.StringMatching(`[A-Za-z0-9 .,;'"=+@|-]{1,12}`),
		rapid.SampledFrom([]string{"=1+1", "'=x", "@home GmbH", "+49 40 12", "-", "Müller & Söhne", "顧客\n株式会社", `a "b" c`, "a;b,c\td", "007", "1.0", "''", "'", "total", "Zulu"}),
	).Draw(t, what)
	s = strings.TrimSpace(s)
	switch s {
	case "", "-":
		return "x" + s
	}
	return s
}

// label names something: it is no bare decimal such as "1.0", which a spreadsheet makes of the number 1.
func label(t *rapid.T, what string) string {
	return rapid.StringMatching(`[A-Z]{1,3}-?[0-9]{1,6}`).Draw(t, what)
}

func sum(t *rapid.T, cur money.Currency, what string) decimal.Decimal {
	return decimal.New(rapid.Int64Range(1, 9_000_000).Draw(t, what), -cur.Digits())
}

func anyDay(t *rapid.T, what string) time.Time {
	return day("2020-01-01").AddDate(0, 0, rapid.IntRange(0, 3000).Draw(t, what))
}

func currency(t *rapid.T) money.Currency {
	return rapid.SampledFrom([]money.Currency{"EUR", "JPY", "KWD", "USD"}).Draw(t, "currency")
}

func document(t *rapid.T) importer.Document {
	cur := currency(t)
	d := importer.Document{
		Number: label(t, "number"), Customer: label(t, "customer"), CustomerName: word(t, "name"), Currency: cur, IssuedOn: anyDay(t, "issued"),
		PurchaseOrder: label(t, "po"), TaxInclusive: rapid.Bool().Draw(t, "inclusive"),
	}
	for i := range rapid.IntRange(1, 4).Draw(t, "lines") {
		rate := decimal.NewFromInt(rapid.SampledFrom([]int64{0, 7, 19}).Draw(t, "rate"))
		l := importer.Line{
			No: i + 1, External: label(t, "line"), Product: word(t, "product"), Description: word(t, "description"),
			Quantity: decimal.NewFromInt(rapid.Int64Range(1, 50).Draw(t, "quantity")), UnitPrice: sum(t, cur, "price"), TaxRate: rate, TaxCategory: "S",
			CostCentre: label(t, "cost centre"), Location: word(t, "location"), ServiceFrom: anyDay(t, "from"),
		}
		if l.Product == "1.0" {
			l.Product = "P"
		}
		given := l.Quantity.Mul(l.UnitPrice)
		l.Net, l.Tax = given, tax.Of(given, rate, cur.Digits())
		if d.TaxInclusive {
			l.Tax = tax.Within(given, rate, cur.Digits())
			l.Net = given.Sub(l.Tax)
		} else if rapid.Bool().Draw(t, "city tax") {
			l.More = []importer.LineTax{{Code: "city", Category: "S", Rate: dec("2.5"), Tax: tax.Of(given, dec("2.5"), cur.Digits())}}
		}
		l.Charge = rapid.Bool().Draw(t, "charge")
		d.Lines = append(d.Lines, l)
	}
	d.Taxes = importer.GroupTaxes(d.Lines)
	d.Net, d.Tax = importer.Sums(d.Taxes)
	d.Rounding = decimal.New(rapid.Int64Range(0, 2).Draw(t, "rounding"), -cur.Digits())
	d.Total = d.Net.Add(d.Tax).Add(d.Rounding)
	d.Withholding = d.Total.Mul(dec("0.1")).Truncate(cur.Digits())
	return d
}

func anyRecord(t *rapid.T, kind importer.Kind) importer.Record {
	switch kind {
	case importer.Invoices:
		in := importer.Invoice{Document: document(t)}
		in.DueOn = in.IssuedOn.AddDate(0, 0, rapid.IntRange(0, 90).Draw(t, "terms"))
		return importer.Record{Kind: kind, External: in.Number, Invoice: &in}
	case importer.CreditNotes:
		n := importer.CreditNote{Document: document(t), Invoice: label(t, "invoice"), Reason: word(t, "reason"), Memo: word(t, "memo"), Buckets: rapid.Bool().Draw(t, "buckets")}
		if n.Buckets {
			n.Reduce = n.Total
		}
		return importer.Record{Kind: kind, External: n.Number, CreditNote: &n}
	case importer.Payments:
		p := importer.Payment{Number: label(t, "number"), Customer: label(t, "customer"), Currency: currency(t), ReceivedOn: anyDay(t, "received"), Method: word(t, "method"), BankReference: word(t, "reference")}
		p.Amount = sum(t, p.Currency, "amount")
		if rapid.Bool().Draw(t, "applied") {
			p.Applied = []importer.Applied{{Invoice: "A1", Amount: p.Amount.Sub(decimal.New(1, -p.Currency.Digits()))}, {Invoice: "A2", Amount: decimal.New(1, -p.Currency.Digits())}}
			if !p.Applied[0].Amount.IsPositive() {
				p.Applied = p.Applied[1:]
			}
		}
		return importer.Record{Kind: kind, External: p.Number, Payment: &p}
	case importer.Customers:
		days := rapid.IntRange(0, 120).Draw(t, "terms")
		c := importer.Customer{Account: label(t, "account"), Name: word(t, "name"), Kind: "partner", Tier: word(t, "tier"), Currency: currency(t), TermsDays: &days, Address: word(t, "address"), Emails: []string{"a@example.com", "b@example.com"}}
		return importer.Record{Kind: kind, External: c.Account, Customer: &c}
	case importer.OpenBalances:
		b := importer.OpenBalance{Customer: label(t, "customer"), Number: label(t, "number"), Type: rapid.SampledFrom([]string{"invoice", "credit_note", "payment"}).Draw(t, "type"), Currency: currency(t), IssuedOn: anyDay(t, "issued")}
		b.Original = sum(t, b.Currency, "original")
		b.Open = b.Original
		if b.Type != "invoice" {
			b.Open, b.Original = b.Open.Neg(), b.Original.Neg()
		} else if rapid.Bool().Draw(t, "disputed") {
			b.Disputed = b.Open
		}
		return importer.Record{Kind: kind, External: b.Number, Balance: &b}
	default:
		x := importer.Rate{Base: "USD", Quote: currency(t), On: anyDay(t, "on"), Rate: decimal.New(rapid.Int64Range(1, 1e12).Draw(t, "rate"), -10), Source: label(t, "source")}
		if x.Quote == x.Base {
			x.Quote = "GBP"
		}
		return importer.Record{Kind: kind, External: string(x.Base) + " " + string(x.Quote) + " " + x.On.Format(time.DateOnly) + " " + x.Source, Rate: &x}
	}
}

// TestWrittenIsReadBack: any record that we write is read back with the same content.
func TestWrittenIsReadBack(t *testing.T) {
	t.Parallel()
	for _, kind := range []importer.Kind{importer.Invoices, importer.CreditNotes, importer.Payments, importer.Customers, importer.OpenBalances, importer.Rates} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				records := map[string]importer.Record{}
				var file bytes.Buffer
				w, err := importer.NewWriter(&file, kind)
				if err != nil {
					t.Fatal(err)
				}
				for range rapid.IntRange(1, 5).Draw(t, "records") {
					r := anyRecord(t, kind)
					if _, twice := records[r.External]; twice {
						continue
					}
					records[r.External] = r
					if err := w.Write(r); err != nil {
						t.Fatal(err)
					}
				}
				if err := w.Flush(); err != nil {
					t.Fatal(err)
				}
				text := file.String()
				o := importer.Options{Kind: kind, Mapping: importer.Mapping{Preset: "makegood"}}
				_, err = importer.Read(t.Context(), &file, o, importer.Sink{
					Record: func(r importer.Record) error {
						mine, _ := records[r.External].ContentHash()
						theirs, _ := r.ContentHash()
						if mine != theirs {
							t.Errorf("%s\nwritten %+v\nread    %+v", text, records[r.External].Invoice, r.Invoice)
						}
						delete(records, r.External)
						return nil
					},
					Reject: func(r importer.Rejection) error {
						t.Errorf("row %d: %s at %s: %q, expected %s\n%s", r.Row, r.Key, r.Column, r.Got, r.Expected, text)
						return nil
					},
				})
				if err != nil || len(records) > 0 {
					t.Errorf("%v; not read back: %v\n%s", err, records, text)
				}
			})
		})
	}
}

func TestRejectedRowsAreSafeToOpen(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	err := importer.WriteRejected(&b, []string{"Number", "Name"}, []importer.RejectedRow{{Row: 3, Cells: map[string]string{"Number": "N1", "Name": "=cmd|'/C calc'!A0"}, Reasons: []string{"No date.", "No total."}}})
	if want := "row,rejected because,Number,Name\n3,No date. No total.,N1,'=cmd|'/C calc'!A0\n"; err != nil || b.String() != want {
		t.Errorf("%v %q", err, b.String())
	}
}

// sheet writes a workbook of payments whose amounts are stored as numbers, with a format each.
func sheet(t testing.TB, amounts map[float64]string) []byte {
	t.Helper()
	f := excelize.NewFile()
	put := func(cell string, value any) {
		if err := f.SetCellValue("Sheet1", cell, value); err != nil {
			t.Fatal(err)
		}
	}
	for i, name := range []string{"number", "customer", "currency", "received on", "amount"} {
		put(string(rune('A'+i))+"1", name)
	}
	row := 2
	for amount, format := range amounts {
		n := decimal.NewFromInt(int64(row)).String()
		put("A"+n, "P"+n)
		put("B"+n, 4711)
		put("C"+n, "EUR")
		put("D"+n, 46027)
		put("E"+n, amount)
		style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
		if err != nil {
			t.Fatal(err)
		}
		if err := f.SetCellStyle("Sheet1", "E"+n, "E"+n, style); err != nil {
			t.Fatal(err)
		}
		row++
	}
	content, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return content.Bytes()
}

// TestNumbersOfWorkbooks: the noise of binary fractions is taken off, cents that a format hides are kept, and what is
// really finer than a cent is refused.
func TestNumbersOfWorkbooks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		stored         float64
		format, amount string
	}{
		{12.299999999, "0.00", "12.3"},
		{0.1 + 0.2, "General", "0.3"},
		{1234.5, "#,##0", "1234.5"},
		{1e6, "0.00E+00", "1000000"},
		{12.304, "0.00", ""},
		{12.345, "0.00", ""},
	} {
		got := read(t, string(sheet(t, map[float64]string{c.stored: c.format})), mapped(importer.Payments))
		switch {
		case c.amount == "":
			if len(got.rejected) != 1 || got.rejected[0].Key != "billing.import.too_fine" {
				t.Errorf("%v was read: %+v", c.stored, got.records)
			}
		case len(got.records) != 1:
			t.Errorf("%v: %+v", c.stored, got.rejected)
		default:
			p := got.records[0].Payment
			same(t, "payment", []any{p.Amount, p.Customer, p.ReceivedOn}, []any{dec(c.amount), "4711", day("2026-01-05")})
		}
	}
}
