package clock_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"makegood/cases/clock"
	"makegood/internal/errs"
)

const (
	singapore = `
name: SG
zone: Asia/Singapore
weekly: {mon: ["09:00-18:00"], tue: ["09:00-18:00"], wed: ["09:00-18:00"], thu: ["09:00-18:00"], fri: ["09:00-18:00"]}
`
	newYork = `
name: NY-all-day
zone: America/New_York
weekly: {mon: ["00:00-24:00"], tue: ["00:00-24:00"], wed: ["00:00-24:00"], thu: ["00:00-24:00"], fri: ["00:00-24:00"],
  sat: ["00:00-24:00"], sun: ["00:00-24:00"]}
`
	nights = `
name: nights
zone: Europe/Berlin
weekly: {mon: ["22:00-06:00"], tue: ["22:00-06:00"], wed: ["22:00-06:00"], sat: ["22:00-06:00"]}
holidays: [2027-05-04, {date: 2027-05-05, hours: ["08:00-10:00"], name: Half}]
`
	berlinEarly = `
name: early
zone: Europe/Berlin
weekly: {sun: ["01:30-02:30"]}
`
)

func parse(t *testing.T, text string) clock.Calendar {
	t.Helper()
	cal, err := clock.ParseCalendar([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return cal
}

func compile(t *testing.T, text string) *clock.Compiled {
	t.Helper()
	ready, err := clock.Compile(parse(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return ready
}

func moment(t *testing.T, text string, loc *time.Location) time.Time {
	t.Helper()
	at, err := clock.ParseMoment(text, loc)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func pauses(t *testing.T, loc *time.Location, texts ...string) []clock.Interval {
	t.Helper()
	var list []clock.Interval
	for _, text := range texts {
		p, err := clock.ParsePause(text, loc)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	return list
}

func TestDue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, calendar, from, target string
		pauses                       []string
		want                         string
	}{
		{"over the weekend", singapore, "2027-03-12T17:00", "4h", nil, "2027-03-15T12:00:00+08:00"},
		{"pause in hours", singapore, "2027-03-12T17:00", "4h", []string{"2027-03-15T10:00/2027-03-15T11:30"}, "2027-03-15T13:30:00+08:00"},
		{"pause over the weekend", singapore, "2027-03-12T17:00", "4h", []string{"2027-03-12T17:30/2027-03-15T09:30"}, "2027-03-15T13:00:00+08:00"},
		{"overlapping pauses", singapore, "2027-03-12T17:00", "4h", []string{"2027-03-15T10:00/2027-03-15T11:00", "2027-03-15T10:30/2027-03-15T11:30"}, "2027-03-15T13:30:00+08:00"},
		{"ends with the day", singapore, "2027-03-12T17:00", "1h", nil, "2027-03-12T18:00:00+08:00"},
		{"to the second", singapore, "2027-03-12T17:59:58", "3s", nil, "2027-03-15T09:00:01+08:00"},
		{"at once", singapore, "2027-03-13T12:00", "0h", nil, "2027-03-13T12:00:00+08:00"},
		{"from another zone", singapore, "2027-03-12T09:00:00Z", "4h", nil, "2027-03-15T12:00:00+08:00"},
		{"hour that is skipped", newYork, "2027-03-13T20:00", "12h", nil, "2027-03-14T09:00:00-04:00"},
		{"hour that comes twice", newYork, "2027-11-06T20:00", "12h", nil, "2027-11-07T07:00:00-05:00"},
		{"span half skipped", berlinEarly, "2027-03-27T12:00", "45m", nil, "2027-04-04T01:45:00+02:00"},
		{"span half repeated", berlinEarly, "2027-10-30T12:00", "75m", nil, "2027-10-31T02:15:00+01:00"},
		{"overnight", nights, "2027-04-26T23:00", "8h", nil, "2027-04-27T23:00:00+02:00"},
		{"overnight in summer time's last night", nights, "2027-10-30T21:00", "9h", nil, "2027-10-31T06:00:00+01:00"},
		{"shift runs into the holiday, none begins on it", nights, "2027-05-03T21:00", "9h", nil, "2027-05-05T09:00:00+02:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ready := compile(t, c.calendar)
			loc := ready.Location()
			target, err := clock.ParseTarget(c.target)
			if err != nil {
				t.Fatal(err)
			}
			due, counted, err := ready.Due(moment(t, c.from, loc), target.Length, pauses(t, loc, c.pauses...))
			if err != nil {
				t.Fatal(err)
			}
			if got := due.In(loc).Format(time.RFC3339); got != c.want {
				t.Errorf("due %s, want %s", got, c.want)
			}
			var sum time.Duration
			for _, i := range counted {
				sum += i.Length()
			}
			if sum != target.Length {
				t.Errorf("counted %s, want %s", sum, target.Length)
			}
		})
	}
}

func TestDueRefuses(t *testing.T) {
	t.Parallel()
	ready := compile(t, singapore)
	at := time.Date(2027, 3, 12, 9, 0, 0, 0, time.UTC)
	_, _, err := ready.Due(at, -time.Second, nil)
	if errs.KindOf(err) != errs.Invalid {
		t.Errorf("negative target: %v", err)
	}
	_, _, err = ready.Due(at, time.Hour, []clock.Interval{{From: at, To: at.Add(-time.Hour)}})
	if errs.KindOf(err) != errs.Invalid {
		t.Errorf("backward pause: %v", err)
	}
	once := compile(t, "zone: UTC\nholidays: [{date: 2020-01-01, hours: ['09:00-10:00']}]")
	if _, _, err = once.Due(at, time.Hour, nil); errs.KeyOf(err) != "clock.never_due" {
		t.Errorf("no hours left: %v", err)
	}
}

func TestDistantMomentsAreHarmless(t *testing.T) {
	t.Parallel()
	ready := compile(t, singapore)
	if got := ready.Elapsed(time.Date(2027, 3, 12, 0, 0, 0, 0, time.UTC), time.Time{}); got != 0 {
		t.Errorf("backwards: %s", got)
	}
	if got := len(ready.Counted(time.Time{}, time.Date(1, 1, 8, 0, 0, 0, 0, time.UTC))); got != 5 {
		t.Errorf("first week of all: %d stretches", got)
	}
}

// The arithmetic agrees with counting minutes on the wall clock.
func TestCountedAndDueAgainstMinutes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		from := drawBase(t)
		ref := drawCalendar(t, from)
		ready, err := clock.Compile(ref.calendar)
		if err != nil {
			t.Fatal(err)
		}
		breaks := drawPauses(t, from)
		to := from.Add(6 * 24 * time.Hour)
		target := time.Duration(rapid.IntRange(1, 2400).Draw(t, "target")) * time.Minute

		var worked, used time.Duration
		var due time.Time
		var counted []time.Time
		for at := from; at.Before(to); at = at.Add(time.Minute) {
			if !ref.works(at) {
				continue
			}
			worked += time.Minute
			counted = append(counted, at)
			if paused(breaks, at) {
				continue
			}
			if used += time.Minute; used == target {
				due = at.Add(time.Minute)
			}
		}
		if got := ready.Elapsed(from, to); got != worked {
			t.Fatalf("elapsed %s, want %s", got, worked)
		}
		if got := minutes(ready.Counted(from, to)); !slices.Equal(got, counted) {
			t.Fatalf("counted %d minutes, want %d", len(got), len(counted))
		}
		got, _, err := ready.Due(from, target, breaks)
		if due.IsZero() && err == nil && !got.After(to) {
			t.Fatalf("due %s, want later than %s", got, to)
		}
		if !due.IsZero() && (err != nil || !got.Equal(due)) {
			t.Fatalf("due %s (%v), want %s", got, err, due)
		}
	})
}

func minutes(list []clock.Interval) []time.Time {
	var all []time.Time
	for _, i := range list {
		for at := i.From; at.Before(i.To); at = at.Add(time.Minute) {
			all = append(all, at)
		}
	}
	return all
}
