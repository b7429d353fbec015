package commitment

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

var hundred = decimal.NewFromInt(100) //nolint:gochecknoglobals // a constant that the language has no literal for

// line is one commitment judged for the month or for one event of it, before it is written on the sheet.
type line struct {
	place     int // of the commitment, from 0
	event     *event
	incidents []Incident
	late      spans // in this month
	before    spans // of the same event in earlier months
	amount    decimal.Decimal
	sheet     Line
	claimBy   time.Time
}

// measuredOpen stands on the sheet for the length of an event that is not over.
const measuredOpen = "open"

// judge looks at every commitment: one line for the month, or one for each event that touches it.
func (x measured) judge() []line {
	var lines []line
	for place, c := range x.in.Service.Commitments {
		if c.Metric.ByMonth() {
			lines = append(lines, x.judgeMonth(place, c))
			continue
		}
		waived := false
		for k := range x.events {
			e := &x.events[k]
			if e.kind != c.Metric.Measures() || e.run.cut(x.month.whole).minutes() == 0 {
				continue
			}
			l := x.judgeEvent(place, c, e)
			if c.Formula == Waiver && l.amount.IsPositive() {
				if waived {
					l.amount, l.sheet.Note = decimal.Zero, "waived_already"
				}
				waived = true
			}
			lines = append(lines, l)
		}
	}
	return lines
}

// judgeMonth judges availability = (minutes − excluded − down) ÷ (minutes − excluded), in per cent rounded half up to the
// commitment's decimals. Late time is what is down beyond the whole minutes that the target allows.
func (x measured) judgeMonth(place int, c Commitment) line {
	down, left := x.down(), x.left().minutes()
	l := line{place: place, incidents: x.counting(Outage)}
	availability := hundred
	if left > 0 {
		availability = decimal.NewFromInt(left-down.minutes()).Mul(hundred).DivRound(decimal.NewFromInt(left), c.Digits)
	}
	allowed := hundred.Sub(c.Target).Mul(decimal.NewFromInt(left)).Shift(-2).IntPart()
	l.sheet = x.start(place, c, x.month.period, l.incidents)
	l.sheet.Minutes, l.sheet.Down, l.sheet.Free = left, down.minutes(), allowed
	l.sheet.Measured = availability.StringFixed(c.Digits)
	if availability.LessThan(c.Target) {
		l.sheet.Breached, l.late = true, down.after(allowed)
		if tier, ok := c.tier(availability); ok {
			l.sheet.Tier = &tier
		}
	}
	return x.price(l, c)
}

// tier is the worst tier an availability falls below.
func (c Commitment) tier(availability decimal.Decimal) (Tier, bool) {
	var met Tier
	found := false
	for _, t := range c.Tiers {
		if availability.LessThan(t.Below) && (!found || t.Below.LessThan(met.Below)) {
			met, found = t, true
		}
	}
	return met, found
}

// judgeEvent judges hours to restore or to answer (late is what comes after the whole minutes of the target), or a delivery
// (late is what comes after the promised day, in the contract's zone).
func (x measured) judgeEvent(place int, c Commitment, e *event) line {
	l := line{place: place, event: e, incidents: e.incidents}
	l.sheet = x.start(place, c, e.run, e.incidents)
	l.sheet.Minutes = e.counted.minutes()
	l.sheet.Measured = decimal.NewFromInt(e.counted.minutes()).DivRound(decimal.NewFromInt(60), 4).String()
	var late spans
	switch {
	case e.short:
		l.sheet.Note = reasonTooShort
	case c.Metric == Delivery:
		l.sheet.Target = c.DeliverBy.Format(time.DateOnly)
		l.sheet.Measured = e.run.end().In(x.zone).Format(time.DateOnly)
		late = e.counted.within(span{x.startOf(c.DeliverBy.AddDate(0, 0, 1)), forever})
	default:
		l.sheet.Free = c.Target.Mul(decimal.NewFromInt(60)).IntPart()
		late = e.counted.after(l.sheet.Free)
	}
	if slices.ContainsFunc(e.incidents, func(i Incident) bool { return i.Until.IsZero() }) {
		l.sheet.Measured = measuredOpen
	}
	l.sheet.Breached = len(late) > 0
	l.late = late.within(x.month.period)
	l.before = late.within(span{-forever, x.month.whole.from})
	return x.price(l, c)
}

// start writes on the sheet which commitment is judged for what.
func (x measured) start(place int, c Commitment, at span, incidents []Incident) Line {
	s := Line{
		Commitment: place + 1, Ref: c.Ref, Metric: c.Metric, Formula: c.Formula, From: at.start(), Until: at.end(), Incidents: []int64{},
		Target: c.Target.String(),
	}
	for _, i := range incidents {
		s.Incidents = append(s.Incidents, i.ID)
	}
	return s
}

// counting are the incidents of a kind that count in the month.
func (x measured) counting(kind IncidentKind) []Incident {
	var list []Incident
	for _, e := range x.events {
		if e.kind == kind && !e.short && e.counted.within(x.month.period).minutes() > 0 {
			list = append(list, e.incidents...)
		}
	}
	return list
}

// price takes the formula and the limit of the event.
func (x measured) price(l line, c Commitment) line {
	f := x.fees(x.month)
	l.sheet.LateBefore, l.sheet.Late = l.before.minutes(), l.late.minutes()
	if c.countsTime() && l.sheet.Breached {
		l.sheet.UnitMinutes, l.sheet.Counting = c.Unit(), c.Counting
		l.sheet.Units = c.units(l.before, l.late, x.zone).String()
	}
	l.amount = x.raw(c, l, f)
	l.sheet.Raw = shown(l.amount)
	if l.event != nil && c.EventCap.Set() && l.amount.IsPositive() {
		l = x.capEvent(l, c)
	}
	l.claimBy = x.claimBy(l.incidents)
	return l
}

// units are the units of late time of this month. Full and begun units are counted over the whole event, and what earlier
// months had is taken off, so that a month's end neither adds a unit nor loses one.
func (c Commitment) units(before, late spans, zone *time.Location) decimal.Decimal {
	if c.Counting == CalendarDays {
		return decimal.NewFromInt(late.days(zone))
	}
	first, both := before.minutes(), before.minutes()+late.minutes()
	switch c.Counting {
	case FullUnits:
		return decimal.NewFromInt(both/c.Unit() - first/c.Unit())
	case BegunUnits:
		return decimal.NewFromInt((both+c.Unit()-1)/c.Unit() - (first+c.Unit()-1)/c.Unit())
	default:
		return decimal.NewFromInt(both-first).DivRound(decimal.NewFromInt(c.Unit()), precision)
	}
}

// raw is what the formula gives, not rounded:
//
//	tier:             base × tier ÷ 100
//	per cent an hour: base × per cent ÷ 100 × units
//	day fraction:     monthly fee × units ÷ days of the month
//	fixed:            the amount, in the month in which the event's first late minute lies
//	waiver:           base
func (x measured) raw(c Commitment, l line, f fees) decimal.Decimal {
	switch {
	case !l.sheet.Breached || len(l.late) == 0 && c.Formula != TierPercent:
		return decimal.Zero
	case c.Formula == TierPercent && l.sheet.Tier != nil:
		return f.base.Mul(l.sheet.Tier.Percent).Shift(-2)
	case c.Formula == PercentPerHour:
		return f.base.Mul(c.Percent).Shift(-2).Mul(c.units(l.before, l.late, x.zone))
	case c.Formula == DayFraction:
		return f.monthly.Mul(c.units(l.before, l.late, x.zone)).DivRound(decimal.NewFromInt(int64(x.month.days())), precision)
	case c.Formula == FixedAmount && len(l.before) == 0:
		return c.Amount
	case c.Formula == Waiver:
		return f.base
	}
	return decimal.Zero
}

// capEvent holds one event to its limit over all its months: the limit is of the month in which it was first late, and what
// the months before this one took of it is worked out again.
func (x measured) capEvent(l line, c Commitment) line {
	first := x.month
	if len(l.before) > 0 {
		first = x.monthOf(l.before[0].from)
	}
	limit := c.EventCap.limit(x.fees(first).base, x.in.Terms.Currency.Digits())
	used := decimal.Zero
	for m := first; m.first.Before(x.month.first); m = x.calendar.month(m.first.AddDate(0, 1, 0)) {
		earlier := l
		earlier.late, earlier.before = l.before.within(m.whole), l.before.within(span{-forever, m.whole.from})
		past := x
		past.month = m
		used = decimal.Min(limit, used.Add(past.raw(c, earlier, x.fees(m))))
	}
	after := decimal.Min(l.amount, limit.Sub(used))
	l.sheet.EventCap = capUse(limit, used, l.amount)
	l.amount = after
	return l
}

// capUse shows what a limit left of an amount, so that the figures shown add up: what is left is the limit less the use as shown.
func capUse(limit, used, before decimal.Decimal) *CapUse {
	left := limit.Sub(used.Round(shownDigits))
	return &CapUse{Limit: shown(limit), Used: shown(used), Left: shown(left), Before: shown(before), After: shown(decimal.Min(before, left))}
}

// claimBy is the last day on which a claim for the incidents is in time; zero without a window.
func (x measured) claimBy(incidents []Incident) time.Time {
	if x.in.Terms.ClaimDays == 0 || len(incidents) == 0 {
		return time.Time{}
	}
	from := x.month.last()
	if x.in.Terms.ClaimFrom == FromIncidentEnd {
		from = x.endOf(incidents)
	}
	return from.AddDate(0, 0, x.in.Terms.ClaimDays)
}

// shownDigits is how many decimals of an exact amount a sheet shows at most.
const shownDigits = 6

// shown writes an exact amount for reading: what is summed is never cut.
func shown(d decimal.Decimal) string { return d.Round(shownDigits).String() }
