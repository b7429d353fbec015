package credits_test

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"makegood/credits"
	"makegood/credits/authority/policy"
	"makegood/internal/audit"
	"makegood/internal/dbtest"
)

func TestRequestsExpire(t *testing.T) {
	t.Parallel()
	k := setup(t)
	one, two := k.invoice(k.customer, "5000"), k.invoice(k.partner, "5000")
	asked, waits := k.submit(k.proposal(one, "2000")), k.submit(k.proposal(two, "2000"))
	k.askBack(asked.ID, k.senior, "Why?")
	k.clock.Add(4 * 24 * time.Hour)
	k.sweep()
	if got := k.read(asked.ID); got.State != credits.Returned {
		t.Fatalf("too early: %s", got.State)
	}
	k.clock.Add(24 * time.Hour)
	k.sweep()
	if got := k.read(asked.ID); got.State != credits.Expired || got.EndedAt == nil {
		t.Fatalf("%s", got.State)
	}
	if back, over := k.told(k.agent, "notice.credit_asked_back"), k.told(k.agent, "notice.credit_expired"); back != 1 || over != 1 {
		t.Errorf("the requester was told %d times of the question and %d times of the end", back, over)
	}
	equal(t, "given back", "0", k.detail(one.ID).Lines[0].Reserved)
	if got := k.read(waits.ID); got.State != credits.Pending {
		t.Fatalf("%s", got.State)
	}
	k.clock.Add(56 * 24 * time.Hour)
	k.sweep()
	if got := k.read(waits.ID); got.State != credits.Expired {
		t.Errorf("after sixty days: %s", got.State)
	}
	if _, err := k.credits.Answer(t.Context(), credits.AnswerInput{By: k.agent, ID: asked.ID, Answer: "Late."}); !errors.Is(err, credits.ErrNotReturned) {
		t.Errorf("answered what is over: %v", err)
	}
	k.sound()
}

func TestLateStepsAreRemindedOfAndGoUp(t *testing.T) {
	t.Parallel()
	k := setup(t)
	req := k.submit(k.proposal(k.invoice(k.customer, "5000"), "2000"))
	k.clock.Add(35 * time.Hour)
	k.sweep()
	if step, _ := k.read(req.ID).Open(); step.RemindedAt != nil {
		t.Error("reminded too early")
	}
	k.clock.Add(2 * time.Hour)
	k.sweep()
	k.sweep()
	if step, _ := k.read(req.ID).Open(); step.RemindedAt == nil || step.LevelName != "L2 senior" {
		t.Errorf("not reminded: %+v", step)
	}
	k.clock.Add(60 * time.Hour)
	k.sweep()
	got := k.read(req.ID)
	step, _ := got.Open()
	if step.LevelName != "L3 supervisor" || got.State != credits.Pending || got.Steps[0].State != credits.StepVoid || got.Steps[0].ClimbedAt == nil {
		t.Fatalf("%+v", got.Steps)
	}
	expectWaiting(t, k, k.senior, 0)
	if waits, late, went := k.told(k.senior, "notice.credit_waits_for_you"), k.told(k.senior, "notice.credit_still_waits"), k.told(k.agent, "notice.credit_went_up"); waits != 1 || late != 1 || went != 1 {
		t.Errorf("the senior was told %d times that it waits and %d times that it is late, the requester %d times that it went up", waits, late, went)
	}
	k.clock.Add(97 * time.Hour)
	k.sweep() // reminds, for nobody had swept in between
	k.sweep()
	if levels := levelsOf(k.read(req.ID)); !slices.Equal(levels, []string{"L4 controller"}) {
		t.Fatalf("%v", levels)
	}
	// At the top nobody is left to take it from them: it stays, and is never approved by itself.
	k.run(`update users set active = false where id = any ($1)`, []int64{k.director.UserID, k.finance.UserID})
	k.clock.Add(200 * time.Hour)
	k.sweep()
	expectWaiting(t, k, k.control, 1)
	if req := k.approve(req.ID, k.control); req.State != credits.Approved {
		t.Errorf("%s", req.State)
	}
	events := 0
	rows, err := audit.Timeline(t.Context(), k.db, audit.Books(int64(k.entity)), 0, 1000)
	k.must(err)
	for _, row := range rows {
		if row.What == "credit_step.climbed" {
			events++
		}
	}
	if events != 2 {
		t.Errorf("%d climbs in the record", events)
	}
}

// A late step of a role goes up as one of a level does, also from somebody who stands in.
func TestALateRoleStepGoesUp(t *testing.T) {
	t.Parallel()
	for name, stands := range map[string]bool{"themselves": false, "somebody stands in": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := setup(t)
			yes := true
			k.policyOf(policy.Policy{Rules: []policy.Rule{{Name: "partners see finance", When: policy.When{Partner: &yes}, Then: policy.Then{Step: &policy.Step{Role: "controller"}}}}})
			if stands {
				k.standsIn(k.control, k.lead)
			}
			req := k.submit(k.proposal(k.invoice(k.partner, "2000"), "500"))
			k.clock.Add(37 * time.Hour)
			k.sweep() // reminds
			k.clock.Add(60 * time.Hour)
			k.sweep()
			got := k.read(req.ID)
			if first := got.Steps[0]; first.Role != "controller" || first.ClimbedAt == nil || first.State != credits.StepVoid {
				t.Errorf("%+v", first)
			}
			expectWaiting(t, k, k.control, 0)
			expectWaiting(t, k, k.lead, 0)
		})
	}
}

// A request that cannot be moved keeps nobody else's from going on.
func TestOneBadRequestStopsNobodyElse(t *testing.T) {
	t.Parallel()
	k := setup(t)
	bad, good := k.submit(k.proposal(k.invoice(k.customer, "5000"), "2000")), k.submit(k.proposal(k.invoice(k.partner, "5000"), "2000"))
	dbtest.AsOwner(t, k.db, `create function stuck() returns trigger language plpgsql as 'begin raise exception ''stuck''; end'`,
		`create trigger stuck before update on credit_steps for each row when (old.credit_request_id = `+strconv.FormatInt(int64(bad.ID), 10)+`) execute function stuck()`)
	k.clock.Add(37 * time.Hour)
	if err := k.credits.SweepNow(t.Context()); err == nil || !strings.Contains(err.Error(), bad.Number) {
		t.Errorf("nobody hears of it: %v", err)
	}
	if step, _ := k.read(good.ID).Open(); step.RemindedAt == nil {
		t.Error("the other is not reminded of")
	}
	k.clock.Add(60 * 24 * time.Hour)
	if err := k.credits.SweepNow(t.Context()); err == nil {
		t.Error("nobody hears that it does not end")
	}
	if got := k.read(good.ID); got.State != credits.Expired {
		t.Errorf("the other is %s", got.State)
	}
}
