package credits_test

import (
	"slices"
	"testing"
	"time"

	"makegood/billing"
	"makegood/credits"
	"makegood/credits/authority/policy"
	"makegood/internal/errs"
)

func TestWhoWouldApprove(t *testing.T) {
	t.Parallel()
	k := setup(t)
	ask := credits.SimulateInput{By: k.lead, Kind: billing.SLACredit, Amount: d("15500"), Currency: "USD", EntityID: k.entity, RequesterID: k.agent.UserID}
	got, err := k.credits.Simulate(t.Context(), ask)
	k.must(err)
	equal(t, "in euro", "12400", got.Counted)
	equal(t, "at", "0.8", got.Rate)
	var names []string
	for _, step := range got.Steps {
		names = append(names, step.LevelName)
	}
	if want := []string{"L2 senior", "L3 supervisor", "L4 controller"}; !slices.Equal(names, want) {
		t.Errorf("%v would approve, want %v", names, want)
	}
	draft := policy.Policy{Rules: []policy.Rule{stepRule("a director looks", policy.Step{Role: "director"})}}
	ask.Draft = &draft
	got, err = k.credits.Simulate(t.Context(), ask)
	k.must(err)
	if len(got.Steps) != 4 || got.Steps[0].Role != "director" || got.Version != 0 || !got.Verdicts[0].Applies {
		t.Errorf("under the draft %+v", got)
	}
	ask.Amount = d("0.001")
	if _, err := k.credits.Simulate(t.Context(), ask); errs.KindOf(err) != errs.Invalid {
		t.Errorf("an amount that is none: %v", err)
	}
}

// A replay counts as a submission does: what was underway when a request was submitted, at any age, and whatever became of it since.
func TestReplayCountsWhatWasUnderway(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.policyOf(policy.Policy{Deadlines: policy.Deadlines{ExpiryDays: 300}})
	old := k.submit(k.proposal(k.invoice(k.customer, "2000"), "600"))
	k.clock.Add(190 * 24 * time.Hour)
	k.submit(k.proposal(k.invoice(k.client, "2000"), "500"))
	k.clock.Add(time.Hour)
	_, err := k.credits.Withdraw(t.Context(), credits.WithdrawInput{By: k.agent, ID: old.ID, Comment: "was wrong"})
	k.must(err)
	got, err := k.credits.Replay(t.Context(), k.control, perPerson(policy.ByRequester))
	k.must(err)
	if got.Looked != 1 || len(got.Changed) != 1 {
		t.Errorf("714.00 that had waited for half a year counted with 595.00: %+v", got)
	}
}

func TestReplayShowsWhatADraftWouldChange(t *testing.T) {
	t.Parallel()
	k := setup(t)
	small := k.submit(k.proposal(k.invoice(k.customer, "2000"), "200"))
	large := k.submit(k.proposal(k.invoice(k.partner, "4000"), "2000"))
	over := d("1000")
	draft := policy.Policy{Rules: []policy.Rule{{Name: "a director looks", When: policy.When{Over: &over}, Then: policy.Then{Step: &policy.Step{Role: "director"}}}}}
	got, err := k.credits.Replay(t.Context(), k.control, draft)
	k.must(err)
	if got.Looked != 2 || got.Same != 1 || len(got.Changed) != 1 {
		t.Fatalf("%+v", got)
	}
	one := got.Changed[0]
	if one.ID != large.ID || !slices.Equal(one.Would, append([]string{"director"}, one.Was...)) || !slices.Contains(one.Rules, "a director looks") {
		t.Errorf("%+v", one)
	}
	window := policy.Policy{Windows: []policy.Window{{Name: "an agent's day", Per: policy.ByRequester, Over: policy.Hours24, Times: 1}}}
	if got, err = k.credits.Replay(t.Context(), k.control, window); err != nil || got.Same != 2 {
		t.Errorf("238.00 before 2,380.00 changes nothing: %+v, %v", got, err)
	}
	again := k.submit(k.proposal(k.invoice(k.addNow("C-9"), "4000"), "200"))
	if got, err = k.credits.Replay(t.Context(), k.control, window); err != nil || len(got.Changed) != 1 || got.Changed[0].ID != again.ID {
		t.Errorf("with 2,618.00 before it 238.00 goes up: %+v, %v", got, err)
	}
	if _, err := k.credits.Replay(t.Context(), k.agent, draft); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("an agent replays: %v", err)
	}
	if number := k.read(small.ID).Number; number == "" {
		t.Error("a replay changed a request")
	}
}
