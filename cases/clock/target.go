package clock

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"makegood/internal/errs"
)

// Basis says which time a target is counted in.
type Basis string

// Business time counts the hours of the policy's calendar, calendar time counts every second.
const (
	Business     Basis = "business"
	CalendarTime Basis = "calendar"
)

// Target is how long something may take: a length in business or calendar time, or a number of calendar days, which
// end at the same time of day as they began, whatever the zone's clock did in between: the first time it is shown where
// the clock shows it twice, and the end of the gap where the clock skips it.
// Its text form, in JSON and YAML too, is "4h", "2h30m", "48h calendar" or "30d".
type Target struct {
	Length time.Duration
	Days   int
	Basis  Basis
}

// maxDays and maxLength keep a mistyped target from overflowing.
const (
	maxDays   = 3650
	maxLength = maxDays * 24 * time.Hour
)

// Within is a target in business time.
func Within(length time.Duration) Target { return Target{Length: length, Basis: Business} }

// WithinCalendar is a target in calendar time.
func WithinCalendar(length time.Duration) Target { return Target{Length: length, Basis: CalendarTime} }

// WithinDays is a target in calendar days.
func WithinDays(days int) Target { return Target{Days: days, Basis: CalendarTime} }

// ParseTarget reads "4h", "2h30m", "48h calendar" or "30d". Days are calendar days: a working day has no fixed
// length, so "1d business" is refused.
func ParseTarget(text string) (Target, error) {
	parts := strings.Fields(text)
	wrong := errs.InvalidField("target", "clock.bad_target", "text", text)
	if len(parts) == 0 || len(parts) > 2 {
		return Target{}, wrong
	}
	target := Target{Basis: Business}
	if len(parts) == 2 {
		target.Basis = Basis(parts[1])
	}
	if target.Basis != Business && target.Basis != CalendarTime {
		return Target{}, wrong
	}
	if number, isDays := strings.CutSuffix(parts[0], "d"); isDays {
		return parseDays(number, text, len(parts) == 2 && target.Basis == Business)
	}
	length, err := time.ParseDuration(parts[0])
	if err != nil || length < 0 || length > maxLength {
		return Target{}, wrong
	}
	target.Length = length
	return target, nil
}

func parseDays(number, text string, business bool) (Target, error) {
	days, err := strconv.ParseUint(number, 10, 16)
	if err != nil || days > maxDays {
		return Target{}, errs.InvalidField("target", "clock.bad_target", "text", text)
	}
	if business {
		return Target{}, errs.InvalidField("target", "clock.days_in_business_time", "text", text)
	}
	return WithinDays(int(days)), nil
}

// String writes the target as ParseTarget reads it.
func (t Target) String() string {
	switch {
	case t.Days > 0:
		return strconv.Itoa(t.Days) + "d"
	case t.Basis == CalendarTime:
		return formatLength(t.Length) + " calendar"
	default:
		return formatLength(t.Length)
	}
}

// MarshalText writes the text form.
func (t Target) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads the text form.
func (t *Target) UnmarshalText(text []byte) error {
	read, err := ParseTarget(string(text))
	if err != nil {
		return err
	}
	*t = read
	return nil
}

// length is the target as time to be counted by calendar(t.Basis), for a clock that began at from.
func (t Target) length(from time.Time, loc *time.Location) time.Duration {
	if t.Days == 0 {
		return t.Length
	}
	return firstShown(shownAt(from, loc)+int64(t.Days)*daySeconds, from, loc).Sub(from)
}

// shownAt is what the wall clock of loc shows, in seconds since it showed the beginning of 1970.
func shownAt(at time.Time, loc *time.Location) int64 {
	_, offset := at.In(loc).Zone()
	return at.Unix() + int64(offset)
}

// firstShown is the first moment at or after from at which the wall clock shows want or later: the first of two where it
// shows the hour twice, and the end of the gap where it skips want. What time.Date gives differs from zone to zone there.
func firstShown(want int64, from time.Time, loc *time.Location) time.Time {
	for at := from; ; {
		missing := want - shownAt(at, loc)
		if missing <= 0 {
			return at
		}
		reached := at.Add(time.Duration(missing) * time.Second)
		change := nextChange(at.In(loc))
		if change.IsZero() || reached.Before(change) {
			return reached
		}
		at = change
	}
}

func (t Target) wrong() bool {
	return t.Length < 0 || t.Length > maxLength || t.Days < 0 || t.Days > maxDays ||
		(t.Days > 0 && (t.Length > 0 || t.Basis != CalendarTime)) ||
		(t.Basis != Business && t.Basis != CalendarTime)
}

// formatLength writes 2h30m rather than 2h30m0s.
func formatLength(d time.Duration) string {
	if d == 0 {
		return "0h"
	}
	hours, minutes, rest := d/time.Hour, d%time.Hour/time.Minute, d%time.Minute
	var b strings.Builder
	if hours != 0 {
		fmt.Fprintf(&b, "%dh", hours)
	}
	if minutes != 0 {
		fmt.Fprintf(&b, "%dm", minutes)
	}
	if rest != 0 {
		b.WriteString(rest.String())
	}
	return b.String()
}
