package commitment_test

import (
	"math/big"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/commitment"
)

// reference works a month out minute by minute and in fractions: slow, and with no interval, no event and no rounding that
// could go wrong other than at the end.
type reference struct {
	in       commitment.Input
	zone     *time.Location
	from     time.Time // of the whole time looked at
	covered  []bool    // by an incident of our fault
	theirs   []bool
	excluded []bool
	counted  []bool
	days     []string // of each minute
	runs     [][2]int // first and one past the last covered minute
}

func refer(in commitment.Input) *reference {
	zone, err := time.LoadLocation(in.Terms.Zone)
	if err != nil {
		panic(err)
	}
	r := &reference{in: in, zone: zone, from: time.Date(2026, 3, 1, 0, 0, 0, 0, zone).UTC()}
	n := int(time.Date(2026, 6, 1, 0, 0, 0, 0, zone).Sub(r.from) / time.Minute)
	r.covered, r.theirs, r.excluded, r.counted = make([]bool, n), make([]bool, n), make([]bool, n), make([]bool, n)
	r.days = make([]string, n)
	for m := range n {
		r.days[m] = r.at(m).In(zone).Format(time.DateOnly)
	}
	for _, i := range in.Incidents {
		for m := range n {
			if i.From.Before(r.at(m+1)) && i.Until.After(r.at(m)) {
				if i.Cause == commitment.CustomerCaused {
					r.theirs[m] = true
				} else {
					r.covered[m] = true
				}
			}
		}
	}
	for _, e := range in.Exclusions {
		for m := range n {
			if e.Kind == commitment.Maintenance && !e.From.After(r.at(m)) && !e.Until.Before(r.at(m+1)) {
				r.excluded[m] = true
			}
		}
	}
	for m := range n {
		if r.covered[m] && (m == 0 || !r.covered[m-1]) {
			r.runs = append(r.runs, [2]int{m, m})
		}
		if r.covered[m] {
			r.runs[len(r.runs)-1][1] = m + 1
		}
	}
	for _, run := range r.runs {
		var minutes []int
		for m := run[0]; m < run[1]; m++ {
			if !r.excluded[m] && r.inForce(r.day(m)) {
				minutes = append(minutes, m)
			}
		}
		for _, m := range minutes {
			r.counted[m] = int64(len(minutes)) >= in.Terms.MinMinutes
		}
	}
	return r
}

func (r *reference) at(m int) time.Time { return r.from.Add(time.Duration(m) * time.Minute) }

func (r *reference) day(m int) string { return r.days[m] }

func (r *reference) month(m int) string { return r.day(m)[:7] }

func (r *reference) inForce(day string) bool { return day >= r.in.Service.From.Format(time.DateOnly) }

// fees goes through the days of a month.
func (r *reference) fees(month string) (base, monthly *big.Rat) {
	first, _ := time.Parse("2006-01", month)
	sum, days, served := new(big.Rat), int64(0), int64(0)
	for on := first; on.Month() == first.Month(); on = on.AddDate(0, 0, 1) {
		days++
		if !r.inForce(on.Format(time.DateOnly)) {
			continue
		}
		served++
		for _, f := range r.in.Service.Fees {
			if !on.Before(f.From) && (f.Until.IsZero() || !on.After(f.Until)) {
				sum.Add(sum, rat(f.Amount))
			}
		}
	}
	return new(big.Rat).Quo(sum, big.NewRat(days, 1)), new(big.Rat).Quo(sum, big.NewRat(max(served, 1), 1))
}

func rat(d decimal.Decimal) *big.Rat { return d.Rat() }

func whole(n int64) *big.Rat { return big.NewRat(n, 1) }

func times(parts ...*big.Rat) *big.Rat {
	out := whole(1)
	for _, p := range parts {
		out.Mul(out, p)
	}
	return out
}

func percent(d decimal.Decimal) *big.Rat { return new(big.Rat).Quo(rat(d), whole(100)) }

// owed is the sum over all commitments, rounded half up to cents and held to the fee and the month's limit.
func (r *reference) owed(month string) string {
	sum := new(big.Rat)
	for _, c := range r.in.Service.Commitments {
		sum.Add(sum, r.credit(c, month))
	}
	base, _ := r.fees(month)
	cents := halfUp(times(sum, whole(100)))
	if !r.in.Terms.AboveFee {
		cents = min(cents, halfUp(times(base, whole(100))))
	}
	if c := r.in.Terms.MonthCap; c.Percent != nil {
		cents = min(cents, floor(times(base, percent(*c.Percent), whole(100))))
	}
	return decimal.New(cents, -2).StringFixed(2)
}

func halfUp(v *big.Rat) int64 { return floor(new(big.Rat).Add(v, big.NewRat(1, 2))) }

func floor(v *big.Rat) int64 { return new(big.Int).Div(v.Num(), v.Denom()).Int64() }

func (r *reference) credit(c commitment.Commitment, month string) *big.Rat {
	if c.Metric == commitment.Availability {
		return r.tier(c, month)
	}
	sum, waived := new(big.Rat), false
	for _, run := range r.runs {
		amount := r.event(c, run, month)
		if c.Formula == commitment.Waiver && amount.Sign() > 0 {
			if waived {
				continue
			}
			waived = true
		}
		sum.Add(sum, amount)
	}
	return sum
}

func (r *reference) tier(c commitment.Commitment, month string) *big.Rat {
	left, down := int64(0), int64(0)
	for m := range r.counted {
		if r.month(m) != month || !r.inForce(r.day(m)) || r.excluded[m] || r.theirs[m] && !r.covered[m] {
			continue
		}
		left++
		if r.counted[m] {
			down++
		}
	}
	if left == 0 {
		return new(big.Rat)
	}
	thousandths := halfUp(big.NewRat((left-down)*100_000, left)) // Digits is 3
	percentMet := new(big.Rat)
	for _, t := range c.Tiers {
		if big.NewRat(thousandths, 1000).Cmp(rat(t.Below)) < 0 {
			percentMet = percent(t.Percent)
		}
	}
	base, _ := r.fees(month)
	return times(base, percentMet)
}

// event walks through an event: the first minutes are free, the rest fall into months.
func (r *reference) event(c commitment.Commitment, run [2]int, month string) *big.Rat {
	free := c.Target.IntPart() * 60
	late := map[string]int64{}
	touched := map[string]bool{}
	var months []string
	for m := run[0]; m < run[1]; m++ {
		if !r.counted[m] {
			continue
		}
		if free > 0 {
			free--
			continue
		}
		if in := r.month(m); late[in] == 0 {
			months = append(months, in)
		}
		late[r.month(m)]++
		touched[r.day(m)] = true
	}
	given, before, this := new(big.Rat), int64(0), new(big.Rat)
	for place, in := range months {
		base, monthly := r.fees(in)
		if place == 0 && c.EventCap.Percent != nil {
			this.SetInt64(floor(times(base, percent(*c.EventCap.Percent), whole(100))))
			this.Quo(this, whole(100))
		}
		units := r.units(c, before, late[in], in, touched)
		amount := new(big.Rat)
		switch c.Formula {
		case commitment.PercentPerHour:
			amount = times(base, percent(c.Percent), units)
		case commitment.DayFraction:
			first, _ := time.Parse("2006-01", in)
			amount = times(monthly, units, big.NewRat(1, int64(first.AddDate(0, 1, -1).Day())))
		case commitment.FixedAmount:
			if place == 0 {
				amount = rat(c.Amount)
			}
		default:
			amount = base
		}
		if left := new(big.Rat).Sub(this, given); c.EventCap.Percent != nil && amount.Cmp(left) > 0 {
			amount = left
		}
		if in == month {
			return amount
		}
		given.Add(given, amount)
		before += late[in]
	}
	return new(big.Rat)
}

func (r *reference) units(c commitment.Commitment, before, late int64, month string, touched map[string]bool) *big.Rat {
	unit := c.UnitMinutes
	switch c.Counting {
	case commitment.CalendarDays:
		n := int64(0)
		for day := range touched {
			if day[:7] == month {
				n++
			}
		}
		return whole(n)
	case commitment.FullUnits:
		return whole((before+late)/unit - before/unit)
	case commitment.BegunUnits:
		return whole((before+late+unit-1)/unit - (before+unit-1)/unit)
	}
	return big.NewRat(late, unit)
}
