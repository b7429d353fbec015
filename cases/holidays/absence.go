package holidays

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"makegood/cases/clock"
)

const dayMinutes = 24 * 60

// absence is what a day loses: all of it, or parts in minutes after its midnight.
type absence struct {
	names []string
	all   bool
	parts []clock.Span
}

func (a *absence) named(name string) {
	if name != "" && !slices.Contains(a.names, name) {
		a.names = append(a.names, name)
	}
}

// absences gathers what the days lose.
type absences struct {
	week  map[time.Weekday][]clock.Span
	years Years
	days  map[clock.Day]*absence
}

func (a absences) on(day clock.Day) *absence {
	if a.days[day] == nil {
		a.days[day] = &absence{}
	}
	return a.days[day]
}

func (a absences) whole(first clock.Day, days int, name string) {
	for day := first; day < first+clock.Day(days); day++ {
		if a.years.holds(day) {
			one := a.on(day)
			one.all = true
			one.named(name)
		}
	}
}

// part takes a stretch of the wall clock out of the shifts it meets. A shift belongs to the day it begins on, so the evening before may
// lose its end.
func (a absences) part(from, to time.Time, name string) {
	firstDay, first := wallClock(from, false)
	lastDay, last := wallClock(to, true)
	for day := firstDay - 1; day <= lastDay; day++ {
		out := clock.Span{From: int(firstDay-day)*dayMinutes + first, To: int(lastDay-day)*dayMinutes + last}
		meets := slices.ContainsFunc(a.week[day.Weekday()], func(s clock.Span) bool { return s.From < out.To && out.From < s.To })
		if meets && a.years.holds(day) {
			one := a.on(day)
			one.parts = append(one.parts, out)
			one.named(name)
		}
	}
}

// wallClock is the day and its minute; a begun minute counts whole.
func wallClock(at time.Time, up bool) (clock.Day, int) {
	minute := at.Hour()*60 + at.Minute()
	if up && at.Second() > 0 {
		minute++
	}
	return dayOf(at), minute
}

func (a absences) holidays() []clock.Holiday {
	days := map[clock.Day]*clock.Holiday{}
	for day, one := range a.days {
		h := &clock.Holiday{Date: day, Name: strings.Join(one.names, ", ")}
		if !one.all {
			h.Hours = without(a.week[day.Weekday()], one.parts)
		}
		days[day] = h
	}
	list := make([]clock.Holiday, 0, len(days))
	for day := range a.days {
		a.pass(days, day)
	}
	for _, h := range days {
		list = append(list, *h)
	}
	byDate(list)
	return list
}

// pass gives what is left of a shift after midnight to the day that it then begins on.
func (a absences) pass(days map[clock.Day]*clock.Holiday, day clock.Day) {
	h := days[day]
	var own []clock.Span
	for _, s := range h.Hours {
		if s.From < dayMinutes {
			own = append(own, s)
			continue
		}
		next := days[day+1]
		if next == nil {
			next = &clock.Holiday{Date: day + 1, Name: h.Name, Hours: slices.Clone(a.week[(day + 1).Weekday()])}
			days[day+1] = next
		}
		next.Hours = append(next.Hours, clock.Span{From: s.From - dayMinutes, To: s.To - dayMinutes})
	}
	h.Hours = own
}

// without is what is left of shifts.
func without(shifts, parts []clock.Span) []clock.Span {
	left := slices.Clone(shifts)
	for _, out := range parts {
		var next []clock.Span
		for _, s := range left {
			if before := (clock.Span{From: s.From, To: min(s.To, out.From)}); before.To > before.From {
				next = append(next, before)
			}
			if after := (clock.Span{From: max(s.From, out.To), To: s.To}); after.To > after.From {
				next = append(next, after)
			}
		}
		left = next
	}
	return left
}

var lengthForm = regexp.MustCompile(`^\+?P(?:(\d{1,3})W)?(?:(\d{1,3})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?$`)

// duration reads P1D, PT4H30M and the like.
func duration(text string) (time.Duration, bool) {
	found := lengthForm.FindStringSubmatch(strings.TrimSpace(text))
	if found == nil || strings.HasSuffix(text, "P") || strings.HasSuffix(text, "T") {
		return 0, false
	}
	var sum time.Duration
	for n, unit := range []time.Duration{7 * 24 * time.Hour, 24 * time.Hour, time.Hour, time.Minute, time.Second} {
		if found[n+1] != "" {
			many, err := strconv.Atoi(found[n+1])
			if err != nil {
				return 0, false
			}
			sum += time.Duration(many) * unit
		}
	}
	return sum, true
}
