package billing_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/shopspring/decimal"

	"makegood/billing"
)

// Numeric cases that other billing engines assert, restated. The names say where the figures come from: L and K are two
// open engines. Where ours differs on purpose, the case says why.

func taxed(net, rate string) billing.NewLine { return line(net, rate) }

func onLine(i billing.InvoiceDetail, at int, amount string) billing.AdjustLine {
	return billing.AdjustLine{InvoiceLineID: i.Lines[at].ID, Amount: d(amount)}
}

func onList(i billing.InvoiceDetail, at int, list string) billing.AdjustLine {
	return billing.AdjustLine{InvoiceLineID: i.Lines[at].ID, List: d(list)}
}

func (s *shop) credited(i billing.InvoiceDetail, lines ...billing.AdjustLine) *billing.CreditMemo {
	s.t.Helper()
	return s.carried(credit(billing.BillingError, i.ID, lines...)).Memo
}

func sums(t *testing.T, m *billing.CreditMemo, net, tax, total string) {
	t.Helper()
	equal(t, "net", net, m.Net)
	equal(t, "tax", tax, m.Tax)
	equal(t, "total", total, m.Total)
}

func TestL1PartOfTwoLines(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.issue(s.invoice("EUR", taxed("200.00", "25"), taxed("50.00", "25")))
	sums(t, s.credited(i, onLine(i, 0, "193.33")), "193.33", "48.33", "241.66")
	s.sound()
}

func TestL3SixSeventhsAtAnOddRate(t *testing.T) {
	t.Parallel()
	s := setup(t)
	seven := taxed("4.284286", "23.33")
	seven.Quantity = d("7")
	i := s.issue(s.invoice("EUR", seven))
	equal(t, "billed", "29.99", i.Net)
	equal(t, "tax billed", "7.00", i.Tax)
	sums(t, s.credited(i, billing.AdjustLine{InvoiceLineID: i.Lines[0].ID, Quantity: new(d("6"))}), "25.71", "6.00", "31.71")
	s.sound()
}

func TestL4TwoUnequalParts(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.issue(s.invoice("EUR", taxed("769.00", "20")))
	first := s.credited(i, onLine(i, 0, "726.86"))
	sums(t, first, "726.86", "145.37", "872.23")
	second := s.credited(i, onLine(i, 0, "42.14"))
	sums(t, second, "42.14", "8.43", "50.57")
	equal(t, "together the invoice", "922.80", first.Total.Add(second.Total))
	s.sound()
}

func TestL5TwoEqualLinesOneByOne(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.issue(s.invoice("EUR", taxed("68.33", "20"), taxed("68.33", "20")))
	equal(t, "invoice", "163.99", i.Total)
	equal(t, "first", "82.00", s.credited(i, onLine(i, 0, "68.33")).Total)
	equal(t, "second", "81.99", s.credited(i, onLine(i, 1, "68.33")).Total)
	s.sound()
}

func TestL7CouponAndTwoTaxesOnALine(t *testing.T) {
	t.Parallel()
	s := setup(t)
	second := taxed("399.00", "10")
	second.MoreTaxes = []billing.LineTax{{Code: "city", Category: "S", Rate: d("10")}}
	in := s.invoice("EUR", taxed("179.00", "10"), second)
	in.Discounts = []billing.NewDiscount{{Label: "Coupon", Amount: d("250.00"), Lines: []int{1}}}
	i := s.issue(in)
	s.paid("12.00", billing.Allocate{InvoiceID: i.ID, Amount: d("12.00")})
	whole := billing.AdjustmentInput{Kind: billing.BillingError, InvoiceID: i.ID, ReasonCode: "overcharge", Whole: true, Refund: d("12.01")}
	if _, err := s.carry(whole); fieldKey(err) != "billing.nothing_to_refund" {
		t.Errorf("a cent more than was paid is refunded: %v", err)
	}
	whole.Refund = d("12.00")
	m := s.carried(whole).Memo
	sums(t, m, "328.00", "47.70", "375.70")
	equal(t, "coupon that goes back", "250.00", value[decimal.Decimal](t, s.db, `select sum(discount) from credit_memo_lines where credit_memo_id = $1`, m.ID))
	equal(t, "nothing is left open", "0", s.open(billing.InvoiceItem, int64(i.ID)))
	s.sound()
}

// The peer gives 0.49 of tax: it rounds each line's 0.10 less its coupon share. Tax belongs to the document: 4.98 at 10 %
// is 0.498, rounded once 0.50.
func TestL9CouponSharesOnFiveLines(t *testing.T) {
	t.Parallel()
	s := setup(t)
	in := s.invoice("EUR", taxed("1000.00", "10"), taxed("900.00", "10"), taxed("800.00", "10"), taxed("700.00", "10"), taxed("600.00", "10"), taxed("137.79", "10"))
	in.Discounts = []billing.NewDiscount{{Label: "Coupons", Amount: d("20.00")}}
	i := s.issue(in)
	m := s.credited(i, onList(i, 0, "1.00"), onList(i, 1, "1.00"), onList(i, 2, "1.00"), onList(i, 3, "1.00"), onList(i, 4, "1.00"))
	sums(t, m, "4.98", "0.50", "5.48")
	equal(t, "coupon share", "0.02", value[decimal.Decimal](t, s.db, `select sum(discount) from credit_memo_lines where credit_memo_id = $1`, m.ID))
	s.credited(i, onList(i, 0, "999.00"), onList(i, 1, "899.00"), onList(i, 2, "799.00"), onList(i, 3, "699.00"), onList(i, 4, "599.00"), onList(i, 5, "137.79"))
	equal(t, "credited in two, nothing left", "0", s.open(billing.InvoiceItem, int64(i.ID)))
	s.sound()
}

func TestL11UnusedDaysOfAMonthAreRefunded(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.issue(s.invoice("EUR", taxed("31.00", "20"), taxed("31.00", "20")))
	s.paid("74.40", billing.Allocate{InvoiceID: i.ID, Amount: d("74.40")})
	in := credit(billing.BillingError, i.ID, onLine(i, 0, "16.00"))
	in.Refund = d("19.20")
	posted := s.carried(in)
	sums(t, posted.Memo, "16.00", "3.20", "19.20")
	equal(t, "refund", "19.20", posted.Refund.Amount)
	s.sound()
}

func TestL15WhatIsRefusedSaysWhatRemains(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.issue(s.invoice("EUR", taxed("100.00", "0")))
	s.credited(i, onLine(i, 0, "99.00"))
	refund := credit(billing.BillingError, i.ID, onLine(i, 0, "1.00"))
	refund.Refund = d("1.00")
	for name, c := range map[string]struct {
		in  billing.AdjustmentInput
		key string
	}{
		"ten more":                      {credit(billing.BillingError, i.ID, onLine(i, 0, "10.00")), "billing.only_remaining"},
		"a negative amount":             {credit(billing.BillingError, i.ID, onLine(i, 0, "-1.00")), "billing.bad_amount"},
		"nothing":                       {credit(billing.BillingError, i.ID, onLine(i, 0, "0")), "billing.bad_amount"},
		"a refund on an unpaid invoice": {refund, "billing.nothing_to_refund"},
	} {
		_, err := s.carry(c.in)
		if fieldKey(err) != c.key {
			t.Errorf("%s: %v", name, err)
		}
		if c.key == "billing.only_remaining" && remaining(err) != "1.00 EUR" {
			t.Errorf("%s: it says that %q remain", name, remaining(err))
		}
	}
	p := s.paid("5")
	_, err := s.billing.Apply(t.Context(), billing.ApplyInput{By: controller(), Parts: []billing.ApplyPart{
		{Kind: billing.PaymentItem, ID: int64(p.ID), InvoiceID: i.ID, Amount: d("1.01")},
	}})
	if fieldKey(err) != billing.ErrOverOpen.Key {
		t.Errorf("applied over what is due: %v", err)
	}
	s.sound()
}

func TestL17CreditsAreUsedOnceAndInFull(t *testing.T) {
	t.Parallel()
	s := setup(t)
	var invoices []billing.InvoiceDetail
	var credits []billing.ItemPart
	for n := range 3 {
		paid := s.issue(s.invoice("EUR", taxed(fmt.Sprint(10+n), "0")))
		s.paid(paid.Total.String(), billing.Allocate{InvoiceID: paid.ID, Amount: paid.Total})
		memo := s.carried(billing.AdjustmentInput{Kind: billing.BillingError, InvoiceID: paid.ID, ReasonCode: "overcharge", Whole: true}).Memo
		credits = append(credits, billing.ItemPart{Kind: billing.MemoItem, ID: int64(memo.ID), Amount: memo.Total})
		invoices = append(invoices, s.issue(s.invoice("EUR", taxed("100", "0"))))
	}
	var wg sync.WaitGroup
	wins := make(chan int, 9)
	for n, i := range invoices { // each invoice wants all three
		for _, c := range credits {
			wg.Go(func() {
				_, err := s.billing.Apply(t.Context(), billing.ApplyInput{By: controller(), Parts: []billing.ApplyPart{
					{Kind: c.Kind, ID: c.ID, InvoiceID: i.ID, Amount: c.Amount},
				}})
				if err == nil {
					wins <- n
				}
			})
		}
	}
	wg.Wait()
	if len(wins) != 3 {
		t.Errorf("%d applications of 3 credits", len(wins))
	}
	for _, c := range credits {
		equal(t, "left of the credit", "0", s.open(billing.MemoItem, c.ID))
	}
	s.sound()
}

func TestL17OfTwoVoidsOneSucceeds(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.issue(s.invoice("EUR", taxed("100", "19")))
	memo := s.carried(credit(billing.BillingError, i.ID, onLine(i, 0, "40")))
	results := together(2, func(n int) (billing.Posted, error) {
		twin := *s
		twin.requests += int64(10 * (n + 1)) // a request of its own
		return (&twin).carry(billing.AdjustmentInput{Kind: billing.Reverse, ReasonCode: "overcharge", Reverses: memo.Document})
	})
	done, refused := 0, 0
	for _, r := range results {
		switch {
		case r.err == nil:
			done++
		case errors.Is(r.err, billing.ErrReversedBefore):
			refused++
		}
	}
	if done != 1 || refused != 1 || value[int](t, s.db, `select count(*) from reversals`) != 1 {
		t.Errorf("%d done, %d refused: %v", done, refused, results)
	}
	equal(t, "open", "119", s.open(billing.InvoiceItem, int64(i.ID)))
	s.sound()
}

func TestK1TheRestOfAnItem(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.issue(s.invoice("EUR", taxed("2399.95", "0")))
	s.credited(i, onLine(i, 0, "1000"))
	s.credited(i, onLine(i, 0, "1000"))
	rest := s.carried(billing.AdjustmentInput{Kind: billing.BillingError, InvoiceID: i.ID, ReasonCode: "overcharge", Whole: true}).Memo
	equal(t, "the rest", "399.95", rest.Total)
	equal(t, "balance", "0", s.open(billing.InvoiceItem, int64(i.ID)))
	if _, err := s.carry(billing.AdjustmentInput{Kind: billing.BillingError, InvoiceID: i.ID, ReasonCode: "overcharge", Whole: true}); fieldKey(err) != "billing.nothing_remains" {
		t.Errorf("once more: %v", err)
	}
	s.sound()
}

// An item of 25.00, paid, is repriced to 15.00; then money goes out in three ways. The figures are the peer's. One step is
// ours: it pays "plain" 20.00 out straight from a paid invoice; here the payment is taken off the invoice first, so that
// the ledger says the invoice is owed again before the money leaves.
func TestK3RefundsAfterARepricing(t *testing.T) {
	t.Parallel()
	begin := func(t *testing.T) (*shop, billing.InvoiceDetail, billing.Payment, *billing.CreditMemo) {
		t.Helper()
		s := setup(t)
		i := s.issue(s.invoice("EUR", taxed("25.00", "0")))
		p := s.paid("25.00", billing.Allocate{InvoiceID: i.ID, Amount: d("25.00")})
		return s, i, p, s.credited(i, onLine(i, 0, "10.00"))
	}
	refund := func(amount string, kind billing.ItemKind, id int64) billing.AdjustmentInput {
		return billing.AdjustmentInput{Kind: billing.RefundOut, ReasonCode: "refund_not_received", Items: []billing.ItemPart{{Kind: kind, ID: id, Amount: d(amount)}}}
	}
	t.Run("7.00 plain", func(t *testing.T) {
		t.Parallel()
		s, _, _, memo := begin(t)
		s.carried(refund("7.00", billing.MemoItem, int64(memo.ID)))
		equal(t, "account", "-3.00", s.account())
	})
	t.Run("7.00 with an adjustment", func(t *testing.T) {
		t.Parallel()
		s, i, _, _ := begin(t)
		in := credit(billing.BillingError, i.ID, onLine(i, 0, "7.00"))
		in.Refund = d("7.00")
		s.carried(in)
		equal(t, "account", "-10.00", s.account())
	})
	t.Run("20.00 plain", func(t *testing.T) {
		t.Parallel()
		s, i, p, _ := begin(t)
		s.must(s.billing.Unapply(t.Context(), billing.UnapplyInput{By: controller(), IDs: []int64{s.detail(i.ID).Allocations[0].ID}, Reason: "refund"}))
		s.carried(refund("20.00", billing.PaymentItem, int64(p.ID)))
		equal(t, "account", "10.00", s.account())
		s.sound()
	})
}

func TestK5ChargebackAndItsReversal(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.issue(s.invoice("EUR", taxed("249.95", "0")))
	p := s.paid("10.00", billing.Allocate{InvoiceID: i.ID, Amount: d("10.00")})
	equal(t, "paid", "239.95", s.open(billing.InvoiceItem, int64(i.ID)))
	in := billing.NewChargeback{By: controller(), PaymentID: p.ID, ChargedOn: day("2026-05-11"), Reason: "fraud", IdempotencyKey: "cb-1"}
	c, err := s.billing.RecordChargeback(t.Context(), in)
	s.must(err)
	again, err := s.billing.RecordChargeback(t.Context(), in)
	s.must(err)
	if again.Number != c.Number {
		t.Errorf("the same again is %s, not %s", again.Number, c.Number)
	}
	equal(t, "charged back", "249.95", s.open(billing.InvoiceItem, int64(i.ID)))
	equal(t, "nothing unapplied", "0", s.open(billing.PaymentItem, int64(p.ID)))
	for range 2 {
		_, err = s.billing.RecordChargebackWon(t.Context(), billing.WonChargeback{By: controller(), ID: c.ID, Reason: "won"})
		s.must(err)
		equal(t, "won", "239.95", s.open(billing.InvoiceItem, int64(i.ID)))
	}
	s.sound()
}

// A credit of 10.00 of which 5.00 paid another invoice is paid out whole. The figures are the peer's. It undoes the use by
// itself; here a person takes it back first, because the other invoice becomes due again and somebody has to know.
func TestK7CreditHalfUsedThenRefunded(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i, other := s.issue(s.invoice("EUR", taxed("10.00", "0"))), s.issue(s.invoice("EUR", taxed("5.00", "0")))
	s.paid("10.00", billing.Allocate{InvoiceID: i.ID, Amount: d("10.00")})
	memo := s.credited(i, onLine(i, 0, "10.00"))
	made, err := s.billing.Apply(t.Context(), billing.ApplyInput{By: controller(), Parts: []billing.ApplyPart{
		{Kind: billing.MemoItem, ID: int64(memo.ID), InvoiceID: other.ID, Amount: d("5.00")},
	}})
	s.must(err)
	s.must(s.billing.Unapply(t.Context(), billing.UnapplyInput{By: controller(), IDs: []int64{made[0].ID}, Reason: "refund"}))
	s.carried(billing.AdjustmentInput{Kind: billing.RefundOut, ReasonCode: "refund_not_received", Items: []billing.ItemPart{{Kind: billing.MemoItem, ID: int64(memo.ID), Amount: d("10.00")}}})
	equal(t, "credit", "0", s.open(billing.MemoItem, int64(memo.ID)))
	equal(t, "the other invoice owes", "5.00", s.open(billing.InvoiceItem, int64(other.ID)))
	s.sound()
}

func TestK9AccountCreditThroughARebill(t *testing.T) {
	t.Parallel()
	s := setup(t)
	account := s.carried(billing.AdjustmentInput{
		Kind: billing.Concession, CustomerID: s.customer, ReasonCode: "overcharge",
		Lines: []billing.AdjustLine{{Description: "Welcome credit", Amount: d("20.00"), Tax: billing.LineTax{Category: "Z"}}},
	})
	i := s.issue(s.invoice("EUR", taxed("19.95", "0")))
	_, err := s.billing.Apply(t.Context(), billing.ApplyInput{By: controller(), Parts: []billing.ApplyPart{
		{Kind: billing.MemoItem, ID: account.Document.ID, InvoiceID: i.ID, Amount: d("19.95")},
	}})
	s.must(err)
	s.carried(billing.AdjustmentInput{
		Kind: billing.Rebill, InvoiceID: i.ID, ReasonCode: "charged_after_cancellation", Bill: &billing.Bill{Lines: []billing.NewLine{taxed("10.64", "0")}},
	})
	equal(t, "credit left", "-9.36", s.account())
	s.sound()
}
