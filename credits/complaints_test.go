package credits_test

import (
	"errors"
	"testing"

	"makegood/billing"
	"makegood/credits"
	"makegood/credits/authority"
	"makegood/internal/dbtest"
)

// What users of other products complain of, as far as requests are concerned; see docs/money-cases.md.

func TestComplaint8ARequestRaisedDuringApprovalWithoutStartingAgain(t *testing.T) {
	t.Parallel()
	k := setup(t)
	invoice := k.invoice(k.customer, "5000")
	in := k.proposal(invoice, "2000")
	in.IdempotencyKey = "once"
	req := k.submit(in)
	k.approve(req.ID, k.senior) // one of two signatures
	raised := in
	raised.Lines = []credits.ProposeLine{{InvoiceLineID: invoice.Lines[0].ID, Net: d("2500")}}
	if _, err := k.credits.Submit(t.Context(), raised); !errors.Is(err, credits.ErrKeyUsed) {
		t.Errorf("the same request with more: %v", err)
	}
	if _, err := k.credits.SubmitDraft(t.Context(), req.ID, k.agent); !errors.Is(err, credits.ErrNotADraft) {
		t.Errorf("submitted over: %v", err)
	}
	_, err := k.credits.Withdraw(t.Context(), credits.WithdrawInput{By: k.agent, ID: req.ID, Comment: "it is more"})
	k.must(err)
	raised.IdempotencyKey = "anew"
	anew := k.submit(raised)
	got := k.read(anew.ID)
	if got.Steps[0].State != credits.StepOpen || len(got.Steps[0].Decisions) != 0 || string(got.Digest) == string(req.Digest) {
		t.Errorf("what was signed is carried over: %+v", got.Steps[0])
	}
	k.approve(anew.ID, k.senior, k.lead)
	dbtest.AsOwner(t, k.db, `update credit_request_lines set net = 4000 where credit_request_id = 2`, `update credit_requests set net = 4000, total = 4000 + tax where id = 2`)
	k.work()
	if got := k.read(anew.ID); got.State != credits.Failed || got.Failure != "credits.digest_mismatch" {
		t.Errorf("raised behind everybody's back: %s %s", got.State, got.Failure)
	}
	if n := value[int](t, k.db, `select count(*) from credit_memos`); n != 0 {
		t.Errorf("%d memos", n)
	}
}

func TestComplaint9ARequestStuckBecauseItsApproverLeft(t *testing.T) {
	t.Parallel()
	for name, leaves := range map[string]string{"away": `update users set away = true where id = $1`, "deactivated": `update users set active = false where id = $1`} {
		k := setup(t)
		req := k.submit(k.proposal(k.invoice(k.customer, "5000"), "2000"))
		k.approve(req.ID, k.senior)
		k.run(leaves, k.lead.UserID) // who alone holds the last level
		k.sweep()
		expectWaiting(t, k, k.lead, 0)
		expectWaiting(t, k, k.control, 1)
		if _, err := k.credits.Approve(t.Context(), credits.DecideInput{By: k.lead, ID: req.ID}); !errors.Is(err, authority.ErrNotCandidate) {
			t.Errorf("%s: decides nevertheless: %v", name, err)
		}
		k.approve(req.ID, k.control)
		k.work()
		if got := k.read(req.ID); got.State != credits.Posted || got.DocumentKind != billing.MemoDoc {
			t.Errorf("%s: %s %s", name, got.State, got.Failure)
		}
		k.sound()
	}
}
