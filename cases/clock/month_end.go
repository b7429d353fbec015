package clock

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"makegood/internal/errs"
)

// MonthEnd tightens what is promised around the end of each month, when the books of the month are closed: a clock that starts in the window has
// the target given here, where there is one. A clock that runs already keeps what it had, and no target here is longer than the one it stands
// for, so the end of a month never gives a customer less than was promised.
type MonthEnd struct {
	// LastDays and FirstDays are the working days at the end of a month and at the beginning of the next that the window holds, by the
	// policy's calendar.
	LastDays  int                          `json:"last_days"  yaml:"last_days"`
	FirstDays int                          `json:"first_days" yaml:"first_days"`
	Targets   map[Kind]map[Priority]Target `json:"targets"    yaml:"targets"`
}

// windowDays is the most days of either side.
const windowDays = 10

// MonthEndWindow is the window around the end of a month that holds a moment, and when that month is over; false outside of any. It runs from midnight to midnight in the
// calendar's zone. Where two meet, as in a month with hardly any working days, it is that which ends first.
func (c *Compiled) MonthEndWindow(at time.Time, m MonthEnd) (window Interval, over time.Time, inside bool) {
	year, month, _ := at.In(c.loc).Date()
	for next := month; next <= month+1; next++ {
		first := dateDay(year, next)
		window = Interval{From: c.midnight(c.workingBefore(first, dateDay(year, next-1), m.LastDays)), To: c.midnight(c.workingAfter(first, dateDay(year, next+1), m.FirstDays))}
		if window.holds(at) {
			return window, c.midnight(first), true
		}
	}
	return Interval{}, time.Time{}, false
}

// dateDay is the first day of a month, which may lie outside the year.
func dateDay(year int, month time.Month) Day {
	return Day(daysIn(time.Date(year, month, 1, 0, 0, 0, 0, time.UTC).Unix()))
}

// workingBefore is the n-th working day before another, no earlier than a floor.
func (c *Compiled) workingBefore(day, floor Day, n int) Day {
	for n > 0 && day > floor {
		if day--; len(c.hours(day)) > 0 {
			n--
		}
	}
	return day
}

// workingAfter is the day after n working days from another on, no later than a ceiling.
func (c *Compiled) workingAfter(day, ceiling Day, n int) Day {
	for n > 0 && day < ceiling {
		if len(c.hours(day)) > 0 {
			n--
		}
		day++
	}
	return day
}

// targetAt is what is promised for a clock that began at a moment, and the window whose terms they are, nil outside of one.
func (p Pin) targetAt(kind Kind, priority Priority, since time.Time) (target Target, window *Interval, found bool) {
	target, found = p.Policy.Target(kind, priority)
	if p.Policy.MonthEnd == nil {
		return target, nil, found
	}
	tight, has := p.Policy.MonthEnd.Targets[kind][priority]
	if !has {
		return target, nil, found
	}
	held, _, inside := p.Calendar.MonthEndWindow(since, *p.Policy.MonthEnd)
	if !inside {
		return target, nil, found
	}
	return tight, &held, true
}

// wrong are the faults of what a policy says of the end of the month.
func (m MonthEnd) wrong(usual map[Kind]map[Priority]Target) []errs.Field {
	var wrong []errs.Field
	for name, days := range map[string]int{"first_days": m.FirstDays, "last_days": m.LastDays} {
		if days < 0 || days > windowDays || m.FirstDays+m.LastDays == 0 {
			wrong = append(wrong, wrongField("month_end."+name, "clock.month_end_days", "most", fmt.Sprint(windowDays)))
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(m.Targets)) {
		if !slices.Contains(Kinds(), kind) {
			wrong = append(wrong, wrongField("month_end.targets", "clock.unknown_kind", "kind", string(kind)))
			continue
		}
		for _, priority := range slices.Sorted(maps.Keys(m.Targets[kind])) {
			tight := m.Targets[kind][priority]
			faults := wrongTarget(kind, priority, tight)
			if stands, found := usual[kind][priority]; found && len(faults) == 0 && !tight.within(stands) {
				faults = append(faults, wrongField(fmt.Sprintf("targets.%s.%s", kind, priority), "clock.month_end_longer", "usual", stands.String()))
			}
			for n := range faults {
				faults[n].Name = "month_end." + faults[n].Name
			}
			wrong = append(wrong, faults...)
		}
	}
	slices.SortStableFunc(wrong, func(a, b errs.Field) int { return strings.Compare(a.Name, b.Name) })
	return wrong
}

// within tells whether a target is of the same kind as another and no longer, so that it is never due later.
func (t Target) within(other Target) bool {
	return t.Basis == other.Basis && (t.Days > 0) == (other.Days > 0) && t.Days <= other.Days && t.Length <= other.Length
}
