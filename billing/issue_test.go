package billing_test

import (
	"errors"
	"fmt"
	"testing"

	"makegood/billing"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

func TestManyInvoicesAtOnce(t *testing.T) {
	t.Parallel()
	s := setup(t)
	in := make([]billing.NewInvoice, 2000)
	for n := range in {
		in[n] = s.invoice("EUR", line("19.99", "19"), line(fmt.Sprint(n+1), "7"))
		in[n].IssuedOn = day("2025-12-15").AddDate(0, 0, n/100)
	}
	var issued []billing.Invoice
	s.do(func(tx *db.Tx) error {
		var err error
		issued, err = s.billing.IssueInvoicesTx(t.Context(), tx, in)
		return err
	})
	if first, last := issued[0], issued[1999]; first.Number != "DE-2025-00001" || last.Number != "DE-2026-00300" {
		t.Errorf("numbers %s to %s", first.Number, last.Number)
	}
	if n := value[int](t, s.db, `select count(*) from audit_log where what = 'invoice.issued'`); n != 2000 {
		t.Errorf("%d events", n)
	}
	s.sound()
}

func TestInvoiceThatMakesNoSenseNamesItsFields(t *testing.T) {
	t.Parallel()
	s := setup(t)
	bad := line("100", "19")
	bad.Quantity, bad.TaxCategory = d("-1"), ""
	in := s.invoice("XXZ", bad)
	in.DueOn = day("2026-01-01")
	_, err := s.billing.IssueInvoice(t.Context(), in)
	var refusal *errs.Error
	if !errors.As(err, &refusal) || len(refusal.Fields) != 4 {
		t.Errorf("refused %v", err)
	}
	if _, err := s.billing.IssueInvoice(t.Context(), s.invoice("EUR", line("0", "19"))); errs.KindOf(err) != errs.Invalid {
		t.Errorf("invoice over nothing: %v", err)
	}
	if _, err := s.billing.IssueInvoice(t.Context(), s.invoice("CHF", line("1", "19"))); !errors.Is(err, billing.ErrNoRate) {
		t.Errorf("no rate: %v", err)
	}
}

func TestRatesAreTheLastFixedDirectlyOppositeOrThroughEuro(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for _, c := range []struct{ base, quote, on, want, fixed string }{
		{"EUR", "USD", "2026-04-30", "1.1", "2026-01-01"},
		{"EUR", "USD", "2026-05-01", "1.25", "2026-05-01"},
		{"USD", "EUR", "2026-05-02", "0.8", "2026-05-01"},
		{"USD", "JPY", "2026-05-02", "128", "2026-01-01"},
		{"CHF", "CHF", "2026-05-02", "1", "2026-05-02"},
	} {
		rate, fixed, err := s.billing.Rate(t.Context(), s.db, money.Currency(c.base), money.Currency(c.quote), day(c.on))
		s.must(err)
		equal(t, c.base+c.quote, c.want, rate)
		if !fixed.Equal(day(c.fixed)) {
			t.Errorf("%s%s fixed on %s", c.base, c.quote, fixed)
		}
	}
	if _, _, err := s.billing.Rate(t.Context(), s.db, "EUR", "USD", day("2025-12-31")); !errors.Is(err, billing.ErrNoRate) {
		t.Errorf("before the first: %v", err)
	}
}
