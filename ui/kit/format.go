package kit

import (
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/money"
)

const (
	minus    = "\u2212"
	nbsp     = "\u00a0"
	dayAfter = 48 * time.Hour
)

// separators gives grouping and decimal marks of a language's written numbers.
func separators(lang string) (group, point string) {
	switch base(lang) {
	case "de", "pt", "es", "it", "nl":
		return ".", ","
	case "fr":
		return "\u202f", ","
	default:
		return ",", "."
	}
}

func base(lang string) string {
	short, _, _ := strings.Cut(strings.ToLower(lang), "-")
	return short
}

// FormatNumber is the amount without its currency, grouped as the language does, with U+2212 for minus.
func FormatNumber(a money.Amount, lang string) string {
	return localNumber(a.Plain(), lang)
}

// FormatMoney is the amount with its currency code: "1,240.00 EUR".
func FormatMoney(a money.Amount, lang string) string {
	return FormatNumber(a, lang) + nbsp + string(a.Currency())
}

// FormatParams writes those parameters of a sentence that are amounts, such as "1240.00 EUR", as the language does.
func FormatParams(params map[string]string, lang string) map[string]string {
	local := make(map[string]string, len(params))
	for name, text := range params {
		local[name] = formatParam(text, lang)
	}
	return local
}

func formatParam(text, lang string) string {
	plain, code, found := strings.Cut(text, " ")
	if !found || len(code) != 3 {
		return text
	}
	cur, err := money.ParseCurrency(code)
	if err != nil {
		return text
	}
	a, err := money.Parse(plain, cur)
	if err != nil {
		return text
	}
	return FormatMoney(a, lang)
}

// FormatCount groups a whole number: 12,480.
func FormatCount(n int, lang string) string {
	return localNumber(strconv.Itoa(n), lang)
}

// FormatDecimal is a number that is no amount, with so many decimals: 64.9.
func FormatDecimal(d decimal.Decimal, places int32, lang string) string {
	return localNumber(d.StringFixed(places), lang)
}

// FormatQuantity is a number that is no amount with the decimals it has: 8,708.593.
func FormatQuantity(d decimal.Decimal, lang string) string {
	return localNumber(d.String(), lang)
}

// FormatUnitPrice is a price with two decimals, or as many more as it has: 0.0206.
func FormatUnitPrice(d decimal.Decimal, lang string) string {
	if d.Equal(d.Round(2)) {
		return FormatDecimal(d, 2, lang)
	}
	return FormatQuantity(d, lang)
}

// localNumber rewrites a plain decimal such as -1240.00.
func localNumber(plain, lang string) string {
	group, point := separators(lang)
	digits, negative := strings.CutPrefix(plain, "-")
	whole, fraction, hasFraction := strings.Cut(digits, ".")
	var b strings.Builder
	if negative && strings.Trim(digits, "0.") != "" {
		b.WriteString(minus)
	}
	for i, digit := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(group)
		}
		b.WriteRune(digit)
	}
	if hasFraction {
		b.WriteString(point + fraction)
	}
	return b.String()
}

// ClockText is how a clock shows what is left: hours and minutes, whole days from 48 hours on, U+2212 when
// late. Seconds are cut, so a clock never shows more than is left.
func ClockText(d time.Duration) string {
	sign := ""
	if d < 0 {
		sign, d = minus, -d
	}
	if d >= dayAfter {
		return sign + strconv.Itoa(int(d/(24*time.Hour))) + nbsp + "d"
	}
	minutes := int(d / time.Minute)
	if minutes == 0 {
		sign = "" // less than a minute late or left: 0:00
	}
	rest := strconv.Itoa(minutes % 60)
	if len(rest) == 1 {
		rest = "0" + rest
	}
	return sign + strconv.Itoa(minutes/60) + ":" + rest
}

// FormatTime is the time of day: 11:06.
func FormatTime(t time.Time, loc *time.Location, _ string) string {
	return in(t, loc).Format("15:04")
}

// FormatDate is day, month and year: 12 Nov 2026.
func FormatDate(t time.Time, loc *time.Location, lang string) string {
	t = in(t, loc)
	return calendarOf(lang).dayMonth(t, true)
}

// FormatMonth is a month of a year: January 2026.
func FormatMonth(t time.Time, lang string) string { return calendarOf(lang).month(t) }

// FormatShortMonth is a month on an axis: Jan 26.
func FormatShortMonth(t time.Time, lang string) string { return calendarOf(lang).shortMonth(t, "06") }

// FormatMonthInTable is a month in a narrow column: Jan 2026.
func FormatMonthInTable(t time.Time, lang string) string {
	return calendarOf(lang).shortMonth(t, "2006")
}

// FormatDateTime is weekday, date and time: Thu 12 Nov 2026, 11:06.
func FormatDateTime(t time.Time, loc *time.Location, lang string) string {
	t = in(t, loc)
	c := calendarOf(lang)
	return c.withWeekday(t, c.dayMonth(t, true)) + c.comma + t.Format("15:04")
}

// FormatDay heads a day in a timeline: "Today, Thu 12 Nov", "Wed 11 Nov", with the year when it is another one.
func FormatDay(t, now time.Time, loc *time.Location, lang string) string {
	t, now = in(t, loc), in(now, loc)
	c := calendarOf(lang)
	day := c.withWeekday(t, c.dayMonth(t, t.Year() != now.Year()))
	if daysBetween(t, now) == 0 {
		return c.today + c.comma + day
	}
	return day
}

// FormatShort is the least that says when: 11:06 today, Fri 14:22 within six days, 12 Nov this year,
// 12 Nov 2025 otherwise.
func FormatShort(t, now time.Time, loc *time.Location, lang string) string {
	t, now = in(t, loc), in(now, loc)
	c := calendarOf(lang)
	switch days := daysBetween(t, now); {
	case days == 0:
		return t.Format("15:04")
	case days >= -6 && days <= 6:
		return c.weekdays[t.Weekday()] + " " + t.Format("15:04")
	case t.Year() == now.Year():
		return c.dayMonth(t, false)
	default:
		return c.dayMonth(t, true)
	}
}

func in(t time.Time, loc *time.Location) time.Time {
	if loc == nil {
		loc = time.UTC
	}
	return t.In(loc)
}

// daysBetween counts calendar days from now's day to t's; noon to noon, so a change of summer time does not matter.
func daysBetween(t, now time.Time) int {
	noon := func(t time.Time) time.Time {
		return time.Date(t.Year(), t.Month(), t.Day(), 12, 0, 0, 0, time.UTC)
	}
	return int(noon(t).Sub(noon(now)) / (24 * time.Hour))
}
