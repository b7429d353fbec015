package portal

import (
	"strings"

	"github.com/shopspring/decimal"

	"makegood/internal/errs"
	"makegood/internal/money"
)

// amountOf reads an amount as customers write it, with a point or a comma before the decimals. A mark that may stand between thousands is
// refused, since one contests a thousandth by it: one with more digits behind it than the currency has, or a comma with three.
func amountOf(text string, currency money.Currency) (money.Amount, error) {
	text = strings.TrimSpace(text)
	if at := strings.LastIndexAny(text, ".,"); at >= 0 {
		behind := len(text) - at - 1
		if behind > int(currency.Digits()) || text[at] == ',' && behind == 3 {
			return money.Amount{}, errs.New(money.ErrSyntax.Kind, money.ErrSyntax.Key, "text", text)
		}
	}
	return money.Parse(strings.ReplaceAll(text, ",", "."), currency)
}

// exampleOf is an amount as it is written in a currency.
func exampleOf(currency money.Currency) string {
	return money.Of(decimal.New(1205, -1), currency).Plain()
}
