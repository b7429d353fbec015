package billing_test

import (
	"testing"

	"github.com/shopspring/decimal"

	"makegood/billing"
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
