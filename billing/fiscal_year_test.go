package billing_test

import (
	"testing"
	"time"

	"makegood/internal/dbtest"
)

// TestFiscalYearFromApril numbers documents on both sides of a fiscal year's first midnight, which is the legal entity's own and
// not that of UTC.
func TestFiscalYearFromApril(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 31, 21, 59, 0, 0, time.UTC) // 23:59 in Hamburg
	s := setupAt(t, func() time.Time { return at })
	dbtest.AsOwner(t, s.db, `update legal_entities set fiscal_month = 4`)
	in := s.invoice("EUR", line("100.00", "19"))
	in.IssuedOn, in.ServiceFrom, in.ServiceTo = day("2026-03-31"), day("2026-03-01"), day("2026-03-31")
	old := s.issue(in)
	first := s.credited(old, onLine(old, 0, "10.00"))
	at = at.Add(2 * time.Minute) // 00:01 on 1 April in Hamburg, still 31 March in UTC
	in.IssuedOn = day("2026-04-01")
	young := s.issue(in)
	second := s.credited(old, onLine(old, 0, "10.00"))
	third := s.credited(young, onLine(young, 0, "10.00"))
	for got, want := range map[string]string{
		old.Number: "DE-2025-00001", young.Number: "DE-2026-00001",
		first.Number: "CM-DE-2025-00001", second.Number: "CM-DE-2026-00001", third.Number: "CM-DE-2026-00002",
	} {
		if got != want {
			t.Errorf("numbered %s, not %s", got, want)
		}
	}
	s.sound()
}
