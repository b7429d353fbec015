package reportmail

import (
	"time"

	"makegood/internal/errs"
)

// Repeats is how often a report comes.
type Repeats string

// How often.
const (
	Weekly  Repeats = "week"
	Monthly Repeats = "month"
)

// Covers is what a report is of, seen from the day it comes on.
type Covers string

// What it is of. A report of a day is as of the last day of it.
const (
	DaysBefore  Covers = "days"  // so many days that end the day before
	WeekBefore  Covers = "week"  // the last whole week, Monday to Sunday
	MonthBefore Covers = "month" // the last whole month
)

// Form is how a report comes.
type Form string

// The forms. A link opens what its reader may see when they follow it.
const (
	CSV  Form = "csv"
	XLSX Form = "xlsx"
	Link Form = "link"
)

const (
	weekDays   = 7
	monthDays  = 31
	dayMinutes = 24 * 60
)

// Rhythm is when a report comes: on a day of each week (Monday is 1) or month, at a minute of the reader's day. A month without that day
// has it on its last.
type Rhythm struct {
	Repeats  Repeats
	OnDay    int
	AtMinute int
}

func (r Rhythm) check() []errs.Field {
	var wrong []errs.Field
	refuse := func(name, key string) { wrong = append(wrong, errs.Field{Name: name, Key: key}) }
	switch r.Repeats {
	case Weekly:
		if r.OnDay < 1 || r.OnDay > weekDays {
			refuse("on_day", "reportmail.no_weekday")
		}
	case Monthly:
		if r.OnDay < 1 || r.OnDay > monthDays {
			refuse("on_day", "reportmail.no_day_of_month")
		}
	default:
		refuse("repeats", "reportmail.no_rhythm")
	}
	if r.AtMinute < 0 || r.AtMinute >= dayMinutes {
		refuse("at_minute", "telling.no_time_of_day")
	}
	return wrong
}

// Next is the first due moment after another, on the wall clock of the zone.
func (r Rhythm) Next(after time.Time, zone *time.Location) time.Time {
	local := after.In(zone)
	year, month, day := local.Date()
	if r.Repeats == Weekly {
		for day += (r.OnDay - weekday(local) + weekDays) % weekDays; ; day += weekDays {
			if then := time.Date(year, month, day, 0, r.AtMinute, 0, 0, zone); then.After(after) {
				return then
			}
		}
	}
	for ; ; month++ {
		last := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
		if then := time.Date(year, month, min(r.OnDay, last), 0, r.AtMinute, 0, 0, zone); then.After(after) {
			return then
		}
	}
}

// weekday counts from Monday, which is 1.
func weekday(t time.Time) int { return (int(t.Weekday())+weekDays-1)%weekDays + 1 }

// latest is the last due moment whose report may leave, counted from one whose may, and how many were passed over.
func (sch Schedule) latest(due, now time.Time, zone *time.Location) (last time.Time, passed int) {
	for {
		next := sch.Next(due, zone)
		if sch.Covers.leavesAt(next).After(now) {
			return due, passed
		}
		due, passed = next, passed+1
	}
}

// period is what a report that comes on a day of the reader's is of: it ends with on and has so many days; 0 where the report's own filter
// says how many.
func (c Covers) period(due time.Time) (on time.Time, days int) {
	year, month, day := due.Date()
	switch c {
	case WeekBefore:
		return time.Date(year, month, day-weekday(due), 0, 0, 0, 0, time.UTC), weekDays
	case MonthBefore:
		on = time.Date(year, month, 0, 0, 0, 0, 0, time.UTC)
		return on, on.Day()
	case DaysBefore:
	}
	return time.Date(year, month, day-1, 0, 0, 0, 0, time.UTC), 0
}

// leavesAt is when the report of a due moment on the reader's wall clock leaves: then, or once its last day is over where that is later. The days of
// reports are those of UTC, and east of it people get up before they end.
func (c Covers) leavesAt(due time.Time) time.Time {
	on, _ := c.period(due)
	if over := on.AddDate(0, 0, 1); over.After(due) {
		return over
	}
	return due
}

// LeavesAt is when the next report leaves; nil while none does.
func (sch Schedule) LeavesAt() *time.Time {
	if sch.NextAt == nil {
		return nil
	}
	return new(sch.Covers.leavesAt(sch.NextAt.In(zoneNamed(sch.Zone))))
}
