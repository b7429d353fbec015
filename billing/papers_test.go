package billing_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"makegood/billing"
	"makegood/internal/db"
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
	rebill := s.carried(billing.AdjustmentInput{
		Kind: billing.Rebill, InvoiceID: s.issue(s.invoice("EUR", line("30", "19"))).ID, ReasonCode: "overcharge",
		Bill: &billing.Bill{Lines: []billing.NewLine{line("20", "19")}},
	})
	for _, doc := range []billing.DocumentRef{
		memo.Document, account.Document, debit.Document, refund.Document,
		{Kind: billing.RefundDoc, ID: int64(memo.Refund.ID)},
		reversal.Document,
		{Kind: billing.InvoiceDoc, ID: int64(rebill.Invoice.ID)},
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
	if _, err := s.billing.Render(t.Context(), billing.DocumentRef{Kind: billing.InvoiceDoc, ID: int64(i.ID)}); !errors.Is(err, billing.ErrNoPaper) {
		t.Errorf("paper made later of an invoice that was billed elsewhere: %v", err)
	}
	taken := s.takeBack(refund.Document)
	if _, err := s.billing.Render(t.Context(), taken.Document); !errors.Is(err, billing.ErrNoPaper) {
		t.Errorf("paper of a reversed refund: %v", err)
	}
	if _, err := s.billing.Render(t.Context(), billing.DocumentRef{Kind: billing.InvoiceDoc, ID: debit.Document.ID}); !errors.Is(err, billing.ErrNoPaper) {
		t.Errorf("a debit memo as an invoice: %v", err)
	}
	st, err := s.billing.Statement(t.Context(), s.db, s.customer, "USD", day("2026-04-01"), day("2026-05-31"))
	s.must(err)
	if content, err := s.billing.StatementPaper(s.db, st, ""); err != nil || !bytes.HasPrefix(content, []byte("%PDF-")) {
		t.Errorf("statement: %v", err)
	}
	s.sound()
}

// A rebill says what it replaces, by which memo and why that was taken back, and what of it is settled, whatever comes later.
func TestARebillPrintsWhatItReplaces(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.issue(s.invoice("EUR", line("100", "19"), line("20", "7")))
	s.paid("60", billing.Allocate{InvoiceID: i.ID, Amount: d("60")})
	posted := s.carried(billing.AdjustmentInput{
		Kind: billing.Rebill, InvoiceID: i.ID, ReasonCode: "overcharge", Bill: &billing.Bill{Lines: []billing.NewLine{line("80", "19")}},
	})
	s.paid("35.20", billing.Allocate{InvoiceID: posted.Invoice.ID, Amount: d("35.20")})
	p, err := s.billing.PrintedInvoice(t.Context(), s.db, posted.Invoice.ID)
	s.must(err)
	if len(p.Replaces) != 1 || p.Replaces[0].Number != i.Number || len(p.CreditedBy) != 1 || p.CreditedBy[0].Number != posted.Memo.Number {
		t.Errorf("it replaces %v, credited by %v", p.Replaces, p.CreditedBy)
	}
	if len(p.Settled) != 1 || p.Settled[0].Number != posted.Memo.Number {
		t.Fatalf("settled by %v", p.Settled)
	}
	equal(t, "settled", "60", p.Settled[0].Amount.Decimal())
	equal(t, "open", "35.20", p.Open.Decimal())
	if p.Reason != posted.Memo.Explanation {
		t.Errorf("because %q", p.Reason)
	}
}

// late carries an adjustment into the books three days after it was proposed.
func late(t *testing.T, in func(*shop, billing.InvoiceDetail) billing.AdjustmentInput) (*shop, billing.InvoiceID) {
	t.Helper()
	now := time.Date(2026, 5, 12, 7, 30, 0, 0, time.UTC)
	s := setupAt(t, func() time.Time { return now })
	i := s.issue(s.invoice("EUR", line("100", "19")))
	request, a := s.reserve(in(s, i))
	now = now.AddDate(0, 0, 3)
	approval := s.approve(request, a)
	s.do(func(tx *db.Tx) error {
		_, err := s.billing.PostAdjustmentTx(t.Context(), tx, billing.PostAdjustment{
			CreditRequestID: request, ApprovalID: approval, Adjustment: a, Explanation: "Falscher Preis.", By: controller(),
		})
		return err
	})
	return s, value[billing.InvoiceID](t, s.db, `select id from invoices where corrects_id = $1`, i.ID)
}

// payableAtOnce looks that a bill is due on the day it was issued, wherever that is kept, and that the books hold.
func (s *shop) payableAtOnce(id billing.InvoiceID) {
	s.t.Helper()
	for what, on := range map[string]string{
		"the document":  value[string](s.t, s.db, `select due_on::text from invoices where id = $1`, id),
		"the open item": value[string](s.t, s.db, `select due_on::text from open_items where kind = 'invoice' and document_id = $1`, id),
	} {
		if on != "2026-05-15" {
			s.t.Errorf("%s is due %s", what, on)
		}
	}
	list, err := s.billing.Collectible(s.t.Context(), s.db, billing.CollectQuery{InvoiceID: id})
	s.must(err)
	if len(list) != 1 || list[0].Overdue != 0 {
		s.t.Errorf("collectible: %+v", list)
	}
	s.sound()
}

// A debit memo that was approved after its day to pay by is not overdue when it comes.
func TestADebitMemoApprovedLateIsPayableAtOnce(t *testing.T) {
	t.Parallel()
	s, id := late(t, func(_ *shop, i billing.InvoiceDetail) billing.AdjustmentInput {
		return billing.AdjustmentInput{
			Kind: billing.Debit, InvoiceID: i.ID, ReasonCode: "overcharge", Bill: &billing.Bill{DueOn: day("2026-05-13"), Lines: []billing.NewLine{line("80", "19")}},
		}
	})
	s.payableAtOnce(id)
	for _, other := range []string{`{"id": 999, "number": "X", "due_on": "2026-06-01"}`, `{"id": 999, "number": "X", "approved_due_on": "2026-05-15"}`} {
		err := s.refused(`insert into invoices select (jsonb_populate_record(i, $2::jsonb)).* from invoices i where id = $1`, id, other)
		if !db.Violates(err, "due_as_approved") {
			t.Errorf("%s: %v", other, err)
		}
	}
}

// A rebill that was approved after its day to pay by is printed all the same: to be paid at once.
func TestARebillApprovedLateIsPayableAtOnce(t *testing.T) {
	t.Parallel()
	s, id := late(t, func(_ *shop, i billing.InvoiceDetail) billing.AdjustmentInput {
		return billing.AdjustmentInput{
			Kind: billing.Rebill, InvoiceID: i.ID, ReasonCode: "overcharge", Bill: &billing.Bill{DueOn: day("2026-05-12"), Lines: []billing.NewLine{line("80", "19")}},
		}
	})
	s.payableAtOnce(id)
	p, err := s.billing.PrintedInvoice(t.Context(), s.db, id)
	s.must(err)
	if !p.Payment.Due.Equal(day("2026-05-15")) {
		t.Errorf("due %s", p.Payment.Due)
	}
	if _, err := s.billing.Render(t.Context(), billing.DocumentRef{Kind: billing.InvoiceDoc, ID: int64(id)}); err != nil {
		t.Error(err)
	}
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
