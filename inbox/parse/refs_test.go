package parse_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"makegood/inbox/parse"
	"makegood/internal/errs"
)

func refsOf(text string, opt parse.Options) parse.Refs {
	return parse.Parse([]byte("Content-Type: text/plain; charset=utf-8\n\n"+text), opt).Refs
}

func TestReferences(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"your invoice DE-2026-01877 is wrong":             "i:DE-2026-01877",
		"SG-2026-00877 and INV-2041":                      "i:SG-2026-00877 i:INV-2041",
		"Rechnung RE-2026-123 vom 3.3.2026":               "i:RE-2026-123",
		"credit memo CM-DE-2026-00403":                    "i:CM-DE-2026-00403",
		"Invoice no. 4711-88":                             "i:4711-88",
		"Rechnungs-Nr. 88123":                             "i:88123",
		"facture n° 55812":                                "i:55812",
		"Rechnungsnummer: 2026/0815":                      "i:2026/0815",
		"facture n° FA-10023":                             "i:FA-10023",
		"請求書番号：A-20931":                                   "i:A-20931",
		"发票号码: 10447733":                                  "i:10447733",
		"account number MG-004182":                        "a:MG-004182",
		"Kundennummer: 100283":                            "a:100283",
		"customer no. C-2024-0117":                        "a:C-2024-0117",
		"PO-77812 and purchase order no. 450012":          "o:PO-77812 o:450012",
		"Bestellnummer 450099":                            "o:450099",
		"payment reference PAY-DE-20418":                  "p:PAY-DE-20418",
		"paid by RF18539007547034":                        "p:RF18539007547034",
		"please send the invoice 2 times in order to pay": "",
		"invoice of 2026":                                 "",
		"call 030 1234567 at 10:30":                       "",
	} {
		r := refsOf(text, parse.Options{})
		var got []string
		for _, g := range []struct {
			mark string
			refs []string
		}{{"i:", r.Invoices}, {"a:", r.Accounts}, {"o:", r.PurchaseOrders}, {"p:", r.Payments}} {
			for _, ref := range g.refs {
				got = append(got, g.mark+ref)
			}
		}
		equal(t, text, strings.Join(got, " "), want)
	}
}

func TestOwnSeries(t *testing.T) {
	t.Parallel()
	p, err := parse.NewPatterns(parse.Series{Invoices: []string{parse.SeriesPattern("KX")}, Accounts: []string{`\bacct (\d{4})\b`}})
	if err != nil {
		t.Fatal(err)
	}
	r := refsOf("see KX 90881, acct 7781, INV-2041", parse.Options{Patterns: p})
	list(t, "invoices", r.Invoices, "KX 90881", "INV-2041")
	list(t, "accounts", r.Accounts, "7781")
	if _, err := parse.NewPatterns(parse.Series{Invoices: []string{"("}}); errs.KindOf(err) != errs.Invalid {
		t.Errorf("a bad pattern gives %v", err)
	}
}

func TestAmounts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"1.240,00 EUR":           "1240.00 EUR",
		"EUR 1,240.00":           "1240.00 EUR",
		"€1.240":                 "1240.00 EUR",
		"12,5 €":                 "12.50 EUR",
		"$12.30":                 "12.30 USD",
		"¥184,800":               "184800 JPY",
		"184,800円":               "184800 JPY",
		"CHF 1'240.50":           "1240.50 CHF",
		"1 240,00 EUR":           "1240.00 EUR",
		"KWD 1.250":              "1.250 KWD",
		"S$99.90 or US$70":       "99.90 SGD, 70.00 USD",
		"R$ 1.234,56":            "1234.56 BRL",
		"-50.00 USD":             "-50.00 USD",
		"2.000.000,00 EUR":       "2000000.00 EUR",
		"100,- EUR":              "100.00 EUR",
		"invoice 12 of 30 pages": "",
		"JPY 12.30":              "",
	} {
		var got []string
		for _, a := range refsOf(text, parse.Options{}).Amounts {
			got = append(got, a.Amount+" "+a.Currency)
		}
		equal(t, text, strings.Join(got, ", "), want)
	}
}

// Any amount written the German or the English way is read back exactly.
func TestAmountsRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cents := rapid.Int64Range(1, 99_999_999_999).Draw(t, "cents")
		plain := decimal.New(cents, -2).StringFixed(2)
		whole, fraction, _ := strings.Cut(plain, ".")
		var grouped []string
		for len(whole) > 3 {
			grouped = append([]string{whole[len(whole)-3:]}, grouped...)
			whole = whole[:len(whole)-3]
		}
		grouped = append([]string{whole}, grouped...)
		for _, text := range []string{
			"EUR " + strings.Join(grouped, ",") + "." + fraction, strings.Join(grouped, ".") + "," + fraction + " EUR",
		} {
			got := refsOf("we owe "+text+" only", parse.Options{}).Amounts
			if len(got) != 1 || got[0].Amount != plain {
				t.Fatalf("%s read as %v", text, got)
			}
		}
	})
}

func TestNormalise(t *testing.T) {
	t.Parallel()
	for _, same := range [][]string{
		{"DE-2026-01877", "de 2026 1877", "DE202601877", "DE-2O26-O1877", "DE/2026/01877", " DE–2026–01877 "},
		{"INV-2041", "INV 02041", "lNV2041", "inv#2O41"},
		{"CM-DE-2026-00403", "CMDE2026 403"},
	} {
		for _, s := range same[1:] {
			equal(t, s, parse.Normalise(s), parse.Normalise(same[0]))
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		year, n := rapid.IntRange(2000, 2099).Draw(t, "year"), rapid.IntRange(1, 99999).Draw(t, "n")
		a, b := fmt.Sprintf("DE-%d-%05d", year, n), fmt.Sprintf("de %d/%d", year, n)
		if parse.Normalise(a) != parse.Normalise(b) {
			t.Fatalf("%s and %s differ", a, b)
		}
		if once := parse.Normalise(a); parse.Normalise(once) != once {
			t.Fatalf("%s changes twice", a)
		}
	})
}

// TestPaymentIsNoInvoice: the numbers of ours that end like an invoice's are not taken for it.
func TestPaymentIsNoInvoice(t *testing.T) {
	t.Parallel()
	own, err := parse.NewPatterns(parse.SeriesOf([]string{"DE", "CM-DE", "NORD7"}, []string{"QXK"}))
	if err != nil {
		t.Fatal(err)
	}
	const text = "Subject: x\r\n\r\nPAY-DE-2026-00001 and RF-DE-2026-00002 settle DE-2026-00003, TR-2026-00004, CM-DE-2026-00005, nord7 2026/00006, QXK 00815, PAY-NORD7-2026-00007.\r\n"
	for name, c := range map[string]struct {
		patterns *parse.Patterns
		invoices []string
		payments []string
	}{
		"usual": {nil, []string{"DE-2026-00003", "TR-2026-00004", "CM-DE-2026-00005"}, []string{"PAY-DE-2026-00001", "PAY-NORD7-2026-00007"}},
		"own":   {own, []string{"QXK 00815", "DE-2026-00003", "CM-DE-2026-00005", "nord7 2026/00006", "TR-2026-00004"}, []string{"PAY-DE-2026-00001", "PAY-NORD7-2026-00007"}},
	} {
		m := parse.Parse([]byte(text), parse.Options{Patterns: c.patterns})
		slices.Sort(m.Refs.Invoices)
		slices.Sort(c.invoices)
		if !slices.Equal(m.Refs.Invoices, c.invoices) || !slices.Equal(m.Refs.Payments, c.payments) {
			t.Errorf("%s: %q %q", name, m.Refs.Invoices, m.Refs.Payments)
		}
	}
}
