// Package money holds exact amounts: a decimal and an ISO 4217 currency, at that currency's minor unit.
// No floating point touches an amount, and mixing currencies is an error, never a conversion.
package money

import (
	"database/sql/driver"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"
	"golang.org/x/text/currency"

	"makegood/internal/errs"
)

// Currency is an ISO 4217 code in capitals, such as EUR.
type Currency string

// ErrCurrency is returned for a code ISO 4217 does not know; ErrMixed for arithmetic across currencies;
// ErrScale for an amount finer than its currency's minor unit; ErrSyntax for text that is no number.
var (
	ErrCurrency = errs.New(errs.Invalid, "money.unknown_currency")
	ErrMixed    = errs.New(errs.Invalid, "money.mixed_currencies")
	ErrScale    = errs.New(errs.Invalid, "money.too_many_decimals")
	ErrSyntax   = errs.New(errs.Invalid, "money.not_an_amount")
)

// ParseCurrency accepts a known ISO 4217 code in any case.
func ParseCurrency(code string) (Currency, error) {
	unit, err := currency.ParseISO(strings.TrimSpace(code))
	if err != nil {
		return "", errs.Wrap(err, ErrCurrency.Kind, ErrCurrency.Key, "currency", code)
	}
	return Currency(unit.String()), nil
}

// Digits is the number of decimals of the currency's minor unit: JPY 0, EUR 2, KWD 3.
// The source is the Unicode CLDR currency data, as ISO 4217 publishes it.
func (c Currency) Digits() int32 {
	unit, err := currency.ParseISO(string(c))
	if err != nil {
		return 2
	}
	scale, _ := currency.Standard.Rounding(unit)
	return int32(scale)
}

// Value stores the currency as its code.
func (c Currency) Value() (driver.Value, error) { return string(c), nil }

// Amount is an exact sum of money. The zero Amount has no currency and equals nothing but itself.
type Amount struct {
	value    decimal.Decimal
	currency Currency
}

// New makes an amount from a decimal in units of the currency. It refuses more decimals than the currency has.
func New(value decimal.Decimal, cur Currency) (Amount, error) {
	if !value.Equal(value.Truncate(cur.Digits())) {
		return Amount{}, errs.New(ErrScale.Kind, ErrScale.Key, "amount", value.String(), "currency", string(cur))
	}
	return Amount{value: value, currency: cur}, nil
}

// Of rounds value half up (away from zero) to the currency's minor unit and makes it an amount.
func Of(value decimal.Decimal, cur Currency) Amount {
	return Amount{value: value.Round(cur.Digits()), currency: cur}
}

// Zero is nothing, in a currency.
func Zero(cur Currency) Amount { return Amount{currency: cur} }

// Parse reads a plain decimal such as "1240.00" (no grouping, point as separator) in a currency.
func Parse(text string, cur Currency) (Amount, error) {
	if strings.ContainsAny(text, "eE") {
		return Amount{}, errs.New(ErrSyntax.Kind, ErrSyntax.Key, "text", text)
	}
	value, err := decimal.NewFromString(strings.TrimSpace(text))
	if err != nil {
		return Amount{}, errs.Wrap(err, ErrSyntax.Kind, ErrSyntax.Key, "text", text)
	}
	return New(value, cur)
}

// MustParse is Parse for constants in tests and seeds.
func MustParse(text string, cur Currency) Amount {
	a, err := Parse(text, cur)
	if err != nil {
		panic(err) //nolint:forbidigo // only constants written in the source come here
	}
	return a
}

// Decimal is the number in units of the currency.
func (a Amount) Decimal() decimal.Decimal { return a.value }

// Currency is the amount's ISO 4217 code.
func (a Amount) Currency() Currency { return a.currency }

// Add sums two amounts of one currency.
func (a Amount) Add(b Amount) (Amount, error) {
	if a.currency != b.currency {
		return Amount{}, mixed(a, b)
	}
	return Amount{value: a.value.Add(b.value), currency: a.currency}, nil
}

// Sub takes b from a; both must have one currency.
func (a Amount) Sub(b Amount) (Amount, error) { return a.Add(b.Neg()) }

// Neg turns the sign.
func (a Amount) Neg() Amount { return Amount{value: a.value.Neg(), currency: a.currency} }

// Cmp compares two amounts of one currency: -1, 0 or 1.
func (a Amount) Cmp(b Amount) (int, error) {
	if a.currency != b.currency {
		return 0, mixed(a, b)
	}
	return a.value.Cmp(b.value), nil
}

// IsZero tells whether the amount is nothing.
func (a Amount) IsZero() bool { return a.value.IsZero() }

// IsNegative tells whether the amount is below zero.
func (a Amount) IsNegative() bool { return a.value.IsNegative() }

// IsPositive tells whether the amount is above zero.
func (a Amount) IsPositive() bool { return a.value.IsPositive() }

// String is exact and plain, for logs and the API: "1240.00 EUR".
func (a Amount) String() string { return a.Plain() + " " + string(a.currency) }

// Plain is the number alone with the currency's decimals: "1240.00".
func (a Amount) Plain() string { return a.value.StringFixed(a.currency.Digits()) }

// Convert multiplies by a rate (units of `to` for one unit of a's currency) and rounds half up in `to`.
func (a Amount) Convert(rate decimal.Decimal, to Currency) Amount { return Of(a.value.Mul(rate), to) }

func mixed(a, b Amount) error {
	return errs.New(ErrMixed.Kind, ErrMixed.Key, "one", string(a.currency), "other", string(b.currency))
}

// Sum adds amounts of the given currency; an amount of another currency is an error.
func Sum(cur Currency, amounts ...Amount) (Amount, error) {
	total := Zero(cur)
	for _, a := range amounts {
		var err error
		if total, err = total.Add(a); err != nil {
			return Amount{}, fmt.Errorf("sum: %w", err)
		}
	}
	return total, nil
}
