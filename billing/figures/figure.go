package figures

import (
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/errs"
	"makegood/internal/money"
)

// Places is how many decimals a ratio has.
const Places = 4

// Figure is a number at four decimals, or none: nothing was there to divide by. As JSON none is null.
type Figure = decimal.NullDecimal

// ErrBuckets is returned for limits of ranges that do not rise.
var ErrBuckets = errs.New(errs.Invalid, "figure.limits_must_rise")

// Ratio is part ÷ whole, or none where whole is zero.
func Ratio(part, whole decimal.Decimal) Figure {
	if whole.IsZero() {
		return Figure{}
	}
	return decimal.NewNullDecimal(part.DivRound(whole, Places))
}

// Less is a − b, or none where either is none. Both are rounded already, so that the three add up where they are shown.
func Less(a, b Figure) Figure {
	if !a.Valid || !b.Valid {
		return Figure{}
	}
	return decimal.NewNullDecimal(a.Decimal.Sub(b.Decimal))
}

// DaysBetween is the number of days from one date to another, negative when to is the earlier.
func DaysBetween(from, to time.Time) int {
	return int(date(to).Sub(date(from)) / (24 * time.Hour))
}

func date(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

func monthOf(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC) }

func count(n int) decimal.Decimal { return decimal.NewFromInt(int64(n)) }

func sameCurrency(want, got money.Currency) error {
	if want == got {
		return nil
	}
	return errs.New(money.ErrMixed.Kind, money.ErrMixed.Key, "one", string(want), "other", string(got))
}
