package reconcile_test

import (
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/shopspring/decimal"

	"makegood/billing/reconcile"
	"makegood/internal/money"
	"makegood/internal/raced"
)

func dec(text string) decimal.Decimal { return decimal.RequireFromString(text) }

func equal(t *testing.T, what, want string, got decimal.Decimal) {
	t.Helper()
	if !got.Equal(dec(want)) {
		t.Errorf("%s: %s, want %s", what, got, want)
	}
}

func TestRollForward(t *testing.T) {
	t.Parallel()
	doc := func(row string, kind reconcile.Kind, amount string) reconcile.Document {
		return invoice(row, func(d *reconcile.Document) { d.Kind, d.Amount, d.Tax = kind, eur(amount), eur("0") })
	}
	void := doc("9", reconcile.Invoice, "1000.00")
	void.Status = reconcile.Void
	here := reconcile.Books{
		Opening: []money.Amount{eur("500.00")},
		Documents: docs{
			doc("1", reconcile.Invoice, "119.00"), doc("2", reconcile.DebitMemo, "10.00"), doc("3", reconcile.CreditMemo, "20.00"),
			doc("4", reconcile.Payment, "80.00"), doc("5", reconcile.WriteOff, "5.00"), doc("6", reconcile.Refund, "7.50"),
			doc("7", reconcile.Exchange, "-0.40"), void,
		},
		Closing: []money.Amount{eur("531.10")},
	}
	there := reconcile.Books{
		Opening: []money.Amount{eur("498.00")},
		Documents: docs{
			doc("1", reconcile.Invoice, "118.00"), doc("2", reconcile.DebitMemo, "10.00"), doc("4", reconcile.Payment, "80.00"),
			doc("5", reconcile.WriteOff, "5.00"), doc("6", reconcile.Refund, "7.50"), doc("7", reconcile.Exchange, "-0.40"), void,
		},
		Closing: []money.Amount{eur("549.00")},
	}
	result := compare(t, here.Documents, there.Documents, reconcile.Options{})
	proofs := reconcile.RollForward(here, there, result)
	if len(proofs) != 1 || proofs[0].Currency != "EUR" {
		t.Fatalf("%+v", proofs)
	}
	p := proofs[0]
	m := p.Here
	for what, c := range map[string]struct {
		want string
		got  decimal.Decimal
	}{
		"opening": {"500.00", m.Opening}, "invoices, the void one not": {"119.00", m.Invoices}, "debit memos": {"10.00", m.DebitMemos},
		"credits": {"20.00", m.Credits}, "payments": {"80.00", m.Payments}, "write-offs": {"5.00", m.WriteOffs},
		"refunds": {"7.50", m.Refunds}, "exchange": {"-0.40", m.Exchange}, "closing": {"531.10", m.Closing}, "proven here": {"0", m.Unproven()},
		"closing there": {"548.10", p.There.Closing}, "unproven there": {"0.90", p.There.Unproven()},
		"gap": {"-17.00", p.Gap}, "opening gap": {"2.00", p.OpeningGap}, "unexplained": {"0", p.Unexplained()},
		"by amount": {"1.00", p.Explained[reconcile.DifferentAmount]}, "by what is missing there": {"-20.00", p.Explained[reconcile.MissingThere]},
	} {
		equal(t, what, c.want, c.got)
	}
	if p.Proven() {
		t.Error("there states 0.90 that no document explains, and it passes for proven")
	}
	stale := reconcile.RollForward(here, stated(there.Documents[1:]), result)[0]
	if stale.Unexplained().IsZero() {
		t.Error("a document was taken away after comparing, and nothing is unexplained")
	}
}

func TestOneLedgerProvesItself(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	books := stated(ledger(500, random.IntN), eur("12.34"))
	result := compare(t, books.Documents, books.Documents, reconcile.Options{})
	if len(result.Matched) != 500 || len(result.Differences) != 0 {
		t.Fatalf("%d matched, differences %v", len(result.Matched), all(result.Differences))
	}
	for _, p := range reconcile.RollForward(books, books, result) {
		if !p.Proven() || !p.Gap.IsZero() {
			t.Errorf("%+v", p)
		}
	}
}

// A large company's quarter, with some hundreds of things wrong.
func TestLargeLedger(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	here := ledger(raced.Runs(100_000), random.IntN)
	there, want := spoil(here, 700, random.IntN)
	random.Shuffle(len(there), func(i, j int) { there[i], there[j] = there[j], there[i] })
	result := compare(t, here, there, reconcile.Options{DaysApart: 5})
	if len(result.Differences) != len(want) || !maps.Equal(rows(result.Differences), want) {
		t.Fatalf("%d differences, want %d", len(result.Differences), len(want))
	}
	for _, p := range reconcile.RollForward(stated(here), stated(there), result) {
		if !p.Proven() {
			t.Errorf("%s is not proven: %+v", p.Currency, p)
		}
	}
	// A thousand documents a day that nothing tells apart but the day.
	alike := make([]reconcile.Document, raced.Runs(100_000))
	for i := range alike {
		alike[i] = invoice("", noExternalID, noNumber)
		alike[i].Date = day("2026-01-01").AddDate(0, 0, i/raced.Runs(1000))
	}
	if same := compare(t, alike, alike[:len(alike)-10], reconcile.Options{DaysApart: 5}); len(same.Matched) != len(alike)-10 || same.Count(reconcile.MissingThere) != 10 {
		t.Errorf("%d matched, %d missing", len(same.Matched), same.Count(reconcile.MissingThere))
	}
}

// What moves a receivable and is no document of any kind is part of the proof, with its sign.
func TestOtherMovements(t *testing.T) {
	t.Parallel()
	charged := reconcile.Document{Row: "c", Kind: reconcile.Other, Date: day("2026-03-12"), Amount: eur("19.00")}
	undone := reconcile.Document{Row: "u", Kind: reconcile.Other, Date: day("2026-03-13"), Amount: eur("-4.00")}
	both := []reconcile.Document{invoice("1")}
	result := compare(t, both, both, reconcile.Options{})
	for _, d := range []reconcile.Document{charged, undone} {
		result.Differences = append(result.Differences, reconcile.Difference{Class: reconcile.NotCompared, Gap: []money.Amount{d.Effect(reconcile.Period{})}})
	}
	here := reconcile.Books{Documents: append(both, charged, undone), Closing: []money.Amount{eur("134.00")}}
	there := reconcile.Books{Documents: both, Closing: []money.Amount{eur("119.00")}}
	p := reconcile.RollForward(here, there, result)[0]
	if !p.Proven() || !p.Here.Other.Equal(dec("15")) || !p.Explained[reconcile.NotCompared].Equal(dec("15")) || !p.Gap.Equal(dec("15")) {
		t.Errorf("%+v", p)
	}
}
