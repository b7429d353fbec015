package filter

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// signs are the comparisons, the longer before what they begin with.
func signs() []string { return []string{">=", "<=", ">", "<", "="} }

func cutSign(text string) (sign, rest string) {
	for _, s := range signs() {
		if after, ok := strings.CutPrefix(text, s); ok {
			return s, strings.TrimSpace(after)
		}
	}
	return "=", text
}

// amount reads "1000", ">1000", "<=99.50" and "1000..5000", both ends included.
func (t *Term) amount(text string) error {
	if low, high, isRange := strings.Cut(text, ".."); isRange {
		return t.bounds(text, [2]string{">=", low}, [2]string{"<=", high})
	}
	sign, value := cutSign(text)
	return t.bounds(text, [2]string{sign, value})
}

func (t *Term) bounds(whole string, sides ...[2]string) error {
	for _, side := range sides {
		value := strings.TrimSpace(side[1])
		if value == "" && len(sides) == 2 {
			continue // "1000.." is open at the end
		}
		if !plainNumber.MatchString(value) {
			return wrong("filter.no_amount", "field", string(t.Field), "value", whole)
		}
		amount, err := decimal.NewFromString(value)
		if err != nil {
			return wrong("filter.no_amount", "field", string(t.Field), "value", whole)
		}
		t.Bounds = append(t.Bounds, Bound{side[0], amount})
	}
	if len(t.Bounds) == 0 {
		return wrong("filter.no_amount", "field", string(t.Field), "value", whole)
	}
	return nil
}

// plainNumber is a figure as it is typed: no exponent, no thousands, at most what a column of amounts holds.
var plainNumber = regexp.MustCompile(`^\d{1,15}(\.\d{1,4})?$`)

// moment reads days ("2026-05-01", ">=2026-05-01", "2026-05-01..2026-05-31") and spans ("<7d", ">4h"): of a moment behind us
// how long ago it was, of one ahead how long until then. A span alone means "less than".
func (t *Term) moment(r Reader, kind Kind, text string) error {
	bad := wrong("filter.no_moment", "field", string(t.Field), "value", text)
	if first, last, isRange := strings.Cut(text, ".."); isRange {
		from, until := r.day(first), r.day(last)
		if from == nil && first != "" || until == nil && last != "" || from == nil && until == nil {
			return bad
		}
		t.From, t.Until = from, after(until)
		return nil
	}
	sign, value := cutSign(text)
	if span, ok := spanOf(value); ok {
		t.span(r.Now, kind, sign, span)
		return nil
	}
	day := r.day(value)
	if day == nil {
		return bad
	}
	switch sign {
	case ">":
		t.From = after(day)
	case ">=":
		t.From = day
	case "<":
		t.Until = day
	case "<=":
		t.Until = after(day)
	default:
		t.From, t.Until = day, after(day)
	}
	return nil
}

func (t *Term) span(now time.Time, kind Kind, sign string, span time.Duration) {
	at := now.Add(-span)
	if kind == Future {
		at = now.Add(span)
	}
	longer := strings.HasPrefix(sign, ">")
	if longer == (kind == Future) {
		t.From = &at
	} else {
		t.Until = &at
	}
}

// day is the beginning of a day, in the reader's zone; nil when it is none.
func (r Reader) day(text string) *time.Time {
	at, err := time.ParseInLocation(time.DateOnly, strings.TrimSpace(text), r.Zone)
	if err != nil || at.Year() < 1900 || at.Year() > 2200 {
		return nil
	}
	return &at
}

// after is the beginning of the day after.
func after(day *time.Time) *time.Time {
	if day == nil {
		return nil
	}
	return new(day.AddDate(0, 0, 1))
}

// spanOf reads "90m", "4h", "7d" and "2w".
func spanOf(text string) (time.Duration, bool) {
	if text == "" {
		return 0, false
	}
	units := map[byte]time.Duration{'m': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}
	unit, known := units[text[len(text)-1]]
	n, err := strconv.ParseUint(text[:len(text)-1], 10, 14)
	return time.Duration(n) * unit, known && err == nil
}
