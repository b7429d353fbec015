package credits_test

import (
	"errors"
	"testing"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/errs"
)

func TestPreview(t *testing.T) {
	t.Parallel()

	t.Run("it names who must agree and why, and where the money goes", func(t *testing.T) {
		t.Parallel()
		k := setup(t)
		invoice := k.invoice(k.customer, "4000", "1000")
		view, err := k.credits.Preview(t.Context(), k.proposal(invoice, "1000"))
		k.must(err)
		if len(view.Chain.Steps) != 2 || view.Chain.Steps[0].Candidates[0].Name != "Jonas Brandt" || view.Chain.Steps[1].Candidates[0].Name != "Katrin Vogel" {
			t.Fatalf("chain: %+v", view.Chain.Steps)
		}
		if key := view.Chain.Steps[1].Rule.Key; key != "authority.step.amount_over" {
			t.Errorf("rule: %s", key)
		}
		equal(t, "total", "1190", view.Adjustment.Total)
		equal(t, "tax", "190", view.Adjustment.Tax)
		equal(t, "authority amount", "1190", view.AuthorityAmount)
		equal(t, "open now", "5950", view.InvoiceOpen.Now)
		equal(t, "open after", "4760", view.InvoiceOpen.After)
		equal(t, "position before", "5950", view.Before.Open)
		equal(t, "position after", "4760", view.After.Open)
		equal(t, "not due after", "4760", view.After.NotDue)
		if n := value[int](t, k.db, `select count(*) from credit_requests`); n != 0 {
			t.Errorf("a preview stored %d requests", n)
		}
	})

	t.Run("limits are compared in the authority currency at the day's rate", func(t *testing.T) {
		t.Parallel()
		k := setup(t)
		issued, err := k.billing.IssueInvoice(t.Context(), billing.NewInvoice{
			EntityID: k.entity, CustomerID: k.customer, Currency: "USD", IssuedOn: k.clock.Now(), By: k.control,
			Lines: []billing.NewLine{{Product: "x", Description: "Compute", Quantity: d("1"), UnitPrice: d("5000"), TaxCategory: "Z", TaxRate: d("0")}},
		})
		k.must(err)
		view, err := k.credits.Preview(t.Context(), k.proposal(k.detail(issued.ID), "1250"))
		k.must(err)
		equal(t, "authority amount", "1000", view.AuthorityAmount)
		if len(view.Chain.Steps) != 1 {
			t.Errorf("1250 USD are 1000 EUR, which the senior covers: %+v", view.Chain.Steps)
		}
	})

	t.Run("it says what is missing and what is odd", func(t *testing.T) {
		t.Parallel()
		k := setup(t)
		in := k.proposal(k.invoice(k.customer, "4000"), "1000")
		in.Evidence, in.Lines[0].Net = nil, d("840.34")
		view, err := k.credits.Preview(t.Context(), in)
		k.must(err)
		if len(view.Evidence) != 1 || view.Evidence[0].Met || view.Evidence[0].Rule != "a mistake is shown" {
			t.Errorf("missing: %v", view.Evidence)
		}
		if !warned(view.Warnings, "credits.warning.round_sum") {
			t.Errorf("1000.00 without evidence: %v", view.Warnings)
		}
		_, err = k.credits.Submit(t.Context(), in)
		if name := fieldOf(err); name != "evidence" {
			t.Errorf("submitted without evidence: %v", err)
		}
	})

	t.Run("more than what remains is refused at the line", func(t *testing.T) {
		t.Parallel()
		k := setup(t)
		invoice := k.invoice(k.customer, "100", "50")
		_, err := k.credits.Preview(t.Context(), k.proposal(invoice, "100", "50.01"))
		if name := fieldOf(err); name != "lines.1.net" {
			t.Errorf("got %v", err)
		}
	})
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	k := setup(t)
	invoice := k.invoice(k.customer, "4000")
	k.approve(k.submit(k.proposal(invoice, "800")).ID, k.senior)
	k.work()
	view, err := k.credits.Preview(t.Context(), k.proposal(invoice, "800"))
	k.must(err)
	for _, key := range []string{"credits.warning.line_credited_before", "credits.warning.same_amount", "credits.warning.just_below_limit"} {
		if !warned(view.Warnings, key) {
			t.Errorf("%s is missing in %v", key, view.Warnings)
		}
	}
}

func TestNobodyCanDecide(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.run(`update users set away = true where id <> $1`, k.agent.UserID)
	_, err := k.credits.Submit(t.Context(), k.proposal(k.invoice(k.customer, "4000"), "1000"))
	if !errors.Is(err, credits.ErrNobodyDecides) {
		t.Errorf("got %v", err)
	}
	if n := value[int](t, k.db, `select count(*) from line_reservations`); n != 0 {
		t.Error("a refused request reserved something")
	}
}

func warned(list []credits.Warning, key string) bool {
	for _, w := range list {
		if w.Key == key {
			return true
		}
	}
	return false
}

// fieldOf is the first field an error is about.
func fieldOf(err error) string {
	var e *errs.Error
	if errors.As(err, &e) && len(e.Fields) > 0 {
		return e.Fields[0].Name
	}
	return ""
}
