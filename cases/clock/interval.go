package clock

import (
	"slices"
	"time"
)

// Interval is a stretch of real time: From is part of it, To is not.
type Interval struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Length is how long it lasts.
func (i Interval) Length() time.Duration { return i.To.Sub(i.From) }

func (i Interval) empty() bool { return !i.From.Before(i.To) }

func (i Interval) holds(at time.Time) bool { return !at.Before(i.From) && at.Before(i.To) }

func (i Interval) clip(from, to time.Time) Interval {
	return Interval{From: later(i.From, from), To: earlier(i.To, to)}
}

func (i Interval) in(loc *time.Location) Interval {
	return Interval{From: i.From.In(loc), To: i.To.In(loc)}
}

// joined sorts intervals and melts those that touch or overlap; empty ones fall away.
func joined(list []Interval) []Interval {
	sorted := slices.DeleteFunc(slices.Clone(list), Interval.empty)
	slices.SortFunc(sorted, func(a, b Interval) int { return a.From.Compare(b.From) })
	var out []Interval
	for _, i := range sorted {
		out = join(out, i)
	}
	return out
}

// join adds an interval that starts no earlier than the last one.
func join(list []Interval, next Interval) []Interval {
	if last := len(list) - 1; last >= 0 && !next.From.After(list[last].To) {
		list[last].To = later(list[last].To, next.To)
		return list
	}
	return append(list, next)
}

// without cuts the holes, sorted and apart from each other, out of an interval.
func (i Interval) without(holes []Interval) []Interval {
	var out []Interval
	rest := i
	for _, hole := range holes {
		if !hole.To.After(rest.From) {
			continue
		}
		if !hole.From.Before(rest.To) {
			break
		}
		if before := (Interval{From: rest.From, To: hole.From}); !before.empty() {
			out = append(out, before)
		}
		rest.From = hole.To
	}
	if !rest.empty() {
		out = append(out, rest)
	}
	return out
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
