package credits_test

import (
	"testing"
	"time"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/money"
)

// Whoever corrects a rate by hand says with it which level decides what is asked in that currency, and so decides none of it. Who only brought the
// day's rates in, or corrected those of another day, does.
func TestWhoCorrectedTheRateDoesNotSign(t *testing.T) {
	t.Parallel()
	k := setup(t)
	var other access.Actor
	k.do(func(tx *db.Tx) error {
		other = k.person(tx, "Olu Adeyemi", access.Controller)
		k.exec(tx, `insert into authority_holders (level_id, user_id, valid_from) select id, $1, $2 from authority_levels where rank = 4`, other.UserID, tx.Now())
		return nil
	})
	issued, err := k.billing.IssueInvoice(t.Context(), billing.NewInvoice{
		EntityID: k.entity, CustomerID: k.customer, Currency: "USD", IssuedOn: k.clock.Now(), By: k.control,
		Lines: []billing.NewLine{{Product: "compute", Description: "Compute", Quantity: d("1"), UnitPrice: d("90000"), TaxCategory: "S", TaxRate: d("19")}},
	})
	k.must(err)
	signers := func() map[int64]bool {
		t.Helper()
		view, err := k.credits.Preview(t.Context(), k.proposal(k.detail(issued.ID), "30000"))
		k.must(err)
		found := map[int64]bool{}
		for _, step := range view.Chain.Steps {
			for _, c := range step.Candidates {
				found[c.UserID] = true
			}
		}
		return found
	}
	today := billing.Date(k.clock.Now())
	fixed := billing.Fixing{Base: "EUR", Quote: "USD", OnDate: today, Rate: d("1.25"), Source: "ECB"}
	correct := func(on time.Time, rate string) {
		t.Helper()
		f := fixed
		f.OnDate, f.Rate = on, d(rate)
		_, err := k.billing.CorrectRate(t.Context(), billing.RateCorrection{Fixing: f, Reason: "A slip of the pen", By: k.control})
		k.must(err)
	}
	_, err = k.billing.RecordRate(t.Context(), fixed, k.control)
	k.must(err)
	correct(time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), "1.2")
	if got := signers(); !got[k.control.UserID] || !got[other.UserID] {
		t.Errorf("another day's rate bars somebody: %v", got)
	}
	correct(today, "1.3")
	if got := signers(); got[k.control.UserID] || !got[other.UserID] {
		t.Errorf("after the rate was corrected these may sign: %v", got)
	}
	req := k.submit(k.proposal(k.detail(issued.ID), "30000"))
	k.approve(req.ID, k.senior, k.lead)
	if _, err := k.credits.Approve(t.Context(), credits.DecideInput{By: k.control, ID: req.ID}); err == nil {
		t.Error("who corrected the rate signs")
	}
	k.approve(req.ID, other)
}

// A rate that somebody records far from the one before it lets nobody post of their own, and whoever recorded it does not sign; its opposite is no
// second truth of the day.
func TestARateMadeByHandGrantsNothing(t *testing.T) {
	t.Parallel()
	k := setup(t)
	issued, err := k.billing.IssueInvoice(t.Context(), billing.NewInvoice{
		EntityID: k.entity, CustomerID: k.customer, Currency: "USD", IssuedOn: k.clock.Now(), By: k.control,
		Lines: []billing.NewLine{{Product: "compute", Description: "Compute", Quantity: d("1"), UnitPrice: d("90000"), TaxCategory: "S", TaxRate: d("19")}},
	})
	k.must(err)
	today := billing.Date(k.clock.Now())
	record := func(base, quote money.Currency, rate string) error {
		_, err := k.billing.RecordRate(t.Context(), billing.Fixing{Base: base, Quote: quote, OnDate: today, Rate: d(rate), Source: "ECB"}, k.control)
		return err
	}
	k.must(record("EUR", "USD", "12500"))
	if err := record("USD", "EUR", "0.00001"); err == nil {
		t.Error("a day has two truths")
	}
	view, err := k.credits.Preview(t.Context(), k.proposal(k.detail(issued.ID), "30000"))
	k.must(err)
	if view.Chain.OwnLimit {
		t.Error("it is within an own limit by a rate made by hand")
	}
	for _, step := range view.Chain.Steps {
		for _, c := range step.Candidates {
			if c.UserID == k.control.UserID {
				t.Errorf("who recorded the rate signs at %s", step.LevelName)
			}
		}
	}
}
