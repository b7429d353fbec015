package clock

import (
	"iter"
	"time"

	"makegood/internal/errs"
)

// searchYears bounds the search for a due moment: a promise further away than this is a mistake in the calendar.
const searchYears = 10

// Counted lists the working time between two moments, in UTC, in order, with touching stretches melted into one.
func (c *Compiled) Counted(from, to time.Time) []Interval {
	var list []Interval
	for i := range c.working(plain(from), plain(to)) {
		list = join(list, i)
	}
	return list
}

// Elapsed is how much working time lies between two moments; zero when they stand in the wrong order.
func (c *Compiled) Elapsed(from, to time.Time) time.Duration {
	var sum time.Duration
	for i := range c.working(plain(from), plain(to)) {
		sum += i.Length()
	}
	return sum
}

// Due is the earliest moment at which target has been worked since from, leaving the pauses out, and the stretches
// that counted up to it. With nothing to work it is due at once. It refuses a negative target and a pause that
// ends before it begins, and gives up ten years after the start or the last pause.
func (c *Compiled) Due(from time.Time, target time.Duration, pauses []Interval) (time.Time, []Interval, error) {
	from = plain(from)
	if target < 0 {
		return time.Time{}, nil, errs.InvalidField("target", "clock.negative_target", "target", target.String())
	}
	holes, err := holesOf(pauses)
	if err != nil || target == 0 {
		return from, nil, err
	}
	limit := from
	if len(holes) > 0 {
		limit = later(from, holes[len(holes)-1].To)
	}
	var counted []Interval
	left := target
	for i := range c.unpaused(Interval{From: from, To: limit.AddDate(searchYears, 0, 0)}, holes) {
		if left <= i.Length() {
			i.To = i.From.Add(left)
			return i.To, join(counted, i), nil
		}
		left -= i.Length()
		counted = join(counted, i)
	}
	return time.Time{}, nil, errs.New(errs.Invalid, "clock.never_due", "calendar", c.calendar.Name, "target", formatLength(target))
}

// elapsedWithout is the working time of a stretch, leaving holes out.
func (c *Compiled) elapsedWithout(stretch Interval, holes []Interval) time.Duration {
	var sum time.Duration
	for i := range c.unpaused(stretch, holes) {
		sum += i.Length()
	}
	return sum
}

// unpaused yields the working hours of a stretch less the holes, which are sorted and apart from each other.
func (c *Compiled) unpaused(stretch Interval, holes []Interval) iter.Seq[Interval] {
	return func(yield func(Interval) bool) {
		for i := range c.working(stretch.From, stretch.To) {
			for len(holes) > 0 && !holes[0].To.After(i.From) {
				holes = holes[1:]
			}
			for _, piece := range i.without(holes) {
				if !yield(piece) {
					return
				}
			}
		}
	}
}

func holesOf(pauses []Interval) ([]Interval, error) {
	holes := make([]Interval, len(pauses))
	for i, p := range pauses {
		if p.To.Before(p.From) {
			return nil, errs.InvalidField("pause", "clock.pause_backwards",
				"from", p.From.Format(time.RFC3339), "to", p.To.Format(time.RFC3339))
		}
		holes[i] = Interval{From: plain(p.From), To: plain(p.To)}
	}
	return joined(holes), nil
}

// plain is the moment in UTC without a monotonic reading, so that equal moments compare equal everywhere.
func plain(at time.Time) time.Time { return at.Round(0).UTC() }
