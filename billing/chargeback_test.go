package billing_test

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/db"
)

// stood is what the ledger has on an item at the end of a day, by one of its days.
func (s *shop) stood(kind billing.ItemKind, id int64, column, on string) decimal.Decimal {
	s.t.Helper()
	return value[decimal.Decimal](s.t, s.db, `select coalesce(sum(case item_kind when 'invoice' then amount else -amount end), 0) from postings
		where item_kind = $1 and item_id = $2 and `+column+` <= $3`, kind, id, day(on))
}

// What a partial chargeback leaves settled stays settled on every day, and what one that was won settles again is settled on the day the
// money was here again: a month's end that is over says what was so.
func TestAPartialChargebackIsOfItsDay(t *testing.T) {
	t.Parallel()
	s := setup(t)
	in := s.invoice("EUR", line("100", "0"))
	in.IssuedOn = day("2026-03-20")
	i := s.issue(in)
	p, err := s.billing.RecordPayment(t.Context(), s.pay("EUR", "100", "2026-03-25", billing.Allocate{InvoiceID: i.ID, Amount: d("100")}))
	s.must(err)
	stands := func(what, owed, unapplied, column, on string) {
		t.Helper()
		equal(t, what+", owed by "+column+" on "+on, owed, s.stood(billing.InvoiceItem, int64(i.ID), column, on))
		equal(t, what+", unapplied by "+column+" on "+on, unapplied, s.stood(billing.PaymentItem, int64(p.ID), column, on))
	}
	lost, err := s.billing.RecordChargeback(t.Context(), billing.NewChargeback{By: controller(), PaymentID: p.ID, Amount: d("60"), ChargedOn: day("2026-04-20"), Reason: "fraud"})
	s.must(err)
	for _, column := range []string{"dated_on", "booked_on"} {
		stands("charged back", "0", "0", column, "2026-04-19")
		stands("charged back", "60", "0", column, "2026-04-20")
		stands("charged back", "60", "0", column, "2026-05-12")
	}
	_, err = s.billing.RecordChargebackWon(t.Context(), billing.WonChargeback{By: controller(), ID: lost.ID, ReturnedOn: day("2026-04-28"), Reason: "won"})
	s.must(err)
	for _, column := range []string{"dated_on", "booked_on"} {
		stands("won", "60", "0", column, "2026-04-27")
		stands("won", "0", "0", column, "2026-04-30")
	}

	s.closeMonth("2026-04") // what comes later of its days goes into the books of the next month, whole
	lost, err = s.billing.RecordChargeback(t.Context(), billing.NewChargeback{By: controller(), PaymentID: p.ID, Amount: d("30"), ChargedOn: day("2026-04-29"), Reason: "fraud"})
	s.must(err)
	stands("late", "30", "0", "dated_on", "2026-04-30")
	stands("late", "0", "0", "booked_on", "2026-04-30")
	stands("late", "30", "0", "booked_on", "2026-05-01")
	_, err = s.billing.RecordChargebackWon(t.Context(), billing.WonChargeback{By: controller(), ID: lost.ID, ReturnedOn: day("2026-04-30"), Reason: "won"})
	s.must(err)
	stands("won late", "0", "0", "dated_on", "2026-04-30")
	stands("won late", "0", "0", "booked_on", "2026-05-01")
	s.sound()
}

// What a pending refund keeps of a payment stays where it is: the chargeback takes what was applied.
func TestAChargebackBesideAPendingRefund(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.issue(s.invoice("EUR", line("50", "0")))
	p := s.paid("100", billing.Allocate{InvoiceID: i.ID, Amount: d("50")})
	request, a := s.reserve(payingOut(billing.ItemPart{Kind: billing.PaymentItem, ID: int64(p.ID), Amount: d("50")}))
	approval := s.approve(request, a)
	in := billing.NewChargeback{By: controller(), PaymentID: p.ID, ChargedOn: day("2026-05-11"), Reason: "fraud", Amount: d("20")}
	_, err := s.billing.RecordChargeback(t.Context(), in)
	s.must(err)
	equal(t, "owed", "20", s.open(billing.InvoiceItem, int64(i.ID)))
	in.Amount = d("30")
	_, err = s.billing.RecordChargeback(t.Context(), in)
	s.must(err)
	equal(t, "owed again", "50", s.open(billing.InvoiceItem, int64(i.ID)))
	in.Amount = d("0.01")
	if _, err := s.billing.RecordChargeback(t.Context(), in); fieldKey(err) != "billing.over_open" {
		t.Errorf("of what the request keeps: %v", err)
	}
	_, err = s.postAny(billing.PostAdjustment{CreditRequestID: request, ApprovalID: approval, Adjustment: a, Explanation: "Because.", By: controller()})
	s.must(err)
	equal(t, "left of the payment", "0", s.open(billing.PaymentItem, int64(p.ID)))
	s.sound()
}

// A chargeback that is recorded late takes back what was settled after its day on the day of that: before it nothing was settled that could be
// open again. So does what is settled again when it was won.
func TestALateChargebackTakesBackWhatCameAfterItOnItsOwnDay(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 4, 7, 30, 0, 0, time.UTC)
	s := setupAt(t, func() time.Time { return now })
	in := s.invoice("EUR", line("100", "0"))
	in.IssuedOn = day("2026-04-01")
	i := s.issue(in)
	p, err := s.billing.RecordPayment(t.Context(), s.pay("EUR", "100", "2026-04-20"))
	s.must(err)
	_, err = s.billing.Apply(t.Context(), billing.ApplyInput{By: controller(), Parts: []billing.ApplyPart{{Kind: billing.PaymentItem, ID: int64(p.ID), InvoiceID: i.ID, Amount: d("100")}}})
	s.must(err)
	now = now.AddDate(0, 0, 2)
	lost, err := s.billing.RecordChargeback(t.Context(), billing.NewChargeback{By: controller(), PaymentID: p.ID, Amount: d("60"), ChargedOn: day("2026-04-29"), Reason: "fraud"})
	s.must(err)
	stands := func(what, owed, unapplied, on string) {
		t.Helper()
		for _, column := range []string{"dated_on", "booked_on"} {
			equal(t, what+", owed by "+column+" on "+on, owed, s.stood(billing.InvoiceItem, int64(i.ID), column, on))
			equal(t, what+", unapplied by "+column+" on "+on, unapplied, s.stood(billing.PaymentItem, int64(p.ID), column, on))
		}
	}
	stands("charged back", "100", "100", "2026-04-28")
	stands("charged back", "100", "40", "2026-04-30")
	stands("charged back", "60", "0", "2026-05-04")
	stands("charged back", "60", "0", "2026-05-06")
	_, err = s.billing.RecordChargebackWon(t.Context(), billing.WonChargeback{By: controller(), ID: lost.ID, ReturnedOn: day("2026-05-02"), Reason: "won"})
	s.must(err)
	stands("won", "100", "100", "2026-05-02")
	stands("won", "0", "0", "2026-05-04")
	s.sound()
}

// What a bank did has happened, and in its order: received, taken back, given back. The database holds it too.
func TestDaysOfABank(t *testing.T) {
	t.Parallel()
	s := setup(t) // 12 May 2026
	for on, want := range map[string]string{"2026-05-13": "billing.money_not_yet", "2062-05-12": "billing.money_not_yet", "2026-05-12": ""} {
		if _, err := s.billing.RecordPayment(t.Context(), s.pay("EUR", "1", on)); fieldKey(err) != want {
			t.Errorf("received on %s: %v", on, err)
		}
	}
	p := s.paid("100")
	charged := func(on string) (billing.Chargeback, error) {
		return s.billing.RecordChargeback(t.Context(), billing.NewChargeback{By: controller(), PaymentID: p.ID, Amount: d("10"), ChargedOn: day(on), Reason: "fraud"})
	}
	for on, want := range map[string]string{
		p.ReceivedOn.AddDate(0, 0, -1).Format(time.DateOnly): "billing.charged_before_received", "2026-05-13": "billing.money_not_yet", "2062-05-12": "billing.money_not_yet",
	} {
		if _, err := charged(on); fieldKey(err) != want {
			t.Errorf("charged back on %s: %v", on, err)
		}
	}
	lost, err := charged("2026-05-11")
	s.must(err)
	won := func(on time.Time) (billing.Chargeback, error) {
		return s.billing.RecordChargebackWon(t.Context(), billing.WonChargeback{By: controller(), ID: lost.ID, ReturnedOn: on, Reason: "won"})
	}
	for on, want := range map[string]string{"2026-05-10": "billing.returned_before_charged", "2026-05-13": "billing.money_not_yet"} {
		if _, err := won(day(on)); fieldKey(err) != want {
			t.Errorf("given back on %s: %v", on, err)
		}
	}
	err = s.db.Do(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `insert into chargebacks (entity_id, number, series, fiscal_year, sequence_no, payment_id, customer_id, currency, amount, charged_on, fx_rate, reverses_id, posted_at)
			select entity_id, 'CB-X', series, fiscal_year, sequence_no + 1, payment_id, customer_id, currency, amount, '2026-05-10', fx_rate, id, posted_at from chargebacks`)
		return err
	})
	if !db.Violates(err, "chargeback_in_order") {
		t.Errorf("the database took a day before it: %v", err)
	}
	today, err := won(time.Time{})
	s.must(err)
	if !today.ChargedOn.Equal(day("2026-05-12")) {
		t.Errorf("given back today, on %s", today.ChargedOn)
	}
	s.sound()
}
