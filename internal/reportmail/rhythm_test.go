package reportmail_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"makegood/internal/access"
	"makegood/internal/reportmail"
)

const wall = "2006-01-02 15:04"

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func at(t testing.TB, text string, z *time.Location) time.Time {
	t.Helper()
	moment, err := time.ParseInLocation(wall, text, z)
	if err != nil {
		t.Fatal(err)
	}
	return moment
}

// A report comes by its reader's clock, over ends of months and nights whose clock changes.
func TestWhenItComes(t *testing.T) {
	t.Parallel()
	berlin := zone(t, "Europe/Berlin")
	weekly := func(day, minute int) reportmail.Rhythm {
		return reportmail.Rhythm{Repeats: reportmail.Weekly, OnDay: day, AtMinute: minute}
	}
	monthly := func(day, minute int) reportmail.Rhythm {
		return reportmail.Rhythm{Repeats: reportmail.Monthly, OnDay: day, AtMinute: minute}
	}
	for name, c := range map[string]struct {
		rhythm reportmail.Rhythm
		after  string
		want   string
	}{
		"later the same day":              {weekly(2, 17*60), "2026-05-12 09:30", "2026-05-12 17:00"},
		"a week after itself":             {weekly(2, 17*60), "2026-05-12 17:00", "2026-05-19 17:00"},
		"an earlier weekday":              {weekly(1, 7*60), "2026-05-12 09:30", "2026-05-18 07:00"},
		"Sunday is the seventh":           {weekly(7, 0), "2026-05-12 09:30", "2026-05-17 00:00"},
		"the first of the next month":     {monthly(1, 6*60), "2026-05-12 09:30", "2026-06-01 06:00"},
		"the 31st where there is none":    {monthly(31, 6*60), "2026-06-01 00:00", "2026-06-30 06:00"},
		"the 31st after such a month":     {monthly(31, 6*60), "2026-06-30 06:00", "2026-07-31 06:00"},
		"the 29th of a short February":    {monthly(29, 6*60), "2027-02-01 00:00", "2027-02-28 06:00"},
		"over the end of the year":        {monthly(15, 6*60), "2026-12-15 06:00", "2027-01-15 06:00"},
		"the Sunday that is an hour less": {weekly(7, 7*60), "2026-03-28 23:00", "2026-03-29 07:00"},
	} {
		if got := c.rhythm.Next(at(t, c.after, berlin), berlin); !got.Equal(at(t, c.want, berlin)) {
			t.Errorf("%s: %s, want %s", name, got.In(berlin).Format(wall), c.want)
		}
	}
}

// TestNextIsTheFirst: what comes next is later, falls on its day at its minute, and nothing that does lies between. The slow way looks at every
// day one by one.
func TestNextIsTheFirst(t *testing.T) {
	t.Parallel()
	var zones []*time.Location
	for _, name := range []string{"UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"} {
		zones = append(zones, zone(t, name))
	}
	rapid.Check(t, func(t *rapid.T) {
		z := rapid.SampledFrom(zones).Draw(t, "zone")
		r := reportmail.Rhythm{Repeats: reportmail.Weekly, OnDay: rapid.IntRange(1, 7).Draw(t, "weekday"), AtMinute: rapid.IntRange(0, 1439).Draw(t, "minute")}
		if rapid.Bool().Draw(t, "monthly") {
			r.Repeats, r.OnDay = reportmail.Monthly, rapid.IntRange(1, 31).Draw(t, "day")
		}
		after := time.Unix(rapid.Int64Range(1_700_000_000, 1_900_000_000).Draw(t, "after"), 0).In(z)
		if got, want := r.Next(after, z), slowly(r, after, z); !got.Equal(want) {
			t.Fatalf("%+v after %s: %s, want %s", r, after, got, want)
		}
	})
}

func slowly(r reportmail.Rhythm, after time.Time, z *time.Location) time.Time {
	for day := -1; ; day++ {
		noon := time.Date(after.Year(), after.Month(), after.Day()+day, 12, 0, 0, 0, z)
		is := false
		if r.Repeats == reportmail.Weekly {
			is = noon.Weekday() == time.Weekday(r.OnDay%7)
		} else {
			last := noon.AddDate(0, 0, 1).Month() != noon.Month()
			is = noon.Day() == r.OnDay || last && noon.Day() < r.OnDay
		}
		then := time.Date(noon.Year(), noon.Month(), noon.Day(), 0, r.AtMinute, 0, 0, z)
		if is && then.After(after) {
			return then
		}
	}
}

// What a report is of follows from the day it comes on.
func TestWhatItIsOf(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		report   string
		covers   reportmail.Covers
		filters  map[string]string
		due      string
		from, to string
	}{
		"thirty days, as usual":          {"work/clocks", reportmail.DaysBefore, nil, "2026-05-12 07:00", "2026-04-12", "2026-05-11"},
		"as many as was asked":           {"work", reportmail.DaysBefore, map[string]string{"days": "7"}, "2026-05-12 07:00", "2026-05-05", "2026-05-11"},
		"the last whole week":            {"work", reportmail.WeekBefore, nil, "2026-05-12 07:00", "2026-05-04", "2026-05-10"},
		"on a Monday, the one just over": {"work", reportmail.WeekBefore, nil, "2026-05-11 00:00", "2026-05-04", "2026-05-10"},
		"on a Sunday, the one before":    {"kpis", reportmail.WeekBefore, nil, "2026-05-10 23:00", "2026-04-27", "2026-05-03"},
		"the last whole month":           {"dso", reportmail.MonthBefore, nil, "2026-03-02 07:00", "2026-02-01", "2026-02-28"},
		"the month before a year began":  {"kpis/credits", reportmail.MonthBefore, nil, "2027-01-01 00:00", "2026-12-01", "2026-12-31"},
		"an aging is of a day":           {"aging", reportmail.MonthBefore, nil, "2026-03-02 07:00", "2026-02-28", "2026-02-28"},
	} {
		sch := reportmail.Schedule{Report: c.report, Covers: c.covers, Filters: c.filters}
		q, from, to := sch.Question(access.Actor{}, at(t, c.due, time.UTC))
		if from.Format(time.DateOnly) != c.from || to.Format(time.DateOnly) != c.to || q.Filter.Get("as_of") != c.to {
			t.Errorf("%s: %s to %s, want %s to %s", name, from.Format(time.DateOnly), to.Format(time.DateOnly), c.from, c.to)
		}
	}
}

// A report that is due already, and not sent yet, is still sent when somebody changes its schedule at that moment.
func TestWhatIsDueIsSentAfterAChange(t *testing.T) {
	t.Parallel()
	h := setup(t)
	sch := h.make(h.mondays())
	h.Clock.Set(at(t, "2026-05-18 07:00", zone(t, "Europe/Berlin")))
	in := h.mondays()
	in.ID, in.Version, in.Title, in.Rhythm.OnDay = sch.ID, sch.Version, "Opened anew", 2
	changed, err := h.mail.Change(t.Context(), in)
	h.Must(err)
	if changed.NextAt == nil || !changed.NextAt.Equal(*sch.NextAt) {
		t.Errorf("next: %v, was %v", changed.NextAt, sch.NextAt)
	}
	if mails := h.send("2026-05-18 07:01"); len(mails) != 1 || !strings.Contains(mails[0].Subject, "Opened anew") {
		t.Errorf("%+v", mails)
	}
	if next := h.now(sch.ID).NextAt; next == nil || !next.Equal(at(t, "2026-05-19 07:00", zone(t, "Europe/Berlin"))) {
		t.Errorf("next: %v", next)
	}
}

// East of UTC the last day of a report is not over when its reader gets up: it leaves once it is, whole, and counts for the moment it was due.
func TestItLeavesOnceItsLastDayIsOver(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.exec(`update users set time_zone = 'Asia/Tokyo' where id = $1`, h.me.UserID)
	tokyo := zone(t, "Asia/Tokyo")
	sch := h.make(h.mondays())
	due, over := at(t, "2026-05-18 07:00", tokyo), time.Date(2026, 5, 18, 0, 0, 0, 0, time.UTC)
	if sch.NextAt == nil || !sch.NextAt.Equal(due) || sch.LeavesAt() == nil || !sch.LeavesAt().Equal(over) {
		t.Fatalf("due %v, leaves %v", sch.NextAt, sch.LeavesAt())
	}
	for _, when := range []string{"2026-05-18 00:00", "2026-05-18 01:59"} { // in Berlin
		if mails := h.send(when); len(mails) != 0 {
			t.Errorf("%s: %+v", when, mails)
		}
		if err := h.Registry.Work(t.Context(), reportmail.Send{}.Kind(), fmt.Appendf(nil, `{"id": %d, "due_at": %q}`, sch.ID, due.UTC().Format(time.RFC3339))); err != nil || len(h.send(when)) != 0 {
			t.Errorf("%s, asked for too early: %v", when, err)
		}
	}
	late := h.Dispute("59.50") // in the last minute of the day
	mails := h.send("2026-05-18 02:00")
	if len(mails) != 1 || mails[0].Subject != "Opened, to 2026-05-17" || !strings.Contains(h.file(mails[0]), late.Number) {
		t.Fatalf("%+v", mails)
	}
	sent, err := h.mail.Sendings(t.Context(), h.me, sch.ID)
	h.Must(err)
	if len(sent) != 1 || !sent[0].DueAt.Equal(due) || sent[0].PassedOver != 0 {
		t.Errorf("%+v", sent)
	}
	if next := h.now(sch.ID).NextAt; next == nil || !next.Equal(at(t, "2026-05-25 07:00", tokyo)) {
		t.Errorf("next: %v", next)
	}
	// What comes after a pause is the last whose day is over, too.
	if mails = h.send("2026-06-08 01:00"); len(mails) != 2 || mails[1].Subject != "Opened, to 2026-05-31" {
		t.Errorf("%+v", mails)
	}
	h.verifySent(sch.ID, 2)
}
