package cases_test

import (
	"testing"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/db"
)

func TestRestoring(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c, line := k.disputed("119")
	total := map[string]any{"total": "119.00", "currency": "EUR", "kind": billing.BillingError}
	request := int64(3)
	k.mark(c.ID, request, cases.CreditPending, total)
	k.do(func(tx *db.Tx) error {
		if err := k.cases.SettleDisputeTx(t.Context(), tx, cases.SettleInput{
			DisputeLineID: line.ID, Accepted: d("119"), Credited: d("119"), CreditRequestID: &request, RootCauseID: &k.root, By: k.agent,
		}); err != nil {
			return err
		}
		if err := k.cases.MarkCreditTx(t.Context(), tx, c.ID, cases.CreditMark{Request: request, State: cases.CreditPosted, Data: total}, k.agent); err != nil {
			return err
		}
		_, err := k.cases.ResolveIfSettledTx(t.Context(), tx, c.ID, k.agent)
		return err
	})
	promise := cases.ReplyInput{On: k.on(k.reload(c.ID)), Body: "We have credited 119.00 EUR to your account."}
	if _, err := k.cases.Reply(t.Context(), promise); err != nil {
		t.Fatalf("a posted credit may be named: %v", err)
	}
	restore := func() {
		k.do(func(tx *db.Tx) error {
			return k.cases.RestoreDisputesTx(t.Context(), tx, cases.RestoreInput{CaseID: c.ID, CreditRequestID: request, By: k.agent})
		})
	}
	restore()
	k.mark(c.ID, request, cases.CreditReversed, total)
	k.mark(c.ID, 4, cases.CreditPosted, map[string]any{"total": "119.00", "currency": "EUR", "kind": billing.Reverse})
	now := k.reload(c.ID)
	if now.Status != cases.StatusOpen || now.CreditState != cases.CreditNone || !now.Disputed.Equal(d("119")) {
		t.Errorf("%s, credit %s, %s in dispute", now.Status, now.CreditState, now.Disputed)
	}
	if held := value[string](t, k.db, `select amount::numeric(20,2)::text from holds where dispute_line_id = $1 and released_at is null`, line.ID); held != "119.00" {
		t.Errorf("held %s", held)
	}
	promise.On = k.on(now)
	_, err := k.cases.Reply(t.Context(), promise)
	k.refused(err, cases.ErrUnbackedPromise)
	restore()
	if n := k.events(c.ID, "dispute.reopened"); n != 1 {
		t.Errorf("opened again %d times", n)
	}
	k.sound()
}

func TestWhatGivesNothingBacksNoPromise(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c := k.open(k.mail())
	k.mark(c.ID, 9, cases.CreditPosted, map[string]any{"total": "250.00", "currency": "EUR", "kind": billing.Debit})
	in := cases.ReplyInput{On: k.on(k.reload(c.ID)), Body: "We will credit 250.00 EUR to your account."}
	_, err := k.cases.Reply(t.Context(), in)
	k.refused(err, cases.ErrUnbackedPromise)
	k.mark(c.ID, 10, cases.CreditApproved, map[string]any{"total": "250.00", "currency": "EUR", "kind": billing.RefundOut})
	in.On = k.on(k.reload(c.ID))
	_, err = k.cases.Reply(t.Context(), in)
	k.must(err)
}
