package dunning_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"makegood/billing/dunning"
)

// Three invoices: one overdue with a part in dispute, one due today, one due tomorrow.
func TestWhatIsToBePaidNow(t *testing.T) {
	t.Parallel()
	list := []dunning.Item{
		{InvoiceID: 1, DueOn: day("2026-05-01"), Open: d("100"), Held: d("30")},
		{InvoiceID: 2, DueOn: day("2026-05-12"), Open: d("50")},
		{InvoiceID: 3, DueOn: day("2026-05-13"), Open: d("200"), Held: d("20")},
	}
	for name, c := range map[string]struct{ unapplied, now, deducted string }{
		"nothing unapplied":            {"0", "120", "0"},
		"some unapplied":               {"45.50", "74.50", "45.50"},
		"more unapplied than is due":   {"150", "0", "120"},
		"no part of the not yet due":   {"320", "0", "120"},
		"a negative is no more to pay": {"-10", "120", "0"},
	} {
		a := dunning.Ask(list, d(c.unapplied), day("2026-05-12"))
		if !a.Now().Equal(d(c.now)) || !a.Deducted().Equal(d(c.deducted)) {
			t.Errorf("%s: pay %s now, %s deducted; want %s and %s", name, a.Now(), a.Deducted(), c.now, c.deducted)
		}
		if !a.Open.Equal(d("350")) || !a.Disputed.Equal(d("50")) || !a.NotDue.Equal(d("180")) || !a.Due.Equal(d("120")) || !a.Undisputed().Equal(d("300")) {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

func TestNobodyIsAskedForMoreThanIsDue(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		list, unapplied, on := items().Draw(t, "items"), cents(t, "unapplied", 30000), day("2026-05-01").AddDate(0, 0, rapid.IntRange(-6, 6).Draw(t, "day"))
		a := dunning.Ask(list, unapplied, on)
		if sum := decimal.Sum(a.Disputed, a.NotDue, a.Due); !sum.Equal(a.Open) {
			t.Fatalf("parts %s of %s", sum, a.Open)
		}
		if a.Now().IsNegative() || a.Now().GreaterThan(a.Due) || !a.Now().Add(a.Deducted()).Equal(a.Due) || a.Deducted().GreaterThan(unapplied) {
			t.Fatalf("pay %s of %s due, %s of %s deducted", a.Now(), a.Due, a.Deducted(), unapplied)
		}
		if later := dunning.Ask(list, unapplied, on.AddDate(0, 0, 3)); later.Due.LessThan(a.Due) {
			t.Fatalf("%s due, and later %s", a.Due, later.Due)
		}
	})
}
