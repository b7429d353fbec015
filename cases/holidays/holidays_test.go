package holidays_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"makegood/cases/clock"
	"makegood/cases/holidays"
	"makegood/internal/errs"
)

func week(hours string) map[time.Weekday][]clock.Span {
	spans, err := holidays.ParseHours(hours)
	if err != nil {
		panic(err)
	}
	w := map[time.Weekday][]clock.Span{}
	for day := time.Monday; day <= time.Friday; day++ {
		w[day] = spans
	}
	return w
}

func office() clock.Calendar {
	return clock.Calendar{Name: "Hamburg", Zone: "Europe/Berlin", Weekly: week("08:00-12:00, 13:00-18:00")}
}

func public(t *testing.T, country, region string, from, to int) string {
	t.Helper()
	list, err := holidays.Public(country, region, holidays.Years{From: from, To: to})
	if err != nil {
		t.Fatal(err)
	}
	return holidays.Lines(list)
}

// The dates were looked up in the laws of the countries, not computed.
func TestPublicHolidays(t *testing.T) {
	t.Parallel()
	hamburg := public(t, "DE", "HH", 2027, 2027)
	for _, want := range []string{"2027-01-01 Neujahr", "2027-03-26 Karfreitag", "2027-03-29 Ostermontag", "2027-05-06 ", "2027-10-31 Reformationstag", "2027-12-26"} {
		if !strings.Contains(hamburg, want) {
			t.Errorf("Hamburg lacks %s:\n%s", want, hamburg)
		}
	}
	if strings.Contains(hamburg, "2027-05-27") { // Corpus Christi is one of Bavaria
		t.Errorf("Hamburg has Corpus Christi:\n%s", hamburg)
	}
	if bavaria := public(t, "de", "by", 2027, 2027); !strings.Contains(bavaria, "2027-05-27 Fronleichnam") {
		t.Errorf("Bavaria lacks Corpus Christi:\n%s", bavaria)
	}
	// The fourth of July 2026 is a Saturday, the first of January 2022 too: kept on 31 December 2021.
	if usa := public(t, "US", "", 2026, 2026); !strings.Contains(usa, "2026-07-04 ") || !strings.Contains(usa, "2026-07-03 ") {
		t.Errorf("the USA lack a day:\n%s", usa)
	}
	if usa := public(t, "US", "", 2021, 2021); !strings.Contains(usa, "2021-12-31 ") {
		t.Errorf("the USA lack the day kept in the year before:\n%s", usa)
	}
	if ascension := public(t, "DE", "HH", 2008, 2008); strings.Count(ascension, "2008-05-01") != 1 || !strings.Contains(ascension, ", ") {
		t.Errorf("two names of one day are two days:\n%s", ascension)
	}
}

// Every country and region gives lists that a calendar takes.
func TestEveryListIsACalendar(t *testing.T) {
	t.Parallel()
	if n := len(holidays.Places()); n != 47 {
		t.Fatalf("%d countries", n)
	}
	for _, country := range holidays.Places() {
		regions := country.Regions
		if !country.Regional {
			regions = append(regions, holidays.Place{})
		}
		for _, region := range regions {
			list, err := holidays.Public(country.Code, region.Code, holidays.Years{From: 2024, To: 2033})
			if err != nil || len(list) < 10 {
				t.Errorf("%s %s: %d days, %v", country.Name, region.Name, len(list), err)
			}
			c := office()
			c.Holidays = list
			if err := c.Validate(); err != nil {
				t.Errorf("%s %s: %v", country.Name, region.Name, err)
			}
		}
	}
}

func TestWhatPublicRefuses(t *testing.T) {
	t.Parallel()
	for want, ask := range map[string][]string{"holidays.unknown_country": {"XX", ""}, "holidays.unknown_region": {"DE", "ZZ"}} {
		if _, err := holidays.Public(ask[0], ask[1], holidays.Years{From: 2026, To: 2026}); key(err) != want {
			t.Errorf("%v: %v, want %s", ask, err, want)
		}
	}
	if _, err := holidays.Public("AU", "", holidays.Years{From: 2026, To: 2026}); key(err) != "holidays.unknown_region" {
		t.Errorf("Australia without a region: %v", err)
	}
	for _, years := range []holidays.Years{{}, {2027, 2026}, {2020, 2030}, {1999, 2000}} {
		if _, err := holidays.Public("DE", "", years); key(err) != "holidays.bad_years" {
			t.Errorf("%v: %v", years, err)
		}
	}
}

func key(err error) string {
	if e := (*errs.Error)(nil); errors.As(err, &e) && len(e.Fields) > 0 {
		return e.Fields[0].Key
	}
	return ""
}

func TestICal(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("testdata/office.ics")
	if err != nil {
		t.Fatal(err)
	}
	list, err := holidays.ReadICal(file, office(), holidays.Years{From: 2026, To: 2028})
	if err != nil {
		t.Fatal(err)
	}
	want := `2026-07-03 08:00-12:00,13:00-15:00 Summer party
2026-08-10 Summer closing, Hamburg
2026-08-11 Summer closing, Hamburg
2026-09-04 08:00-12:00 Outing
2026-12-24 Christmas Eve
2027-09-10 08:00-12:00 Outing
2028-09-01 08:00-12:00 Outing
2028-12-24 Christmas Eve
`
	if got := holidays.Lines(list); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// Days beside the rule, or instead of one, are free too; one that is there twice is there once, and exceptions hold for all.
func TestICalDatesBesideTheRule(t *testing.T) {
	t.Parallel()
	event := func(lines string) string {
		return "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nSUMMARY:Stocktaking\n" + lines + "\nEND:VEVENT\nEND:VCALENDAR\n"
	}
	years := holidays.Years{From: 2026, To: 2026}
	for lines, want := range map[string]string{
		"DTSTART;VALUE=DATE:20260105\nRDATE;VALUE=DATE:20260203,20260105\nRDATE;VALUE=DATE:20260304":                                     "2026-01-05 Stocktaking\n2026-02-03 Stocktaking\n2026-03-04 Stocktaking\n",
		"DTSTART;VALUE=DATE:20260105\nRRULE:FREQ=DAILY;COUNT=2\nRDATE;VALUE=DATE:20260203,20260204\nEXDATE;VALUE=DATE:20260106,20260204": "2026-01-05 Stocktaking\n2026-02-03 Stocktaking\n",
		"DTSTART:20260706T100000\nDURATION:PT5H\nRDATE:20260707T130000":                                                                  "2026-07-06 08:00-10:00,15:00-18:00 Stocktaking\n2026-07-07 08:00-12:00 Stocktaking\n",
	} {
		list, err := holidays.ReadICal([]byte(event(lines)), office(), years)
		if err != nil || holidays.Lines(list) != want {
			t.Errorf("%s: %v\n%s", lines, err, holidays.Lines(list))
		}
	}
	_, err := holidays.ReadICal([]byte(event("DTSTART:20260706T100000\nRDATE;VALUE=PERIOD:20260707T100000/PT1H")), office(), years)
	var e *errs.Error
	if !errors.As(err, &e) || len(e.Fields) != 1 || e.Fields[0].Params["line"] != "6" {
		t.Errorf("a period: %v", err)
	}
}

// A shift over midnight loses what an event of the next day takes of it, and keeps what comes after.
func TestICalOvernight(t *testing.T) {
	t.Parallel()
	night := clock.Calendar{Name: "Night", Zone: "Europe/Berlin", Weekly: week("22:00-06:00")}
	file := "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260513T000000\nDTEND:20260513T020000\nSUMMARY:Move\nEND:VEVENT\nEND:VCALENDAR\n"
	list, err := holidays.ReadICal([]byte(file), night, holidays.Years{From: 2026, To: 2026})
	if err != nil {
		t.Fatal(err)
	}
	night.Holidays = list
	ready, err := clock.Compile(night)
	if err != nil {
		t.Fatal(err, holidays.Lines(list))
	}
	zone := ready.Location()
	at := func(day, hour int) time.Time { return time.Date(2026, 5, day, hour, 0, 0, 0, zone) }
	if got := ready.Elapsed(at(12, 12), at(13, 12)); got != 6*time.Hour {
		t.Errorf("the night has %s, want 6h: %s", got, holidays.Lines(list))
	}
	if got := ready.Elapsed(at(13, 0), at(13, 2)); got != 0 {
		t.Errorf("%s of the move are worked", got)
	}
	if got := ready.Elapsed(at(13, 12), at(14, 12)); got != 8*time.Hour {
		t.Errorf("the next night has %s", got)
	}
}

func TestICalFaultsNameTheLine(t *testing.T) {
	t.Parallel()
	event := func(lines string) string {
		return "BEGIN:VCALENDAR\nBEGIN:VEVENT\n" + lines + "\nEND:VEVENT\nEND:VCALENDAR\n"
	}
	for file, line := range map[string]string{
		"":            "1",
		"Date,Name\n": "1",
		"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260101T000000Z\n":     "3",
		event("SUMMARY:Nothing"):                                        "2",
		event("SUMMARY:X\nDTSTART:yesterday"):                           "4",
		event("DTSTART;TZID=Mars/Olympus:20260101T000000"):              "3",
		event("SUMMARY:long\n  name\nDTSTART;VALUE=DATE:20260231"):      "5",
		event("DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=SECONDLY"):       "4",
		event("DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=SOMETIMES"):      "4",
		event("DTSTART;VALUE=DATE:20260105\nDTEND;VALUE=DATE:20260101"): "4",
		event("DTSTART;VALUE=DATE:20260105\nDTEND:20260106T120000Z"):    "4",
		event("DTSTART:20260105T120000Z\nDURATION:PT"):                  "4",
		event("DTSTART:20260105T120000Z\nRRULE:FREQ=DAILY\nEXDATE:x"):   "5",
		"BEGIN:VCALENDAR\nEND:VEVENT\n":                                 "2",
		"BEGIN:VCALENDAR\n:\nEND:VCALENDAR":                             "2",
	} {
		_, err := holidays.ReadICal([]byte(file), office(), holidays.Years{From: 2026, To: 2026})
		var e *errs.Error
		if !errors.As(err, &e) || len(e.Fields) != 1 || e.Fields[0].Name != "file" || e.Fields[0].Params["line"] != line {
			t.Errorf("%q: %v, want line %s", file, err, line)
		}
	}
	if _, err := holidays.ReadICal([]byte(strings.Repeat("x", holidays.MaxICal+1)), office(), holidays.Years{From: 2026, To: 2026}); key(err) != "holidays.ical_too_large" {
		t.Errorf("too large: %v", err)
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	text := "2026-12-24 09:00-12:00,13:00-14:00 Christmas Eve\n2026-12-25\n2026-12-26 2nd day\n"
	list, err := holidays.ParseLines("\n" + text + "  \n")
	if err != nil || holidays.Lines(list) != text {
		t.Errorf("%v\n%s", err, holidays.Lines(list))
	}
	for _, wrong := range []string{"2026-02-30 X", "tomorrow", "2026-01-01 9:00-12:00 X", "2026-01-01 09:00-25:00"} {
		_, err := holidays.ParseLines("2026-01-01\n" + wrong)
		var e *errs.Error
		if !errors.As(err, &e) || len(e.Fields) != 1 || e.Fields[0].Key != "holidays.bad_line" || e.Fields[0].Params["line"] != "2" {
			t.Errorf("%s: %v", wrong, err)
		}
	}
	all, n := holidays.Merge(list, []clock.Holiday{{Date: list[1].Date, Name: "Christmas"}, {Date: list[0].Date - 1, Name: "Before"}})
	if n != 1 || len(all) != 4 || all[0].Name != "Before" || all[2].Name != "" {
		t.Errorf("%d new: %s", n, holidays.Lines(all))
	}
}

// What an event takes away is exactly what is no longer worked: minute by minute.
func TestAbsencesTakeWhatTheySay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		hours := rapid.SampledFrom([]string{"08:00-12:00, 13:00-18:00", "22:00-06:00", "00:00-24:00", "06:00-07:00, 20:00-02:00"}).Draw(t, "hours")
		c := clock.Calendar{Name: "X", Zone: "Asia/Singapore", Weekly: week(hours)} // no change of offset: minutes are minutes
		zone, err := time.LoadLocation(c.Zone)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Date(2026, 5, 11, 0, rapid.IntRange(0, 3*dayMinutes).Draw(t, "start"), 0, 0, zone)
		end := start.Add(time.Duration(rapid.IntRange(1, 2*dayMinutes).Draw(t, "length")) * time.Minute)
		file := "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;TZID=Asia/Singapore:" + start.Format("20060102T150405") + "\nDTEND;TZID=Asia/Singapore:" + end.Format("20060102T150405") + "\nEND:VEVENT\nEND:VCALENDAR\n"
		before, err := clock.Compile(c)
		if err != nil {
			t.Fatal(err)
		}
		if c.Holidays, err = holidays.ReadICal([]byte(file), c, holidays.Years{From: 2026, To: 2026}); err != nil {
			t.Fatal(err)
		}
		after, err := clock.Compile(c)
		if err != nil {
			t.Fatalf("%v\n%s", err, holidays.Lines(c.Holidays))
		}
		for at := time.Date(2026, 5, 10, 0, 0, 0, 0, zone); at.Before(time.Date(2026, 5, 18, 0, 0, 0, 0, zone)); at = at.Add(time.Minute) {
			want := before.Elapsed(at, at.Add(time.Minute))
			if !at.Before(start) && at.Before(end) {
				want = 0
			}
			if got := after.Elapsed(at, at.Add(time.Minute)); got != want {
				t.Fatalf("%s: %s worked, want %s\n%s", at, got, want, holidays.Lines(c.Holidays))
			}
		}
	})
}

const dayMinutes = 24 * 60
