package credits_test

import (
	"errors"
	"testing"
	"time"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/db"
)

// A refund is paid out by somebody who neither asked for it nor signed it, once, and not when it was taken back.
func TestARefundIsPaidOutByAnother(t *testing.T) {
	t.Parallel()
	k := setup(t)
	var cashier access.Actor
	k.do(func(tx *db.Tx) error { cashier = k.person(tx, "Ida Holm", access.Collections); return nil })
	refund := func(amount string) string {
		paid := k.pay(k.customer, amount)
		in := k.ask(billing.RefundOut)
		in.Destination, in.Items = "DE•• 4711", []billing.ItemPart{{Kind: billing.PaymentItem, ID: int64(paid.ID), Amount: d(amount)}}
		return k.finish(k.submit(in)).DocumentNumber
	}
	first, second := refund("60"), refund("70")
	due := func() (numbers string) {
		list, err := k.billing.PayoutsDue(t.Context(), cashier, k.entity, 0)
		k.must(err)
		for _, f := range list {
			numbers += f.Number + " "
		}
		return numbers
	}
	if got := due(); got != first+" "+second+" " {
		t.Fatalf("to be paid: %q", got)
	}
	today := billing.Date(k.clock.Now())
	pay := func(by access.Actor, number string, on time.Time, reference string) error {
		_, err := k.billing.RecordPayout(t.Context(), billing.PayoutInput{By: by, Number: number, PaidOn: on, BankReference: reference})
		return err
	}
	// The database holds the separation for whatever right somebody has.
	asked, signed := k.agent, k.lead
	asked.Roles, signed.Roles = []access.Role{access.Controller}, []access.Role{access.Controller}
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"an agent":            {pay(k.second, first, today, "B-1"), access.ErrForbidden.Key},
		"who asked for it":    {pay(asked, first, today, "B-1"), billing.ErrPaidByItself.Key},
		"who signed it":       {pay(signed, first, today, "B-1"), billing.ErrPaidByItself.Key},
		"without a reference": {pay(cashier, first, today, " "), "bank_reference billing.payout_reference"},
		"before it":           {pay(cashier, first, today.AddDate(0, 0, -1), "B-1"), "paid_on billing.payout_before_refund"},
		"tomorrow":            {pay(cashier, first, today.AddDate(0, 0, 1), "B-1"), "paid_on billing.payout_in_future"},
		"no refund":           {pay(cashier, "RF-DE-1999-00001", today, "B-1"), billing.ErrNoAdjustment.Key},
	} {
		if got := problem(c.err); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	k.must(pay(cashier, first, today, " B-4711 "))
	if err := pay(cashier, first, today, "B-1"); !errors.Is(err, billing.ErrNotDue) {
		t.Errorf("paid twice: %v", err)
	}
	row, err := k.billing.RefundByNumber(t.Context(), k.db, first)
	k.must(err)
	if p, err := k.billing.PayoutOf(t.Context(), k.db, row.ID); err != nil || p == nil || p.BankReference != "B-4711" || p.PaidBy != cashier.UserID || !p.PaidOn.Equal(today) {
		t.Errorf("%+v %v", p, err)
	}
	paid := k.ask(billing.Reverse)
	paid.Reverses = billing.DocumentRef{Kind: billing.RefundDoc, ID: int64(row.ID)}
	if _, err := k.credits.Submit(t.Context(), paid); problem(err) != billing.ErrRefundPaid.Key {
		t.Errorf("what was paid is taken back: %v", err)
	}
	taken, err := k.billing.RefundByNumber(t.Context(), k.db, second)
	k.must(err)
	back := k.ask(billing.Reverse)
	back.Reverses = billing.DocumentRef{Kind: billing.RefundDoc, ID: int64(taken.ID)}
	asking := k.submit(back)
	if err := pay(cashier, second, today, "B-2"); problem(err) != "billing.payout_taken_back" || due() != "" {
		t.Errorf("being taken back: %v, to be paid %q", err, due())
	}
	k.finish(asking)
	if err := pay(cashier, second, today, "B-2"); !errors.Is(err, billing.ErrNotDue) || due() != "" {
		t.Errorf("taken back: %v, to be paid %q", err, due())
	}
}
