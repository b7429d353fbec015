package dunning

import (
	"time"

	"github.com/shopspring/decimal"
)

// Change is a day on which what is open on an invoice, or held of it, became something else; the figures are those at the
// end of the day.
type Change struct {
	Day  time.Time
	Open decimal.Decimal
	Held decimal.Decimal
}

// Span is a run of days with one base: what was open and not disputed. Fee is not rounded.
type Span struct {
	From, To time.Time // both days count
	Days     int
	Base     decimal.Decimal
	Fee      decimal.Decimal
}

// yearDays is the year of simple interest, whatever the calendar's.
const yearDays = 365

// LateFee reckons simple interest on what was overdue and undisputed: for each day after the due date up to and including
// the last,
//
//	fee = (open − held) × percent / 100 / 365
//
// with open and held as they stood at the end of that day; the sum is rounded once, half up, to the currency's digits.
// Directive 2011/7/EU art. 3 gives interest from the day after the due date; the percentage is the policy's. Changes come
// in the order of their days. Spans without a base are left out.
func LateFee(changes []Change, dueOn, last time.Time, percent decimal.Decimal, digits int32) ([]Span, decimal.Decimal) {
	first := dueOn.AddDate(0, 0, 1)
	var spans []Span
	sum := decimal.Zero
	for i, c := range changes {
		from, to := c.Day, last
		if from.Before(first) {
			from = first
		}
		if i+1 < len(changes) && changes[i+1].Day.AddDate(0, 0, -1).Before(to) {
			to = changes[i+1].Day.AddDate(0, 0, -1)
		}
		base := c.Open.Sub(within(c.Held, c.Open))
		if to.Before(from) || !base.IsPositive() {
			continue
		}
		days := int(to.Sub(from)/(24*time.Hour)) + 1
		fee := base.Mul(percent).Mul(decimal.NewFromInt(int64(days))).DivRound(decimal.NewFromInt(100*yearDays), digits+16)
		spans = append(spans, Span{From: from, To: to, Days: days, Base: base, Fee: fee})
		sum = sum.Add(fee)
	}
	return spans, sum.Round(digits)
}
