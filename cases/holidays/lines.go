package holidays

import (
	"strconv"
	"strings"

	"makegood/cases/clock"
	"makegood/internal/errs"
)

// Lines writes a list as people edit it, a day a line: the date, the hours that are worked if any are, the name.
func Lines(list []clock.Holiday) string {
	var b strings.Builder
	for _, h := range list {
		b.WriteString(h.Date.String())
		for n, span := range h.Hours {
			b.WriteString(map[bool]string{true: " ", false: ","}[n == 0])
			b.WriteString(span.String())
		}
		if h.Name != "" {
			b.WriteString(" " + h.Name)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// ParseLines reads what Lines writes; empty lines are left out. A fault is an Invalid error of the field "holidays" that names the line.
func ParseLines(text string) ([]clock.Holiday, error) {
	var list []clock.Holiday
	for n, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		h, err := parseLine(line)
		if err != nil {
			return nil, errs.InvalidField("holidays", "holidays.bad_line", "line", strconv.Itoa(n+1), "text", line)
		}
		list = append(list, h)
	}
	return list, nil
}

func parseLine(line string) (clock.Holiday, error) {
	date, rest, _ := strings.Cut(line, " ")
	day, err := clock.ParseDay(date)
	if err != nil {
		return clock.Holiday{}, err
	}
	h := clock.Holiday{Date: day, Name: strings.TrimSpace(rest)}
	first, name, _ := strings.Cut(h.Name, " ")
	hours, err := ParseHours(first)
	if err == nil && len(hours) > 0 {
		h.Hours, h.Name = hours, strings.TrimSpace(name)
		return h, nil
	}
	if first != "" && first[0] >= '0' && first[0] <= '9' && strings.Contains(first, ":") {
		return h, err // meant as hours
	}
	return h, nil
}

// ParseHours reads "09:00-12:00, 13:00-18:00"; nothing is nobody working.
func ParseHours(text string) ([]clock.Span, error) {
	var list []clock.Span
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		span, err := clock.ParseSpan(part)
		if err != nil {
			return nil, err
		}
		list = append(list, span)
	}
	return list, nil
}

// Hours writes what ParseHours reads.
func Hours(list []clock.Span) string {
	texts := make([]string, len(list))
	for n, span := range list {
		texts[n] = span.String()
	}
	return strings.Join(texts, ", ")
}
