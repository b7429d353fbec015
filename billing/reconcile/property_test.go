package reconcile_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"makegood/billing/reconcile"
	"makegood/internal/money"
)

// pick gives a number from 0 to below n; rapid's draws and a plain generator both can.
type pick func(n int) int

func draws(t *rapid.T) pick {
	return func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "pick") }
}

var kinds = []reconcile.Kind{
	reconcile.Invoice, reconcile.Payment, reconcile.CreditMemo, reconcile.Invoice, reconcile.Refund, reconcile.DebitMemo, reconcile.WriteOff, reconcile.Exchange,
}

var currencies = []money.Currency{"EUR", "USD", "JPY", "KWD"}

// ledger is a system with n documents. Amounts are all different, so that likeness leaves no doubt.
func ledger(n int, pick pick) []reconcile.Document {
	list := make([]reconcile.Document, n)
	for i := range list {
		cur := currencies[pick(len(currencies))]
		d := reconcile.Document{
			Row: fmt.Sprint(i), Kind: kinds[pick(len(kinds))], Number: fmt.Sprintf("DOC-%06d", i), Customer: fmt.Sprintf("C%03d", pick(200)),
			Date: day("2026-01-01").AddDate(0, 0, pick(90)), Amount: money.Of(decimal.New(int64(1000+7*i), -cur.Digits()), cur),
			Tax: money.Of(decimal.New(int64(pick(900)), -cur.Digits()), cur), Status: []reconcile.Status{reconcile.Open, reconcile.Settled}[pick(2)],
		}
		if pick(3) > 0 {
			d.ExternalID = fmt.Sprintf("x%d", i)
		}
		list[i] = d
	}
	return list
}

// mutate changes the row in one known way in the second system and tells what must be found.
func mutate(list []reconcile.Document, i, way int) ([]reconcile.Document, reconcile.Class) {
	d := &list[i]
	unit := money.Of(decimal.New(1, -d.Amount.Currency().Digits()), d.Amount.Currency())
	switch way {
	case 0:
		d.Amount, _ = d.Amount.Add(unit) // no other amount is one unit apart
		return list, reconcile.DifferentAmount
	case 1:
		d.Tax, _ = d.Tax.Add(unit)
		return list, reconcile.DifferentTax
	case 2:
		d.Date = d.Date.AddDate(0, 0, 1)
		return list, reconcile.DifferentDate
	case 3:
		d.Status = reconcile.Void
		return list, reconcile.DifferentStatus
	case 4:
		cur := money.Currency("CHF")
		d.Amount, d.Tax = money.Of(d.Amount.Decimal(), cur), money.Of(d.Tax.Decimal(), cur)
		return list, reconcile.DifferentCurrency
	case 5:
		d.Customer = "MOVED"
		return list, reconcile.DifferentCustomer
	case 6:
		extra := *d
		extra.Row += "+"
		return append(list, extra), reconcile.DuplicateThere
	case 7:
		extra := *d
		extra.Row, extra.Number, extra.ExternalID, extra.Customer = d.Row+"+", "NEW-"+d.Number, "", "NEWCOMER"
		return append(list, extra), reconcile.MissingHere
	case 8:
		d.Row = "" // taken out below
		return list, reconcile.MissingThere
	default: // found by another key, and nothing differs
		d.ExternalID, d.Number = "", strings.ToLower(strings.ReplaceAll(d.Number, "-", " "))
		return list, ""
	}
}

// spoil makes the second system out of the first, with k rows changed, and counts what must be found.
func spoil(here []reconcile.Document, k int, pick pick) ([]reconcile.Document, map[string]reconcile.Class) {
	there, want := slices.Clone(here), map[string]reconcile.Class{}
	for range k {
		i := pick(len(here))
		row := here[i].Row
		if _, done := want[row]; done {
			continue
		}
		there, want[row] = mutate(there, i, pick(10))
	}
	maps.DeleteFunc(want, func(_ string, class reconcile.Class) bool { return class == "" })
	return slices.DeleteFunc(there, func(d reconcile.Document) bool { return d.Row == "" }), want
}

// rows tells of which row each difference is.
func rows(list []reconcile.Difference) map[string]reconcile.Class {
	found := map[string]reconcile.Class{}
	for _, d := range list {
		row := ""
		if d.There != nil {
			row = strings.TrimSuffix(d.There.Row, "+")
		}
		if d.Here != nil {
			row = d.Here.Row
		}
		found[row] = d.Class
	}
	return found
}

func stated(list []reconcile.Document, opening ...money.Amount) reconcile.Books {
	b := reconcile.Books{Documents: list, Opening: opening}
	for _, p := range reconcile.RollForward(b, reconcile.Books{}, reconcile.Result{}) {
		b.Closing = append(b.Closing, money.Of(p.Here.Closing, p.Currency))
	}
	return b
}

func TestExactlyTheChangesAreFound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		here := ledger(rapid.IntRange(1, 40).Draw(t, "rows"), draws(t))
		there, want := spoil(here, rapid.IntRange(0, 12).Draw(t, "changes"), draws(t))
		result, err := reconcile.Compare(here, there, reconcile.Options{DaysApart: 5})
		if err != nil {
			t.Fatal(err)
		}
		if got := rows(result.Differences); len(result.Differences) != len(want) || !maps.Equal(got, want) {
			t.Fatalf("found %v, want %v", all(result.Differences), want)
		}
		for _, p := range reconcile.RollForward(stated(here, eur("50.00")), stated(there, eur("20.00")), result) {
			if !p.Proven() {
				t.Fatalf("%s is not proven: %+v", p.Currency, p)
			}
		}
	})
}

// anything is a ledger where rows share keys, amounts and dates as they like.
func anything(t *rapid.T) []reconcile.Document {
	text := func(label string) string { return rapid.SampledFrom([]string{"", "a", "A-", "b", "c"}).Draw(t, label) }
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) reconcile.Document {
		return reconcile.Document{
			Kind: rapid.SampledFrom([]reconcile.Kind{reconcile.Invoice, reconcile.CreditMemo}).Draw(t, "kind"),
			Date: day("2026-01-30").AddDate(0, 0, rapid.IntRange(0, 4).Draw(t, "day")), ExternalID: text("external id"), Number: text("number"),
			Customer: text("customer"), Amount: eur(rapid.SampledFrom([]string{"1.00", "2.00"}).Draw(t, "amount")),
			Status: rapid.SampledFrom([]reconcile.Status{reconcile.Open, reconcile.Settled, reconcile.Void}).Draw(t, "status"),
			Row:    rapid.StringMatching(`[a-z]{8}`).Draw(t, "row"), Invoice: text("invoice"),
		}
	}), 0, 12).Draw(t, "documents")
}

// mirror is the class a difference has when the sides change places.
func mirror(c reconcile.Class) reconcile.Class {
	turned := map[reconcile.Class]reconcile.Class{
		reconcile.MissingHere: reconcile.MissingThere, reconcile.MissingThere: reconcile.MissingHere,
		reconcile.DuplicateHere: reconcile.DuplicateThere, reconcile.DuplicateThere: reconcile.DuplicateHere,
	}
	if other, ok := turned[c]; ok {
		return other
	}
	return c
}

// full writes a whole result down, with the sides changed when turned.
func full(r reconcile.Result, turned bool) []string {
	row := func(d *reconcile.Document) string {
		if d == nil {
			return "-"
		}
		return d.Row
	}
	var out []string
	for _, p := range r.Matched {
		if turned {
			p.Here, p.There = p.There, p.Here
		}
		out = append(out, "matched "+row(p.Here)+" "+row(p.There)+" "+string(p.Key))
	}
	for _, d := range r.Differences {
		part := decimal.Zero
		for _, a := range d.Gap { // all in one currency
			part = part.Add(a.Decimal())
		}
		if turned {
			d.Here, d.There, d.Class, d.Would, part = d.There, d.Here, mirror(d.Class), mirror(d.Would), part.Neg()
		}
		out = append(out, fmt.Sprint(d.Class, d.Would, d.Why, row(d.Here), row(d.There), d.Key, row(d.Twin), part))
	}
	slices.Sort(out)
	return out
}

// Whatever the two sides are: the order of rows changes nothing, changing sides mirrors the result, every document has
// one place, and the differences explain the gap to the cent.
func TestOrderAndSidesDoNotMatter(t *testing.T) {
	t.Parallel()
	period := reconcile.Period{From: day("2026-01-31"), To: day("2026-02-02")}
	rapid.Check(t, func(t *rapid.T) {
		here, there := anything(t), anything(t)
		o := reconcile.Options{DaysApart: rapid.IntRange(0, 3).Draw(t, "apart"), TimingDays: rapid.IntRange(0, 2).Draw(t, "timing"), MemosWait: reconcile.There}
		if rapid.Bool().Draw(t, "with a period") {
			o.Period = period
		}
		compare := func(a, b []reconcile.Document, o reconcile.Options) reconcile.Result {
			result, err := reconcile.Compare(a, b, o)
			if err != nil {
				t.Fatal(err)
			}
			return result
		}
		result := compare(here, there, o)
		want := full(result, false)
		mixed := compare(rapid.Permutation(here).Draw(t, "here's order"), rapid.Permutation(there).Draw(t, "there's order"), o)
		if got := full(mixed, false); !slices.Equal(got, want) {
			t.Fatalf("in another order\n%v, not\n%v", got, want)
		}
		turned := o
		turned.MemosWait = reconcile.Here
		if got := full(compare(there, here, turned), true); !slices.Equal(got, want) {
			t.Fatalf("with the sides changed\n%v, not\n%v", got, want)
		}
		everyDocumentOnce(t, here, there, result)
		for _, p := range reconcile.RollForward(reconcile.Books{Documents: here}, reconcile.Books{Documents: there}, result) {
			if !p.Unexplained().IsZero() {
				t.Fatalf("%s of the gap %s is not explained: %+v", p.Unexplained(), p.Gap, p)
			}
		}
	})
}

func everyDocumentOnce(t *rapid.T, here, there []reconcile.Document, result reconcile.Result) {
	pairs, seen := map[reconcile.Pair]bool{}, map[*reconcile.Document]int{}
	for _, p := range result.Matched {
		pairs[p] = true
	}
	for _, d := range result.Differences {
		class := d.Class
		if class == reconcile.KnownTiming {
			class = d.Would
		}
		switch class {
		case reconcile.MissingThere, reconcile.DuplicateHere:
			seen[d.Here]++
		case reconcile.MissingHere, reconcile.DuplicateThere:
			seen[d.There]++
		default:
			pairs[d.Pair] = true
		}
	}
	for p := range pairs {
		seen[p.Here]++
		seen[p.There]++
	}
	for _, list := range [][]reconcile.Document{here, there} {
		for i := range list {
			n := seen[&list[i]]
			if n > 1 || n == 0 && result.Period.Holds(list[i].Date) {
				t.Fatalf("document %+v has %d places", list[i], n)
			}
		}
	}
}
