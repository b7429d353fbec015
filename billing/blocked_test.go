package billing_test

import (
	"errors"
	"testing"

	"makegood/billing"
	"makegood/internal/errs"
)

// giveUp writes an amount off of an invoice.
func (s *shop) giveUp(id billing.InvoiceID, amount string) billing.DocumentRef {
	s.t.Helper()
	return s.carried(billing.AdjustmentInput{Kind: billing.WriteOff, ReasonCode: "overcharge", Items: []billing.ItemPart{
		{Kind: billing.InvoiceItem, ID: int64(id), Amount: d(amount)},
	}}).Document
}

// blockedBy is what stands on a document that is to be taken back.
func (s *shop) blockedBy(doc billing.DocumentRef) string {
	s.t.Helper()
	_, err := s.billing.PrepareAdjustment(s.t.Context(), s.db, billing.AdjustmentInput{Kind: billing.Reverse, ReasonCode: "overcharge", Reverses: doc})
	var refused *errs.Error
	if !errors.Is(err, billing.ErrReversalBlocked) || !errors.As(err, &refused) {
		s.t.Fatalf("taking back %s: %v", doc.Number, err)
	}
	return refused.Params["blocker"]
}

// What is owed by a debit memo and was given up is taken back in the opposite order: the write-off first.
func TestAWriteOffStandsOnADebitMemo(t *testing.T) {
	t.Parallel()
	s := setup(t)
	debit := s.carried(billing.AdjustmentInput{
		Kind: billing.Debit, CustomerID: s.customer, ReasonCode: "overcharge", Bill: &billing.Bill{Lines: []billing.NewLine{line("50", "19")}},
	})
	off := s.giveUp(debit.Invoice.ID, "9.50")
	if got := s.blockedBy(debit.Document); got != off.Number {
		t.Errorf("blocked by %s, want %s", got, off.Number)
	}
	s.takeBack(off)
	s.takeBack(debit.Document)
	equal(t, "nothing is owed", "0", s.account())
	s.sound()
}

// So is what a rebill charges.
func TestAWriteOffStandsOnARebill(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.issue(s.invoice("EUR", line("100", "19")))
	rebill := s.carried(billing.AdjustmentInput{
		Kind: billing.Rebill, InvoiceID: i.ID, ReasonCode: "overcharge", Bill: &billing.Bill{Lines: []billing.NewLine{line("80", "19")}},
	})
	off := s.giveUp(rebill.Invoice.ID, "95.20")
	if got := s.blockedBy(rebill.Document); got != off.Number {
		t.Errorf("blocked by %s, want %s", got, off.Number)
	}
	s.takeBack(off)
	s.takeBack(rebill.Document)
	equal(t, "the old one is owed", "119", s.account())
	s.sound()
}
