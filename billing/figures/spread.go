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
	values := make([]decimal.Decimal, len(list))
	sum, weighed, money := decimal.Zero, decimal.Zero, decimal.Zero
	for i, m := range list {
		values[i] = m.Value
		sum = sum.Add(m.Value)
		weighed = weighed.Add(m.Value.Mul(m.Amount))
		money = money.Add(m.Amount)
	}
	slices.SortFunc(values, decimal.Decimal.Cmp)
	return Spread{
		Count: len(list), Mean: Ratio(sum, count(len(list))), Weighted: Ratio(weighed, money),
		Median: percentile(values, 50), P90: percentile(values, 90),
	}
}

// percentile is the value at a place among the sorted values, between two neighbours in proportion (the PERCENTILE.INC
// of spreadsheets, percentile_cont of SQL).
func percentile(sorted []decimal.Decimal, per int) Figure {
	if len(sorted) == 0 {
		return Figure{}
	}
	place := per * (len(sorted) - 1)
	low := place / 100
	value := sorted[low]
	if rest := place % 100; rest > 0 {
		value = value.Add(sorted[low+1].Sub(value).Mul(decimal.New(int64(rest), -2)))
	}
	return decimal.NewNullDecimal(value.Round(Places))
}
