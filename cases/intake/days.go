package intake

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// maxDays is how many days of a text are looked at.
const maxDays = 20

var (
	numericDay = regexp.MustCompile(`\b(\d{1,4})[-./年](\d{1,2})[-./月](\d{1,4})日?`)
	dayMonth   = regexp.MustCompile(`(?i)\b(\d{1,2})(?:st|nd|rd|th|\.|er|º|°)?\s+(?:de\s+)?(\p{L}{3,10})\.?,?\s+(?:de\s+)?(\d{4})\b`)
	monthDay   = regexp.MustCompile(`(?i)\b(\p{L}{3,10})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})\b`)
)

// Days finds the calendar days that a text names, in the forms that are usual in the languages of the product. Where day and
// month cannot be told apart both readings are given: a day is only ever one of several keys.
func Days(text string) []time.Time {
	var list []time.Time
	add := func(year, month, day int) {
		on := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
		if year < 2000 || year > 2100 || month < 1 || month > 12 || on.Day() != day || len(list) == maxDays {
			return
		}
		for _, have := range list {
			if have.Equal(on) {
				return
			}
		}
		list = append(list, on)
	}
	for _, m := range numericDay.FindAllStringSubmatch(text, maxDays) {
		a, b, c := whole(m[1]), whole(m[2]), whole(m[3])
		if len(m[1]) == 4 {
			add(a, b, c)
			continue
		}
		if len(m[3]) == 2 {
			c += 2000
		}
		add(c, b, a)
		if strings.Contains(m[0], "/") {
			add(c, a, b)
		}
	}
	for _, m := range dayMonth.FindAllStringSubmatch(text, maxDays) {
		add(whole(m[3]), monthOf(m[2]), whole(m[1]))
	}
	for _, m := range monthDay.FindAllStringSubmatch(text, maxDays) {
		add(whole(m[3]), monthOf(m[1]), whole(m[2]))
	}
	return list
}

func whole(digits string) int {
	n, _ := strconv.Atoi(digits) // of the pattern's digits
	return n
}

// monthOf reads the name of a month in English, German, French, Spanish or Portuguese, or its beginning; 0 when it is none.
func monthOf(name string) int {
	name = strings.NewReplacer("ä", "a", "é", "e", "û", "u", "ç", "c").Replace(strings.ToLower(name))
	for n, beginnings := range []string{
		"jan|ener|janv", "feb|fev|febr", "mar|mrz|maer", "apr|avr|abr", "may|mai", "jun|juin", "jul|juil", "aug|aou|ago", "sep|set", "oct|okt|out", "nov", "dec|dez|dic",
	} {
		for b := range strings.SplitSeq(beginnings, "|") {
			if strings.HasPrefix(name, b) {
				return n + 1
			}
		}
	}
	return 0
}
