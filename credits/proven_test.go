package credits_test

import (
	"errors"
	"testing"
	"time"

	"makegood/credits"
	"makegood/credits/authority/policy"
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
	_, asked := k.credits.AskBack(t.Context(), in)
	for what, err := range map[string]error{"approved": approved, "rejected": rejected, "gave less": less, "delegated": delegated, "asked back": asked} {
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

// TestChangesOfAuthorityWantAFreshProof: who may approve what, and how much a team may give, changes by nobody who proved
// themselves too long ago.
func TestChangesOfAuthorityWantAFreshProof(t *testing.T) {
	t.Parallel()
	k := setup(t)
	due := func(by access.Actor) access.Actor { by.StepUpDue = true; return by }
	level := credits.LevelInput{By: due(k.control), LevelID: k.level(2).ID, Terms: upTo("400"), Comment: "x"}
	rules := credits.PolicyInput{By: due(k.control), Policy: policy.Policy{CoolingDays: 5}, Comment: "x"}
	holder := credits.HolderInput{By: due(k.control), LevelID: k.level(3).ID, Who: credits.Who{UserID: k.senior.UserID}, Terms: credits.HolderTerms{Holds: true}, Comment: "x"}
	_, levelErr := k.credits.ProposeLevel(t.Context(), level)
	_, rulesErr := k.credits.ProposePolicy(t.Context(), rules)
	_, holderErr := k.credits.ProposeHolder(t.Context(), holder)
	_, budgetErr := k.credits.SetBudget(t.Context(), credits.SetBudget{By: due(k.control), TeamID: 1, Amount: d("500")})
	level.By = k.control
	k.clock.Add(time.Hour)
	change, err := k.credits.ProposeLevel(t.Context(), level)
	k.must(err)
	_, confirmErr := k.credits.DecideChange(t.Context(), credits.DecideChange{By: due(k.finance), ID: change.ID, Confirm: true})
	_, refuseErr := k.credits.DecideChange(t.Context(), credits.DecideChange{By: due(k.finance), ID: change.ID, Note: "No."})
	for what, err := range map[string]error{
		"level proposed": levelErr, "policy proposed": rulesErr, "holder proposed": holderErr, "budget set": budgetErr, "confirmed": confirmErr, "refused": refuseErr,
	} {
		if !errors.Is(err, access.ErrStepUp) {
			t.Errorf("%s without a fresh proof: %v", what, err)
		}
	}
	if c := k.confirm(change.ID, k.finance); c.State != credits.ChangeConfirmed {
		t.Errorf("after it, the change is %s", c.State)
	}
}
