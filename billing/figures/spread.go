package figures

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// Spread describes many durations or day counts: their mean, the middle one, the one that nine of ten do not pass, and
// the mean weighted by money.
type Spread struct {
	Count    int
	Mean     Figure
	Median   Figure
	P90      Figure
	Weighted Figure
}

// Measure is one value with the money it concerns.
type Measure struct {
	Value  decimal.Decimal
	Amount decimal.Decimal
}

// Days makes a measure of a number of days.
func Days(from, to time.Time, amount decimal.Decimal) Measure {
	return Measure{Value: count(DaysBetween(from, to)), Amount: amount}
}

// Hours makes a measure of a duration, in hours, far finer than the figure it is rounded for.
func Hours(took time.Duration, amount decimal.Decimal) Measure {
	return Measure{Value: decimal.NewFromInt(took.Nanoseconds()).DivRound(decimal.NewFromInt(int64(time.Hour)), 3*Places), Amount: amount}
}

// SpreadOf describes measures. Nothing gives no figures; no money at all gives no weighted mean.
func SpreadOf(list []Measure) Spread {
	tallies := make([]Tally, len(list))
	for i, m := range list {
		tallies[i] = Tally{Value: m.Value, Count: 1, Amount: m.Amount}
	}
	return SpreadOfTallies(tallies)
}

// Tally is how many measures have one value, with the money of all of them.
type Tally struct {
	Value  decimal.Decimal
	Count  int
	Amount decimal.Decimal
}

// SpreadOfTallies is SpreadOf for measures that were counted by value, in any order.
func SpreadOfTallies(list []Tally) Spread {
	list = slices.SortedFunc(slices.Values(list), func(a, b Tally) int { return a.Value.Cmp(b.Value) })
	n, sum, weighed, money := 0, decimal.Zero, decimal.Zero, decimal.Zero
	for _, t := range list {
		n += t.Count
		sum = sum.Add(t.Value.Mul(count(t.Count)))
		weighed = weighed.Add(t.Value.Mul(t.Amount))
		money = money.Add(t.Amount)
	}
	return Spread{
		Count: n, Mean: Ratio(sum, count(n)), Weighted: Ratio(weighed, money),
		Median: percentile(list, n, 50), P90: percentile(list, n, 90),
	}
}

// percentile is the value at a place among n sorted values, between two neighbours in proportion (the PERCENTILE.INC of
// spreadsheets, percentile_cont of SQL).
func percentile(sorted []Tally, n, per int) Figure {
	if n == 0 {
		return Figure{}
	}
	place := per * (n - 1)
	value := valueAt(sorted, place/100)
	if rest := place % 100; rest > 0 {
		value = value.Add(valueAt(sorted, place/100+1).Sub(value).Mul(decimal.New(int64(rest), -2)))
	}
	return decimal.NewNullDecimal(value.Round(Places))
}

// valueAt is the value of the measure at a place, from 0.
func valueAt(sorted []Tally, place int) decimal.Decimal {
	for _, t := range sorted {
		if place -= t.Count; place < 0 {
			return t.Value
		}
	}
	return decimal.Zero
}
