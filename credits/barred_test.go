package credits_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"makegood/cases"
	"makegood/credits"
	"makegood/credits/authority"
	"makegood/credits/authority/policy"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// TestWhoWorkedForTheCustomerDoesNotSign: where the policy asks it, whoever had a case of the customer within so many days is passed by,
// also where the case is somebody else's by now; and the database refuses their signature.
func TestWhoWorkedForTheCustomerDoesNotSign(t *testing.T) {
	t.Parallel()
	k := setup(t)
	invoice := k.invoice(k.customer, "5000", "500")
	c, _ := k.dispute(invoice, "595")
	for _, who := range []int64{k.senior.UserID, k.second.UserID} {
		var err error
		c, err = k.cases.Assign(t.Context(), cases.AssignInput{On: cases.On{ID: c.ID, Version: c.Version, By: k.lead}, AssigneeID: &who})
		k.must(err)
	}
	before := k.submit(k.proposal(invoice, "200"))
	if got := k.read(before.ID).Steps[0]; got.LevelName != "L2 senior" {
		t.Fatalf("without a rule it is %+v", got)
	}
	k.policyOf(policy.Policy{FormerAgentDays: 30})
	req := k.submit(k.proposal(invoice, "200"))
	step := k.read(req.ID).Steps[0]
	if asks(step, k.senior.UserID) {
		t.Errorf("the former agent is asked: %+v", step)
	}
	if _, err := k.credits.Approve(t.Context(), credits.DecideInput{By: k.senior, ID: req.ID}); err == nil {
		t.Error("the former agent signs")
	}
	sneak := fmt.Sprintf(`insert into credit_decisions (credit_request_id, content_version, step_id, user_id, decision, digest, decided_at)
		select s.credit_request_id, s.content_version, s.id, %d, 'approve', r.digest, now() from credit_steps s join credit_requests r on r.id = s.credit_request_id
		where s.credit_request_id = %d limit 1`, k.senior.UserID, req.ID)
	if err := k.try(sneak); !db.Violates(err, "no_decision_on_own_request") {
		t.Errorf("the database takes the former agent's signature: %v", err)
	}
	k.run(`update cases set status = 'closed', closed_at = '` + k.clock.Now().Format(time.RFC3339) + `', resolved_at = null where id = ` + fmt.Sprint(c.ID))
	k.clock.Add(31 * 24 * time.Hour)
	later := k.submit(k.proposal(k.invoice(k.customer, "300"), "150"))
	if got := k.read(later.ID).Steps[0]; !asks(got, k.senior.UserID) {
		t.Errorf("a month later they may again: %+v", got)
	}
}

func asks(step credits.Step, user int64) bool {
	return slices.ContainsFunc(step.Candidates, func(c credits.Candidate) bool { return c.UserID == user })
}

// TestWhoReckonsDoesNotSign: whoever adds a computation to a request that waits is asked no more.
func TestWhoReckonsDoesNotSign(t *testing.T) {
	t.Parallel()
	k := setup(t)
	req := k.submit(k.proposal(k.invoice(k.customer, "5000"), "200"))
	k.must(k.credits.AddEvidence(t.Context(), credits.EvidenceInput{By: k.senior, ID: req.ID, NewEvidence: credits.NewEvidence{Kind: credits.Calculation, Label: "200.00 of 5,000.00"}}))
	if _, err := k.credits.Approve(t.Context(), credits.DecideInput{By: k.senior, ID: req.ID}); !errors.Is(err, authority.ErrNotCandidate) && !errors.Is(err, authority.ErrOwnRequest) {
		t.Errorf("who reckoned it signs it: %v", err)
	}
	if got := k.approve(req.ID, k.lead); got.State != credits.Approved {
		t.Errorf("the next above signs it: %s", got.State)
	}
	late := credits.EvidenceInput{By: k.lead, ID: req.ID, NewEvidence: credits.NewEvidence{Kind: credits.Calculation, Label: "Afterwards"}}
	if err := k.credits.AddEvidence(t.Context(), late); errs.KindOf(err) != errs.Conflict {
		t.Errorf("who has signed it reckons it afterwards: %v", err)
	}
	k.work()
	k.sound()
}
