package billing_test

import (
	"bytes"
	"errors"
	"testing"

	"makegood/billing"
)

// Every kind of document a customer gets has its paper, made once and kept with its hash.
func TestEachPostedDocumentHasItsPaper(t *testing.T) {
	t.Parallel()
	s := setup(t)
	in := s.invoice("USD", line("100", "19"), line("60", "7"))
	in.Discounts = []billing.NewDiscount{{Label: "Coupon", Amount: d("10"), Lines: []int{0}}}
	in.Rounding = d("0.02")
	i := s.issue(in)
	p, err := s.billing.RecordPayment(t.Context(), s.pay("USD", "150", "2026-05-08", billing.Allocate{InvoiceID: i.ID, Amount: d("100")}))
	s.must(err)
	credit := credit(billing.BillingError, i.ID, billing.AdjustLine{InvoiceLineID: i.Lines[0].ID, List: d("50")}, billing.AdjustLine{InvoiceLineID: i.Lines[1].ID, Quantity: new(d("1"))})
	credit.Refund, credit.SettledOutside = d("10"), d("5")
	memo := s.carried(credit)
	account := s.carried(billing.AdjustmentInput{Kind: billing.Concession, CustomerID: s.customer, ReasonCode: "overcharge", Lines: []billing.AdjustLine{
		{Description: "Goodwill", Amount: d("20"), Tax: billing.LineTax{Category: "S", Rate: d("19")}},
	}})
	debit := s.carried(billing.AdjustmentInput{Kind: billing.Debit, InvoiceID: i.ID, ReasonCode: "overcharge", Bill: &billing.Bill{Lines: []billing.NewLine{line("5", "19")}}})
	refund := s.carried(billing.AdjustmentInput{
		Kind: billing.RefundOut, ReasonCode: "overcharge", Destination: "DE02 •••• 7890", Items: []billing.ItemPart{{Kind: billing.PaymentItem, ID: int64(p.ID), Amount: d("20")}},
	})
	reversal := s.takeBack(account.Document)
	for _, doc := range []billing.DocumentRef{
		memo.Document, account.Document, debit.Document, refund.Document, {Kind: billing.RefundDoc, ID: int64(memo.Refund.ID)}, reversal.Document,
	} {
		first, err := s.billing.Render(t.Context(), doc)
		if err != nil {
			t.Errorf("%s: %v", doc.Kind, err)
			continue
		}
		again, err := s.billing.Render(t.Context(), doc)
		s.must(err)
		if !bytes.HasPrefix(first.Content, []byte("%PDF-")) || !bytes.Equal(first.SHA256, again.SHA256) {
			t.Errorf("%s %s: %d bytes, another the second time", doc.Kind, first.Filename, len(first.Content))
		}
	}
	taken := s.takeBack(refund.Document)
	if _, err := s.billing.Render(t.Context(), taken.Document); !errors.Is(err, billing.ErrNoPaper) {
		t.Errorf("paper of a reversed refund: %v", err)
	}
	st, err := s.billing.Statement(t.Context(), s.db, s.customer, "USD", day("2026-04-01"), day("2026-05-31"))
	s.must(err)
	if content, err := s.billing.StatementPaper(s.db, st, ""); err != nil || !bytes.HasPrefix(content, []byte("%PDF-")) {
		t.Errorf("statement: %v", err)
	}
	s.sound()
}

// A whole account number gets into no document.
func TestARefundShowsNoWholeAccountNumber(t *testing.T) {
	t.Parallel()
	s := setup(t)
	p := s.paid("80")
	_, err := s.carry(billing.AdjustmentInput{
		Kind: billing.RefundOut, ReasonCode: "overcharge", Destination: "DE02 1203 0000 0000 2020 51", Items: []billing.ItemPart{{Kind: billing.PaymentItem, ID: int64(p.ID), Amount: d("1")}},
	})
	if fieldKey(err) != "document.unmasked" {
		t.Errorf("%v", err)
	}
}
