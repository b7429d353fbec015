package billing_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// A hundred people want 3.01 of a line of 100.00 at once: 33 get it, the rest hear what remains and who has it.
func TestAHundredWritersNeverGiveMoreThanThereIs(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.issue(s.invoice("EUR", line("100.00", "19")))
	results := together(100, func(n int) (billing.Adjustment, error) {
		var a billing.Adjustment
		err := s.db.Do(t.Context(), func(tx *db.Tx) error {
			if err := s.billing.LockAdjustmentTx(t.Context(), tx, billing.AdjustmentInput{Kind: billing.Concession, InvoiceID: i.ID}); err != nil {
				return err
			}
			var err error
			a, err = s.billing.PrepareAdjustment(t.Context(), tx, credit(billing.Concession, i.ID, billing.AdjustLine{InvoiceLineID: i.Lines[0].ID, Amount: d("3.01")}))
			if err != nil {
				return err
			}
			return s.billing.ReserveTx(t.Context(), tx, int64(n+1), a)
		})
		return a, err
	})
	given, tax := 0, decimal.Zero
	for _, r := range results {
		var refusal *errs.Error
		switch {
		case r.err == nil:
			given, tax = given+1, tax.Add(r.value.Tax)
		case !errors.As(r.err, &refusal) || len(refusal.Fields) != 1 || refusal.Fields[0].Key != "billing.only_remaining_held":
			t.Errorf("refused for another reason: %v", r.err)
		case refusal.Fields[0].Params["remaining"] != "0.67 EUR" || strings.Count(refusal.Fields[0].Params["holder"], "CR-") != 33:
			t.Errorf("refusal says %v", refusal.Fields[0].Params)
		}
	}
	if given != 33 {
		t.Errorf("%d got it", given)
	}
	equal(t, "tax of 99.33", "18.87", tax)
	i = s.detail(i.ID)
	equal(t, "remaining", "0.67", i.Lines[0].Remaining)
	s.sound()
}

// Without the lock in between, the one who prepared on an older state is told so, and nothing is overdrawn.
func TestStalePreparationIsRefusedNotOverdrawn(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.issue(s.invoice("EUR", line("100.00", "19")))
	in := credit(billing.Concession, i.ID, billing.AdjustLine{InvoiceLineID: i.Lines[0].ID, Amount: d("33.33")})
	a, err := s.billing.PrepareAdjustment(t.Context(), s.db, in)
	s.must(err)
	results := together(100, func(n int) (int, error) {
		return n, s.db.Do(t.Context(), func(tx *db.Tx) error { return s.billing.ReserveTx(t.Context(), tx, int64(n+1), a) })
	})
	given := 0
	for _, r := range results {
		switch {
		case r.err == nil:
			given++
		case !errors.Is(r.err, billing.ErrOverHeadroom) && !errors.Is(r.err, billing.ErrAdjustmentChanged):
			t.Errorf("refused for another reason: %v", r.err)
		}
	}
	if given < 1 || given > 3 {
		t.Errorf("%d got it", given)
	}
	s.sound()
}

func TestReservationIsReleasedOrUsedOnce(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.issue(s.invoice("EUR", line("100.00", "19"), line("10.00", "7")))
	all := credit(billing.BillingError, i.ID, billing.AdjustLine{InvoiceLineID: i.Lines[0].ID, Amount: d("100.00")}, billing.AdjustLine{InvoiceLineID: i.Lines[1].ID, Amount: d("10.00")})
	request, a := s.reserve(all)
	release := func() {
		s.do(func(tx *db.Tx) error { return s.billing.ReleaseReservationTx(t.Context(), tx, request) })
	}
	again := func() error {
		return s.db.Do(t.Context(), func(tx *db.Tx) error { return s.billing.ReserveTx(t.Context(), tx, request, a) })
	}
	if err := again(); !errors.Is(err, billing.ErrAlreadyReserved) {
		t.Errorf("twice: %v", err)
	}
	release()
	release()
	equal(t, "remaining after release", "100", s.detail(i.ID).Lines[0].Remaining)
	in := billing.PostAdjustment{CreditRequestID: request, ApprovalID: s.approve(request, a), Adjustment: a, Explanation: "Because.", By: controller()}
	if _, err := s.post(in); !errors.Is(err, billing.ErrNotReserved) {
		t.Errorf("posted without reservation: %v", err)
	}
	s.must(again())
	_, err := s.post(in)
	s.must(err)
	release()
	i = s.detail(i.ID)
	equal(t, "open", "0", i.Open.Open)
	equal(t, "credited", "100", i.Lines[0].Credited)
	equal(t, "reserved", "0", i.Lines[0].Reserved)
	equal(t, "tax", "19", i.Taxes[0].CreditedTax)
	s.sound()
}

func TestProposalsThatMakeNoSenseNameTheField(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i, other := s.issue(s.invoice("EUR", line("100.00", "19"))), s.issue(s.invoice("EUR", line("1.00", "19")))
	for key, lines := range map[string][]billing.AdjustLine{
		"billing.line_not_on_invoice": {{InvoiceLineID: other.Lines[0].ID, Amount: d("1")}},
		"billing.line_twice":          {{InvoiceLineID: i.Lines[0].ID, Amount: d("1")}, {InvoiceLineID: i.Lines[0].ID, Amount: d("1")}},
		"billing.bad_amount":          {{InvoiceLineID: i.Lines[0].ID, Amount: d("0.001")}},
		"billing.only_remaining":      {{InvoiceLineID: i.Lines[0].ID, Amount: d("100.01")}},
		"error.required":              nil,
	} {
		_, err := s.billing.PrepareAdjustment(t.Context(), s.db, credit(billing.BillingError, i.ID, lines...))
		var refusal *errs.Error
		if !errors.As(err, &refusal) || refusal.Kind != errs.Invalid || refusal.Fields[len(refusal.Fields)-1].Key != key {
			t.Errorf("%s: %v", key, err)
		}
	}
	_, err := s.billing.PrepareAdjustment(t.Context(), s.db, credit(billing.BillingError, 999, billing.AdjustLine{InvoiceLineID: 1, Amount: d("1")}))
	if !errors.Is(err, billing.ErrNoInvoice) {
		t.Errorf("no invoice: %v", err)
	}
}
