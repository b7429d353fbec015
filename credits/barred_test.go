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

// TestWhoseErrorItWasDoesNotSign: whoever is named as the one whose error is put right is passed by at every level, and the database refuses
// their signature too; of their own error nobody gets an own limit; approvers see who was named, and by a change who was named before.
func TestWhoseErrorItWasDoesNotSign(t *testing.T) {
	t.Parallel()
	k := setup(t)
	nobody := k.submit(k.proposal(k.invoice(k.customer, "5000"), "200"))
	if got := k.read(nobody.ID).Steps[0]; !asks(got, k.senior.UserID) {
		t.Fatalf("the error of nobody: %+v", got)
	}
	in := k.proposal(k.invoice(k.client, "5000"), "200")
	in.ErrorBy = &k.senior.UserID
	req := k.submit(in)
	file := k.read(req.ID)
	if step := file.Steps[0]; asks(step, k.senior.UserID) || file.ErrorBy != k.senior.Name {
		t.Errorf("the error of %s (%q): %+v", k.senior.Name, file.ErrorBy, step)
	}
	if _, err := k.credits.Approve(t.Context(), credits.DecideInput{By: k.senior, ID: req.ID}); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("whose error it was signs: %v", err)
	}
	sneak := fmt.Sprintf(`insert into credit_decisions (credit_request_id, content_version, step_id, user_id, decision, digest, decided_at)
		select s.credit_request_id, s.content_version, s.id, %d, 'approve', r.digest, now() from credit_steps s join credit_requests r on r.id = s.credit_request_id
		where s.credit_request_id = %d limit 1`, k.senior.UserID, req.ID)
	if err := k.try(sneak); !db.Violates(err, "no_decision_on_own_request") {
		t.Errorf("the database takes the signature of whose error it was: %v", err)
	}

	in.ErrorBy = nil
	_, err := k.credits.Change(t.Context(), credits.ChangeInput{ID: req.ID, Proposal: in, ContentVersion: req.ContentVersion})
	k.must(err)
	if file := k.read(req.ID); file.ContentVersion != 2 || file.Earlier[0].ErrorBy != k.senior.Name || !asks(file.Steps[len(file.Steps)-1], k.senior.UserID) {
		t.Errorf("of nobody's error after all: %+v", file)
	}

	small := k.proposal(k.invoice(k.customer, "400"), "50")
	small.ErrorBy = &small.By.UserID
	if own := k.submit(small); own.OwnLimit || own.State != credits.Pending {
		t.Errorf("one's own error within one's own limit: %s", own.State)
	}
	unknown := int64(1 << 40)
	in = k.proposal(k.invoice(k.customer, "400"), "60")
	in.ErrorBy = &unknown
	if _, err := k.credits.Submit(t.Context(), in); errs.KindOf(err) != errs.Invalid {
		t.Errorf("the error of nobody there is: %v", err)
	}
}
