package billing_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/errs"
)

func TestCreditTermsAreKeptAndPassed(t *testing.T) {
	t.Parallel()
	s := setup(t)
	was, err := s.billing.CustomerByID(t.Context(), s.db, s.customer)
	s.must(err)
	good := billing.CreditTerms{By: controller(), Account: was.Account, Version: was.Version, Limit: new(d("100")), Hold: " Two promises were broken "}
	with := func(change func(in *billing.CreditTerms)) billing.CreditTerms {
		in := good
		change(&in)
		return in
	}
	for name, c := range map[string]struct {
		in         billing.CreditTerms
		field, key string
	}{
		"below zero":        {with(func(in *billing.CreditTerms) { in.Limit = new(d("-1")) }), "limit", ""},
		"half a cent":       {with(func(in *billing.CreditTerms) { in.Limit = new(d("1.005")) }), "limit", ""},
		"a long reason":     {with(func(in *billing.CreditTerms) { in.Hold = strings.Repeat("ä", 501) }), "hold", ""},
		"a stale version":   {with(func(in *billing.CreditTerms) { in.Version-- }), "", "billing.customer_changed"},
		"no such customer":  {with(func(in *billing.CreditTerms) { in.Account = "??" }), "", "billing.no_customer"},
		"an agent":          {with(func(in *billing.CreditTerms) { in.By.Roles = []access.Role{access.Agent} }), "", access.ErrForbidden.Key},
		"another's company": {with(func(in *billing.CreditTerms) { in.By.EntityIDs = []int64{999} }), "", "error.not_found"},
	} {
		_, err := s.billing.SetCreditTerms(t.Context(), c.in)
		var e *errs.Error
		if !errors.As(err, &e) || c.field == "" && e.Key != c.key || c.field != "" && (len(e.Fields) != 1 || e.Fields[0].Name != c.field) {
			t.Errorf("%s: %v", name, err)
		}
	}
	now, err := s.billing.SetCreditTerms(t.Context(), good)
	s.must(err)
	if now.CreditLimit == nil || !now.CreditLimit.Equal(d("100")) || now.CreditHold != "Two promises were broken" || now.Version != was.Version+1 {
		t.Errorf("%+v", now)
	}
	over := func(want string) {
		t.Helper()
		p, err := s.billing.Position(t.Context(), s.db, s.customer)
		s.must(err)
		equal(t, "over the limit", want, p.OverLimit())
		owed, err := billing.Owed(t.Context(), s.db, s.customer, "EUR")
		s.must(err)
		equal(t, "owed", p.Open.Sub(p.Unapplied).String(), owed)
	}
	over("0")
	s.issue(s.invoice("EUR", line("100", "19")))
	over("19")
	_, err = s.billing.RecordPayment(t.Context(), s.pay("EUR", "9", "2026-05-11")) // unapplied money counts
	s.must(err)
	over("10")
	then, err := s.billing.PositionAsOf(t.Context(), s.db, s.customer, day("2026-05-12"), billing.KnownNow)
	s.must(err)
	if then.CreditLimit != nil || !then.OverLimit().Equal(decimal.Zero) {
		t.Errorf("a past day knows today's limit: %+v", then)
	}
	good.Version, good.Limit, good.Hold = now.Version, nil, ""
	now, err = s.billing.SetCreditTerms(t.Context(), good)
	if err != nil || now.CreditLimit != nil || now.CreditHold != "" {
		t.Errorf("taken away: %+v %v", now, err)
	}
	over("0")
	if n := value[int](t, s.db, `select count(*)::int from audit_log where what = 'customer.credit_terms_set'`); n != 2 {
		t.Errorf("the trail has %d changes", n)
	}
	s.sound()
}
