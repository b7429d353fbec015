package casefile

import (
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/access"
	"makegood/internal/money"
	"makegood/ui/kit"
)

// reader is who looks at the case: their language, zone and present, and what they may do.
type reader struct {
	kit.Locale
	by access.Actor
}

func (r reader) money(value decimal.Decimal, currency money.Currency) string {
	return kit.FormatMoney(money.Of(value, currency), r.Lang)
}

func (r reader) number(value decimal.Decimal, currency money.Currency) string {
	return kit.FormatNumber(money.Of(value, currency), r.Lang)
}

func (r reader) short(t time.Time) string { return kit.FormatShort(t, r.Now, r.Zone, r.Lang) }
func (r reader) day(t time.Time) string   { return kit.FormatDay(t, r.Now, r.Zone, r.Lang) }
func (r reader) time(t time.Time) string  { return kit.FormatTime(t, r.Zone, r.Lang) }

// date is a calendar day as kept in the books, which belongs to no zone; the year only when it is another one.
func (r reader) date(t time.Time) string {
	if t.Year() != r.Now.In(r.Zone).Year() {
		return kit.FormatDate(t, time.UTC, r.Lang)
	}
	aside := t.AddDate(0, 0, 10) // far enough that the day is written out, not named
	if aside.Year() != t.Year() {
		aside = t.AddDate(0, 0, -10)
	}
	return kit.FormatShort(t, aside, time.UTC, r.Lang)
}

// say gives a sentence of the catalogue, filled with named values.
func (r reader) say(key string, params map[string]string) string {
	pairs := make([]string, 0, 2*len(params))
	for name, value := range kit.FormatParams(params, r.Lang) {
		pairs = append(pairs, name, value)
	}
	return r.Say(key, pairs...)
}

// quantity is a number without the zeros a column keeps behind it.
func (r reader) quantity(d decimal.Decimal) string {
	if d.IsInteger() {
		return kit.FormatCount(int(d.IntPart()), r.Lang)
	}
	return kit.FormatQuantity(d, r.Lang)
}

// price is a unit price: as money when it has no more decimals than that.
func (r reader) price(d decimal.Decimal, currency money.Currency) string {
	if d.Equal(d.Truncate(currency.Digits())) {
		return r.number(d, currency)
	}
	return kit.FormatQuantity(d, r.Lang)
}

func id[T ~int64](n T) string { return strconv.FormatInt(int64(n), 10) }

// percent is a share in whole per cent, 0 to 100.
func percent(part, whole decimal.Decimal) int {
	if !whole.IsPositive() {
		return 0
	}
	return int(min(max(part.Mul(decimal.NewFromInt(100)).Div(whole).Round(0).IntPart(), 0), 100))
}

// paragraphs cuts a text at its empty lines; a template shows the single line breaks.
func paragraphs(text string) []string {
	var list []string
	for block := range strings.SplitSeq(strings.ReplaceAll(strings.TrimSpace(text), "\r\n", "\n"), "\n\n") {
		if block = strings.Trim(block, "\n"); strings.TrimSpace(block) != "" {
			list = append(list, block)
		}
	}
	return list
}

// beginning is the start of a text on one line.
func beginning(text string, length int) string {
	line := []rune(strings.Join(strings.Fields(text), " "))
	if len(line) > length {
		return string(line[:length-1]) + "…"
	}
	return string(line)
}
