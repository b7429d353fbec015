package commitment

import (
	"cmp"
	"slices"
	"time"
)

// span is time in whole minutes since 1970, the end not included. Minutes of the clock on the wall that a change to or from
// summer time repeats or leaves out are so counted as they pass.
type span struct{ from, until int64 }

func (s span) minutes() int64 { return max(0, s.until-s.from) }

func (s span) cut(by span) span { return span{max(s.from, by.from), min(s.until, by.until)} }

func (s span) start() time.Time { return minute(s.from) }
func (s span) end() time.Time   { return minute(s.until) }

func minute(n int64) time.Time { return time.Unix(n*60, 0).UTC() }

const forever = int64(1) << 40

// begun is the minute a moment lies in, and over the first minute that begins at it or after it.
func begun(t time.Time) int64 {
	n := t.Unix() / 60
	if t.Before(minute(n)) {
		n--
	}
	return n
}

func over(t time.Time) int64 {
	n := begun(t)
	if t.After(minute(n)) {
		n++
	}
	return n
}

// spans are sorted and apart: no two of them touch.
type spans []span

// union puts any spans in order and joins those that overlap or adjoin.
func union(list ...span) spans {
	list = slices.DeleteFunc(slices.Clone(list), func(s span) bool { return s.minutes() == 0 })
	slices.SortFunc(list, func(a, b span) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.until, b.until)) })
	var out spans
	for _, s := range list {
		if n := len(out); n > 0 && s.from <= out[n-1].until {
			out[n-1].until = max(out[n-1].until, s.until)
			continue
		}
		out = append(out, s)
	}
	return out
}

func (l spans) minutes() int64 {
	var n int64
	for _, s := range l {
		n += s.minutes()
	}
	return n
}

func (l spans) within(by span) spans {
	var out spans
	for _, s := range l {
		if part := s.cut(by); part.minutes() > 0 {
			out = append(out, part)
		}
	}
	return out
}

func (l spans) both(other spans) spans {
	var out spans
	for _, o := range other {
		out = append(out, l.within(o)...)
	}
	return union(out...)
}

func (l spans) without(other spans) spans {
	rest := slices.Clone(l)
	for _, o := range other {
		var next spans
		for _, s := range rest {
			for _, part := range []span{{s.from, min(s.until, o.from)}, {max(s.from, o.until), s.until}} {
				if part.minutes() > 0 {
					next = append(next, part)
				}
			}
		}
		rest = next
	}
	return rest
}

// after leaves out the first n minutes.
func (l spans) after(n int64) spans {
	var out spans
	for _, s := range l {
		free := min(n, s.minutes())
		n -= free
		if s.from += free; s.minutes() > 0 {
			out = append(out, s)
		}
	}
	return out
}

// days are the calendar days of a zone that the spans touch.
func (l spans) days(zone *time.Location) int64 {
	seen := map[string]bool{}
	for _, s := range l {
		for at := s.start().In(zone); at.Before(s.end()); at = midnight(at.Year(), at.Month(), at.Day()+1, zone) {
			seen[at.Format(time.DateOnly)] = true
		}
	}
	return int64(len(seen))
}

// midnight is when a calendar day begins in a zone: its first moment, also where a clock change leaves midnight out.
func midnight(year int, month time.Month, day int, zone *time.Location) time.Time {
	at := time.Date(year, month, day, 0, 0, 0, 0, zone)
	want := time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	for at.Format(time.DateOnly) < want {
		at = at.Add(15 * time.Minute)
	}
	if earlier := at.Add(-time.Hour); earlier.Format(time.DateOnly) == want { // midnight comes twice
		return earlier
	}
	return at
}
