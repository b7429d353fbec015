package helpdesk

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The orders of a day written with figures alone.
const (
	dayFirst   = "DD.MM.YYYY"
	monthFirst = "MM/DD/YYYY"
)

// inFigures is a day as reports write it, with or without a time: 3/5/2026 9:12 AM, 05.03.2026, 09:12.
var inFigures = regexp.MustCompile(`^(\d{1,2})([./-])(\d{1,2})[./-](\d{4}|\d{2})(?:,? +(\d{1,2}):(\d{2})(?::(\d{2}))? *([AaPp])?\.?(?:[Mm]\.?)?)?$`)

// evened is a cell with plain spaces alone: reports of some languages put a narrow one before PM.
func evened(cell string) string {
	return strings.TrimSpace(strings.NewReplacer("\u00a0", " ", "\u202f", " ", "\u2009", " ").Replace(cell))
}

// days reads the moments of one table.
type days struct {
	order string // "" where neither the file nor whoever gave it says
	zone  *time.Location
}

// written are the ways that name year, month and day without doubt. Salesforce's own exports write UTC.
func written() []string {
	return []string{
		time.RFC3339, "2006-01-02T15:04:05.000-0700", "2006-01-02T15:04:05-0700", "2006-01-02 15:04:05", "2006-01-02 15:04:05 MST", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02",
	}
}

// moment reads one; a zero moment for an empty cell.
func (d days) moment(cell string) (time.Time, error) {
	cell = evened(cell)
	if cell == "" {
		return time.Time{}, nil
	}
	for _, layout := range written() {
		if at, err := time.Parse(layout, cell); err == nil {
			return sensible(at.UTC())
		}
	}
	m := inFigures.FindStringSubmatch(cell)
	if m == nil {
		return time.Time{}, errNotADay
	}
	day, month := number(m[1]), number(m[3])
	switch {
	case d.order == monthFirst && m[2] == "/":
		day, month = month, day
	case d.order == dayFirst, m[2] == ".", day > 12:
	case month > 12:
		day, month = month, day
	case day != month:
		return time.Time{}, errTwoWays
	}
	year, hour := number(m[4]), number(m[5])
	if year < 100 {
		year += 2000
	}
	switch strings.ToLower(m[8]) {
	case "p":
		hour = hour%12 + 12
	case "a":
		hour %= 12
	}
	at := time.Date(year, time.Month(month), day, hour, number(m[6]), number(m[7]), 0, d.zone)
	if month > 12 || hour > 23 || number(m[6]) > 59 || number(m[7]) > 59 || at.Day() != day {
		return time.Time{}, errNotADay
	}
	return sensible(at.UTC())
}

// sensible refuses years in which no helpdesk had a case.
func sensible(at time.Time) (time.Time, error) {
	if at.Year() < 1990 || at.Year() > 2100 {
		return time.Time{}, errNotADay
	}
	return at.Truncate(time.Microsecond), nil
}

// orderOf tells from the cells of a column whether day or month comes first; "" when they do not say, or say both.
func orderOf(cells []string) string {
	days, months := false, false
	for _, cell := range cells {
		m := inFigures.FindStringSubmatch(evened(cell))
		if m == nil || m[2] == "." {
			continue
		}
		days, months = days || number(m[1]) > 12, months || number(m[3]) > 12
	}
	switch {
	case days && !months:
		return dayFirst
	case months && !days:
		return monthFirst
	}
	return ""
}

// number reads figures that a pattern has found; none are 0.
func number(figures string) int {
	n, err := strconv.Atoi(figures)
	if err != nil {
		return 0
	}
	return n
}
