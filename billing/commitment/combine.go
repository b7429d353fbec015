package commitment

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// combine chooses the lines that count together, by the contract's rule. Equal amounts go to the earlier commitment.
func combine(lines []line, rule Combination) {
	switch rule {
	case HighestOnly:
		if best := highest(lines, func(line) bool { return true }); best >= 0 {
			lines[best].sheet.Chosen = true
		}
	case OnePerIncident:
		for _, kind := range []IncidentKind{Outage, LateDelivery, SlowResponse} {
			onePerIncident(lines, kind)
		}
	default:
		for i := range lines {
			lines[i].sheet.Chosen = lines[i].amount.IsPositive()
		}
	}
	for i := range lines {
		if !lines[i].sheet.Chosen && lines[i].sheet.Note == "" && lines[i].amount.IsPositive() {
			lines[i].sheet.Note = string(rule)
		}
	}
}

// onePerIncident lets each incident be claimed once. A line of the month claims every incident of its kind, a line of an
// event that event's: so either the best line of the month counts, or the best line of each event, whichever is more.
func onePerIncident(lines []line, kind IncidentKind) {
	ofKind := func(l line) bool { return l.sheet.Metric.Measures() == kind }
	whole := highest(lines, func(l line) bool { return ofKind(l) && l.event == nil })
	var each []int
	sum := decimal.Zero
	var done []*event
	for _, l := range lines {
		if l.event == nil || !ofKind(l) || slices.Contains(done, l.event) {
			continue
		}
		done = append(done, l.event)
		if best := highest(lines, func(o line) bool { return o.event == l.event }); best >= 0 {
			each, sum = append(each, best), sum.Add(lines[best].amount)
		}
	}
	if whole >= 0 && lines[whole].amount.GreaterThanOrEqual(sum) {
		lines[whole].sheet.Chosen = true
		return
	}
	for _, i := range each {
		lines[i].sheet.Chosen = true
	}
}

// highest is the place of the highest amount above zero among the lines asked for, -1 when there is none.
func highest(lines []line, among func(line) bool) int {
	best := -1
	for i, l := range lines {
		if among(l) && l.amount.IsPositive() && (best < 0 || l.amount.GreaterThan(lines[best].amount)) {
			best = i
		}
	}
	return best
}

// total is what the sheet comes to: each step with what was left of its limit.
type total struct {
	steps    []Step
	owed     decimal.Decimal
	given    decimal.Decimal
	proposed decimal.Decimal
}

// settle sums the chosen lines, rounds half up to the minor unit once, holds the sum to the fee, the month's and the year's
// limit, and takes off what was given. Limits are whole minor units, so nothing is rounded twice.
func (x measured) settle(lines []line) total {
	t := total{}
	sum := decimal.Zero
	for _, l := range lines {
		if l.sheet.Chosen {
			sum = sum.Add(l.amount)
		}
	}
	digits, f := x.in.Terms.Currency.Digits(), x.fees(x.month)
	t.steps = append(t.steps, Step{What: StepCombined, Amount: shown(sum)})
	t.owed = sum.Round(digits)
	t.steps = append(t.steps, Step{What: StepRounded, Amount: t.owed.StringFixed(digits)})
	hold := func(what string, limit, used decimal.Decimal) {
		left := decimal.Max(decimal.Zero, limit.Sub(used))
		after := decimal.Min(t.owed, left)
		t.steps = append(t.steps, Step{What: what, Amount: after.StringFixed(digits), Cap: &CapUse{
			Limit: limit.StringFixed(digits), Used: used.StringFixed(digits), Left: left.StringFixed(digits),
			Before: t.owed.StringFixed(digits), After: after.StringFixed(digits),
		}})
		t.owed = after
	}
	if !x.in.Terms.AboveFee {
		hold(StepFee, f.base.Round(digits), decimal.Zero)
	}
	if x.in.Terms.MonthCap.Set() {
		hold(StepMonthCap, x.in.Terms.MonthCap.limit(f.base, digits), decimal.Zero)
	}
	if x.in.Terms.YearCap.Set() {
		hold(StepYearCap, x.in.Terms.YearCap.limit(x.in.Year.Fees, digits), x.in.Year.Given)
	}
	for _, g := range x.in.Given {
		t.given = t.given.Add(g.Amount)
	}
	t.proposed = decimal.Max(decimal.Zero, t.owed.Sub(t.given))
	t.steps = append(t.steps, Step{What: StepGiven, Amount: t.given.StringFixed(digits)}, Step{What: StepProposed, Amount: t.proposed.StringFixed(digits)})
	return t
}

// claim tells whether the proposal is in time. Nothing late is dropped: whoever decides sees it marked.
func (x measured) claim(lines []line) Claim {
	c := Claim{Days: x.in.Terms.ClaimDays, From: x.in.Terms.ClaimFrom, State: ClaimNoWindow}
	if x.in.Terms.ClaimDays == 0 {
		return c
	}
	local := x.in.AsOf.In(x.zone)
	today := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC)
	late, chosen := 0, 0
	for i := range lines {
		l := &lines[i]
		if l.claimBy.IsZero() {
			continue
		}
		l.sheet.ClaimBy, l.sheet.ClaimLate = l.claimBy.Format(time.DateOnly), today.After(l.claimBy)
		if !l.sheet.Chosen {
			continue
		}
		chosen++
		if l.sheet.ClaimLate {
			late++
		} else if c.By == "" || l.sheet.ClaimBy < c.By {
			c.By = l.sheet.ClaimBy
		}
	}
	switch {
	case late == 0:
		c.State = ClaimInTime
	case late < chosen:
		c.State = ClaimPartlyLate
	default:
		c.State, c.By = ClaimLate, latest(lines)
	}
	return c
}

// latest is the last day on which any of the chosen lines could have been claimed.
func latest(lines []line) string {
	by := ""
	for _, l := range lines {
		if l.sheet.Chosen {
			by = max(by, l.sheet.ClaimBy)
		}
	}
	return by
}
