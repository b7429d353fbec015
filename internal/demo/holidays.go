package demo

import (
	"fmt"
	"time"

	"makegood/cases/clock"
)

// calendars are the working hours of the offices, with their public holidays over some years, and a day that never ends.
func calendars(firstYear, lastYear int) ([]clock.Calendar, error) {
	german, err := holidays(germanHolidays(firstYear, lastYear))
	if err != nil {
		return nil, err
	}
	singapore, err := holidays(singaporeHolidays())
	if err != nil {
		return nil, err
	}
	return []clock.Calendar{
		{Name: calendarDE, Zone: zoneDE, Weekly: mondayToFriday(8, 18), Holidays: german},
		{Name: calendarSG, Zone: zoneSG, Weekly: mondayToFriday(9, 18), Holidays: singapore},
		{Name: calendarAlways, Zone: "UTC", Weekly: everyDay()},
	}, nil
}

func mondayToFriday(from, to int) map[time.Weekday][]clock.Span {
	week := map[time.Weekday][]clock.Span{}
	for day := time.Monday; day <= time.Friday; day++ {
		week[day] = []clock.Span{{From: from * 60, To: to * 60}}
	}
	return week
}

func everyDay() map[time.Weekday][]clock.Span {
	week := map[time.Weekday][]clock.Span{}
	for day := time.Sunday; day <= time.Saturday; day++ {
		week[day] = []clock.Span{{From: 0, To: 24 * 60}}
	}
	return week
}

type dated struct{ date, name string }

func holidays(list []dated) ([]clock.Holiday, error) {
	out := make([]clock.Holiday, len(list))
	for i, h := range list {
		day, err := clock.ParseDay(h.date)
		if err != nil {
			return nil, fmt.Errorf("holiday %s: %w", h.name, err)
		}
		out[i] = clock.Holiday{Date: day, Name: h.name}
	}
	return out, nil
}

// germanHolidays are those of Hamburg: the fixed ones, and those that follow Easter.
func germanHolidays(firstYear, lastYear int) []dated {
	var list []dated
	for year := firstYear; year <= lastYear; year++ {
		sunday := easter(year)
		for _, h := range []struct {
			at   time.Time
			name string
		}{
			{date(year, 1, 1), "Neujahr"},
			{sunday.AddDate(0, 0, -2), "Karfreitag"},
			{sunday.AddDate(0, 0, 1), "Ostermontag"},
			{date(year, 5, 1), "Tag der Arbeit"},
			{sunday.AddDate(0, 0, 39), "Christi Himmelfahrt"},
			{sunday.AddDate(0, 0, 50), "Pfingstmontag"},
			{date(year, 10, 3), "Tag der Deutschen Einheit"},
			{date(year, 10, 31), "Reformationstag"},
			{date(year, 12, 25), "1. Weihnachtstag"},
			{date(year, 12, 26), "2. Weihnachtstag"},
		} {
			if len(list) == 0 || list[len(list)-1].date != h.at.Format(time.DateOnly) { // the first of May may be Ascension Day
				list = append(list, dated{h.at.Format(time.DateOnly), h.name})
			}
		}
	}
	return list
}

func date(year, month, day int) time.Time {
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
}

// easter is Easter Sunday, by the anonymous Gregorian rule.
func easter(year int) time.Time {
	a, b, c := year%19, year/100, year%100
	h := (19*a + b - b/4 - (b-(b+8)/25+1)/3 + 15) % 30
	l := (32 + 2*(b%4) + 2*(c/4) - h - c%4) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return date(year, n/31, n%31+1)
}

// singaporeHolidays are those as gazetted, and as expected for years not gazetted yet; a Sunday's is kept on the Monday.
func singaporeHolidays() []dated {
	return []dated{
		{"2025-01-01", "New Year's Day"},
		{"2025-01-29", "Chinese New Year"},
		{"2025-01-30", "Chinese New Year"},
		{"2025-03-31", "Hari Raya Puasa"},
		{"2025-04-18", "Good Friday"},
		{"2025-05-01", "Labour Day"},
		{"2025-05-12", "Vesak Day"},
		{"2025-10-20", "Deepavali"},
		{"2025-12-25", "Christmas Day"},
		{"2026-01-01", "New Year's Day"},
		{"2026-02-17", "Chinese New Year"},
		{"2026-02-18", "Chinese New Year"},
		{"2026-04-03", "Good Friday"},
		{"2026-05-01", "Labour Day"},
		{"2026-05-27", "Hari Raya Haji"},
		{"2026-06-01", "Vesak Day"},
		{"2026-08-10", "National Day"},
		{"2026-11-09", "Deepavali"},
		{"2026-12-25", "Christmas Day"},
		{"2027-01-01", "New Year's Day"},
		{"2027-02-08", "Chinese New Year"},
		{"2027-03-10", "Hari Raya Puasa"},
		{"2027-03-26", "Good Friday"},
		{"2027-05-17", "Hari Raya Haji"},
		{"2027-05-20", "Vesak Day"},
		{"2027-08-09", "National Day"},
		{"2027-10-28", "Deepavali"},
		{"2028-01-26", "Chinese New Year"},
		{"2028-01-27", "Chinese New Year"},
		{"2028-04-14", "Good Friday"},
		{"2028-05-01", "Labour Day"},
		{"2028-08-09", "National Day"},
		{"2028-12-25", "Christmas Day"},
	}
}
