package clock

import (
	"time"

	"makegood/internal/errs"
)

const (
	daySeconds  = 24 * 60 * 60
	dayMinutes  = 24 * 60
	dateLayout  = "2006-01-02"
	epochOffset = int(time.Thursday) // 1970-01-01 was a Thursday
)

// Day is a civil date, counted from 1970-01-01; it knows nothing of zones. Its text form is 2006-01-02.
type Day int

// ParseDay reads a date such as 2027-12-27 and refuses dates that do not exist.
func ParseDay(text string) (Day, error) {
	at, err := time.Parse(dateLayout, text)
	if err != nil {
		return 0, errs.InvalidField("date", "clock.bad_date", "text", text)
	}
	return Day(daysIn(at.Unix())), nil
}

// Weekday tells which day of the week it is.
func (d Day) Weekday() time.Weekday {
	return time.Weekday(((int(d)+epochOffset)%7 + 7) % 7)
}

// String writes the date as 2006-01-02.
func (d Day) String() string {
	return time.Unix(int64(d)*daySeconds, 0).UTC().Format(dateLayout)
}

// dayOf is the date on the wall calendar of loc at a moment.
func dayOf(at time.Time, loc *time.Location) Day {
	_, offset := at.In(loc).Zone()
	return Day(daysIn(at.Unix() + int64(offset)))
}

// daysIn is how many whole days lie in seconds, rounded down also before 1970.
func daysIn(seconds int64) int64 {
	days := seconds / daySeconds
	if seconds%daySeconds < 0 {
		days--
	}
	return days
}
