package billing

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

const rateDigits = 10

// Rate is units of quote for one unit of base as last fixed on or before a day, with the day it was fixed: as
// recorded, else from the opposite rate, else through AuthorityCurrency. ErrNoRate when none is known.
func (s *Service) Rate(ctx context.Context, r db.Reader, base, quote money.Currency, on time.Time) (decimal.Decimal, time.Time, error) {
	if base == quote {
		return decimal.NewFromInt(1), Date(on), nil
	}
	fixed, err := db.List[fixing](ctx, r, `select distinct on (base, quote) base, quote, rate, on_date from fx_rates
		where on_date <= $1 and base = any ($2) and quote = any ($2)
		order by base, quote, on_date desc`, on, []string{string(base), string(quote), string(AuthorityCurrency)})
	if err != nil {
		return decimal.Zero, time.Time{}, fmt.Errorf("read rates: %w", err)
	}
	if rate, day, ok := rateAmong(fixed, base, quote); ok {
		return rate.Round(rateDigits), day, nil
	}
	first, firstDay, ok := rateAmong(fixed, base, AuthorityCurrency)
	second, secondDay, ok2 := rateAmong(fixed, AuthorityCurrency, quote)
	if !ok || !ok2 {
		return decimal.Zero, time.Time{}, errs.New(ErrNoRate.Kind, ErrNoRate.Key,
			"base", string(base), "quote", string(quote), "on", on.Format(time.DateOnly))
	}
	if secondDay.Before(firstDay) {
		firstDay = secondDay
	}
	return first.Mul(second).Round(rateDigits), firstDay, nil
}

type fixing struct {
	Base, Quote money.Currency
	Rate        decimal.Decimal
	OnDate      time.Time
}

// rateAmong finds the newest of a rate and its opposite.
func rateAmong(fixed []fixing, base, quote money.Currency) (rate decimal.Decimal, day time.Time, ok bool) {
	for _, f := range fixed {
		switch {
		case f.Base == base && f.Quote == quote && !f.OnDate.Before(day):
			rate, day, ok = f.Rate, f.OnDate, true
		case f.Base == quote && f.Quote == base && f.OnDate.After(day):
			// Finer than a stored rate, so that rounding happens once at the end.
			rate, day, ok = decimal.NewFromInt(1).DivRound(f.Rate, 2*rateDigits), f.OnDate, true
		}
	}
	return rate, day, ok
}
