package billing_test

import (
	"errors"
	"strings"
	"testing"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

func fixing(base, quote, on, rate string) billing.Fixing {
	return billing.Fixing{Base: money.Currency(base), Quote: money.Currency(quote), OnDate: day(on), Rate: d(rate)}
}

func (s *shop) importRates(source string, list ...billing.Fixing) billing.RateOutcome {
	s.t.Helper()
	out, err := s.billing.ImportRates(s.t.Context(), billing.RateImport{Source: source, Rates: list, By: controller()})
	s.must(err)
	return out
}

func TestARateIsNeverOverwritten(t *testing.T) {
	t.Parallel()
	s := setup(t)
	april := []billing.Fixing{fixing("EUR", "GBP", "2026-04-29", "0.85"), fixing("EUR", "GBP", "2026-04-30", "0.86")}
	dry, err := s.billing.ImportRates(t.Context(), billing.RateImport{Source: "ECB", Rates: april, DryRun: true, By: controller()})
	s.must(err)
	if n := value[int](t, s.db, `select count(*) from fx_rates where quote = 'GBP'`); n != 0 || dry.Added != 2 {
		t.Errorf("a dry run kept %d rates and tells of %d", n, dry.Added)
	}
	if out := s.importRates("ECB", april...); out.Added != 2 || out.Known != 0 {
		t.Errorf("imported %+v", out)
	}
	again := s.importRates("Other bank", april[0], fixing("EUR", "GBP", "2026-04-30", "0.87"), fixing("EUR", "GBP", "2026-05-04", "0.88"))
	if again.Added != 1 || again.Known != 1 || len(again.Refused) != 1 {
		t.Fatalf("another source %+v", again)
	}
	if r := again.Refused[0]; !r.Rate.Equal(d("0.87")) || !r.Known.Equal(d("0.86")) || r.KnownSource != "ECB" || !r.OnDate.Equal(day("2026-04-30")) {
		t.Errorf("refused %+v", r)
	}
	if _, err := s.billing.RecordRate(t.Context(), billing.Fixing{Base: "EUR", Quote: "GBP", OnDate: day("2026-04-30"), Rate: d("0.9"), Source: "ECB"}, controller()); !errors.Is(err, billing.ErrRateKnown) {
		t.Errorf("one by one: %v", err)
	}
	for statement, want := range map[string]string{
		`update fx_rates set rate = 2`: "42501 ",
		`delete from fx_rates`:         "42501 ",
		`insert into fx_rates (base, quote, on_date, rate, source) values ('EUR', 'GBP', '2026-04-30', 2, 'me')`:                          "23505 fx_rates_pkey",
		`insert into fx_rates (base, quote, on_date, rate, source, version, reason) values ('EUR', 'GBP', '2026-04-30', 2, 'me', 3, 'x')`: "23000 rate_versions_follow",
		`insert into fx_rates (base, quote, on_date, rate, source, version) values ('EUR', 'GBP', '2026-04-30', 2, 'me', 2)`:              "23514 rate_correction_has_reason",
	} {
		if got := code(s.refused(statement)); got != want {
			t.Errorf("%s: %q", statement, got)
		}
	}
}

func TestACorrectionIsAFurtherVersion(t *testing.T) {
	t.Parallel()
	s := setup(t)
	used := s.invoice("USD", line("100", "19"))
	issued := s.issue(used)
	wrong := billing.RateCorrection{Fixing: fixing("EUR", "USD", "2026-05-01", "1.2"), By: controller()}
	wrong.Source = "ECB"
	if _, err := s.billing.CorrectRate(t.Context(), wrong); errs.KindOf(err) != errs.Invalid {
		t.Errorf("without a reason: %v", err)
	}
	wrong.Reason = "two digits were swapped"
	for range 2 { // the second time there is nothing to correct
		f, err := s.billing.CorrectRate(t.Context(), wrong)
		s.must(err)
		if f.Version != 2 || f.Reason != wrong.Reason {
			t.Errorf("corrected %+v", f)
		}
	}
	rate, err := s.billing.RateOn(t.Context(), s.db, "EUR", "USD", day("2026-05-02"))
	s.must(err)
	equal(t, "from now on", "1.2", rate.Rate)
	equal(t, "what was posted keeps its rate", "0.8", s.detail(issued.ID).FxRate)
	wrong.OnDate = day("2026-05-02")
	if _, err := s.billing.CorrectRate(t.Context(), wrong); !errors.Is(err, billing.ErrNoRate) {
		t.Errorf("a day without a rate: %v", err)
	}
	page, err := s.billing.Fixings(t.Context(), billing.FixingQuery{Base: "EUR", Quote: "USD", Limit: 2, By: controller()})
	s.must(err)
	rest, err := s.billing.Fixings(t.Context(), billing.FixingQuery{Base: "EUR", Quote: "USD", After: page.Next, By: controller()})
	s.must(err)
	if len(page.Rows) != 2 || page.Rows[0].Version != 2 || page.Rows[1].Version != 1 || len(rest.Rows) != 1 || !rest.Rows[0].OnDate.Equal(day("2026-01-01")) {
		t.Errorf("list %+v, rest %+v", page, rest)
	}
	if n := value[int](t, s.db, `select count(*) from audit_log where stream = 'admin' and what = 'rate.corrected'`); n != 1 {
		t.Errorf("%d events", n)
	}
}

func TestRatesTellWhereTheyComeFrom(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.importRates("Bank of England", fixing("GBP", "EUR", "2026-05-04", "1.17"))
	for _, c := range []struct {
		base, quote, rate, fixed, source string
		inverse                          bool
		via                              money.Currency
	}{
		{"EUR", "USD", "1.25", "2026-05-01", "ECB", false, ""},
		{"USD", "EUR", "0.8", "2026-05-01", "ECB", true, ""},
		{"EUR", "GBP", "0.8547008547", "2026-05-04", "Bank of England", true, ""},
		{"GBP", "USD", "1.4625", "2026-05-01", "Bank of England, ECB", false, "EUR"},
		{"JPY", "GBP", "0.0053418803", "2026-01-01", "ECB, Bank of England", false, "EUR"}, // 1/160/1.17, rounded once
	} {
		got, err := s.billing.RateOn(t.Context(), s.db, money.Currency(c.base), money.Currency(c.quote), day("2026-05-12"))
		s.must(err)
		equal(t, c.base+c.quote, c.rate, got.Rate)
		if !got.FixedOn.Equal(day(c.fixed)) || got.Source != c.source || got.Inverse != c.inverse || got.Via != c.via {
			t.Errorf("%s%s: %+v", c.base, c.quote, got)
		}
	}
}

func TestARateTooOldIsRefused(t *testing.T) {
	t.Parallel()
	s := setup(t)
	if err := s.billing.SetRateAge(t.Context(), 31, person(3, access.Agent)); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("by an agent: %v", err)
	}
	s.must(s.billing.SetRateAge(t.Context(), 31, controller()))
	if _, err := s.billing.RateOn(t.Context(), s.db, "EUR", "JPY", day("2026-02-01")); err != nil {
		t.Errorf("on the 31st day: %v", err)
	}
	_, err := s.billing.RateOn(t.Context(), s.db, "EUR", "JPY", day("2026-02-02"))
	if !errors.Is(err, billing.ErrRateTooOld) || !errors.Is(err, billing.ErrNoRate) || errs.KindOf(err) != errs.Invalid {
		t.Fatalf("on the 32nd day: %v", err)
	}
	for _, word := range []string{"base=EUR", "quote=JPY", "on=2026-02-02", "fixed=2026-01-01", "days=31"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%v does not name %s", err, word)
		}
	}
	if _, err := s.billing.RateOn(t.Context(), s.db, "USD", "JPY", day("2026-05-12")); !errors.Is(err, billing.ErrRateTooOld) {
		t.Errorf("a cross with one leg too old: %v", err)
	}
	if _, err := s.billing.IssueInvoice(t.Context(), s.invoice("JPY", line("100", "10"))); !errors.Is(err, billing.ErrRateTooOld) {
		t.Errorf("an invoice: %v", err)
	}
	// A fresh way round is taken before an old direct rate.
	s.do(func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `insert into fx_rates (base, quote, on_date, rate, source) values
			('USD', 'JPY', '2026-01-02', 100, 'old'), ('EUR', 'JPY', '2026-05-10', 150, 'ECB')`)
		return err
	})
	got, err := s.billing.RateOn(t.Context(), s.db, "USD", "JPY", day("2026-05-12"))
	s.must(err)
	equal(t, "through the euro", "120", got.Rate)
}
