package reports

import (
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/figures"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/ui/kit"
)

// noFigure stands where nothing was there to divide by.
const noFigure = "–"

// write gives a figure as its unit is written, and the unit's sign.
func (f frame) write(unit figures.Unit, value figures.Figure) (text, sign string) {
	if !value.Valid {
		return noFigure, ""
	}
	switch v := value.Decimal; unit {
	case figures.Money:
		return kit.FormatNumber(money.Of(v, f.Section), f.Lang), string(f.Section)
	case figures.InDays:
		return f.decimal(v), i18n.T("days")
	case figures.InHours:
		return kit.ClockText(time.Duration(v.Mul(decimal.NewFromInt(60)).Round(0).IntPart()) * time.Minute), "h"
	case figures.Share:
		return f.decimal(v.Shift(2)), "%"
	case figures.Times:
		return f.decimal(v), "×"
	case figures.Thousandth:
		return f.decimal(v), i18n.T("per 1,000")
	case figures.Count:
		return kit.FormatCount(int(v.IntPart()), f.Lang), ""
	}
	return value.Decimal.String(), ""
}

// decimal writes a number with one decimal, as the reader's language does.
func (f frame) decimal(v decimal.Decimal) string { return kit.FormatDecimal(v, 1, f.Lang) }

// amount writes money of the section.
func (f frame) amount(v decimal.Decimal) string {
	return kit.FormatNumber(money.Of(v, f.Section), f.Lang)
}

func (f frame) count(n int) string { return kit.FormatCount(n, f.Lang) }

func (f frame) day(t time.Time) string { return kit.FormatDate(t, time.UTC, f.Lang) }

// both is a figure with its sign in one text.
func (f frame) both(unit figures.Unit, value figures.Figure) string {
	text, sign := f.write(unit, value)
	if sign == "" || unit == figures.Money {
		return text
	}
	return text + "\u00a0" + sign
}

// change says how a figure moved: the difference, and whether that is for the better ("ok") or the worse ("due").
func (f frame) change(d figures.Definition, now, before figures.Figure) (text, tone string) {
	moved := figures.Less(now, before)
	if !moved.Valid {
		return "", ""
	}
	text, sign := f.write(d.Unit, figures.Figure{Decimal: moved.Decimal.Abs(), Valid: true})
	if d.Unit == figures.Share {
		sign = i18n.T("pt")
	}
	if sign != "" && d.Unit != figures.Money {
		text += "\u00a0" + sign
	}
	switch moved.Decimal.Sign() {
	case 0:
		return "±0", ""
	case int(d.Better):
		tone = "ok"
	case -int(d.Better):
		tone = "due"
	}
	if moved.Decimal.IsNegative() {
		return "\u2212" + text, tone
	}
	return "+" + text, tone
}

// percent is a part of a whole for a drawn bar; something is never drawn as nothing.
func percent(part, whole decimal.Decimal) int {
	if !part.IsPositive() || !whole.IsPositive() {
		return 0
	}
	return max(1, min(100, int(part.Shift(2).Div(whole).Round(0).IntPart())))
}

// rangeWords names a range of ages for people: "31–60 days", "not due".
func rangeWords(name string) string {
	switch {
	case name == "not-due":
		return i18n.T("Not due")
	case len(name) > 5 && name[:5] == "over-":
		return i18n.F("Over {name}", "name", name[5:])
	}
	out := []rune(name)
	for i, r := range out {
		if r == '-' {
			out[i] = '–'
		}
	}
	return string(out)
}
