package billing

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// rateDigits is how many decimals a rate is kept and given with, rounded half up.
const rateDigits = 10

// FoundRate is units of Quote for one unit of Base as it stood on a day, with where it comes from.
type FoundRate struct {
	Base, Quote money.Currency
	Rate        decimal.Decimal
	FixedOn     time.Time      // of a cross rate, the older of its two fixings
	Source      string         // of a cross rate, both sources where they differ
	Inverse     bool           // reckoned from the opposite rate
	Via         money.Currency // "" unless reckoned through this currency
	CorrectedBy []int64        // whoever corrected a fixing it comes from, in any version, or recorded one far from the fixing before it
}

// Rate is RateOn without where the rate comes from: units of quote for one unit of base and the day it was fixed.
func (s *Service) Rate(ctx context.Context, r db.Reader, base, quote money.Currency, on time.Time) (decimal.Decimal, time.Time, error) {
	found, err := s.RateOn(ctx, r, base, quote, on)
	return found.Rate, found.FixedOn, err
}

// RateOn is units of quote for one unit of base as last fixed on or before a day: as recorded, else the inverse of the
// opposite rate, else through AuthorityCurrency. The newest fixing counts, and of a corrected one the latest version. An
// inverse is worked out to 20 decimals, a cross rate is the exact product, and the result is rounded once, half up, to 10
// decimals. A rate fixed longer ago than the policy allows is refused with ErrRateTooOld, which also is an ErrNoRate;
// ErrNoRate when none is known.
func (s *Service) RateOn(ctx context.Context, r db.Reader, base, quote money.Currency, on time.Time) (FoundRate, error) {
	on = Date(on)
	if base == quote {
		return FoundRate{Base: base, Quote: quote, Rate: decimal.NewFromInt(1), FixedOn: on}, nil
	}
	bases, quotes := pairsFor(base, quote)
	fixed, err := db.List[fixing](ctx, r, `select p.base, p.quote, f.rate, f.on_date, f.source, f.version, f.recorded_by, y.max_age_days,
			array(select distinct c.recorded_by from fx_rates c where c.base = f.base and c.quote = f.quote and c.on_date = f.on_date and c.version > 1 and c.recorded_by <> 0) as corrected_by,
			(select case when b.base = f.base then b.rate else 1 / b.rate end from fx_rates b
				where (b.base, b.quote) in ((f.base, f.quote), (f.quote, f.base)) and b.on_date < f.on_date order by b.on_date desc, b.version desc limit 1) as before
		from fx_policy y, unnest($2::text[], $3::text[]) as p(base, quote) cross join lateral (
			select base, quote, rate, on_date, source, version, recorded_by from fx_rates where base = p.base::bpchar and quote = p.quote::bpchar and on_date <= $1
			order by on_date desc, version desc limit 1) f`, on, bases, quotes)
	if err != nil {
		return FoundRate{}, fmt.Errorf("read rates: %w", err)
	}
	fresh := slices.DeleteFunc(slices.Clone(fixed), func(f fixing) bool { return f.OnDate.AddDate(0, 0, f.MaxAgeDays).Before(on) })
	if rate, ok := rateFrom(fresh, base, quote); ok {
		return rate, nil
	}
	params := []string{"base", string(base), "quote", string(quote), "on", on.Format(time.DateOnly)}
	if old, ok := rateFrom(fixed, base, quote); ok {
		return FoundRate{}, errs.Wrap(ErrNoRate, ErrRateTooOld.Kind, ErrRateTooOld.Key,
			append(params, "fixed", old.FixedOn.Format(time.DateOnly), "days", strconv.Itoa(fixed[0].MaxAgeDays))...)
	}
	return FoundRate{}, errs.New(ErrNoRate.Kind, ErrNoRate.Key, params...)
}

// pairsFor lists the pairs from which a rate can be had: itself, its opposite, and both legs through AuthorityCurrency.
func pairsFor(base, quote money.Currency) (bases, quotes []string) {
	for _, pair := range [][2]money.Currency{{base, quote}, {base, AuthorityCurrency}, {AuthorityCurrency, quote}} {
		if pair[0] != pair[1] {
			bases = append(bases, string(pair[0]), string(pair[1]))
			quotes = append(quotes, string(pair[1]), string(pair[0]))
		}
	}
	return bases, quotes
}

type fixing struct {
	Base, Quote money.Currency
	Rate        decimal.Decimal
	OnDate      time.Time
	Source      string
	MaxAgeDays  int
	Version     int
	RecordedBy  int64
	CorrectedBy []int64
	Before      *decimal.Decimal // what the pair, or its opposite, was fixed at before that day
}

// suspect is how far a fixing may lie from the one before it without whoever recorded it being asked about: a twentieth.
const suspect = 20

// correctedBy is who made the fixing what it is by hand: whoever corrected it in any version, and whoever recorded it where it lies far from the
// one before it, or where there is none. Rates that come by themselves are nobody's.
func (f fixing) correctedBy() []int64 {
	if f.Version > 1 {
		return f.CorrectedBy
	}
	if f.RecordedBy != 0 && (f.Before == nil || f.Rate.Sub(*f.Before).Abs().Mul(decimal.NewFromInt(suspect)).GreaterThan(*f.Before)) {
		return []int64{f.RecordedBy}
	}
	return nil
}

// rateFrom reckons a rate from what is fixed, directly or through AuthorityCurrency.
func rateFrom(fixed []fixing, base, quote money.Currency) (FoundRate, bool) {
	if rate, ok := rateAmong(fixed, base, quote); ok {
		rate.Rate = rate.Rate.Round(rateDigits)
		return rate, true
	}
	first, ok := rateAmong(fixed, base, AuthorityCurrency)
	second, ok2 := rateAmong(fixed, AuthorityCurrency, quote)
	if !ok || !ok2 {
		return FoundRate{}, false
	}
	cross := FoundRate{
		Base: base, Quote: quote, Rate: first.Rate.Mul(second.Rate).Round(rateDigits), Via: AuthorityCurrency,
		FixedOn: first.FixedOn, Source: first.Source, CorrectedBy: slices.Concat(first.CorrectedBy, second.CorrectedBy),
	}
	if second.FixedOn.Before(first.FixedOn) {
		cross.FixedOn = second.FixedOn
	}
	if second.Source != first.Source {
		cross.Source += ", " + second.Source
	}
	return cross, true
}

// rateAmong finds the newest of a rate and its opposite; of one day the rate itself.
func rateAmong(fixed []fixing, base, quote money.Currency) (FoundRate, bool) {
	var found FoundRate
	for _, f := range fixed {
		switch {
		case f.Base == base && f.Quote == quote && !f.OnDate.Before(found.FixedOn):
			found = FoundRate{Base: base, Quote: quote, Rate: f.Rate, FixedOn: f.OnDate, Source: f.Source, CorrectedBy: f.correctedBy()}
		case f.Base == quote && f.Quote == base && f.OnDate.After(found.FixedOn):
			// Finer than a stored rate, so that rounding happens once at the end.
			inverse := decimal.NewFromInt(1).DivRound(f.Rate, 2*rateDigits)
			found = FoundRate{Base: base, Quote: quote, Rate: inverse, FixedOn: f.OnDate, Source: f.Source, Inverse: true, CorrectedBy: f.correctedBy()}
		}
	}
	return found, !found.FixedOn.IsZero()
}
