package clock_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"makegood/cases/clock"
	"makegood/internal/errs"
)

const everything = `
name: Werk
zone: Europe/Berlin
weekly:
  mon: ["13:00-17:30", "09:00-12:00"]
  sat: ["22:00-06:00"]
  sun: ["06:00-24:00"]
holidays: [2027-12-27, "2027-12-28", {date: 2027-12-24, hours: ["08:00-12:00"]}, {date: 2028-01-01, name: New Year}]
`

func TestParseCalendar(t *testing.T) {
	t.Parallel()
	cal := parse(t, everything)
	date := func(text string) clock.Day {
		day, err := clock.ParseDay(text)
		if err != nil {
			t.Fatal(err)
		}
		return day
	}
	want := clock.Calendar{
		Name: "Werk", Zone: "Europe/Berlin",
		Weekly: map[time.Weekday][]clock.Span{
			time.Monday:   {{From: 9 * 60, To: 12 * 60}, {From: 13 * 60, To: 17*60 + 30}},
			time.Saturday: {{From: 22 * 60, To: 30 * 60}},
			time.Sunday:   {{From: 6 * 60, To: 24 * 60}},
		},
		Holidays: []clock.Holiday{
			{Date: date("2027-12-27")},
			{Date: date("2027-12-28")},
			{Date: date("2027-12-24"), Hours: []clock.Span{{From: 8 * 60, To: 12 * 60}}},
			{Date: date("2028-01-01"), Name: "New Year"},
		},
	}
	if !reflect.DeepEqual(cal, want) {
		t.Errorf("got %+v", cal)
	}
}

func TestCalendarFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, field, key string }{
		{"zone: Mars/Olympus\nweekly: {mon: ['09:00-10:00']}", "zone", "clock.unknown_zone"},
		{"weekly: {mon: ['09:00-10:00']}", "zone", "clock.unknown_zone"},
		{"zone: Local\nweekly: {mon: ['09:00-10:00']}", "zone", "clock.unknown_zone"},
		{"zone: UTC", "weekly", "clock.no_working_time"},
		{"zone: UTC\nweekly: {montag: ['09:00-10:00']}", "weekly", "clock.unknown_weekday"},
		{"zone: UTC\nweekly: {mon: ['9-10']}", "weekly.mon", "clock.bad_span"},
		{"zone: UTC\nweekly: {mon: ['09:00-09:00']}", "weekly.mon", "clock.bad_span"},
		{"zone: UTC\nweekly: {mon: ['24:00-06:00']}", "weekly.mon", "clock.bad_span"},
		{"zone: UTC\nweekly: {mon: ['09:00-25:00']}", "weekly.mon", "clock.bad_span"},
		{"zone: UTC\nweekly: {mon: ['09:00-12:00', '11:00-13:00']}", "weekly.mon", "clock.overlapping_spans"},
		{"zone: UTC\nweekly: {mon: ['22:00-06:00'], tue: ['05:00-13:00']}", "weekly.tue", "clock.overlapping_spans"},
		{"zone: UTC\nweekly: {sun: ['22:00-06:00'], mon: ['05:00-13:00']}", "weekly.mon", "clock.overlapping_spans"},
		{"zone: UTC\nweekly: {mon: ['09:00-10:00']}\nholidays: [2027-02-29]", "holidays[0].date", "clock.bad_date"},
		{"zone: UTC\nweekly: {mon: ['09:00-10:00']}\nholidays: [2027-02-28, {date: 2027-02-28}]", "holidays[1].date", "clock.duplicate_holiday"},
		{"zone: UTC\nweekly: {mon: ['09:00-10:00']}\nholidays: [{date: 2027-02-28, hours: [x]}]", "holidays[0].hours", "clock.bad_span"},
		{"zone: UTC\nweekly: {mon: ['09:00-10:00']}\nholidays: [{date: 2027-02-28, hour: [x]}]", "", "clock.calendar_unreadable"},
		{"zone: UTC\nweek: {}", "", "clock.calendar_unreadable"},
		{"", "", "clock.calendar_unreadable"},
		{"zone: UTC\n---\nzone: UTC", "", "clock.calendar_unreadable"},
	} {
		t.Run(c.text, func(t *testing.T) {
			t.Parallel()
			_, err := clock.ParseCalendar([]byte(c.text))
			var e *errs.Error
			if !errors.As(err, &e) || e.Kind != errs.Invalid {
				t.Fatalf("got %v", err)
			}
			key, field := e.Key, ""
			if len(e.Fields) > 0 {
				key, field = e.Fields[0].Key, e.Fields[0].Name
			}
			if key != c.key || field != c.field {
				t.Errorf("got %s at %q, want %s at %q", key, field, c.key, c.field)
			}
		})
	}
}

func TestCalendarRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cal := drawCalendar(t, drawBase(t)).calendar
		data, err := json.Marshal(cal)
		if err != nil {
			t.Fatal(err)
		}
		var fromJSON clock.Calendar
		if err := json.Unmarshal(data, &fromJSON); err != nil {
			t.Fatalf("%v in %s", err, data)
		}
		text, err := yaml.Marshal(cal)
		if err != nil {
			t.Fatal(err)
		}
		fromYAML, err := clock.ParseCalendar(text)
		if err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		var stored clock.Calendar
		value, _ := cal.Value()
		if err := stored.Scan(value); err != nil {
			t.Fatal(err)
		}
		again, _ := json.Marshal(fromYAML)
		if string(again) != string(data) || !reflect.DeepEqual(fromJSON, fromYAML) || !reflect.DeepEqual(stored, fromJSON) {
			t.Fatalf("%s became %s", data, again)
		}
	})
}

func FuzzParseCalendar(f *testing.F) {
	for _, text := range []string{everything, singapore, newYork, nights, `{"zone":"UTC","weekly":{"mon":["00:00-24:00"]}}`} {
		f.Add([]byte(text))
	}
	from := time.Date(2027, 3, 12, 17, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, data []byte) {
		cal, err := clock.ParseCalendar(data)
		if err != nil {
			if errs.KindOf(err) != errs.Invalid {
				t.Fatalf("not an invalid input: %v", err)
			}
			return
		}
		ready, err := clock.Compile(cal)
		if err != nil {
			t.Fatal(err)
		}
		due, _, err := ready.Due(from, time.Hour, nil)
		if err == nil && ready.Elapsed(from, due) != time.Hour {
			t.Fatalf("an hour from %s is not up at %s", from, due)
		}
		written, err := yaml.Marshal(cal)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := clock.ParseCalendar(written); err != nil {
			t.Fatalf("own output refused: %v\n%s", err, written)
		}
	})
}
