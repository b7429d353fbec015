package dunning_test

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"makegood/billing/dunning"
)

func d(text string) decimal.Decimal { return decimal.RequireFromString(text) }

func day(text string) time.Time {
	on, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return on
}

func cents(t *rapid.T, name string, most int64) decimal.Decimal {
	return decimal.New(rapid.Int64Range(0, most).Draw(t, name), -2)
}

func items() *rapid.Generator[[]dunning.Item] {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) dunning.Item {
		return dunning.Item{
			InvoiceID: rapid.Int64Range(1, 9).Draw(t, "id"), DueOn: day("2026-05-01").AddDate(0, 0, rapid.IntRange(-5, 5).Draw(t, "due")),
			Open: cents(t, "open", 10000), Held: cents(t, "held", 12000), Promised: cents(t, "promised", 12000), KeptBack: rapid.Bool().Draw(t, "kept back"),
		}
	}), 0, 8)
}

func TestThePartsAreTheWhole(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		list, promised, unapplied := items().Draw(t, "items"), cents(t, "over all", 30000), cents(t, "unapplied", 30000)
		spread, covered := decimal.Zero, decimal.Zero
		asked := false
		for i, p := range dunning.Divide(list, promised, unapplied) {
			if sum := decimal.Sum(p.Held, p.Promised, p.KeptBack, p.Covered, p.Dunnable); !sum.Equal(p.Open) || !p.Open.Equal(list[i].Open) {
				t.Fatalf("parts %s of %s", sum, list[i].Open)
			}
			for name, part := range map[string]decimal.Decimal{"held": p.Held, "promised": p.Promised, "kept back": p.KeptBack, "covered": p.Covered, "dunnable": p.Dunnable} {
				if part.IsNegative() {
					t.Fatalf("%s is %s", name, part)
				}
			}
			if list[i].KeptBack && p.Dunnable.IsPositive() {
				t.Fatal("a reminder for what is kept back")
			}
			if p.Dunnable.Add(list[i].Held).GreaterThan(list[i].Open) && p.Dunnable.IsPositive() {
				t.Fatalf("a reminder for disputed money: %s of %s, held %s", p.Dunnable, p.Open, list[i].Held)
			}
			spread, covered = spread.Add(p.Promised), covered.Add(p.Covered)
			if p.Dunnable.IsPositive() {
				asked = true
			}
		}
		if covered.GreaterThan(unapplied) || asked && covered.LessThan(unapplied) {
			t.Fatalf("%s covered by %s, and somebody is reminded: %v", covered, unapplied, asked)
		}
		most := promised
		for _, item := range list {
			most = most.Add(item.Promised)
		}
		if spread.GreaterThan(most) {
			t.Fatalf("%s promised of %s", spread, most)
		}
	})
}

func TestASumPromisedOverAllGoesToTheOldest(t *testing.T) {
	t.Parallel()
	parts := dunning.Divide([]dunning.Item{
		{InvoiceID: 2, DueOn: day("2026-04-20"), Open: d("100"), Held: d("30")},
		{InvoiceID: 1, DueOn: day("2026-04-10"), Open: d("50"), Promised: d("10"), KeptBack: true},
	}, d("60"), d("35"))
	want := []dunning.Parts{
		{Open: d("100"), Held: d("30"), Promised: d("20"), Covered: d("35"), Dunnable: d("15")},
		{Open: d("50"), Promised: d("50")},
	}
	for i, p := range parts {
		if !p.Promised.Equal(want[i].Promised) || !p.Dunnable.Equal(want[i].Dunnable) || !p.KeptBack.Equal(want[i].KeptBack) || !p.Covered.Equal(want[i].Covered) {
			t.Errorf("invoice %d: %+v", i, p)
		}
	}
	if sum := parts[0].Add(parts[1]); !sum.Open.Equal(d("150")) || !sum.Collectible().Equal(d("120")) {
		t.Errorf("sum %+v", sum)
	}
}

func TestLevels(t *testing.T) {
	t.Parallel()
	levels := []int{1, 15, 30}
	for overdue, want := range map[int]int{0: 0, 1: 1, 14: 1, 15: 2, 29: 2, 30: 3, 400: 3} {
		if got := dunning.Level(levels, overdue); got != want {
			t.Errorf("%d days: level %d, want %d", overdue, got, want)
		}
	}
	if n := dunning.DaysOverdue(day("2026-05-10"), day("2026-05-12")); n != 2 {
		t.Errorf("%d days overdue", n)
	}
	if n := dunning.DaysOverdue(day("2026-05-13"), day("2026-05-12")); n != 0 {
		t.Errorf("%d days overdue before it is due", n)
	}
}

func at(text string) time.Time {
	moment, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		panic(err)
	}
	return moment
}

func TestEachCentKeepsOnePromise(t *testing.T) {
	t.Parallel()
	promises := []dunning.Promise{
		{ID: 1, InvoiceID: 10, Amount: d("100"), MadeAt: at("2026-05-01 10:00"), On: day("2026-05-15")},
		{ID: 2, InvoiceID: 10, Amount: d("100"), MadeAt: at("2026-05-01 10:00"), On: day("2026-05-10")},
		{ID: 3, Amount: d("500"), MadeAt: at("2026-05-03 10:00"), On: day("2026-05-20")},
		{ID: 4, InvoiceID: 20, Amount: d("10"), MadeAt: at("2026-05-01 10:00"), On: day("2026-05-06"), Until: at("2026-05-07 00:00")},
	}
	paid := dunning.Paid(promises, []dunning.Payment{
		{InvoiceID: 10, Amount: d("120"), AppliedAt: at("2026-05-04 09:00"), ReceivedOn: day("2026-05-04")},
		{InvoiceID: 10, Amount: d("300"), AppliedAt: at("2026-05-12 09:00"), ReceivedOn: day("2026-05-11")},
		{InvoiceID: 20, Amount: d("40"), AppliedAt: at("2026-05-02 09:00"), ReceivedOn: day("2026-05-02")}, // 10 of it, before 3 was made
		{InvoiceID: 20, Amount: d("40"), AppliedAt: at("2026-05-08 09:00"), ReceivedOn: day("2026-05-08")}, // 4 is decided
		{InvoiceID: 30, Amount: d("7"), AppliedAt: at("2026-05-21 09:00"), ReceivedOn: day("2026-05-21")},  // too late
		{InvoiceID: 30, Amount: d("5"), AppliedAt: at("2026-05-21 09:00"), ReceivedOn: day("2026-05-20")},  // came in on the day
	})
	for i, want := range []string{"100", "100", "265", "10"} {
		if !paid[i].Equal(d(want)) {
			t.Errorf("promise %d: %s paid, want %s", promises[i].ID, paid[i], want)
		}
	}
}

func TestPaidNeverExceedsPromisesOrPayments(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		start := at("2026-05-01 00:00")
		hours := func(name string) time.Time {
			return start.Add(time.Duration(rapid.IntRange(0, 600).Draw(t, name)) * time.Hour)
		}
		var promises []dunning.Promise
		for i := range rapid.IntRange(0, 6).Draw(t, "promises") {
			promises = append(promises, dunning.Promise{
				ID: int64(i), InvoiceID: rapid.Int64Range(0, 2).Draw(t, "invoice"), Amount: cents(t, "amount", 9000), MadeAt: hours("made"), On: hours("on").Truncate(24 * time.Hour),
			})
		}
		var payments []dunning.Payment
		total := decimal.Zero
		for range rapid.IntRange(0, 6).Draw(t, "payments") {
			applied := hours("applied")
			p := dunning.Payment{InvoiceID: rapid.Int64Range(1, 2).Draw(t, "invoice"), Amount: cents(t, "amount", 9000), AppliedAt: applied, ReceivedOn: applied.Truncate(24 * time.Hour)}
			payments, total = append(payments, p), total.Add(p.Amount)
		}
		sum := decimal.Zero
		for i, paid := range dunning.Paid(promises, payments) {
			if paid.IsNegative() || paid.GreaterThan(promises[i].Amount) {
				t.Fatalf("%s paid of %s promised", paid, promises[i].Amount)
			}
			sum = sum.Add(paid)
		}
		if sum.GreaterThan(total) {
			t.Fatalf("%s counted of %s paid", sum, total)
		}
	})
}

func TestLateFeeFollowsWhatWasUndisputed(t *testing.T) {
	t.Parallel()
	changes := []dunning.Change{
		{Day: day("2026-04-01"), Open: d("1000"), Held: d("0")},
		{Day: day("2026-05-05"), Open: d("1000"), Held: d("400")}, // disputed
		{Day: day("2026-05-10"), Open: d("600"), Held: d("0")},    // credited
		{Day: day("2026-05-20"), Open: d("0"), Held: d("0")},      // paid
	}
	spans, fee := dunning.LateFee(changes, day("2026-05-01"), day("2026-05-31"), d("9.12"), 2)
	want := []struct {
		from, to, base string
		days           int
	}{{"2026-05-02", "2026-05-04", "1000", 3}, {"2026-05-05", "2026-05-09", "600", 5}, {"2026-05-10", "2026-05-19", "600", 10}}
	if len(spans) != len(want) {
		t.Fatalf("spans %+v", spans)
	}
	for i, w := range want {
		if s := spans[i]; !s.From.Equal(day(w.from)) || !s.To.Equal(day(w.to)) || !s.Base.Equal(d(w.base)) || s.Days != w.days {
			t.Errorf("span %d: %+v", i, s)
		}
	}
	// (1000 × 3 + 600 × 15) × 9.12 % / 365 = 2.9984
	if !fee.Equal(d("3.00")) {
		t.Errorf("fee %s", fee)
	}
}

// A slow reference: day by day, by the formula as it is written.
func TestLateFeeIsTheSumOfItsDays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		on := day("2026-03-01")
		var changes []dunning.Change
		for range rapid.IntRange(1, 6).Draw(t, "changes") {
			changes = append(changes, dunning.Change{Day: on, Open: cents(t, "open", 90000), Held: cents(t, "held", 90000)})
			on = on.AddDate(0, 0, rapid.IntRange(1, 40).Draw(t, "days"))
		}
		due := day("2026-03-01").AddDate(0, 0, rapid.IntRange(0, 60).Draw(t, "due"))
		last := day("2026-03-01").AddDate(0, 0, rapid.IntRange(0, 200).Draw(t, "last"))
		percent := cents(t, "percent", 1500)
		slow := decimal.Zero
		for one := due.AddDate(0, 0, 1); !one.After(last); one = one.AddDate(0, 0, 1) {
			base := decimal.Zero
			for _, c := range changes {
				if !c.Day.After(one) {
					base = c.Open.Sub(decimal.Min(c.Held, c.Open))
				}
			}
			slow = slow.Add(base.Mul(percent).DivRound(d("36500"), 30))
		}
		if _, fee := dunning.LateFee(changes, due, last, percent, 2); fee.Sub(slow).Abs().GreaterThan(d("0.0051")) {
			t.Fatalf("%s, day by day %s", fee, slow)
		}
	})
}
