package clock

import (
	"fmt"
	"time"

	"makegood/internal/errs"
)

// Calendar says when people work: the hours of each weekday on the wall clock of a zone, and the days that differ.
type Calendar struct {
	Name     string
	Zone     string
	Weekly   map[time.Weekday][]Span
	Holidays []Holiday
}

// Holiday is a date whose own hours replace those of its weekday; without hours nobody works. A shift belongs to
// the day it begins on: one that began the evening before still runs to its end, one that would begin on the
// holiday does not take place, not even its part after midnight.
type Holiday struct {
	Date  Day
	Name  string
	Hours []Span
}

// Validate refuses an unknown zone, ill-formed or overlapping hours, a date named twice, and a calendar in
// which nobody ever works. All wrong fields are named at once.
func (c Calendar) Validate() error {
	var wrong []errs.Field
	if _, err := loadZone(c.Zone); err != nil {
		wrong = append(wrong, wrongField("zone", "clock.unknown_zone", "zone", c.Zone))
	}
	wrong = append(wrong, c.wrongWeek()...)
	wrong = append(wrong, c.wrongHolidays()...)
	if len(wrong) == 0 && !c.works() {
		wrong = append(wrong, wrongField("weekly", "clock.no_working_time"))
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

func (c Calendar) works() bool {
	for _, spans := range c.Weekly {
		if len(spans) > 0 {
			return true
		}
	}
	for _, h := range c.Holidays {
		if len(h.Hours) > 0 {
			return true
		}
	}
	return false
}

func (c Calendar) wrongWeek() []errs.Field {
	var wrong []errs.Field
	var week []Span
	for i, day := range weekOrder() {
		for _, s := range c.Weekly[day] {
			if !s.valid() {
				wrong = append(wrong, wrongField("weekly."+dayKey(day), "clock.bad_span", "text", s.String()))
			}
			week = append(week, Span{From: s.From + i*dayMinutes, To: s.To + i*dayMinutes})
		}
	}
	if len(wrong) > 0 {
		return wrong
	}
	sortSpans(week)
	if a, b, found := overlapping(week, 7*dayMinutes); found {
		second := weekOrder()[b.From/dayMinutes]
		return []errs.Field{wrongField("weekly."+dayKey(second), "clock.overlapping_spans",
			"first", inDay(a).String(), "second", inDay(b).String())}
	}
	return nil
}

func inDay(s Span) Span {
	shift := s.From / dayMinutes * dayMinutes
	return Span{From: s.From - shift, To: s.To - shift}
}

func (c Calendar) wrongHolidays() []errs.Field {
	var wrong []errs.Field
	seen := make(map[Day]bool, len(c.Holidays))
	for i, h := range c.Holidays {
		name := fmt.Sprintf("holidays[%d]", i)
		if seen[h.Date] {
			wrong = append(wrong, wrongField(name+".date", "clock.duplicate_holiday", "date", h.Date.String()))
		}
		seen[h.Date] = true
		wrong = append(wrong, wrongHours(name+".hours", h.Hours)...)
	}
	return wrong
}

func wrongHours(name string, hours []Span) []errs.Field {
	for _, s := range hours {
		if !s.valid() {
			return []errs.Field{wrongField(name, "clock.bad_span", "text", s.String())}
		}
	}
	if a, b, found := overlapping(sortedSpans(hours), 0); found {
		return []errs.Field{wrongField(name, "clock.overlapping_spans", "first", a.String(), "second", b.String())}
	}
	return nil
}

func wrongField(name, key string, pairs ...string) errs.Field {
	return errs.InvalidField(name, key, pairs...).Fields[0]
}

func weekOrder() [7]time.Weekday {
	return [7]time.Weekday{
		time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday,
	}
}

func dayKey(day time.Weekday) string {
	return [7]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}[day]
}
