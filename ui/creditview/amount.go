package creditview

import (
	"strings"

	"github.com/shopspring/decimal"
)

// AmountOf reads an amount as people of a language write it: 1.240,00 or 1,240.00. Where both marks occur the last one
// is the decimal mark; a lone one before exactly three digits groups, unless the language writes decimals with it.
func AmountOf(text, language string) (decimal.Decimal, bool) {
	text = strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "'", "", "−", "-").Replace(text)
	point, group := ".", ","
	if short, _, _ := strings.Cut(language, "-"); short == "de" || short == "pt" {
		point, group = ",", "."
	}
	lastPoint, lastGroup := strings.LastIndex(text, point), strings.LastIndex(text, group)
	switch {
	case lastPoint >= 0 && lastGroup > lastPoint:
		point, group = group, point
	case lastPoint < 0 && lastGroup >= 0 && len(text)-lastGroup-1 != 3:
		point, group = group, point
	}
	text = strings.Replace(strings.ReplaceAll(text, group, ""), point, ".", 1)
	if strings.ContainsAny(text, "eE") {
		return decimal.Zero, false
	}
	value, err := decimal.NewFromString(text)
	return value, err == nil
}
