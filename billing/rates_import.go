package billing

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// Fixing is an exchange rate as a source fixed it for a day: units of Quote for one unit of Base.
type Fixing struct {
	Base, Quote money.Currency
	OnDate      time.Time
	Rate        decimal.Decimal
	Source      string
	Version     int
	Reason      string // of a correction
	RecordedAt  time.Time
}

// RateImport are rates to record from one source. With DryRun nothing is kept and the outcome is told all the same.
type RateImport struct {
	Source string
	Rates  []Fixing // Source and Version are not looked at
	DryRun bool
	By     Actor
}

// RateOutcome tells what became of an import.
type RateOutcome struct {
	Added   int
	Known   int // recorded already with this very rate
	Refused []RefusedRate
}

// RefusedRate is a rate that was not taken because that day has another one, by the same or another source.
type RefusedRate struct {
	Fixing
	Known       decimal.Decimal
	KnownSource string
}

// ImportRates records the rates of a source, in one transaction. What is known already is passed over, so that a file may
// be imported again. A rate is never overwritten: another one for the same pair and day is refused, whoever gives it, and
// goes in as a correction alone (CorrectRate). It wants rates above zero between two currencies, and the name of the source.
func (s *Service) ImportRates(ctx context.Context, in RateImport) (RateOutcome, error) {
	if err := access.Can(in.By, access.ManageRates, access.Object{}); err != nil {
		return RateOutcome{}, err
	}
	if in.Source = strings.TrimSpace(in.Source); in.Source == "" {
		return RateOutcome{}, errs.InvalidField("source", "error.required")
	}
	for i := range in.Rates {
		in.Rates[i].Rate = in.Rates[i].Rate.Round(rateDigits)
		if err := in.Rates[i].check(); err != nil {
			return RateOutcome{}, err
		}
	}
	var out RateOutcome
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		var err error
		if out, err = recordRates(ctx, tx, in); err != nil {
			return err
		}
		if in.DryRun {
			return errDryRun
		}
		if out.Added == 0 {
			return nil
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: in.By, What: "rates.imported", Data: map[string]any{
			"source": in.Source, "added": out.Added, "known": out.Known, "refused": len(out.Refused),
		}})
	})
	if errors.Is(err, errDryRun) {
		err = nil
	}
	return out, err
}

// errDryRun takes back what a dry run has written.
var errDryRun = errors.New("dry run")

func (f Fixing) check() error {
	for _, c := range []struct {
		name string
		code money.Currency
	}{{"base", f.Base}, {"quote", f.Quote}} {
		if _, err := money.ParseCurrency(string(c.code)); err != nil {
			return errs.InvalidField(c.name, money.ErrCurrency.Key, "currency", string(c.code))
		}
	}
	switch {
	case f.Base == f.Quote:
		return errs.InvalidField("quote", "billing.bad_rate_pair")
	case f.OnDate.IsZero():
		return errs.InvalidField("date", "error.required")
	case !f.Rate.IsPositive() || f.Rate.GreaterThanOrEqual(decimal.New(1, 10)):
		return errs.InvalidField("rate", "billing.bad_rate")
	}
	return nil
}

// recordRates writes what is new and compares the rest, in two statements however many there are. A pair whose opposite is fixed for the day is
// known by it: a day has one truth.
func recordRates(ctx context.Context, tx *db.Tx, in RateImport) (RateOutcome, error) {
	n := len(in.Rates)
	bases, quotes, days, rates := make([]string, n), make([]string, n), make([]time.Time, n), make([]decimal.Decimal, n)
	for i, f := range in.Rates {
		bases[i], quotes[i], days[i], rates[i] = string(f.Base), string(f.Quote), Date(f.OnDate), f.Rate
	}
	added, err := tx.Exec(ctx, `insert into fx_rates (base, quote, on_date, rate, source, recorded_at, recorded_by)
		select base, quote, on_date, rate, $5, $6, $7 from unnest($1::text[], $2::text[], $3::date[], $4::numeric[]) as n(base, quote, on_date, rate)
		where not exists (select from fx_rates o where o.base = n.quote::bpchar and o.quote = n.base::bpchar and o.on_date = n.on_date)
		on conflict do nothing`, bases, quotes, days, rates, in.Source, tx.Now(), in.By.UserID)
	if err != nil {
		return RateOutcome{}, fmt.Errorf("record rates: %w", err)
	}
	out := RateOutcome{Added: int(added)}
	rows, err := tx.Query(ctx, `select n.base, n.quote, n.on_date, n.rate, f.rate, f.source
		from unnest($1::text[], $2::text[], $3::date[], $4::numeric[]) with ordinality as n(base, quote, on_date, rate, place)
		join lateral (
			(select rate, source, false as turned from fx_rates f where f.base = n.base::bpchar and f.quote = n.quote::bpchar and f.on_date = n.on_date
				order by version desc limit 1)
			union all (select round(1 / o.rate, 10), o.source, true from fx_rates o where o.base = n.quote::bpchar and o.quote = n.base::bpchar and o.on_date = n.on_date
				and not exists (select from fx_rates f where f.base = n.base::bpchar and f.quote = n.quote::bpchar and f.on_date = n.on_date)
				order by version desc limit 1) limit 1) f on true
		where case when f.turned then abs(f.rate - n.rate) > f.rate / 1000 else f.rate <> n.rate end order by n.place`, bases, quotes, days, rates)
	if err != nil {
		return out, fmt.Errorf("compare rates: %w", err)
	}
	out.Refused, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (RefusedRate, error) {
		r := RefusedRate{Fixing: Fixing{Source: in.Source}}
		err := row.Scan(&r.Base, &r.Quote, &r.OnDate, &r.Rate, &r.Known, &r.KnownSource)
		return r, err
	})
	if err != nil {
		return out, fmt.Errorf("compare rates: %w", db.Explain(err))
	}
	out.Known = n - out.Added - len(out.Refused)
	return out, nil
}
