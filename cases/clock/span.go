package clock

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"makegood/internal/errs"
)

// Span is a stretch of wall-clock time of one day, in minutes after midnight. To is greater than From; beyond
// 24:00 it reaches into the next day. A span belongs to the day it begins on.
type Span struct{ From, To int }

// ParseSpan reads "09:00-18:00", "00:00-24:00" or, over midnight, "22:00-06:00".
func ParseSpan(text string) (Span, error) {
	first, second, found := strings.Cut(text, "-")
	from, fromOK := parseMinute(strings.TrimSpace(first))
	to, toOK := parseMinute(strings.TrimSpace(second))
	if !found || !fromOK || !toOK || from == to || from == dayMinutes {
		return Span{}, errs.InvalidField("hours", "clock.bad_span", "text", text)
	}
	if to < from {
		to += dayMinutes
	}
	return Span{From: from, To: to}, nil
}

// String writes the span as ParseSpan reads it.
func (s Span) String() string {
	to := s.To
	if to > dayMinutes {
		to -= dayMinutes
	}
	return fmt.Sprintf("%02d:%02d-%02d:%02d", s.From/60, s.From%60, to/60, to%60)
}

// valid leaves out a round of 24 hours from one day's time to the same time of the next: its text would be empty.
func (s Span) valid() bool {
	length := s.To - s.From
	return s.From >= 0 && s.From < dayMinutes && length > 0 && (length < dayMinutes || s == Span{From: 0, To: dayMinutes})
}

func parseMinute(text string) (int, bool) {
	if text == "24:00" {
		return dayMinutes, true
	}
	at, err := time.Parse("15:04", text)
	if err != nil || len(text) != len("15:04") {
		return 0, false
	}
	return at.Hour()*60 + at.Minute(), true
}

func parseSpans(texts []string) ([]Span, error) {
	spans := make([]Span, 0, len(texts))
	for _, text := range texts {
		span, err := ParseSpan(text)
		if err != nil {
			return nil, err
		}
		spans = append(spans, span)
	}
	sortSpans(spans)
	return spans, nil
}

func formatSpans(spans []Span) []string {
	texts := make([]string, len(spans))
	for i, s := range sortedSpans(spans) {
		texts[i] = s.String()
	}
	return texts
}

func sortedSpans(spans []Span) []Span {
	sorted := slices.Clone(spans)
	sortSpans(sorted)
	return sorted
}

func sortSpans(spans []Span) {
	slices.SortFunc(spans, func(a, b Span) int { return a.From - b.From })
}

// overlapping finds two sorted spans that share a minute; with cycle > 0 the last may also run into the first.
func overlapping(spans []Span, cycle int) (first, second Span, found bool) {
	for i := 1; i < len(spans); i++ {
		if spans[i].From < spans[i-1].To {
			return spans[i-1], spans[i], true
		}
	}
	if last := len(spans) - 1; cycle > 0 && last > 0 && spans[last].To-cycle > spans[0].From {
		return spans[last], spans[0], true
	}
	return Span{}, Span{}, false
}
