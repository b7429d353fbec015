package clock

import (
	"strings"
	"time"

	"makegood/internal/errs"
)

// ParseMoment reads a moment as people type it: RFC 3339, or local time of loc as 2027-03-13T20:00 or
// 2027-03-13 20:00, seconds optional. A local time that the clock skips is refused; of one that it shows twice the
// first is meant.
func ParseMoment(text string, loc *time.Location) (time.Time, error) {
	text = strings.TrimSpace(text)
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at.In(loc), nil
	}
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02 15:04:05"} {
		if wall, err := time.Parse(layout, text); err == nil {
			return onWall(wall, loc)
		}
	}
	return time.Time{}, errs.InvalidField("time", "clock.bad_moment", "text", text)
}

// onWall finds the first moment at which the wall clock of loc shows what wall shows in UTC.
func onWall(wall time.Time, loc *time.Location) (time.Time, error) {
	for _, hours := range []time.Duration{-24, 24} { // the offset before a change of the clock, then the one after
		_, offset := wall.Add(hours * time.Hour).In(loc).Zone()
		at := wall.Add(-time.Duration(offset) * time.Second).In(loc)
		if _, now := at.Zone(); now == offset {
			return at, nil
		}
	}
	return time.Time{}, errs.InvalidField("time", "clock.skipped_moment",
		"text", wall.Format("2006-01-02 15:04"), "zone", loc.String())
}

// ParsePause reads "A/B", two moments as ParseMoment reads them.
func ParsePause(text string, loc *time.Location) (Interval, error) {
	first, second, found := strings.Cut(text, "/")
	if !found {
		return Interval{}, errs.InvalidField("pause", "clock.bad_pause", "text", text)
	}
	from, err := ParseMoment(first, loc)
	if err != nil {
		return Interval{}, err
	}
	to, err := ParseMoment(second, loc)
	if err != nil {
		return Interval{}, err
	}
	if to.Before(from) {
		return Interval{}, errs.InvalidField("pause", "clock.pause_backwards", "from", first, "to", second)
	}
	return Interval{From: from, To: to}, nil
}

// Lasting gives the target as a length to be counted in business hours; calendar time has no calendar to explain.
func (t Target) Lasting() (time.Duration, error) {
	if t.Basis != Business {
		return 0, errs.InvalidField("target", "clock.days_in_business_time", "text", t.String())
	}
	return t.Length, nil
}
