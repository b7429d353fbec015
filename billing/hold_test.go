package billing_test

import (
	"testing"

	"makegood/billing"
	"makegood/internal/db"
)

func (s *shop) hold(invoice billing.InvoiceID, line *billing.InvoiceLineID, dispute int64, amount string) {
	s.t.Helper()
	s.do(func(tx *db.Tx) error {
		return s.billing.PlaceHoldTx(s.t.Context(), tx, billing.HoldInput{
			InvoiceID: invoice, InvoiceLineID: line, DisputeLineID: dispute, CaseID: 5, Amount: d(amount), ReasonCode: "wrong_price", By: controller(),
		})
	})
}

func (s *shop) contestable(want string, invoice billing.InvoiceID, line *billing.InvoiceLineID) {
	s.t.Helper()
	got, err := s.billing.Contestable(s.t.Context(), s.db, invoice, line)
	s.must(err)
	equal(s.t, "contestable", want, got)
}

func TestHoldsKeepDisputedMoneyOutOfCollection(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.issue(s.invoice("EUR", line("100.00", "19"), line("50.00", "19")))
	first := i.Lines[0].ID
	s.contestable("178.50", i.ID, nil)
	s.contestable("119", i.ID, &first)
	s.hold(i.ID, &first, 1, "19.00")
	s.hold(i.ID, &first, 2, "50.00")
	s.hold(i.ID, nil, 3, "9.00")
	s.contestable("50", i.ID, &first)
	s.contestable("100.50", i.ID, nil)
	position, err := s.billing.Position(t.Context(), s.db, s.customer)
	s.must(err)
	equal(t, "disputed", "78", position.Disputed)
	equal(t, "collectible", "100.50", position.Collectible)
	equal(t, "not due", "178.50", position.NotDue)
	s.hold(i.ID, &first, 2, "60.00")
	equal(t, "changed hold", "88", s.detail(i.ID).Open.Held)
	equal(t, "on the line", "79", s.detail(i.ID).Lines[0].HeldAmount)
	for range 2 {
		s.do(func(tx *db.Tx) error { return s.billing.ReleaseHoldTx(t.Context(), tx, 2, "decided") })
	}
	equal(t, "after release", "28", s.detail(i.ID).Open.Held)
	s.hold(i.ID, &first, 2, "10.00")
	equal(t, "disputed anew", "38", s.detail(i.ID).Open.Held)
	s.give(credit(billing.BillingError, i.ID, billing.AdjustLine{InvoiceLineID: first, Amount: d("50")}))
	s.contestable("30.50", i.ID, &first) // 59.50 left less 29.00 held
	s.sound()
	events := value[int](t, s.db, `select count(*) from audit_log where stream like 'books:%' and what like 'hold.%'`)
	if events != 6 {
		t.Errorf("%d events", events)
	}
}

func TestAHoldIsNeverMoreThanWhatIsOpen(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.issue(s.invoice("EUR", line("100.00", "0")))
	_, err := s.billing.RecordPayment(t.Context(), s.pay("EUR", "90", "2026-05-08", billing.Allocate{InvoiceID: i.ID, Amount: d("90")}))
	s.must(err)
	s.hold(i.ID, nil, 1, "60")
	equal(t, "held", "10", s.detail(i.ID).Open.Held)
	s.hold(i.ID, nil, 2, "40") // nothing left to keep from collection
	if holds := s.detail(i.ID).Holds; len(holds) != 1 {
		t.Errorf("holds %+v", holds)
	}
	s.contestable("90", i.ID, nil)
	s.sound()
}

// Holds on several invoices placed at once in opposite order do not wait for one another in a circle.
func TestHoldsOnSeveralInvoices(t *testing.T) {
	t.Parallel()
	s := setup(t)
	a, b := s.issue(s.invoice("EUR", line("100", "0"))), s.issue(s.invoice("EUR", line("100", "0")))
	for _, r := range together(20, func(n int) (int, error) {
		in := []billing.HoldInput{
			{InvoiceID: a.ID, DisputeLineID: int64(10 * n), CaseID: 1, Amount: d("1"), ReasonCode: "wrong_price"},
			{InvoiceID: b.ID, DisputeLineID: int64(10*n + 1), CaseID: 1, Amount: d("1"), ReasonCode: "wrong_price"},
		}
		if n%2 == 1 {
			in[0], in[1] = in[1], in[0]
		}
		return n, s.db.Do(t.Context(), func(tx *db.Tx) error { return s.billing.PlaceHoldsTx(t.Context(), tx, in) })
	}) {
		s.must(r.err)
	}
	equal(t, "held", "20", s.detail(a.ID).Open.Held)
	s.sound()
}
