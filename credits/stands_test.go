package credits_test

import (
	"errors"
	"testing"
	"time"

	"makegood/credits"
	"makegood/credits/authority/policy"
	"makegood/internal/access"
	"makegood/internal/dbtest"
)

// failed is a request of 595.00 that the senior approved and whose posting was refused, and what puts it right.
func (k *desk) failed() (credits.Request, func()) {
	k.t.Helper()
	req := k.submit(k.proposal(k.invoice(k.customer, "2000"), "500"))
	k.approve(req.ID, k.senior)
	dbtest.AsOwner(k.t, k.db, `update credit_request_lines set net = 900`)
	k.work()
	if got := k.read(req.ID); got.State != credits.Failed {
		k.t.Fatalf("%s %s", got.State, got.Failure)
	}
	return req, func() { dbtest.AsOwner(k.t, k.db, `update credit_request_lines set net = 500`) }
}

// Who signed must have had the authority at that moment: a level given afterwards, with an earlier day, posts nothing.
func TestNothingIsPostedThatSomebodyWithoutAuthoritySigned(t *testing.T) {
	t.Parallel()
	for name, take := range map[string]string{
		"the level was never theirs":  `delete from authority_holders where user_id = $1`,
		"it was over by then":         `update authority_holders set valid_until = valid_from + interval '1 second' where user_id = $1`,
		"they had it somewhere else":  `update authority_holders set entity_ids = '{999}' where user_id = $1`,
		"it began after the decision": `update authority_holders set valid_from = '2026-12-31' where user_id = $1`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := setup(t)
			req := k.submit(k.proposal(k.invoice(k.customer, "2000"), "500"))
			k.clock.Add(time.Hour)
			k.approve(req.ID, k.senior)
			k.run(take, k.senior.UserID)
			k.work()
			if got := k.read(req.ID); got.State != credits.Failed || got.Failure != "credits.decider_had_no_authority" || got.FailureParams["name"] != k.senior.Name {
				t.Errorf("%s %s %v", got.State, got.Failure, got.FailureParams)
			}
			if n := value[int](t, k.db, `select count(*) from credit_memos`); n != 0 {
				t.Error("it was posted")
			}
		})
	}
}

func TestASignatureThroughADelegationStandsOnIt(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.standsIn(k.senior, k.second)
	req := k.submit(k.proposal(k.invoice(k.customer, "2000"), "500"))
	other := k.submit(k.proposal(k.invoice(k.addNow("C-9"), "2000"), "500"))
	k.approve(req.ID, k.second)
	k.work()
	if got := k.read(req.ID); got.State != credits.Posted {
		t.Errorf("%s %s", got.State, got.Failure)
	}
	k.approve(other.ID, k.second)
	dbtest.AsOwner(t, k.db, `alter table delegations disable trigger user; update delegations set revoked_at = created_at; alter table delegations enable trigger user`)
	k.work()
	if got := k.read(other.ID); got.State != credits.Failed || got.Failure != "credits.decider_had_no_authority" {
		t.Errorf("by a delegation that was not there: %s %s", got.State, got.Failure)
	}
}

// Who takes back a delegation while it is being used may have begun earlier: what was signed before it was gone stands.
func TestASignatureComesBeforeTheEndOfItsDelegation(t *testing.T) {
	t.Parallel()
	k := setup(t)
	given, err := k.credits.Delegate(t.Context(), credits.DelegateInput{By: k.senior, To: k.second.UserID, From: k.clock.Now(), Until: k.clock.Now().AddDate(0, 1, 0)})
	k.must(err)
	req := k.submit(k.proposal(k.invoice(k.customer, "2000"), "500"))
	k.clock.Add(time.Minute)
	k.approve(req.ID, k.second)
	k.clock.Add(-time.Minute)
	k.must(k.credits.Revoke(t.Context(), k.senior, given.ID))
	k.clock.Add(time.Minute)
	k.work()
	if got := k.read(req.ID); got.State != credits.Posted {
		t.Errorf("%s %s", got.State, got.Failure)
	}
	other := k.submit(k.proposal(k.invoice(k.addNow("C-9"), "2000"), "500"))
	if _, err := k.credits.Approve(t.Context(), credits.DecideInput{By: k.second, ID: other.ID, Digest: other.Digest}); err == nil {
		t.Error("who no longer stands in signed")
	}
}

// However often it changes who may decide, one look at it waits: postings do not wait behind hundreds.
func TestManyChangesOfWhoDecidesAreLookedAtOnce(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.work()
	for range 20 {
		given, err := k.credits.Delegate(t.Context(), credits.DelegateInput{By: k.senior, To: k.second.UserID, From: k.clock.Now(), Until: k.clock.Now().AddDate(0, 1, 0)})
		k.must(err)
		k.must(k.credits.Revoke(t.Context(), k.senior, given.ID))
	}
	for _, kind := range []string{"credits.sweep", "credits.check_coverage"} {
		if n := value[int](t, k.db, `select count(*) from river_job where kind = '`+kind+`' and state = 'available'`); n != 1 {
			t.Errorf("%d times %s waits", n, kind)
		}
	}
}

func TestAnApprovalDoesNotLastForEver(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.policyOf(policy.Policy{Deadlines: policy.Deadlines{ExpiryDays: 10}})
	req := k.submit(k.proposal(k.invoice(k.customer, "2000"), "500"))
	k.approve(req.ID, k.senior)
	k.clock.Add(11 * 24 * time.Hour)
	k.work()
	if got := k.read(req.ID); got.State != credits.Failed || got.Failure != "credits.approval_lapsed" {
		t.Fatalf("posted after 11 days of 10: %s %s", got.State, got.Failure)
	}
	k.must(k.credits.SweepNow(t.Context()))
	if got := k.read(req.ID); got.State != credits.Expired {
		t.Errorf("a failed one nobody puts right is %s", got.State)
	}
	k.sound()
}

// Posting is tried again by whose it is and those who answer for it, as long as the approval stands.
func TestWhoMayRetryAndUntilWhen(t *testing.T) {
	t.Parallel()
	k := setup(t)
	req, right := k.failed()
	assistant := k.agent
	assistant.Assistant = true
	for name, by := range map[string]access.Actor{"another agent": k.second, "a senior": k.senior, "the requester's assistant": assistant} {
		if _, err := k.credits.Retry(t.Context(), by, req.ID); !errors.Is(err, credits.ErrNotYours) {
			t.Errorf("%s: %v", name, err)
		}
		if k.read(req.ID).MayRetry(by) {
			t.Errorf("%s is offered it", name)
		}
	}
	right()
	_, err := k.credits.Retry(t.Context(), k.control, req.ID)
	k.must(err)
	k.work()
	if got := k.read(req.ID); got.State != credits.Posted {
		t.Errorf("%s %s", got.State, got.Failure)
	}

	for name, change := range map[string]func(){
		"the level was taken": func() {
			k.run(`update authority_holders set valid_until = $2 where user_id = $1`, k.senior.UserID, k.clock.Now())
		},
		"they left": func() { k.run(`update users set active = false where id = $1`, k.senior.UserID) },
	} {
		k.clock.Add(40 * 24 * time.Hour)
		k.run(`update authority_holders set valid_until = 'infinity' where user_id = $1`, k.senior.UserID)
		k.customer = k.addNow("C-" + name)
		req, right := k.failed()
		right()
		k.clock.Add(time.Hour)
		change()
		got, err := k.credits.Retry(t.Context(), k.agent, req.ID)
		k.must(err)
		if got.State != credits.Expired || got.Failure != "credits.decider_had_no_authority" {
			t.Errorf("%s: %s %s", name, got.State, got.Failure)
		}
		k.run(`update users set active = true`)
	}
	k.sound()
}

// What failed is not posted again by levels that decide less by now, or with more signatures than were given.
func TestALevelThatWasLoweredPostsNothingAgain(t *testing.T) {
	t.Parallel()
	for name, terms := range map[string]credits.LevelTerms{
		"its limit was lowered":  upTo("400"),
		"it takes two by now":    {Signatures: 2, Limits: upTo("1000").Limits},
		"its limit was raised":   upTo("2000"),
		"it changed and reaches": upTo("600"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := setup(t)
			req, right := k.failed()
			right()
			k.changeLevel(2, terms, k.control, k.finance)
			k.clock.Add(time.Hour)
			got, err := k.credits.Retry(t.Context(), k.agent, req.ID)
			k.must(err)
			stands := name == "its limit was raised" || name == "it changed and reaches"
			if stands != (got.State == credits.Approved) || !stands && (got.State != credits.Expired || got.Failure != "credits.levels_lowered") {
				t.Errorf("%s %s", got.State, got.Failure)
			}
		})
	}
}
