package billing_test

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/db"
	"makegood/internal/dbtest"
)

// What was known of an evening is by the clock of the legal entity, as what was in dispute is: late in the west and early in the east the day is
// another than by UTC.
func TestAnEveningIsThatOfTheEntity(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		zone string
		at   time.Time // when something is posted
		day  string    // which is this day there
	}{
		{"Europe/Berlin", time.Date(2026, 5, 12, 22, 30, 0, 0, time.UTC), "2026-05-13"},
		{"Asia/Tokyo", time.Date(2026, 5, 12, 23, 0, 0, 0, time.UTC), "2026-05-13"},
		{"America/Los_Angeles", time.Date(2026, 5, 13, 6, 59, 0, 0, time.UTC), "2026-05-12"},
		{"America/Los_Angeles", time.Date(2026, 5, 13, 7, 0, 0, 0, time.UTC), "2026-05-13"},
	} {
		now := time.Date(2026, 5, 8, 12, 0, 0, 0, time.UTC)
		s := setupAt(t, func() time.Time { return now })
		s.do(func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `update legal_entities set time_zone = $2 where id = $1`, s.entity, c.zone)
			return err
		})
		first := s.issue(s.invoice("EUR", line("100", "0")))
		now = c.at
		s.issue(s.invoice("EUR", line("30", "0")))
		_, err := s.billing.RecordPayment(t.Context(), s.pay("EUR", "100", "2026-05-11", billing.Allocate{InvoiceID: first.ID, Amount: d("100")}))
		s.must(err)
		now = c.at.AddDate(0, 0, 10)
		for on, want := range map[time.Time]string{day(c.day).AddDate(0, 0, -1): "100", day(c.day): "30", day(c.day).AddDate(0, 0, 1): "30"} {
			where := c.zone + " at " + c.at.String() + ", known on " + on.Format(time.DateOnly) + ": "
			st, err := s.billing.StatementOf(t.Context(), s.db, billing.StatementInput{CustomerID: s.customer, From: day("2026-05-01"), To: day("2026-05-20"), KnownOn: on})
			s.must(err)
			equal(t, where+"closing", want, st.Closing)
			sum := decimal.Zero
			for i := range st.Items {
				sum = sum.Add(st.Items[i].Open)
			}
			equal(t, where+"items", want, sum)
			later, err := s.billing.StatementOf(t.Context(), s.db, billing.StatementInput{CustomerID: s.customer, From: day("2026-05-12"), To: day("2026-05-20"), KnownOn: on})
			s.must(err)
			equal(t, where+"opening", want, later.Opening)
			p, err := s.billing.PositionAsOf(t.Context(), s.db, s.customer, on, billing.KnownThen)
			s.must(err)
			equal(t, where+"position", want, p.Open)
			balances, err := s.billing.BalancesAsOf(t.Context(), s.db, s.customer, on, billing.KnownThen)
			s.must(err)
			if len(balances) != 1 {
				t.Fatalf("%s%+v", where, balances)
			}
			equal(t, where+"balance", want, balances[0].Receivable)
		}
	}
}

// What a customer owed before costs what was open, however much ever was: an invoice that was settled before is not looked at, so nothing that is
// done to its postings shows.
func TestAStatementLooksAtWhatWasOpen(t *testing.T) {
	t.Parallel()
	s := setup(t)
	settled := s.issue(s.invoice("EUR", line("100", "0")))
	s.paid("100", billing.Allocate{InvoiceID: settled.ID, Amount: d("100")})
	s.issue(s.invoice("EUR", line("30", "0")))
	dbtest.AsOwner(t, s.db, `update postings set amount = amount + 1000 where item_kind = 'invoice' and item_id = (select min(id) from invoices)`)
	st, err := s.billing.Statement(t.Context(), s.db, s.customer, "EUR", day("2026-05-13"), day("2026-05-20"))
	s.must(err)
	equal(t, "opening", "30", st.Opening)
}
