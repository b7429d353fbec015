package clock_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"makegood/cases/clock"
	"makegood/internal/errs"
)

func TestExplainJSON(t *testing.T) {
	t.Parallel()
	cal := parse(t, singapore)
	loc := compile(t, singapore).Location()
	e, err := clock.Explain(cal, moment(t, "2027-03-12T17:00", loc), 4*time.Hour,
		pauses(t, loc, "2027-03-12T17:30/2027-03-15T09:30"))
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"due":"2027-03-15T13:00:00+08:00","counted":[` +
		`{"from":"2027-03-12T17:00:00+08:00","to":"2027-03-12T17:30:00+08:00"},` +
		`{"from":"2027-03-15T09:30:00+08:00","to":"2027-03-15T13:00:00+08:00"}]}`
	if string(data) != want {
		t.Errorf("got  %s\nwant %s", data, want)
	}
	var reasons []clock.Reason
	for _, s := range e.Steps {
		reasons = append(reasons, s.Reason)
	}
	if w := []clock.Reason{clock.Worked, clock.WhilePaused, clock.OutsideHours, clock.WhilePaused, clock.Worked}; !reflect.DeepEqual(reasons, w) {
		t.Errorf("steps %v", reasons)
	}
	e, err = clock.Explain(cal, moment(t, "2027-03-12T17:00", loc), 0, nil)
	if data, _ = json.Marshal(e); err != nil || string(data) != `{"due":"2027-03-12T17:00:00+08:00","counted":[]}` {
		t.Errorf("no target: %s %v", data, err)
	}
}

func TestExplainNamesHolidays(t *testing.T) {
	t.Parallel()
	cal := parse(t, singapore+`holidays: [{date: 2027-12-24, hours: ["09:00-12:00"], name: Eve}, 2027-12-27]`)
	at := time.Date(2027, 12, 24, 3, 0, 0, 0, time.UTC) // 11:00
	e, err := clock.Explain(cal, at, 2*time.Hour, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range e.Steps {
		got = append(got, s.From.Format("02T15:04")+" "+string(s.Reason)+" "+s.Holiday)
	}
	want := []string{
		"24T11:00 counted ", "24T12:00 holiday Eve", "24T18:00 outside_hours ",
		"27T09:00 holiday ", "27T18:00 outside_hours ", "28T09:00 counted ",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
}

// Every second from start to due stands in one step, and the counted steps are the counted stretches.
func TestStepsCoverTheWay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		from := drawBase(t)
		ref := drawCalendar(t, from)
		breaks := drawPauses(t, from)
		target := time.Duration(rapid.IntRange(0, 1200).Draw(t, "target")) * time.Minute
		e, err := clock.Explain(ref.calendar, from, target, breaks)
		if err != nil {
			return // the calendar has no hours left
		}
		at := from
		var sum time.Duration
		for _, s := range e.Steps {
			if !s.From.Equal(at) || !s.To.After(s.From) {
				t.Fatalf("step %v after %s", s, at)
			}
			at = s.To
			if s.Reason == clock.Worked {
				sum += s.Length()
			}
			if working := s.Reason == clock.Worked || s.Reason == clock.WhilePaused; working != ref.works(s.From) {
				t.Fatalf("step %v on the wrong hours", s)
			}
			if s.Reason != clock.OutsideHours && s.Reason != clock.OnHoliday && (s.Reason == clock.WhilePaused) != paused(breaks, s.From) {
				t.Fatalf("step %v: pauses %v", s, breaks)
			}
		}
		if !at.Equal(e.Due) || sum != target {
			t.Fatalf("steps end %s with %s, want %s with %s", at, sum, e.Due, target)
		}
	})
}

func TestParseMoment(t *testing.T) {
	t.Parallel()
	ny, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"2027-03-13T20:00":          "2027-03-13T20:00:00-05:00",
		"2027-03-13 20:00":          "2027-03-13T20:00:00-05:00",
		"2027-03-13 20:00:07":       "2027-03-13T20:00:07-05:00",
		"2027-03-14T01:00:00Z":      "2027-03-13T20:00:00-05:00",
		"2027-03-14T10:00:00+09:00": "2027-03-13T20:00:00-05:00",
		"2027-11-07T01:30":          "2027-11-07T01:30:00-04:00", // comes twice: the first
		"2027-11-07T02:00":          "2027-11-07T02:00:00-05:00",
		"2027-03-14T03:00":          "2027-03-14T03:00:00-04:00",
		"2027-03-14T02:30":          "clock.skipped_moment",
		"tomorrow":                  "clock.bad_moment",
	} {
		at, err := clock.ParseMoment(text, ny)
		got := at.Format(time.RFC3339)
		if err != nil {
			got = fieldKey(err)
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"2027-03-13T20:00":                  "clock.bad_pause",
		"2027-03-13T20:00/2027-03-13T19:00": "clock.pause_backwards",
		"x/2027-03-13T19:00":                "clock.bad_moment",
	} {
		if _, err := clock.ParsePause(text, ny); fieldKey(err) != want {
			t.Errorf("pause %s: %v", text, err)
		}
	}
}

func fieldKey(err error) string {
	var e *errs.Error
	if errors.As(err, &e) && len(e.Fields) > 0 {
		return e.Fields[0].Key
	}
	return errs.KeyOf(err)
}
