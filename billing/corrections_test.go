package billing_test

import (
	"slices"
	"testing"

	"makegood/billing"
)

// history is what belongs to an invoice, as "link number amount about".
func (s *shop) history(id billing.InvoiceID) []string {
	s.t.Helper()
	list, err := s.billing.Corrections(s.t.Context(), s.db, id)
	s.must(err)
	var told []string
	for _, c := range list {
		told = append(told, string(c.Link)+" "+c.Kind+" "+c.Number+" "+c.Amount.StringFixed(2)+" "+c.About)
	}
	slices.Sort(told)
	return told
}

func same(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s\n got %q\nwant %q", what, got, want)
	}
}

// The history of an invoice names every document that corrects it, from both sides.
func TestAnInvoiceKnowsItsCorrections(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.issue(s.invoice("EUR", line("100", "19")))
	same(t, "as issued", s.history(i.ID))
	debit := s.carried(billing.AdjustmentInput{Kind: billing.Debit, InvoiceID: i.ID, ReasonCode: "overcharge", Bill: &billing.Bill{Lines: []billing.NewLine{line("5", "19")}}})
	memo := s.carried(credit(billing.BillingError, i.ID, billing.AdjustLine{InvoiceLineID: i.Lines[0].ID, Amount: d("10")}))
	writeOff := s.carried(billing.AdjustmentInput{Kind: billing.WriteOff, ReasonCode: "overcharge", Items: []billing.ItemPart{{Kind: billing.InvoiceItem, ID: int64(i.ID), Amount: d("3")}}})
	undone := s.takeBack(writeOff.Document)
	back := s.takeBack(memo.Document)
	rebill := s.carried(billing.AdjustmentInput{Kind: billing.Rebill, InvoiceID: i.ID, ReasonCode: "overcharge", Bill: &billing.Bill{Lines: []billing.NewLine{line("80", "19")}}})
	same(t, "the invoice", s.history(i.ID),
		"charged_by debit_memo "+debit.Document.Number+" 5.95 ",
		"credited_by credit_memo "+memo.Document.Number+" 11.90 ",
		"written_off_by write_off "+writeOff.Document.Number+" 3.00 ",
		"taken_back_by reversal "+undone.Document.Number+" 3.00 "+writeOff.Document.Number,
		"taken_back_by reversal "+back.Document.Number+" 11.90 "+memo.Document.Number,
		"credited_by credit_memo "+rebill.Memo.Number+" 119.00 ",
		"replaced_by invoice "+rebill.Invoice.Number+" 95.20 ")
	same(t, "the rebill", s.history(rebill.Invoice.ID), "replaces invoice "+i.Number+" 119.00 ")
	undebit := s.takeBack(debit.Document)
	same(t, "the debit memo", s.history(debit.Invoice.ID), "charges_more_on invoice "+i.Number+" 119.00 ", "taken_back_by reversal "+undebit.Document.Number+" 5.95 ")
	unbill := s.takeBack(rebill.Document)
	same(t, "the rebill that was taken back", s.history(rebill.Invoice.ID),
		"replaces invoice "+i.Number+" 119.00 ", "taken_back_by reversal "+unbill.Document.Number+" 119.00 "+rebill.Memo.Number)
}

// It also names what became of the credit: what was refunded of it, and what another customer of the family has.
func TestAnInvoiceKnowsWhatBecameOfItsCredits(t *testing.T) {
	t.Parallel()
	s := setup(t)
	in := s.invoice("EUR", line("100", "19"))
	in.CustomerID = s.client
	i := s.issue(in)
	paid := s.pay("EUR", "119", "2026-05-08", billing.Allocate{InvoiceID: i.ID, Amount: d("119")})
	paid.CustomerID = s.client
	_, err := s.billing.RecordPayment(t.Context(), paid)
	s.must(err)
	give := credit(billing.BillingError, i.ID, billing.AdjustLine{InvoiceLineID: i.Lines[0].ID, Amount: d("50")})
	give.Refund = d("20")
	memo := s.carried(give)
	part := []billing.ItemPart{{Kind: billing.MemoItem, ID: memo.Document.ID, Amount: d("30")}}
	move := s.carried(billing.AdjustmentInput{Kind: billing.TransferOver, ReasonCode: "overcharge", ToCustomerID: s.partner, Items: part})
	same(t, "the invoice", s.history(i.ID),
		"credited_by credit_memo "+memo.Document.Number+" 59.50 ",
		"refunded_by refund "+memo.Refund.Number+" 20.00 "+memo.Document.Number,
		"moved_by transfer "+move.Document.Number+" 30.00 "+memo.Document.Number)
}
