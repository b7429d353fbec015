package figures_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"makegood/billing/figures"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/money"
)

func none(t *testing.T, what string, got figures.Figure) {
	t.Helper()
	if got.Valid {
		t.Errorf("%s: %s, want no figure", what, got.Decimal)
	}
}

func TestNothingToDivideByIsNoFigure(t *testing.T) {
	t.Parallel()
	var standing figures.Standing
	var terms figures.Terms
	var disputes figures.Disputes
	settling := figures.Settling(nil)
	for what, f := range map[string]figures.Figure{
		"ratio": figures.Ratio(d("1"), d("0")), "DSO": figures.DSO(d("10"), d("0"), 30),
		"best possible": standing.BestPossible(), "delinquent": standing.DelinquentDays(), "effectiveness": standing.Effectiveness(),
		"effectiveness without a month": figures.Standing{Opening: d("5"), Sales: d("5"), Current: d("1")}.Effectiveness(),
		"current":                       standing.CurrentShare(), "turnover": standing.Turnover(), "count-back": figures.CountBackDSO(d("10"), nil).Days,
		"true DSO": figures.TrueDSO(day("2026-02-01"), []figures.OpenSale{{IssuedOn: day("2026-01-01"), Open: d("1")}}),
		"terms":    terms.ByCount(), "terms by value": terms.ByValue(), "late": settling.LateShare(), "late value": settling.LateValueShare(),
		"mean": settling.ToSettle.Mean, "median": settling.ToSettle.Median, "p90": settling.ToSettle.P90, "weighted": settling.ToSettle.Weighted,
		"bad debt": figures.BadDebtRatio(d("5"), d("0"), d("0")), "errors": figures.ErrorRate{}.Rate(), "corrections": figures.PerThousand(3, 0),
		"dispute rate": disputes.Rate(d("0")), "win rate": disputes.WinRate(), "dispute days": disputes.Outstanding(30),
		"budget": figures.BudgetUsed(d("1"), d("0")), "less": figures.Less(figures.Figure{}, figures.Ratio(d("1"), d("1"))),
	} {
		none(t, what, f)
	}
	if text, err := json.Marshal(figures.Figure{}); err != nil || string(text) != "null" {
		t.Errorf("no figure as JSON: %s, %v", text, err)
	}
	same(t, "nothing open", "0", figures.TrueDSO(day("2026-02-01"), nil))
}

func TestStanding(t *testing.T) {
	t.Parallel()
	quarter := figures.Standing{
		Opening: d("120000.00"), Receivable: d("150000.00"), Current: d("95000.00"), Sales: d("300000.00"), Days: 90, Months: 3,
	}
	for _, c := range []struct {
		what string
		want json.Number
		got  figures.Figure
	}{
		{"DSO", "45", quarter.DSO()},                            // 150,000 × 90 ÷ 300,000
		{"best possible", "28.5", quarter.BestPossible()},       // 95,000 × 90 ÷ 300,000
		{"delinquent", "16.5", quarter.DelinquentDays()},        // 45 − 28.5
		{"effectiveness", "0.56", quarter.Effectiveness()},      // (120,000 + 100,000 − 150,000) ÷ (220,000 − 95,000)
		{"current", "0.6333", quarter.CurrentShare()},           // 95 ÷ 150
		{"turnover", "8.1111", quarter.Turnover()},              // 300,000 × 365 ÷ 90 ÷ 150,000
		{"half up", "0.6667", figures.Ratio(d("2"), d("3"))},    // rounds up
		{"mirrored", "-0.6667", figures.Ratio(d("-2"), d("3"))}, // away from zero
	} {
		same(t, c.what, c.want, c.got)
	}
}

func TestCountBackByHand(t *testing.T) {
	t.Parallel()
	history := []figures.MonthSales{
		{Month: day("2026-03-01"), Days: 31, Sales: d("1000")},
		{Month: day("2026-02-01"), Days: 28, Sales: d("0")},
		{Month: day("2026-01-01"), Days: 31, Sales: d("800")},
	}
	for _, c := range []struct {
		receivable string
		want       json.Number
		atLeast    bool
	}{
		{"0", "0", false},
		{"-50", "0", false},
		{"500", "15.5", false},
		{"1000", "31", false},
		{"1400", "74.5", false}, // March and February whole, half of January
		{"1800", "90", false},
		{"1800.01", "90", true},
	} {
		got := figures.CountBackDSO(d(c.receivable), history)
		same(t, c.receivable, c.want, got.Days)
		if got.AtLeast != c.atLeast {
			t.Errorf("%s: at least %t, want %t", c.receivable, got.AtLeast, c.atLeast)
		}
	}
}

func TestSalesByMonthHasNoGaps(t *testing.T) {
	t.Parallel()
	sale := func(on, amount string) figures.Sale {
		return figures.Sale{Currency: usd, On: day(on), Amount: d(amount)}
	}
	got, err := figures.SalesByMonth(usd, day("2026-03-10"), []figures.Sale{
		sale("2026-01-31", "10"), sale("2026-03-10", "5"), sale("2026-03-11", "99"), sale("2026-01-01", "2"),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []figures.MonthSales{
		{Month: day("2026-03-01"), Days: 10, Sales: d("5")}, {Month: day("2026-02-01"), Days: 28}, {Month: day("2026-01-01"), Days: 31, Sales: d("12")},
	}
	if !slices.EqualFunc(got, want, func(a, b figures.MonthSales) bool {
		return a.Month.Equal(b.Month) && a.Days == b.Days && a.Sales.Equal(b.Sales)
	}) {
		t.Errorf("months %v, want %v", got, want)
	}
	if none, err := figures.SalesByMonth(usd, day("2026-03-10"), nil); err != nil || none != nil {
		t.Errorf("no sales: %v, %v", none, err)
	}
}

func TestAge(t *testing.T) {
	t.Parallel()
	on := day("2026-06-30")
	item := func(kind figures.ItemKind, from, open, disputed string) figures.OpenItem {
		return figures.OpenItem{Kind: kind, Currency: usd, From: day(from), Open: d(open), Disputed: d(disputed)}
	}
	got, err := figures.Age(usd, on, figures.StandardBuckets(), []figures.OpenItem{
		item(figures.OwedItem, "2026-07-15", "100", "0"), item(figures.OwedItem, "2026-06-30", "20", "5"), // due today is not past due
		item(figures.OwedItem, "2026-06-29", "3", "0"), item(figures.OwedItem, "2026-05-31", "4", "4"), // 1 and 30 days
		item(figures.OwedItem, "2026-05-30", "7", "0"), item(figures.OwedItem, "2026-03-02", "8", "0"), // 31 and 120
		item(figures.OwedItem, "2026-03-01", "9", "1"), item(figures.OwedItem, "2026-01-01", "0", "0"), // 121; nothing open
		item(figures.CashItem, "2026-06-01", "50", "0"), item(figures.CreditItem, "2026-01-01", "60", "0"),
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct{ bucket, open, disputed string }{
		{"not-due", "120", "5"}, {"1-30", "7", "4"}, {"31-60", "7", "0"}, {"61-90", "0", "0"}, {"91-120", "8", "0"}, {"over-120", "9", "1"},
	} {
		a := got.Owed[i]
		if a.Bucket != want.bucket {
			t.Errorf("range %d is %s, want %s", i, a.Bucket, want.bucket)
		}
		equal(t, want.bucket, d(want.open), a.Open)
		equal(t, want.bucket+" disputed", d(want.disputed), a.Disputed)
	}
	equal(t, "receivable, nothing netted", d("151"), got.Receivable.Open)
	equal(t, "current", d("120"), got.Current())
	equal(t, "clear", d("141"), got.Receivable.Clear())
	equal(t, "cash, 29 days", d("50"), got.Unapplied.Cash[1].Open)
	equal(t, "credit, 180 days", d("60"), got.Unapplied.Credits[5].Open)
	if got.Receivable.Count != 7 {
		t.Errorf("%d documents, want 7: one with nothing open is none", got.Receivable.Count)
	}
}

func TestOtherCurrenciesAreRefused(t *testing.T) {
	t.Parallel()
	on := day("2026-06-30")
	euro := []figures.Sale{{Currency: "EUR", On: on, Amount: d("1")}}
	_, age := figures.Age(usd, on, figures.StandardBuckets(), []figures.OpenItem{{Kind: figures.OwedItem, Currency: "EUR", Open: d("1"), From: on}})
	_, between := figures.SalesBetween(usd, on, on, euro)
	_, months := figures.SalesByMonth(usd, on, euro)
	for what, err := range map[string]error{"age": age, "between": between, "months": months} {
		if !errors.Is(err, money.ErrMixed) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestBucketsMustRise(t *testing.T) {
	t.Parallel()
	for _, limits := range [][]int{nil, {-1}, {0, 0}, {30, 15}} {
		_, err := figures.NewBuckets(limits...)
		wrong, ok := errors.AsType[*errs.Error](err)
		if !ok || len(wrong.Fields) != 1 || wrong.Fields[0].Name != "buckets" {
			t.Errorf("%v: %v", limits, err)
		}
	}
	ages, err := figures.NewBuckets(7, 14)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for i := range ages.Len() {
		names = append(names, ages.Name(i))
	}
	if want := []string{"0-7", "8-14", "over-14"}; !slices.Equal(names, want) {
		t.Errorf("ranges %v, want %v", names, want)
	}
}

func TestEveryDefinitionIsSaid(t *testing.T) {
	t.Parallel()
	words, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[figures.Name]bool{}
	for _, def := range figures.Definitions() {
		if seen[def.Name] {
			t.Errorf("%s is defined twice", def.Name)
		}
		seen[def.Name] = true
		for _, key := range []string{def.TitleKey(), def.Key()} {
			if !words.Has(i18n.Fallback, key) {
				t.Errorf("no English sentence for %s", key)
			}
		}
		if found, ok := figures.DefinitionOf(def.Name); !ok || found != def {
			t.Errorf("%s is not found", def.Name)
		}
	}
	if _, ok := figures.DefinitionOf("luck"); ok {
		t.Error("luck is no figure")
	}
}

func TestDaysBetween(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to string
		want     int
	}{{"2026-02-28", "2026-03-01", 1}, {"2024-02-28", "2024-03-01", 2}, {"2026-03-01", "2026-02-28", -1}, {"2025-12-31", "2026-12-31", 365}} {
		if got := figures.DaysBetween(day(c.from), day(c.to)); got != c.want {
			t.Errorf("%s to %s: %d days, want %d", c.from, c.to, got, c.want)
		}
	}
	if got := figures.DaysBetween(day("2026-03-28").Add(23*time.Hour), day("2026-03-29").Add(time.Hour)); got != 1 {
		t.Errorf("times of day count: %d days", got)
	}
}
