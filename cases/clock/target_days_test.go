package clock_test

import (
	"testing"
	"time"

	"makegood/cases/clock"
)

// Days end alike in every zone: the first of two equal times of day, and the end of the gap that swallows one.
func TestDaysEndWhereTheClockChanges(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ zone, from, due string }{
		"skipped in New York":  {"America/New_York", "2027-03-13T02:30:00-05:00", "2027-03-14T03:00:00-04:00"},
		"skipped in Berlin":    {"Europe/Berlin", "2027-03-27T02:30:00+01:00", "2027-03-28T03:00:00+02:00"},
		"skipped in Auckland":  {"Pacific/Auckland", "2027-09-25T02:30:00+12:00", "2027-09-26T03:00:00+13:00"},
		"skipped in Havana":    {"America/Havana", "2027-03-13T00:15:00-05:00", "2027-03-14T01:00:00-04:00"},
		"repeated in New York": {"America/New_York", "2027-11-06T01:30:00-04:00", "2027-11-07T01:30:00-04:00"},
		"repeated in Berlin":   {"Europe/Berlin", "2027-10-30T02:30:00+02:00", "2027-10-31T02:30:00+02:00"},
		"repeated in Auckland": {"Pacific/Auckland", "2027-04-03T02:30:00+13:00", "2027-04-04T02:30:00+13:00"},
		"never in Honolulu":    {"Pacific/Honolulu", "2027-03-13T02:30:00-10:00", "2027-03-14T02:30:00-10:00"},
	} {
		from, err := time.Parse(time.RFC3339, c.from)
		if err != nil {
			t.Fatal(err)
		}
		ready := compile(t, "name: all day\nzone: "+c.zone+"\nweekly: {mon: [\"00:00-24:00\"]}\n")
		got, err := clock.Derive(clock.History{
			Events: []clock.Event{{At: from, Kind: clock.Received}}, Priority: clock.P1, Now: from,
			Pin: clock.Pin{Calendar: ready, Policy: clock.Policy{Targets: map[clock.Kind]map[clock.Priority]clock.Target{
				clock.Statutory: {clock.P1: clock.WithinDays(1)},
			}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if due := got[0].DueAt.In(ready.Location()).Format(time.RFC3339); due != c.due {
			t.Errorf("%s: due %s, want %s", name, due, c.due)
		}
	}
}

// A search goes past the last day of 2040 in every zone: the tables of zones end before it, and it is a leap year's.
func TestSearchPassesTheEndOfTheTables(t *testing.T) {
	t.Parallel()
	for _, zone := range everyZone() {
		ready := compile(t, "name: new year\nzone: "+zone+"\nweekly: {}\nholidays: [{date: 2041-01-02, hours: [\"09:00-18:00\"]}]\n")
		from := time.Date(2040, 12, 30, 9, 0, 0, 0, ready.Location())
		due, _, err := ready.Due(from, time.Hour, nil)
		if want := time.Date(2041, 1, 2, 10, 0, 0, 0, ready.Location()); err != nil || !due.Equal(want) {
			t.Errorf("%s: due %s (%v), want %s", zone, due, err, want)
		}
	}
}
