package billing_test

import (
	"errors"
	"slices"
	"testing"

	"makegood/billing"
	"makegood/internal/errs"
)

// charging is a debit memo on an invoice, or on account.
func (s *shop) charging(invoice billing.InvoiceID, lines ...billing.NewLine) billing.AdjustmentInput {
	in := billing.AdjustmentInput{Kind: billing.Debit, InvoiceID: invoice, ReasonCode: "overcharge", Bill: &billing.Bill{Lines: lines}}
	if invoice == 0 {
		in.CustomerID, in.EntityID = s.customer, s.entity
	}
	return in
}

func (s *shop) certified(number, from, to string) {
	s.t.Helper()
	_, err := s.billing.AddExemption(s.t.Context(), certificate(number, from, to))
	s.must(err)
}

// TestExemptionsOfABillAreCheckedAsItIsProposed, by the field of the bill, for a debit memo and a rebill alike.
func TestExemptionsOfABillAreCheckedAsItIsProposed(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.certified("F-1", "2026-01-01", "2026-01-31") // over
	i := s.issue(s.invoice("EUR", line("100", "19")))
	taxed := line("1", "19")
	taxed.Exemption = "F-1"
	for want, l := range map[string]billing.NewLine{
		"bill.lines.1.exemption billing.exemption_not_valid":         exempt("1", "F-1"),
		"bill.lines.1.tax_category billing.exemption_wants_category": taxed,
	} {
		rebill := s.charging(i.ID, line("1", "19"), l)
		rebill.Kind = billing.Rebill
		for _, in := range []billing.AdjustmentInput{s.charging(0, line("1", "19"), l), rebill} {
			_, err := s.billing.PrepareAdjustment(t.Context(), s.db, in)
			var e *errs.Error
			if !errors.As(err, &e) || len(e.Fields) != 1 || e.Fields[0].Name+" "+e.Fields[0].Key != want {
				t.Errorf("%s, want %s: %v", in.Kind, want, err)
			}
		}
	}
}

// TestADebitMemoIsExemptForItsOwnReason: that of its own certificates, which was approved; not that of the invoice it is about, which
// may be taxed, and none that was entered since.
func TestADebitMemoIsExemptForItsOwnReason(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.abroad("AT", "ATU12345678", "de")
	taxed := s.issue(s.invoice("EUR", line("100", "20")))
	if _, err := s.billing.PrepareAdjustment(t.Context(), s.db, s.charging(taxed.ID, exempt("5", ""))); !slices.Equal(lacks(err), []string{"exemption_reason"}) {
		t.Errorf("without a certificate: %v", err)
	}
	s.certified("F-1", "2026-01-01", "")
	posted := s.carried(s.charging(taxed.ID, exempt("5", "")))
	printed, err := s.billing.PrintedDebit(t.Context(), s.db, posted.Invoice.ID)
	s.must(err)
	if len(printed.Taxes) != 1 || printed.Taxes[0].Note != "Hospital care (F-1)" {
		t.Errorf("%+v", printed.Taxes)
	}
	certain := s.issue(s.invoice("EUR", exempt("100", "F-1")))
	s.certified("F-2", "2026-01-01", "")
	if _, err := s.billing.PrepareAdjustment(t.Context(), s.db, s.charging(certain.ID, exempt("5", "F-2"), exempt("5", ""))); !slices.Equal(lacks(err), []string{"exemption_reason"}) {
		t.Errorf("of two that hold none was named: %v", err)
	}
	s.sound()
}

// TestAnExemptionThatEndedAfterTheApproval is refused at posting, by the certificate that was approved.
func TestAnExemptionThatEndedAfterTheApproval(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.certified("F-1", "2026-01-01", "")
	request, a := s.reserve(s.charging(0, exempt("5", "")))
	in := billing.PostAdjustment{CreditRequestID: request, ApprovalID: s.approve(request, a), Adjustment: a, Explanation: "Because.", By: controller()}
	list, err := s.billing.Exemptions(t.Context(), s.db, s.customer)
	s.must(err)
	s.must(s.billing.EndExemption(t.Context(), controller(), "C-1", list[0].ID))
	s.certified("F-2", "2026-01-01", "")
	posted, err := s.post(in)
	var e *errs.Error
	if !errors.As(err, &e) || len(e.Fields) != 1 || e.Fields[0].Params["certificate"] != "F-1" {
		t.Errorf("%+v %v", posted, err)
	}
}

// TestDocumentsSayWhyOfEachExemptLine: lines that name no certificate keep the entity's own reason beside those that do.
func TestDocumentsSayWhyOfEachExemptLine(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.must(s.billing.SetDocumentRules(t.Context(), billing.DocumentRules{By: administrator(), Entity: "DE", ExemptionReason: "Lessons"}))
	plain := s.issue(s.invoice("EUR", exempt("10", "")))
	s.certified("F-1", "2026-01-01", "")
	s.certified("F-2", "2026-01-01", "")
	i := s.issue(s.invoice("EUR", exempt("100", "F-1"), exempt("50", ""), line("10", "19")))
	part := func(of billing.InvoiceDetail, at int) billing.AdjustLine {
		return billing.AdjustLine{InvoiceLineID: of.Lines[at].ID, Amount: d("5")}
	}
	for _, c := range []struct {
		in         billing.AdjustmentInput
		note, code string
	}{
		{credit(billing.BillingError, plain.ID, part(plain, 0)), "Lessons", ""},
		{credit(billing.BillingError, i.ID, part(i, 0)), "Hospital care (F-1)", "VATEX-EU-132-1B"},
		{credit(billing.BillingError, i.ID, part(i, 1)), "Lessons", ""},
		{credit(billing.BillingError, i.ID, part(i, 0), part(i, 1)), "Hospital care (F-1); Lessons", ""},
	} {
		p, err := s.billing.PrintedMemo(t.Context(), s.db, s.carried(c.in).Memo.ID)
		s.must(err)
		if len(p.Taxes) != 1 || p.Taxes[0].Note != c.note || p.Taxes[0].NoteCode != c.code {
			t.Errorf("want %s: %+v", c.note, p.Taxes)
		}
	}
}
