package billing_test

import (
	"testing"

	"makegood/billing"
	"makegood/internal/errs"
)

// Tax withheld settles of an invoice what the invoice says is withheld, and can not be paid back: no money came in.
func TestTaxWithheldSettlesWhatIsNoted(t *testing.T) {
	t.Parallel()
	s := setup(t)
	in := billing.NewInvoice{
		EntityID: s.entity, CustomerID: s.customer, Currency: "EUR", IssuedOn: day("2026-05-01"), Withholding: d("100"), By: controller(),
		Lines: []billing.NewLine{{Product: "seat", Description: "Seats", Quantity: d("1"), UnitPrice: d("1000"), TaxCategory: "S", TaxRate: d("19")}},
	}
	invoice, err := s.billing.IssueInvoice(t.Context(), in)
	s.must(err)
	pay := func(amount string) error {
		_, err := s.billing.RecordPayment(t.Context(), billing.NewPayment{
			EntityID: s.entity, CustomerID: s.customer, Currency: "EUR", Amount: d(amount), ReceivedOn: day("2026-05-10"), Method: billing.MethodWithholding, By: controller(),
			Allocate: []billing.Allocate{{InvoiceID: invoice.ID, Amount: d(amount)}},
		})
		return err
	}
	if err := pay("100.01"); errs.KeyOf(err) != "billing.withheld_as_noted" || errs.KindOf(err) != errs.Invalid {
		t.Errorf("more than is noted: %v", err)
	}
	s.must(pay("60"))
	if err := pay("40.01"); errs.KeyOf(err) != "billing.withheld_as_noted" {
		t.Errorf("more than is noted, in two: %v", err)
	}
	s.must(pay("40"))
	left, err := s.billing.Refundable(t.Context(), s.db, s.customer, "EUR")
	s.must(err)
	equal(t, "refundable", "0", left.Decimal())
}

func TestATaxOverThePriceIsRefused(t *testing.T) {
	t.Parallel()
	s := setup(t)
	_, err := s.billing.IssueInvoice(t.Context(), billing.NewInvoice{
		EntityID: s.entity, CustomerID: s.customer, Currency: "EUR", IssuedOn: day("2026-05-01"), By: controller(),
		Lines: []billing.NewLine{{Product: "seat", Description: "Seats", Quantity: d("1"), UnitPrice: d("10"), TaxCategory: "S", TaxRate: d("100.5")}},
	})
	if errs.KindOf(err) != errs.Invalid {
		t.Errorf("a rate of 100.5: %v", err)
	}
}
