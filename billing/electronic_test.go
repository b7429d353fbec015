package billing_test

import (
	"errors"
	"strings"
	"testing"

	"makegood/billing"
	"makegood/internal/dbtest"
)

// A rebill's electronic form names the invoice it replaces and asks for what is not paid yet.
func TestARebillHasItsElectronicForm(t *testing.T) {
	t.Parallel()
	s := setup(t)
	dbtest.AsOwner(t, s.db, `update legal_entities set phone = '+49 40 0'`, `update customers set endpoint_scheme = '0060', endpoint_id = '910000001', address = E'Weg 1\n20095 Hamburg'`)
	i := s.issue(s.invoice("EUR", line("100", "19")))
	s.paid("60", billing.Allocate{InvoiceID: i.ID, Amount: d("60")})
	posted := s.carried(billing.AdjustmentInput{
		Kind: billing.Rebill, InvoiceID: i.ID, ReasonCode: "overcharge", Bill: &billing.Bill{Lines: []billing.NewLine{line("80", "19")}},
	})
	ref := billing.DocumentRef{Kind: billing.InvoiceDoc, ID: int64(posted.Invoice.ID)}
	stored, err := s.billing.RenderXML(t.Context(), ref)
	s.must(err)
	for _, want := range []string{"<Invoice", ">384<", posted.Invoice.Number, ">" + i.Number + "<", ">95.20<", ">60.00<", ">35.20<"} {
		if !strings.Contains(string(stored.Content), want) {
			t.Errorf("it does not say %q", want)
		}
	}
	again, err := s.billing.RenderXML(t.Context(), ref)
	s.must(err)
	if again.ID != stored.ID {
		t.Error("it is made twice")
	}
}

// A posted memo has its electronic form, made once; tax off by a cent, or without its invoice, it is refused.
func TestAMemoHasItsElectronicForm(t *testing.T) {
	t.Parallel()
	s := setup(t)
	dbtest.AsOwner(t, s.db, `update legal_entities set phone = '+49 40 0', address = E'Hafenstraße 12\n20457 Hamburg'`,
		`update customers set endpoint_scheme = '0060', endpoint_id = '910000001', address = E'Weg 1\n20095 Hamburg'`)
	i := s.issue(s.invoice("EUR", line("100", "19")))
	memo := s.carried(credit(billing.BillingError, i.ID, billing.AdjustLine{InvoiceLineID: i.Lines[0].ID, Amount: d("33.33")}))
	stored, err := s.billing.RenderXML(t.Context(), memo.Document)
	s.must(err)
	for _, want := range []string{"CreditNote", memo.Document.Number, i.Number, "2026-05-01", ">6.33<", ">39.66<"} {
		if !strings.Contains(string(stored.Content), want) {
			t.Errorf("it does not say %q", want)
		}
	}
	for name, tamper := range map[string]string{
		"a cent less of tax":  `update credit_memo_taxes set tax = tax - 0.01; update credit_memos set tax = tax - 0.01, total = total - 0.01, to_invoice = to_invoice - 0.01`,
		"no invoice named":    `update invoices set number = ''`,
		"a cent off in total": `update credit_memo_taxes set tax = tax - 0.01`,
	} {
		t.Run(name, func(t *testing.T) {
			other := setup(t)
			dbtest.AsOwner(t, other.db, `update legal_entities set phone = '+49 40 0'`, `update customers set endpoint_scheme = '0060', endpoint_id = '910000001', address = E'Weg 1\n20095 Hamburg'`)
			i := other.issue(other.invoice("EUR", line("100", "19")))
			memo := other.carried(credit(billing.BillingError, i.ID, billing.AdjustLine{InvoiceLineID: i.Lines[0].ID, Amount: d("33.33")}))
			dbtest.AsOwner(t, other.db, strings.Split(tamper, ";")...)
			if _, err := other.billing.RenderXML(t.Context(), memo.Document); err == nil || errors.Is(err, billing.ErrNoPaper) {
				t.Errorf("it is written: %v", err)
			}
		})
	}
}
