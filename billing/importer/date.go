package importer

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/text/unicode/norm"

	"makegood/billing/importer/table"
)

// DateOrder says in which order a file writes day, month and year. Empty: found from the file.
type DateOrder string

// The orders. UnixTime is seconds since 1970.
const (
	DayFirst   DateOrder = "DD.MM.YYYY"
	MonthFirst DateOrder = "MM/DD/YYYY"
	YearFirst  DateOrder = "YYYY-MM-DD"
	UnixTime   DateOrder = "unix"
)

// dates reads the dates of one file.
type dates struct {
	order     DateOrder
	zone      *time.Location
	epoch1904 bool
}

const (
	ambiguousDates = "DD/MM/YYYY or MM/DD/YYYY"
	latestSerial   = 73_050 // 31 December 2099
)

var (
	yearFirstPattern = regexp.MustCompile(`^(\d{4})\s*[-/.年 ]\s*(\d{1,2})\s*[-/.月 ]\s*(\d{1,2})日?$`)
	yearLastPattern  = regexp.MustCompile(`^(\d{1,2})\s*([-/. ])\s*(\d{1,2})\s*[-/. ]\s*(\d{4}|\d{2})$`)
	compactPattern   = regexp.MustCompile(`^(\d{4})(\d{2})(\d{2})$`)
	namedDayFirst    = regexp.MustCompile(`^(\d{1,2})\.?(?:st|nd|rd|th|º)?[-/. ]*(?:de )?(\pL{3,12})\.?,?[-/. ]*(?:de )?(\d{4}|\d{2})$`)
	namedMonthFirst  = regexp.MustCompile(`^(\pL{3,12})\.?[-/. ]*(\d{1,2})(?:st|nd|rd|th)?,?[-/. ]+(\d{4})$`)
	clockPattern     = regexp.MustCompile(`^(.*?\d{2})(?:[T ]|, )+(\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[AaPp]\.?[Mm]\.?)?)\s*(Z|[A-Z]{2,4}|[+-]\d{2}:?\d{2})?$`)
	unixPattern      = regexp.MustCompile(`^\d{9,10}$`)
)

// parse reads a cell as a calendar day. It gives the message key and what was expected when that cannot be done.
func (d dates) parse(c table.Cell) (day time.Time, key, expected string) {
	if day, ok := d.serial(c); ok {
		return day, "", ""
	}
	text := strings.TrimSpace(norm.NFKC.String(c.Text))
	if unixPattern.MatchString(text) && d.order == UnixTime {
		seconds, err := strconv.ParseInt(text, 10, 64)
		if err == nil {
			return dayIn(time.Unix(seconds, 0), d.zone), "", ""
		}
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return dayIn(at, d.zone), "", ""
	}
	if parts := clockPattern.FindStringSubmatch(text); parts != nil {
		text = strings.TrimSpace(parts[1])
	}
	year, month, dayOfMonth, key := d.parts(strings.ToLower(text))
	if key != "" {
		return time.Time{}, key, d.expected(key)
	}
	day = time.Date(year, time.Month(month), dayOfMonth, 0, 0, 0, 0, time.UTC)
	if day.Day() != dayOfMonth || int(day.Month()) != month {
		return time.Time{}, "billing.import.no_such_day", d.expected("")
	}
	if year < 1950 || year > 2100 {
		return time.Time{}, "billing.import.date_out_of_range", "1950–2100"
	}
	return day, "", ""
}

func (d dates) expected(key string) string {
	switch {
	case key == "billing.import.date_ambiguous":
		return ambiguousDates
	case d.order == "":
		return string(YearFirst)
	}
	return string(d.order)
}

// serial reads the day number that a spreadsheet stores. Excel counts a 29 February 1900 that never was.
func (d dates) serial(c table.Cell) (time.Time, bool) {
	if c.Number == "" {
		return time.Time{}, false
	}
	n, err := decimal.NewFromString(c.Number)
	if err != nil || n.LessThan(decimal.NewFromInt(1)) || n.GreaterThan(decimal.NewFromInt(latestSerial)) {
		return time.Time{}, false
	}
	days := int(n.IntPart())
	switch {
	case d.epoch1904:
		return time.Date(1904, 1, 1+days, 0, 0, 0, 0, time.UTC), true
	case days < 60:
		return time.Date(1899, 12, 31+days, 0, 0, 0, 0, time.UTC), true
	}
	return time.Date(1899, 12, 30+days, 0, 0, 0, 0, time.UTC), true
}

func (d dates) parts(text string) (year, month, day int, key string) {
	if p := yearFirstPattern.FindStringSubmatch(text); p != nil {
		return number(p[1]), number(p[2]), number(p[3]), ""
	}
	if p := compactPattern.FindStringSubmatch(text); p != nil {
		return number(p[1]), number(p[2]), number(p[3]), ""
	}
	if p := namedDayFirst.FindStringSubmatch(text); p != nil {
		return fullYear(p[3]), monthNamed(p[2]), number(p[1]), ""
	}
	if p := namedMonthFirst.FindStringSubmatch(text); p != nil {
		return fullYear(p[3]), monthNamed(p[1]), number(p[2]), ""
	}
	p := yearLastPattern.FindStringSubmatch(text)
	if p == nil {
		return 0, 0, 0, "billing.import.not_a_date"
	}
	a, b, last := number(p[1]), number(p[3]), p[4]
	switch {
	case d.order == YearFirst && len(last) == 2:
		return fullYear(p[1]), b, number(last), ""
	case d.order == MonthFirst:
		return fullYear(last), a, b, ""
	case d.order == DayFirst, p[2] == ".", a > 12, a == b:
		return fullYear(last), b, a, ""
	case b > 12:
		return fullYear(last), a, b, ""
	}
	return 0, 0, 0, "billing.import.date_ambiguous"
}

// guessOrder tells from a sample whether the day or the month comes first; "" when the sample does not say, or says both.
func guessOrder(sample []string) DateOrder {
	days, months := false, false
	for _, text := range sample {
		text = strings.ToLower(strings.TrimSpace(norm.NFKC.String(text)))
		if parts := clockPattern.FindStringSubmatch(text); parts != nil {
			text = strings.TrimSpace(parts[1])
		}
		p := yearLastPattern.FindStringSubmatch(text)
		if p == nil {
			continue
		}
		a, b := number(p[1]), number(p[3])
		days = days || a > 12 && b <= 12 || p[2] == "."
		months = months || b > 12 && a <= 12
	}
	switch {
	case days && !months:
		return DayFirst
	case months && !days:
		return MonthFirst
	}
	return ""
}

func dayIn(at time.Time, zone *time.Location) time.Time {
	if zone == nil {
		zone = time.UTC
	}
	y, m, d := at.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// number reads digits that a pattern has matched.
func number(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

// fullYear completes a year of two digits: 70 to 99 belong to the last century.
func fullYear(digits string) int {
	year := number(digits)
	switch {
	case len(digits) > 2:
		return year
	case year >= 70:
		return 1900 + year
	}
	return 2000 + year
}

// monthNamed finds a month by its name or a beginning of it of at least three letters, in the languages of our customers.
func monthNamed(name string) int {
	for _, line := range []string{
		"january february march april may june july august september october november december",
		"januar februar märz april mai juni juli august september oktober november dezember",
		"janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
		"enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
		"janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
		"gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
		"januari februari maart april mei juni juli augustus september oktober november december",
	} {
		found := 0
		for i, month := range strings.Fields(line) {
			if strings.HasPrefix(month, name) {
				if found != 0 {
					found = 0
					break
				}
				found = i + 1
			}
		}
		if found != 0 {
			return found
		}
	}
	return 0
}
