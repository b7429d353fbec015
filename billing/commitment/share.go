package commitment

import (
	"fmt"
	"time"
)

// MonthShare is a month that something struck, by its first day, and for how many minutes.
type MonthShare struct {
	Month   time.Time
	Minutes int64
}

// Months are the months of a contract that the time from a moment until another lies in, the earliest first, with the minutes in each while
// the service is in force. What lies outside of all that, or has no length, is of the month in which it begins. A zero end is asOf.
func Months(in Input, from, until time.Time) ([]MonthShare, error) {
	c, err := newCalendar(in)
	if err != nil {
		return nil, fmt.Errorf("share over months: %w", err)
	}
	if until.IsZero() {
		until = in.AsOf
	}
	struck := span{begun(from), over(until)}.cut(c.service)
	if struck.minutes() == 0 {
		return []MonthShare{{Month: c.monthOf(begun(from)).first}}, nil
	}
	var list []MonthShare
	for m := c.monthOf(struck.from); m.whole.from < struck.until; m = c.month(m.first.AddDate(0, 1, 0)) {
		list = append(list, MonthShare{Month: m.first, Minutes: struck.cut(m.whole).minutes()})
	}
	return list, nil
}
