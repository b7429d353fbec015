package document

import (
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/money"
)

const (
	noBreakSpace = "\u00a0"
	minus        = "–" // the faces have no minus sign; printers set the en dash for it
)

// plainAmount is an amount without its currency, with that currency's decimals: "1.240,00".
func (c catalogue) plainAmount(a money.Amount) string { return c.group(a.Plain()) }

// amount is an amount with its currency code where the language puts it: "1.240,00 EUR", "EUR 1,240.00".
func (c catalogue) amount(a money.Amount) string {
	if c.currencyAfter {
		return c.plainAmount(a) + noBreakSpace + string(a.Currency())
	}
	return string(a.Currency()) + noBreakSpace + c.plainAmount(a)
}

// count shows the decimals that are there, no more.
func (c catalogue) count(n decimal.Decimal) string { return c.group(n.String()) }

// price shows at least the currency's decimals, and more where the price has them.
func (c catalogue) price(n decimal.Decimal, cur money.Currency) string {
	return c.group(n.StringFixed(max(cur.Digits(), -n.Exponent())))
}

func (c catalogue) percentage(rate decimal.Decimal) string {
	return strings.ReplaceAll(fill(c.percent, "n", c.count(rate)), " ", noBreakSpace)
}

// day leaves out the time: documents know days only.
func (c catalogue) day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(c.dateFormat)
}

// short is a day in a table.
func (c catalogue) short(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(c.shortDate)
}

// unbroken keeps the parts of a day on one line.
func unbroken(day string) string { return strings.ReplaceAll(day, " ", noBreakSpace) }

// period is a day, or two days with a dash where they differ.
func (c catalogue) period(from, to time.Time) string {
	first, last := c.day(from), c.day(to)
	if last == "" || last == first {
		return first
	}
	return first + " – " + last
}

// group turns a plain decimal ("-1240.5") into the language's form: grouping by three, decimal sign, true minus.
func (c catalogue) group(plain string) string {
	whole, fraction, hasFraction := strings.Cut(plain, ".")
	digits, negative := strings.CutPrefix(whole, "-")
	var b strings.Builder
	if negative {
		b.WriteString(minus)
	}
	for i, digit := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(c.grouping)
		}
		b.WriteRune(digit)
	}
	if hasFraction {
		b.WriteString(c.decimalPoint + fraction)
	}
	return b.String()
}

// list joins parts as the language does: "A, B and C".
func (c catalogue) list(parts []string) string {
	last := len(parts) - 1
	if last < 1 {
		return strings.Join(parts, "")
	}
	return strings.Join(parts[:last], c.comma) + c.and + parts[last]
}
