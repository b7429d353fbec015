package clock_test

import (
	"time"

	"pgregory.net/rapid"

	"makegood/cases/clock"
)

// reference is the slow, obvious reading of a calendar: look at the wall clock, minute by minute.
type reference struct {
	calendar clock.Calendar
	loc      *time.Location
}

func (r reference) works(at time.Time) bool {
	wall := at.In(r.loc)
	minute := wall.Hour()*60 + wall.Minute()
	today := time.Date(wall.Year(), wall.Month(), wall.Day(), 0, 0, 0, 0, time.UTC)
	return within(r.hours(today), minute) || within(r.hours(today.AddDate(0, 0, -1)), minute+24*60)
}

func (r reference) hours(date time.Time) []clock.Span {
	for _, h := range r.calendar.Holidays {
		if h.Date.String() == date.Format("2006-01-02") {
			return h.Hours
		}
	}
	return r.calendar.Weekly[date.Weekday()]
}

func within(spans []clock.Span, minute int) bool {
	for _, s := range spans {
		if s.From <= minute && minute < s.To {
			return true
		}
	}
	return false
}

func paused(pauses []clock.Interval, at time.Time) bool {
	for _, p := range pauses {
		if !at.Before(p.From) && at.Before(p.To) {
			return true
		}
	}
	return false
}

func zones() []string {
	return []string{
		"Pacific/Auckland", "Pacific/Chatham", "Australia/Lord_Howe", "Asia/Singapore", "Asia/Kolkata", "Asia/Beirut",
		"Europe/Berlin", "Europe/London", "Atlantic/Azores", "UTC", "America/St_Johns", "America/Havana", "America/Santiago",
		"America/New_York", "Pacific/Honolulu",
	}
}

// drawCalendar makes a calendar of up to three spans a day, overnight ones among them, and a few holidays near base.
func drawCalendar(t *rapid.T, base time.Time) reference {
	cal := clock.Calendar{
		Name: "drawn", Zone: rapid.SampledFrom(zones()).Draw(t, "zone"),
		Weekly: map[time.Weekday][]clock.Span{},
	}
	quarter := rapid.IntRange(0, 95)
	for day := range 7 {
		var spans []clock.Span
		for range rapid.IntRange(0, 3).Draw(t, "spans") {
			from := quarter.Draw(t, "from") * 15
			spans = append(spans, clock.Span{From: from, To: from + 15 + quarter.Draw(t, "length")*15})
		}
		if len(spans) > 0 {
			cal.Weekly[time.Weekday(day)] = spans
		}
	}
	for day := range 12 {
		if rapid.IntRange(0, 5).Draw(t, "holiday") > 0 {
			continue
		}
		date, _ := clock.ParseDay(base.AddDate(0, 0, day-2).Format("2006-01-02"))
		h := clock.Holiday{Date: date}
		if rapid.Bool().Draw(t, "part day") {
			from := quarter.Draw(t, "from") * 15
			h.Hours = []clock.Span{{From: from, To: from + 15 + quarter.Draw(t, "length")*15}}
		}
		cal.Holidays = append(cal.Holidays, h)
	}
	cal = withoutOverlaps(cal)
	loc, err := time.LoadLocation(cal.Zone)
	if err != nil {
		t.Fatal(err)
	}
	return reference{calendar: cal, loc: loc}
}

// withoutOverlaps drops spans until the calendar is valid.
func withoutOverlaps(cal clock.Calendar) clock.Calendar {
	for cal.Validate() != nil {
		dropped := false
		for day := time.Sunday; day <= time.Saturday && !dropped; day++ {
			if spans := cal.Weekly[day]; len(spans) > 0 {
				cal.Weekly[day], dropped = spans[1:], true
			}
		}
		if !dropped {
			cal.Weekly = map[time.Weekday][]clock.Span{time.Monday: {{From: 540, To: 1080}}}
			cal.Holidays = nil
		}
	}
	return cal
}

// drawBase picks a moment, mostly close to a night on which some zone changes its clock.
func drawBase(t *rapid.T) time.Time {
	day := rapid.SampledFrom([]string{
		"2027-03-12", "2027-11-05", "2027-03-26", "2027-10-29", "2027-04-02", "2027-09-24", "2027-09-03", "2027-01-30", "2028-02-27",
	}).Draw(t, "day")
	base, _ := time.Parse("2006-01-02", day)
	return base.Add(time.Duration(rapid.IntRange(0, 3*24*60).Draw(t, "minutes")) * time.Minute)
}

func drawPauses(t *rapid.T, from time.Time) []clock.Interval {
	var list []clock.Interval
	for range rapid.IntRange(0, 3).Draw(t, "pauses") {
		start := from.Add(time.Duration(rapid.IntRange(-300, 6000).Draw(t, "start")) * time.Minute)
		length := time.Duration(rapid.IntRange(0, 3000).Draw(t, "length")) * time.Minute
		list = append(list, clock.Interval{From: start, To: start.Add(length)})
	}
	return list
}
