package credits_test

import (
	"errors"
	"testing"

	"makegood/credits"
	"makegood/credits/authority/policy"
	"makegood/internal/access"
	"makegood/internal/db"
)

func (k *desk) items(requests ...credits.Request) []credits.DecideInput {
	var list []credits.DecideInput
	for _, r := range requests {
		list = append(list, credits.DecideInput{ID: r.ID, Digest: r.Sealed(), ContentVersion: r.ContentVersion})
	}
	return list
}

// Several small requests are approved with one confirmation, each by itself: what is over the policy's amount, changed meanwhile or not
// the person's to decide is refused alone, and says why.
func TestSeveralSmallOnesAtOnce(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.do(func(tx *db.Tx) error { return k.credits.SeedPolicyTx(t.Context(), tx, policy.Demo()) })
	upTo, err := k.credits.SeveralUpTo(t.Context(), k.db, k.senior.UserID)
	k.must(err)
	equal(t, "by the policy", "500", upTo)
	first := k.submit(k.proposal(k.invoice(k.customer, "5000"), "200"))
	second := k.submit(k.proposal(k.invoice(k.partner, "5000"), "420.16"))
	third := k.submit(k.proposal(k.invoice(k.addNow("C-9"), "5000"), "420.18"))
	changed := k.submit(k.proposal(k.invoice(k.addNow("C-10"), "5000"), "300"))
	items := k.items(first, second, third, changed)
	in := *k.read(changed.ID).Proposal
	in.By, in.Lines[0].Net = k.agent, d("310")
	_, err = k.credits.Change(t.Context(), credits.ChangeInput{ID: changed.ID, Proposal: in})
	k.must(err)
	own := k.proposal(k.invoice(k.addNow("C-11"), "5000"), "200")
	own.By = k.senior
	items = append(items, k.items(k.submit(own))...)

	outcomes, err := k.credits.ApproveSeveral(t.Context(), credits.SeveralInput{By: k.senior, Items: items, Comment: "Looked at"})
	k.must(err)
	for i, want := range []string{"", "", "credits.too_much_for_several", "credits.changed", "authority.own_request"} {
		if got := problem(outcomes[i].Err); got != want {
			t.Errorf("the %d.: %q, want %q", i+1, got, want)
		}
	}
	if outcomes[1].Request.State != credits.Approved || k.read(third.ID).State != credits.Pending {
		t.Errorf("second %s, third %s", outcomes[1].Request.State, k.read(third.ID).State)
	}
	if n := value[int](t, k.db, `select count(*) from credit_decisions where comment = 'Looked at'`); n != 2 {
		t.Errorf("%d decisions with what was said to each", n)
	}
	k.work()
	k.sound()
}

func TestSeveralNeedsEachToBeRead(t *testing.T) {
	t.Parallel()
	k := setup(t)
	req := k.submit(k.proposal(k.invoice(k.customer, "5000"), "200"))
	ask := func(by access.Actor, items ...credits.DecideInput) error {
		_, err := k.credits.ApproveSeveral(t.Context(), credits.SeveralInput{By: by, Items: items})
		return err
	}
	if got := problem(ask(k.senior)); got != "items credits.several_number" {
		t.Errorf("nothing: %s", got)
	}
	if got := problem(ask(k.senior, credits.DecideInput{ID: req.ID})); got != "items.0.digest error.required" {
		t.Errorf("unread: %s", got)
	}
	if got := problem(ask(k.senior, credits.DecideInput{ID: req.ID, Digest: req.Digest})); got != "items.0.digest error.required" {
		t.Errorf("by a digest alone: %s", got)
	}
	if got := problem(ask(k.senior, append(k.items(req), k.items(req)...)...)); got != "items.1.id credits.several_twice" {
		t.Errorf("twice: %s", got)
	}
	stale := k.senior
	stale.StepUpDue = true
	if err := ask(stale, k.items(req)...); !errors.Is(err, access.ErrStepUp) {
		t.Errorf("without a fresh proof: %v", err)
	}
	outcomes, err := k.credits.ApproveSeveral(t.Context(), credits.SeveralInput{By: k.senior, Items: k.items(req)})
	k.must(err)
	if got := problem(outcomes[0].Err); got != "credits.too_much_for_several" {
		t.Errorf("where no policy allows it: %q", got)
	}
}
