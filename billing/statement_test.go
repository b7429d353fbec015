package billing_test

import (
	"testing"

	"makegood/billing"
)

func TestStatementOfAccount(t *testing.T) {
	t.Parallel()
	s := setup(t)
	old := s.invoice("EUR", line("100", "0"))
	old.IssuedOn = day("2026-03-10")
	first := s.issue(old)
	second := s.issue(s.invoice("EUR", line("50", "0")))
	s.paid("30", billing.Allocate{InvoiceID: first.ID, Amount: d("30")})
	s.hold(second.ID, nil, 1, "20")
	s.carried(credit(billing.BillingError, second.ID, billing.AdjustLine{InvoiceLineID: second.Lines[0].ID, Amount: d("10")}))
	st, err := s.billing.Statement(t.Context(), s.db, s.customer, "", day("2026-05-01"), day("2026-05-31"))
	s.must(err)
	equal(t, "opening", "100", st.Opening)
	equal(t, "closing", "110", st.Closing)
	equal(t, "to pay now", "90", st.Undisputed())
	want := []string{"2026-05-01 invoice DE-2026-00002 150", "2026-05-08 payment PAY-DE-2026-00001 120", "2026-05-12 credit_memo CM-DE-2026-00001 110"}
	if len(st.Lines) != len(want) {
		t.Fatalf("%d lines", len(st.Lines))
	}
	for i, l := range st.Lines {
		if got := l.On.Format("2006-01-02") + " " + l.Kind + " " + l.Number + " " + l.Balance.String(); got != want[i] {
			t.Errorf("line %d: %s", i, got)
		}
	}
	if st.Lines[2].Refers != second.Number || len(st.Items) != 2 {
		t.Errorf("refers to %q; %d open items", st.Lines[2].Refers, len(st.Items))
	}
}

// A payment of April is recorded in May: April was one thing as it was known then, and is another as it is known now.
func TestAPastDayIsToldTwoWays(t *testing.T) {
	t.Parallel()
	s := setup(t)
	in := s.invoice("EUR", line("100", "0"))
	in.IssuedOn = day("2026-04-01")
	i := s.issue(in) // on 12 May, like everything here
	_, err := s.billing.RecordPayment(t.Context(), s.pay("EUR", "40", "2026-04-20", billing.Allocate{InvoiceID: i.ID, Amount: d("40")}))
	s.must(err)
	for _, c := range []struct {
		on                        string
		basis                     billing.Basis
		open, aged, notDue, owing string
	}{
		{"2026-04-10", billing.KnownNow, "100", "0", "100", "100"},
		{"2026-04-30", billing.KnownNow, "60", "0", "60", "60"},
		{"2026-05-20", billing.KnownNow, "60", "60", "0", "60"},
		{"2026-04-30", billing.KnownThen, "0", "0", "0", "0"},
		{"2026-05-12", billing.KnownThen, "60", "60", "0", "60"},
	} {
		p, err := s.billing.PositionAsOf(t.Context(), s.db, s.customer, day(c.on), c.basis)
		s.must(err)
		equal(t, c.on+" open", c.open, p.Open)
		equal(t, c.on+" 1 to 30", c.aged, p.Days1to30)
		equal(t, c.on+" not due", c.notDue, p.NotDue)
		equal(t, c.on+" collectible", c.owing, p.Collectible)
	}
}
