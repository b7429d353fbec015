package clock

import (
	"iter"
	"time"
	_ "time/tzdata"

	"makegood/internal/errs"
)

// Compiled is a calendar made ready for arithmetic. It never changes and may be shared.
type Compiled struct {
	calendar Calendar
	loc      *time.Location
	weekly   [7][]Span
	special  map[Day]Holiday
}

// Compile validates a calendar and loads its zone.
func Compile(c Calendar) (*Compiled, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	loc, err := loadZone(c.Zone)
	if err != nil {
		return nil, err
	}
	ready := &Compiled{calendar: c, loc: loc, special: make(map[Day]Holiday, len(c.Holidays))}
	for day, spans := range c.Weekly {
		ready.weekly[day] = sortedSpans(spans)
	}
	for _, h := range c.Holidays {
		h.Hours = sortedSpans(h.Hours)
		ready.special[h.Date] = h
	}
	return ready, nil
}

// Always is the calendar of calendar time: every second of every day counts. The zone decides when a day ends.
func Always(loc *time.Location) *Compiled {
	c := &Compiled{calendar: Calendar{Name: "calendar time", Zone: loc.String()}, loc: loc}
	for day := range c.weekly {
		c.weekly[day] = []Span{{From: 0, To: dayMinutes}}
	}
	return c
}

// Calendar gives back what was compiled.
func (c *Compiled) Calendar() Calendar { return c.calendar }

// Location is the calendar's zone.
func (c *Compiled) Location() *time.Location { return c.loc }

// loadZone refuses the two names that depend on the machine.
func loadZone(name string) (*time.Location, error) {
	if name == "" || name == "Local" {
		return nil, errs.InvalidField("zone", "clock.unknown_zone", "zone", name)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, errs.InvalidField("zone", "clock.unknown_zone", "zone", name)
	}
	return loc, nil
}

func (c *Compiled) hours(day Day) []Span {
	if special, found := c.special[day]; found {
		return special.Hours
	}
	return c.weekly[day.Weekday()]
}

// working yields the working hours between two moments in order and apart from each other. It goes from one
// change of the zone's offset to the next: between two of them the wall clock runs evenly, so hours that the
// clock skips fall in no such stretch and hours that it repeats fall in two.
func (c *Compiled) working(from, to time.Time) iter.Seq[Interval] {
	return func(yield func(Interval) bool) {
		for at := from; at.Before(to); {
			local := at.In(c.loc)
			end := nextChange(local)
			if end.IsZero() || end.After(to) {
				end = to
			}
			end = end.UTC()
			_, offset := local.Zone()
			if !c.even(Interval{From: at, To: end}, int64(offset), yield) {
				return
			}
			at = end
		}
	}
}

// nextChange is when the offset of a local time's zone changes next, zero when never. The bounds that Go gives for the last
// day of a leap year after those its tables hold (2040-12-31 is the first) end before that day: nothing changes on it, so
// it is a stretch of its own.
func nextChange(local time.Time) time.Time {
	_, end := local.ZoneBounds()
	if !end.IsZero() && !end.After(local) {
		return local.Add(time.Hour)
	}
	return end
}

// even yields the working hours of a stretch without any change of offset.
func (c *Compiled) even(stretch Interval, offset int64, yield func(Interval) bool) bool {
	first := daysIn(stretch.From.Unix()+offset) - 1 // a shift of the evening before may reach in
	last := daysIn(stretch.To.Unix() + offset)
	done := stretch.From
	for day := first; day <= last; day++ {
		midnight := day*daySeconds - offset
		for _, s := range c.hours(Day(day)) {
			found := Interval{
				From: time.Unix(midnight+int64(s.From)*60, 0).UTC(),
				To:   time.Unix(midnight+int64(s.To)*60, 0).UTC(),
			}.clip(done, stretch.To)
			if found.empty() {
				continue
			}
			done = found.To
			if !yield(found) {
				return false
			}
		}
	}
	return true
}
