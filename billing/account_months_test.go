package billing_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/ledger"
	"makegood/internal/db"
	"makegood/internal/money"
)

func decimalOf(n int64) string { return strconv.FormatInt(n, 10) }

// sumOf adds an account up the slow way.
func (s *shop) sumOf(account ledger.Account, before time.Time) map[money.Currency]decimal.Decimal {
	s.t.Helper()
	list, err := db.List[ledger.Balance](s.t.Context(), s.db, `select account, currency, sum(amount) as amount, sum(base_amount) as base_amount from postings
		where entity_id = $1 and account = $2 and booked_on < $3 group by 1, 2`, s.entity, string(account), before)
	s.must(err)
	sums := map[money.Currency]decimal.Decimal{}
	for _, b := range list {
		sums[b.Currency] = b.Amount.Add(b.BaseAmount)
	}
	return sums
}

func (s *shop) sumsAgree(what string) {
	s.t.Helper()
	for _, account := range []ledger.Account{ledger.Receivable, ledger.Unapplied, ledger.Revenue, ledger.Tax, ledger.Cash} {
		for on := day("2026-02-15"); on.Before(day("2026-06-10")); on = on.AddDate(0, 0, 5) {
			want := s.sumOf(account, on)
			got, err := ledger.Sums(s.t.Context(), s.db, int64(s.entity), account, on)
			s.must(err)
			if len(got) != len(want) {
				s.t.Errorf("%s: %s before %s in %d currencies, want %d", what, account, on.Format(time.DateOnly), len(got), len(want))
			}
			for _, b := range got {
				if sum := b.Amount.Add(b.BaseAmount); !sum.Equal(want[b.Currency]) {
					s.t.Errorf("%s: %s before %s is %s %s, want %s", what, account, on.Format(time.DateOnly), sum, b.Currency, want[b.Currency])
				}
			}
		}
	}
}

func (s *shop) monthsKept() int {
	s.t.Helper()
	n, err := db.Value[int](s.t.Context(), s.db, `select count(*)::int from account_months where entity_id = $1`, s.entity)
	s.must(err)
	return n
}

// Whatever months are kept, an account comes to what its postings add up to: before anything is kept, after, and when
// something was booked into a month that was kept.
func TestAnAccountComesToItsPostings(t *testing.T) {
	t.Parallel()
	c := open(t)
	issue := func(on, currency string) billing.InvoiceDetail {
		in := c.invoice(money.Currency(currency), line("100", "19"))
		in.IssuedOn, in.DueOn = day(on), day(on).AddDate(0, 0, 30)
		return c.issue(in)
	}
	first := issue("2026-02-20", "EUR")
	issue("2026-03-31", "EUR")
	issue("2026-04-01", "EUR")
	c.paid("60", billing.Allocate{InvoiceID: first.ID, Amount: d("60")})
	c.sumsAgree("nothing kept")
	taken, err := ledger.TakeMonths(t.Context(), c.db, day("2026-05-12"))
	c.must(err)
	if taken != 3 || c.monthsKept() != 3 {
		t.Fatalf("%d taken, %d kept: February to April have ended", taken, c.monthsKept())
	}
	c.sumsAgree("three months kept")
	c.sound()
	issue("2026-03-05", "EUR") // into a month that is kept
	if kept := c.monthsKept(); kept != 2 {
		t.Errorf("%d months kept after one was booked into", kept)
	}
	c.sumsAgree("March spoiled")
	if taken, err = ledger.TakeMonths(t.Context(), c.db, day("2026-05-13")); err != nil || taken != 1 {
		t.Errorf("%d taken anew, %v", taken, err)
	}
	c.sumsAgree("March taken anew")
	c.sound()
}

// A closed month is added up as it is closed, and its sums stand as they are, for the program and for its database role.
func TestTheSumsOfAClosedMonthStand(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.overdue("100") // April
	move := billing.PeriodMove{EntityID: c.entity, Month: day("2026-04-01"), By: controller(), Reason: "test"}
	_, err := c.billing.SoftClose(t.Context(), move)
	c.must(err)
	_, err = c.billing.Close(t.Context(), move)
	c.must(err)
	if c.monthsKept() != 1 {
		t.Fatalf("%d months kept after the close", c.monthsKept())
	}
	sums, err := ledger.Sums(t.Context(), c.db, int64(c.entity), ledger.Receivable, day("2026-05-01"))
	c.must(err)
	equal(t, "receivable", "119", sums[0].Amount)
	for _, statement := range []string{
		`update account_month_sums set amount = 0`, `delete from account_month_sums`, `delete from account_months`, `truncate account_months cascade`,
		`insert into account_months (entity_id, month) values (1, '2026-05-01')`,
		`insert into account_month_sums (entity_id, account, currency, month, amount, base_amount, postings) values (1, 'revenue', 'USD', '2026-04-01', 5, 5, 1)`,
	} {
		err := c.db.Do(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `set local role makegood_app; `+statement)
			return err
		})
		if err == nil {
			t.Errorf("not refused: %s", statement)
		}
	}
	in := c.invoice("EUR", line("100", "0"))
	in.IssuedOn = day("2026-04-20")
	c.issue(in) // booked in May, its first open day
	if c.monthsKept() != 1 {
		t.Error("a closed month lost its sums")
	}
	c.sound()
}
