package billing

import (
	"context"
	"fmt"
	"strings"
	"time"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// RateCorrection replaces a rate that was recorded wrongly from now on. What was posted keeps the rate it used.
type RateCorrection struct {
	Fixing
	Reason string
	By     Actor
}

// CorrectRate records a further version of a day's rate with the reason; the earlier versions stay. The rate there is
// already again changes nothing. ErrNoRate when the day has none to correct.
func (s *Service) CorrectRate(ctx context.Context, in RateCorrection) (Fixing, error) {
	if err := access.Can(in.By, access.ManageRates, access.Object{}); err != nil {
		return Fixing{}, err
	}
	in.Rate, in.OnDate = in.Rate.Round(rateDigits), Date(in.OnDate)
	if err := in.check(); err != nil {
		return Fixing{}, err
	}
	for name, text := range map[string]string{"source": in.Source, "reason": in.Reason} {
		if strings.TrimSpace(text) == "" {
			return Fixing{}, errs.InvalidField(name, "error.required")
		}
	}
	var now Fixing
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		before, err := db.List[Fixing](ctx, tx, `select `+fixingColumns+` from fx_rates
			where base = $1 and quote = $2 and on_date = $3 order by version desc`, in.Base, in.Quote, in.OnDate)
		if err != nil {
			return fmt.Errorf("read rate: %w", err)
		}
		if len(before) == 0 {
			return errs.New(ErrNoRate.Kind, ErrNoRate.Key, "base", string(in.Base), "quote", string(in.Quote), "on", in.OnDate.Format(time.DateOnly))
		}
		if now = before[0]; now.Rate.Equal(in.Rate) {
			return nil
		}
		now, err = db.One[Fixing](ctx, tx, `insert into fx_rates (base, quote, on_date, rate, source, version, reason, recorded_at, recorded_by)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning `+fixingColumns,
			in.Base, in.Quote, in.OnDate, in.Rate, strings.TrimSpace(in.Source), before[0].Version+1, strings.TrimSpace(in.Reason), tx.Now(), in.By.UserID)
		if db.Violates(err, "fx_rates_pkey") { // somebody else corrected it at this very moment
			return rateKnown(in.Fixing, before[0])
		}
		if err != nil {
			return fmt.Errorf("correct rate: %w", err)
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: in.By, What: "rate.corrected", Data: map[string]any{
			"base": in.Base, "quote": in.Quote, "on": in.OnDate.Format(time.DateOnly), "before": before[0].Rate.String(),
			"after": in.Rate.String(), "source": in.Source, "reason": in.Reason, "version": now.Version,
		}})
	})
	return now, err
}

func rateKnown(asked, known Fixing) error {
	return errs.New(ErrRateKnown.Kind, ErrRateKnown.Key, "base", string(asked.Base), "quote", string(asked.Quote),
		"on", asked.OnDate.Format(time.DateOnly), "known", known.Rate.String(), "source", known.Source)
}

// RecordRate records one rate. ErrRateKnown when that day has another one already.
func (s *Service) RecordRate(ctx context.Context, f Fixing, by Actor) (Fixing, error) {
	out, err := s.ImportRates(ctx, RateImport{Source: f.Source, Rates: []Fixing{f}, By: by})
	if err != nil {
		return Fixing{}, err
	}
	if len(out.Refused) > 0 {
		return Fixing{}, rateKnown(f, Fixing{Rate: out.Refused[0].Known, Source: out.Refused[0].KnownSource})
	}
	list, err := db.List[Fixing](ctx, s.db, `select `+fixingColumns+` from fx_rates
		where base = $1 and quote = $2 and on_date = $3 order by version desc limit 1`, f.Base, f.Quote, Date(f.OnDate))
	if err != nil || len(list) == 0 {
		return Fixing{}, fmt.Errorf("read recorded rate: %w", err)
	}
	return list[0], nil
}

const fixingColumns = `base, quote, on_date, rate, source, version, reason, recorded_at`

// FixingQuery asks for the fixings of a pair; zero values do not narrow. After is the Next of the page before.
type FixingQuery struct {
	Base, Quote money.Currency
	Limit       int
	After       string
	By          Actor
}

// Fixings lists recorded rates of a pair with every version, the newest day first.
func (s *Service) Fixings(ctx context.Context, q FixingQuery) (Page[Fixing], error) {
	if err := access.Can(q.By, access.ReadBooks, access.Object{}); err != nil {
		return Page[Fixing]{}, err
	}
	var c conditions
	c.add("base = ?", q.Base)
	c.add("quote = ?", q.Quote)
	c.addAfter(q.After, "on_date", "version")
	limit := limitOf(q.Limit)
	rows, err := db.List[Fixing](ctx, s.db, fmt.Sprintf(`select `+fixingColumns+` from fx_rates%s order by on_date desc, version desc limit %d`,
		c.where(), limit+1), c.args...)
	if err != nil {
		return Page[Fixing]{}, fmt.Errorf("list rates: %w", err)
	}
	return pageOf(rows, limit, func(f Fixing) string { return cursor{f.OnDate, int64(f.Version)}.String() }), nil
}

// RateAge is how many days a rate may be used after it was fixed.
func (s *Service) RateAge(ctx context.Context, by Actor) (int, error) {
	if err := access.Can(by, access.ReadBooks, access.Object{}); err != nil {
		return 0, err
	}
	days, err := db.Value[int](ctx, s.db, `select max_age_days from fx_policy`)
	if err != nil {
		return 0, fmt.Errorf("read age of rates: %w", err)
	}
	return days, nil
}

// SetRateAge says how many days a rate may be used after it was fixed, 1 to 3660.
func (s *Service) SetRateAge(ctx context.Context, days int, by Actor) error {
	if err := access.Can(by, access.ManageRates, access.Object{}); err != nil {
		return err
	}
	if days < 1 || days > 3660 {
		return errs.InvalidField("days", "billing.bad_rate_age")
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		before, err := db.Value[int](ctx, tx, `select max_age_days from fx_policy for update`)
		if err != nil || before == days {
			return err
		}
		if _, err := tx.Exec(ctx, `update fx_policy set max_age_days = $1`, days); err != nil {
			return fmt.Errorf("set age of rates: %w", err)
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: by, What: "rates.age_changed", Data: map[string]any{"before": before, "after": days}})
	})
}

// LatestFixings reads the newest recorded rate of every pair.
func (s *Service) LatestFixings(ctx context.Context, by Actor) ([]Fixing, error) {
	if err := access.Can(by, access.ReadBooks, access.Object{}); err != nil {
		return nil, err
	}
	// It steps from pair to pair through the key instead of reading years of days.
	list, err := db.List[Fixing](ctx, s.db, `with recursive pairs as (
			(select base, quote from fx_rates order by base, quote limit 1)
			union all select n.base, n.quote from pairs p cross join lateral (
				select base, quote from fx_rates f where (f.base, f.quote) > (p.base, p.quote) order by base, quote limit 1) n)
		select f.* from pairs p cross join lateral (select `+fixingColumns+` from fx_rates f
			where f.base = p.base and f.quote = p.quote order by on_date desc, version desc limit 1) f order by f.base, f.quote`)
	if err != nil {
		return nil, fmt.Errorf("read newest rates: %w", err)
	}
	return list, nil
}
