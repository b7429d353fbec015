package reconcile_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"makegood/billing/reconcile"
	"makegood/internal/money"
)

func day(text string) time.Time {
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return at
}

func eur(text string) money.Amount { return money.MustParse(text, "EUR") }

// invoice is an ordinary one; what a test is about it changes.
func invoice(row string, changes ...func(*reconcile.Document)) reconcile.Document {
	d := reconcile.Document{
		Row: row, Kind: reconcile.Invoice, ExternalID: "x-" + row, Number: "INV-" + row, Customer: "HALDEN",
		Date: day("2026-03-10"), Amount: eur("119.00"), Tax: eur("19.00"), Status: reconcile.Open,
	}
	for _, change := range changes {
		change(&d)
	}
	return d
}

func noExternalID(d *reconcile.Document) { d.ExternalID = "" }
func noNumber(d *reconcile.Document)     { d.Number = "" }
func on(text string) func(*reconcile.Document) {
	return func(d *reconcile.Document) { d.Date = day(text) }
}

func number(text string) func(*reconcile.Document) {
	return func(d *reconcile.Document) { d.Number = text }
}

func compare(t *testing.T, here, there []reconcile.Document, o reconcile.Options) reconcile.Result {
	t.Helper()
	result, err := reconcile.Compare(here, there, o)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// said writes a difference down in short: class, rows, key, gap.
func said(d reconcile.Difference) string {
	words := []string{string(d.Class)}
	for _, doc := range []*reconcile.Document{d.Here, d.There} {
		if doc == nil {
			words = append(words, "-")
		} else {
			words = append(words, doc.Row)
		}
	}
	words = append(words, string(d.Key))
	for _, part := range d.Gap {
		words = append(words, part.String())
	}
	return strings.TrimSpace(strings.Join(words, " "))
}

func all(list []reconcile.Difference) []string {
	var out []string
	for _, d := range list {
		out = append(out, said(d))
	}
	return out
}

type docs = []reconcile.Document

func TestEveryClassOfDifference(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		here, there docs
		want        []string
	}{
		{"the same", docs{invoice("1")}, docs{invoice("1")}, nil},
		{"missing there", docs{invoice("1")}, nil, []string{"missing_there 1 -  119.00 EUR"}},
		{"missing here", nil, docs{invoice("1")}, []string{"missing_here - 1  -119.00 EUR"}},
		{
			"amount",
			docs{invoice("1")},
			docs{invoice("1", func(d *reconcile.Document) { d.Amount = eur("118.99") })},
			[]string{"amount 1 1 external_id 0.01 EUR"},
		},
		{"tax", docs{invoice("1")}, docs{invoice("1", func(d *reconcile.Document) { d.Tax = eur("0") })}, []string{"tax 1 1 external_id"}},
		{"date", docs{invoice("1")}, docs{invoice("1", on("2026-03-11"))}, []string{"date 1 1 external_id"}},
		{"status", docs{invoice("1")}, docs{invoice("1", func(d *reconcile.Document) { d.Status = reconcile.Settled })}, []string{"status 1 1 external_id"}},
		{
			"void and open",
			docs{invoice("1")},
			docs{invoice("1", func(d *reconcile.Document) { d.Status = reconcile.Void })},
			[]string{"status 1 1 external_id 119.00 EUR"},
		},
		{"currency", docs{invoice("1")}, docs{invoice("1", func(d *reconcile.Document) {
			d.Amount, d.Tax = money.MustParse("119.00", "USD"), money.MustParse("19.00", "USD")
		})}, []string{"currency 1 1 external_id 119.00 EUR -119.00 USD"}},
		{"customer", docs{invoice("1")}, docs{invoice("1", func(d *reconcile.Document) { d.Customer = "LUMO" })}, []string{"customer 1 1 external_id"}},
		{
			"two things",
			docs{invoice("1")},
			docs{invoice("1", on("2026-03-11"), func(d *reconcile.Document) { d.Amount = eur("100.00") })},
			[]string{"amount 1 1 external_id 19.00 EUR", "date 1 1 external_id"},
		},
		{
			"duplicate here",
			docs{invoice("1"), invoice("1", func(d *reconcile.Document) { d.Row = "2" })},
			docs{invoice("1")},
			[]string{"duplicate_here 2 1 external_id 119.00 EUR"},
		},
		{
			"duplicate there by number",
			docs{invoice("1")},
			docs{invoice("1"), invoice("2", noExternalID, number("INV-1"))},
			[]string{"duplicate_there 1 2 external_id -119.00 EUR"},
		},
		{
			"duplicate of what the other lacks",
			docs{invoice("1"), invoice("1", func(d *reconcile.Document) { d.Row = "2" })},
			nil,
			[]string{"duplicate_here 2 -  119.00 EUR", "missing_there 1 -  119.00 EUR"},
		},
		{"the same duplicate on both sides is no difference between them", docs{invoice("1"), invoice("1")}, docs{invoice("1"), invoice("1")}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := all(compare(t, c.here, c.there, reconcile.Options{}).Differences)
			slices.Sort(got)
			if !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	other := func(d *reconcile.Document) { d.Customer = "LUMO" }
	dearer := func(d *reconcile.Document) { d.Amount = eur("200.00") }
	for _, c := range []struct {
		name        string
		here, there reconcile.Document
		want        reconcile.Key
	}{
		{"external id before number", invoice("1"), invoice("1", number("9")), reconcile.ByExternalID},
		{"number and customer", invoice("1", noExternalID), invoice("1", dearer), reconcile.ByNumber},
		{"number and amount", invoice("1", noExternalID), invoice("1", other), reconcile.ByNumber},
		{"a number alone proves nothing", invoice("1", noExternalID), invoice("1", other, dearer), reconcile.ByNothing},
		{"number written otherwise", invoice("1", noExternalID), invoice("1", number("inv 1")), reconcile.ByNormalNumber},
		{"likeness within days", invoice("1", noExternalID, noNumber), invoice("7", on("2026-03-13")), reconcile.ByLikeness},
		{"too many days apart", invoice("1", noExternalID, noNumber), invoice("7", on("2026-03-14")), reconcile.ByNothing},
		{"external ids that differ are not alike", invoice("1"), invoice("7"), reconcile.ByNothing},
		{"another kind", invoice("1"), invoice("1", func(d *reconcile.Document) { d.Kind = reconcile.DebitMemo }), reconcile.ByNothing},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			result := compare(t, docs{c.here}, docs{c.there}, reconcile.Options{DaysApart: 3})
			got := reconcile.ByNothing
			for _, p := range result.Matched {
				got = p.Key
			}
			for _, d := range result.Differences {
				got = d.Key
			}
			if got != c.want {
				t.Errorf("matched by %q, want %q", got, c.want)
			}
		})
	}
}

func TestAnotherWayToReadNumbers(t *testing.T) {
	t.Parallel()
	o := reconcile.Options{Normal: func(n string) string { return strings.TrimLeft(strings.TrimPrefix(n, "INV-"), "0") }}
	result := compare(t, docs{invoice("1", noExternalID, number("INV-0042"))}, docs{invoice("1", noExternalID, number("42"))}, o)
	if len(result.Matched) != 1 || result.Matched[0].Key != reconcile.ByNormalNumber {
		t.Errorf("%+v", result)
	}
}

// Of several with one key the ones that agree are paired, whatever the order of rows.
func TestTheLikestArePaired(t *testing.T) {
	t.Parallel()
	priced := func(row, amount string) reconcile.Document {
		return invoice(row, func(d *reconcile.Document) { d.ExternalID, d.Number, d.Amount = "same", "same", eur(amount) })
	}
	result := compare(t, docs{priced("a", "10.00"), priced("b", "30.00")}, docs{priced("c", "30.00"), priced("d", "10.00"), priced("e", "20.00")}, reconcile.Options{})
	var pairs []string
	for _, p := range result.Matched {
		pairs = append(pairs, p.Here.Row+p.There.Row)
	}
	slices.Sort(pairs)
	if want := []string{"ad", "bc"}; !slices.Equal(pairs, want) {
		t.Errorf("pairs %v, want %v", pairs, want)
	}
	if got := all(result.Differences); len(got) != 1 || result.Differences[0].Class != reconcile.DuplicateThere {
		t.Errorf("the third is left over as a duplicate: %v", got)
	}
}

func TestKnownTiming(t *testing.T) {
	t.Parallel()
	march := reconcile.Period{From: day("2026-03-01"), To: day("2026-03-31")}
	o := reconcile.Options{Period: march, TimingDays: 2, DaysApart: 3}
	for _, c := range []struct {
		name        string
		here, there docs
		class       reconcile.Class
		would       reconcile.Class
		gap         string
	}{
		{"not there yet", docs{invoice("1", on("2026-03-30"))}, nil, reconcile.KnownTiming, reconcile.MissingThere, "119.00 EUR"},
		{"there since the month before", docs{invoice("1", on("2026-03-02"))}, nil, reconcile.KnownTiming, reconcile.MissingThere, "119.00 EUR"},
		{"too long ago for that", docs{invoice("1", on("2026-03-28"))}, nil, reconcile.MissingThere, "", "119.00 EUR"},
		{
			"over the end of the month",
			docs{invoice("1", on("2026-03-31"))},
			docs{invoice("1", on("2026-04-01"))},
			reconcile.KnownTiming, reconcile.DifferentDate, "119.00 EUR",
		},
		{"in another month, and late", docs{invoice("1", on("2026-03-31"))}, docs{invoice("1", on("2026-04-09"))}, reconcile.DifferentDate, "", "119.00 EUR"},
		{"within the month it is a plain difference", docs{invoice("1", on("2026-03-30"))}, docs{invoice("1", on("2026-03-31"))}, reconcile.DifferentDate, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			result := compare(t, c.here, c.there, o)
			if len(result.Differences) != 1 {
				t.Fatalf("differences %v", all(result.Differences))
			}
			got := result.Differences[0]
			amount := ""
			for _, part := range got.Gap {
				amount += part.String()
			}
			if got.Class != c.class || got.Would != c.would || amount != c.gap || (got.Why == reconcile.NearCutOff) != (c.class == reconcile.KnownTiming) {
				t.Errorf("%s (would be %q, %s), gap %s", got.Class, got.Would, got.Why, amount)
			}
		})
	}
	outside := compare(t, docs{invoice("1", on("2026-04-01"))}, docs{invoice("2", on("2026-02-28"))}, o)
	if len(outside.Differences)+len(outside.Matched) != 0 {
		t.Errorf("what stands outside the period on both sides is not this period's: %v", all(outside.Differences))
	}
}

// A processor's connector makes the memo at once; the accounting system applies it when the invoice has been paid.
func TestMemoWaitsForItsPayment(t *testing.T) {
	t.Parallel()
	memo := func(status reconcile.Status) reconcile.Document {
		return reconcile.Document{
			Row: "m", Kind: reconcile.CreditMemo, Number: "CM-1", Customer: "HALDEN", Date: day("2026-03-12"),
			Amount: eur("119.00"), Tax: eur("19.00"), Status: status, Invoice: "INV-1",
		}
	}
	void := func(d *reconcile.Document) { d.Status = reconcile.Void }
	paid := func(d *reconcile.Document) { d.Status = reconcile.Settled }
	for _, c := range []struct {
		name  string
		waits reconcile.System
		there reconcile.Document
		want  reconcile.Class
	}{
		{"open until the invoice is paid", reconcile.There, invoice("1"), reconcile.KnownTiming},
		{"still open though it is paid", reconcile.There, invoice("1", paid), reconcile.DifferentStatus},
		{"nobody waits", reconcile.Neither, invoice("1"), reconcile.DifferentStatus},
		{"the other side waits", reconcile.Here, invoice("1"), reconcile.DifferentStatus},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			result := compare(t, docs{invoice("1", void), memo(reconcile.Settled)}, docs{c.there, memo(reconcile.Open)}, reconcile.Options{MemosWait: c.waits})
			for _, d := range result.Differences {
				if d.Here.Kind == reconcile.CreditMemo && d.Class != c.want {
					t.Errorf("%s (%s), want %s", d.Class, d.Why, c.want)
				}
			}
			if len(result.Differences) != 2 {
				t.Errorf("differences %v", all(result.Differences))
			}
		})
	}
}

func TestRowsThatAreNoDocuments(t *testing.T) {
	t.Parallel()
	for want, change := range map[error]func(*reconcile.Document){
		reconcile.ErrKind:        func(d *reconcile.Document) { d.Kind = "voucher" },
		reconcile.ErrNegative:    func(d *reconcile.Document) { d.Amount = eur("-1.00") },
		reconcile.ErrTaxCurrency: func(d *reconcile.Document) { d.Tax = money.MustParse("19.00", "USD") },
	} {
		if _, err := reconcile.Compare(nil, docs{invoice("1", change)}, reconcile.Options{}); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
}

// What a side does not tell is no difference.
func TestWhatASideDoesNotTell(t *testing.T) {
	t.Parallel()
	silent := func(d *reconcile.Document) { d.TaxUnknown, d.Tax, d.Status = true, eur("0.00"), "" }
	result := compare(t, []reconcile.Document{invoice("1")}, []reconcile.Document{invoice("1", silent)}, reconcile.Options{})
	if len(result.Matched) != 1 || len(result.Differences) != 0 {
		t.Errorf("%+v", result)
	}
	told := func(d *reconcile.Document) { d.Tax, d.Status = eur("0.00"), reconcile.Settled }
	result = compare(t, []reconcile.Document{invoice("1")}, []reconcile.Document{invoice("1", told)}, reconcile.Options{})
	if result.Count(reconcile.DifferentTax) != 1 || result.Count(reconcile.DifferentStatus) != 1 {
		t.Errorf("%+v", result)
	}
}
