package figures_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"makegood/billing/figures"
)

func cents() *rapid.Generator[decimal.Decimal] {
	return rapid.Custom(func(t *rapid.T) decimal.Decimal {
		return decimal.New(rapid.Int64Range(1, 5_000_000).Draw(t, "cents"), -2)
	})
}

func someDay(t *rapid.T, label string, from time.Time, within int) time.Time {
	return from.AddDate(0, 0, rapid.IntRange(0, within).Draw(t, label))
}

func drawBuckets(t *rapid.T) figures.Buckets {
	var limits []int
	last := rapid.IntRange(0, 5).Draw(t, "first limit")
	for range rapid.IntRange(1, 7).Draw(t, "limits") {
		limits = append(limits, last)
		last += rapid.IntRange(1, 60).Draw(t, "step")
	}
	buckets, err := figures.NewBuckets(limits...)
	if err != nil {
		t.Fatal(err)
	}
	return buckets
}

func drawItems(t *rapid.T, start time.Time) []figures.OpenItem {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) figures.OpenItem {
		open := cents().Draw(t, "open")
		return figures.OpenItem{
			Kind:     rapid.SampledFrom([]figures.ItemKind{figures.OwedItem, figures.CashItem, figures.CreditItem}).Draw(t, "kind"),
			Currency: usd, Open: open, From: someDay(t, "from", start, 500),
			Disputed: open.Mul(decimal.New(rapid.Int64Range(0, 100).Draw(t, "disputed"), -2)).RoundFloor(2),
		}
	}), 0, 40).Draw(t, "items")
}

func total(list []figures.Aged) (n int, open, disputed decimal.Decimal) {
	for _, a := range list {
		n, open, disputed = n+a.Count, open.Add(a.Open), disputed.Add(a.Disputed)
	}
	return n, open, disputed
}

// Whatever the ranges, they add up to the receivable; nothing unapplied is in it, and finer ranges change no sum.
func TestRangesAddUpToTheReceivable(t *testing.T) {
	t.Parallel()
	start := day("2026-01-01")
	rapid.Check(t, func(t *rapid.T) {
		items, on := drawItems(t, start), someDay(t, "on", start, 600)
		aging, err := figures.Age(usd, on, drawBuckets(t), items)
		if err != nil {
			t.Fatal(err)
		}
		want := map[figures.ItemKind]decimal.Decimal{}
		for _, item := range items {
			want[item.Kind] = want[item.Kind].Add(item.Open)
		}
		n, open, disputed := total(aging.Owed)
		_, cash, _ := total(aging.Unapplied.Cash)
		_, credits, _ := total(aging.Unapplied.Credits)
		if n != aging.Receivable.Count || !open.Equal(aging.Receivable.Open) || !disputed.Equal(aging.Receivable.Disputed) {
			t.Fatalf("ranges hold %d, %s, %s; the receivable is %+v", n, open, disputed, aging.Receivable)
		}
		if !open.Equal(want[figures.OwedItem]) || !cash.Equal(want[figures.CashItem]) || !credits.Equal(want[figures.CreditItem]) {
			t.Fatalf("owed %s, cash %s, credits %s; want %v", open, cash, credits, want)
		}
		for _, a := range aging.Owed {
			if a.Clear().IsNegative() {
				t.Fatalf("more disputed than open: %+v", a)
			}
		}
	})
}

func drawMonths(t *rapid.T, newest time.Time) []figures.MonthSales {
	n := rapid.IntRange(1, 15).Draw(t, "months")
	months := make([]figures.MonthSales, n)
	for i := range months {
		month := newest.AddDate(0, -i, 0)
		sales := decimal.New(rapid.Int64Range(-10_000, 2_000_000).Draw(t, "sales in cents"), -2)
		months[i] = figures.MonthSales{Month: month, Days: figures.DaysBetween(month, month.AddDate(0, 1, 0)), Sales: sales}
	}
	return months
}

// Count-back never counts more days than there are, does not mind the order of months, and never falls when more is owed.
func TestCountBackStaysWithinItsHistory(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		months := drawMonths(t, day("2026-06-01"))
		receivable := decimal.New(rapid.Int64Range(-100, 8_000_000).Draw(t, "receivable in cents"), -2)
		got := figures.CountBackDSO(receivable, months)
		all := 0
		for _, m := range months {
			all += m.Days
		}
		if !got.Days.Valid || got.Days.Decimal.IsNegative() || got.Days.Decimal.GreaterThan(decimal.NewFromInt(int64(all))) {
			t.Fatalf("%v days of %d", got.Days, all)
		}
		if got.AtLeast && !got.Days.Decimal.Equal(decimal.NewFromInt(int64(all))) {
			t.Fatalf("the history is used up at %v of %d days", got.Days, all)
		}
		mixed := figures.CountBackDSO(receivable, rapid.Permutation(months).Draw(t, "order"))
		if mixed.AtLeast != got.AtLeast || !mixed.Days.Decimal.Equal(got.Days.Decimal) {
			t.Fatalf("the order of months matters: %v, %v", got, mixed)
		}
		more := figures.CountBackDSO(receivable.Add(cents().Draw(t, "more")), months)
		if more.Days.Decimal.LessThan(got.Days.Decimal) {
			t.Fatalf("%v days, but %v when more is owed", got.Days, more.Days)
		}
	})
}

// With one month's sales as all there is, count-back and plain DSO are one, and so is true DSO when every open
// invoice has the age of the period.
func TestOneMonthMakesAllFormsOfDSOEqual(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		sales := rapid.SliceOfN(cents(), 1, 20).Draw(t, "sales")
		issued, age := day("2026-01-01"), rapid.IntRange(1, 31).Draw(t, "age")
		sum, open := decimal.Zero, decimal.Zero
		for i, amount := range sales {
			sum = sum.Add(amount)
			if i%2 == 0 {
				open = open.Add(amount)
			}
		}
		var list []figures.OpenSale
		for i, amount := range sales {
			if i%2 == 0 {
				list = append(list, figures.OpenSale{IssuedOn: issued, Open: amount, MonthSales: sum})
			}
		}
		plain := figures.DSO(open, sum, age)
		if exact := figures.TrueDSO(issued.AddDate(0, 0, age), list); !exact.Decimal.Equal(plain.Decimal) {
			t.Fatalf("true DSO %v, DSO %v", exact, plain)
		}
		back := figures.CountBackDSO(open, []figures.MonthSales{{Month: issued, Days: age, Sales: sum}})
		if back.AtLeast || !back.Days.Decimal.Equal(plain.Decimal) {
			t.Fatalf("count-back %v, DSO %v", back, plain)
		}
	})
}

func TestStandingHangsTogether(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		overdue := decimal.New(rapid.Int64Range(0, 1_000_000).Draw(t, "overdue"), -2)
		s := figures.Standing{Opening: cents().Draw(t, "opening"), Current: cents().Draw(t, "current"), Sales: cents().Draw(t, "sales"), Days: 90, Months: 3}
		s.Receivable = s.Current.Add(overdue)
		if s.DSO().Decimal.LessThan(s.BestPossible().Decimal) {
			t.Fatalf("DSO %v is better than the best possible %v", s.DSO(), s.BestPossible())
		}
		if back := s.BestPossible().Decimal.Add(s.DelinquentDays().Decimal); !back.Equal(s.DSO().Decimal) {
			t.Fatalf("best possible and delinquent days make %s, DSO is %v", back, s.DSO())
		}
		if overdue.IsZero() && s.Effectiveness().Valid && !s.Effectiveness().Decimal.Equal(decimal.NewFromInt(1)) {
			t.Fatalf("nothing is overdue, but effectiveness is %v", s.Effectiveness())
		}
		// The same standing three times as large has the same ratios.
		three := decimal.NewFromInt(3)
		large := figures.Standing{
			Opening: s.Opening.Mul(three), Receivable: s.Receivable.Mul(three), Current: s.Current.Mul(three),
			Sales: s.Sales.Mul(three), Days: s.Days, Months: s.Months,
		}
		if !large.DSO().Decimal.Equal(s.DSO().Decimal) || !large.Effectiveness().Decimal.Equal(s.Effectiveness().Decimal) ||
			!large.Turnover().Decimal.Equal(s.Turnover().Decimal) {
			t.Fatal("ratios change with the size of the business")
		}
	})
}

// The middle and the ninth in ten lie within the values and keep their order; equal values leave no choice.
func TestSpreadLiesWithinItsValues(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) figures.Measure {
			return figures.Measure{Value: decimal.NewFromInt(rapid.Int64Range(0, 400).Draw(t, "days")), Amount: cents().Draw(t, "amount")}
		}), 1, 30).Draw(t, "measures")
		least, most := list[0].Value, list[0].Value
		for _, m := range list {
			least, most = decimal.Min(least, m.Value), decimal.Max(most, m.Value)
		}
		s := figures.SpreadOf(list)
		for name, f := range map[string]figures.Figure{"mean": s.Mean, "median": s.Median, "p90": s.P90, "weighted": s.Weighted} {
			if !f.Valid || f.Decimal.LessThan(least) || f.Decimal.GreaterThan(most) {
				t.Fatalf("%s %v outside %s to %s", name, f, least, most)
			}
		}
		var tallies []figures.Tally // the same, counted by value
		for _, m := range list {
			at := slices.IndexFunc(tallies, func(t figures.Tally) bool { return t.Value.Equal(m.Value) })
			if at < 0 {
				tallies, at = append(tallies, figures.Tally{Value: m.Value}), len(tallies)
			}
			tallies[at].Count++
			tallies[at].Amount = tallies[at].Amount.Add(m.Amount)
		}
		if counted := figures.SpreadOfTallies(tallies); fmt.Sprint(counted) != fmt.Sprint(s) {
			t.Fatalf("counted by value %v, one by one %v", counted, s)
		}
		if s.P90.Decimal.LessThan(s.Median.Decimal) {
			t.Fatalf("p90 %v under the median %v", s.P90, s.Median)
		}
	})
}
