package cases_test

import (
	"testing"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/db"
	"makegood/internal/errs"
)

func TestLinkCustomer(t *testing.T) {
	t.Parallel()
	k := setup(t)
	var platinum billing.CustomerID
	k.do(func(tx *db.Tx) error {
		platinum = k.addCustomer(tx, "C-9", "platinum", k.entity)
		return nil
	})
	k.policy("Platinum", cases.Match{Tiers: []billing.Tier{billing.Platinum}}, 1, nil)
	in := k.mail()
	in.CustomerID = nil
	c := k.open(in)
	standard := *c.PolicyID
	k.drain("2026-05-12 10:30")
	c, err := k.cases.LinkCustomer(t.Context(), cases.LinkCustomerInput{On: k.on(c), CustomerID: platinum, Remember: true})
	k.must(err)
	if c.Priority != cases.P2 || *c.PolicyID == standard || c.EntityID == nil || c.ContactID == nil {
		t.Fatalf("%s policy %d", c.Priority, *c.PolicyID)
	}
	k.due(c.ID, "first_response", "2026-05-12 11:30")
	k.sound()
}

// A case goes to another customer without what was the first one's.
func TestAnotherCustomerTakesOverNothingOfTheFirst(t *testing.T) {
	t.Parallel()
	k := setup(t)
	var elsewhere, reseller billing.CustomerID
	k.do(func(tx *db.Tx) error {
		elsewhere, reseller = k.addCustomer(tx, "C-7", "gold", k.other), k.addCustomer(tx, "C-8", "gold", k.entity)
		_, err := tx.Exec(t.Context(), `update customers set family_id = $1 where id = $2`, reseller, k.customer)
		return err
	})
	opened := func() cases.Case {
		invoice := k.invoice()
		in := k.mail()
		in.Type, in.Invoices = cases.Inquiry, []cases.LinkedInvoice{{InvoiceID: invoice.ID, Evidence: "number in the subject", Confidence: 100}}
		return k.open(in)
	}
	link := func(c cases.Case, to billing.CustomerID) (cases.Case, error) {
		return k.cases.LinkCustomer(t.Context(), cases.LinkCustomerInput{On: k.on(k.reload(c.ID)), CustomerID: to})
	}
	linked := func(c cases.Case) int {
		list, err := k.cases.Invoices(t.Context(), k.db, c.ID)
		k.must(err)
		return len(list)
	}
	t.Run("one with a credit stays with its customer", func(t *testing.T) {
		for n, state := range []cases.CreditState{cases.CreditPending, cases.CreditApproved, cases.CreditPosted} {
			c := opened()
			k.mark(c.ID, int64(70+n), state, nil)
			_, err := link(c, elsewhere)
			if now := k.reload(c.ID); errs.KeyOf(err) != "case.credit_fixes_customer" || *now.CustomerID != k.customer || *now.EntityID != k.entity || linked(c) != 1 {
				t.Errorf("%s: %v %+v", state, err, now)
			}
		}
		c := opened()
		k.mark(c.ID, 80, cases.CreditPending, nil)
		k.mark(c.ID, 80, cases.CreditWithdrawn, nil)
		if _, err := link(c, elsewhere); err != nil {
			t.Errorf("what was withdrawn holds it: %v", err)
		}
	})
	t.Run("invoices that do not concern the customer are linked no more", func(t *testing.T) {
		c := opened()
		if _, err := link(c, k.customer); err != nil || linked(c) != 1 || k.events(c.ID, "invoice.unlinked") != 0 {
			t.Errorf("its own customer again: %v, %d", err, linked(c))
		}
		if _, err := link(c, reseller); err != nil || linked(c) != 1 || k.events(c.ID, "invoice.unlinked") != 0 {
			t.Errorf("the head of the family: %v, %d", err, linked(c))
		}
		now, err := link(c, elsewhere)
		k.must(err)
		if *now.EntityID != k.other || linked(c) != 0 || k.events(c.ID, "invoice.unlinked") != 1 {
			t.Errorf("%+v, %d", now, linked(c))
		}
	})
	k.sound()
}
