package credits_test

import (
	"errors"
	"testing"
	"time"

	"makegood/credits"
	"makegood/internal/access"
)

// TestDecisionsWantAFreshProof: whoever proved themselves too long ago decides nothing and lets nobody decide in their place;
// once they have, the same goes through.
func TestDecisionsWantAFreshProof(t *testing.T) {
	t.Parallel()
	k := setup(t)
	invoice := k.invoice(k.customer, "5000")
	req := k.submit(k.proposal(invoice, "800"))
	due := k.senior
	due.StepUpDue = true
	in := credits.DecideInput{By: due, ID: req.ID, Comment: "Yes."}
	_, approved := k.credits.Approve(t.Context(), in)
	_, rejected := k.credits.Reject(t.Context(), in)
	_, less := k.credits.ApproveLess(t.Context(), credits.LessInput{DecideInput: in})
	_, delegated := k.credits.Delegate(t.Context(), credits.DelegateInput{By: due, To: k.lead.UserID, From: k.clock.Now(), Until: k.clock.Now().Add(time.Hour)})
	for what, err := range map[string]error{"approved": approved, "rejected": rejected, "gave less": less, "delegated": delegated} {
		if !errors.Is(err, access.ErrStepUp) {
			t.Errorf("%s without a fresh proof: %v", what, err)
		}
	}
	in.By = k.senior
	out, err := k.credits.Approve(t.Context(), in)
	k.must(err)
	if out.State != credits.Approved {
		t.Errorf("after it, the request is %s", out.State)
	}
}
