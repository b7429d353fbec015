package credits_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"makegood/billing"
	"makegood/credits"
	"makegood/credits/authority"
	"makegood/credits/authority/policy"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// policyOf puts a policy in force, proposed by the controller and confirmed by the second director.
func (k *desk) policyOf(p policy.Policy) credits.AuthorityChange {
	k.t.Helper()
	proposed, err := k.credits.ProposePolicy(k.t.Context(), credits.PolicyInput{By: k.control, Policy: p, Comment: "As decided on Monday"})
	k.must(err)
	return k.confirm(proposed.ID, k.finance)
}

func (k *desk) confirm(id int64, by access.Actor) credits.AuthorityChange {
	k.t.Helper()
	change, err := k.credits.DecideChange(k.t.Context(), credits.DecideChange{By: by, ID: id, Confirm: true})
	k.must(err)
	return change
}

func stepRule(name string, step policy.Step) policy.Rule {
	return policy.Rule{Name: name, Then: policy.Then{Step: &step}}
}

func TestSixtyPartsReachWhatTheWholeReaches(t *testing.T) {
	t.Parallel()
	once := setup(t)
	whole := once.submit(once.proposal(once.invoice(once.client, "20000"), "10084.03")) // 12,000.00 with tax
	want := levelsOf(once.read(whole.ID))
	if last := want[len(want)-1]; last != "L4 controller" {
		t.Fatalf("at once it ends at %s", last)
	}

	k := setup(t)
	invoices := []billing.InvoiceDetail{k.invoice(k.client, "4000"), k.invoice(k.partner, "4000"), k.invoice(k.client, "4000"), k.invoice(k.partner, "4000")}
	order := rand.New(rand.NewPCG(7, 12))
	var last []string
	for i := range 60 {
		invoice := invoices[order.IntN(len(invoices))]
		in := k.proposal(invoice, "168.07") // 200.00 with tax
		if order.IntN(2) == 0 {
			in.By = k.second
		}
		last = levelsOf(k.read(k.submit(in).ID))
		k.clock.Add(time.Duration(order.IntN(60)) * time.Minute)
		if i < 4 && len(last) > 1 {
			t.Errorf("%d requests of 200.00 already ask for %v", i+1, last)
		}
	}
	if got := last[len(last)-1]; got != want[len(want)-1] {
		t.Errorf("in 60 parts it ends at %s, at once at %s", got, want[len(want)-1])
	}
}

func TestWindowsOfThePolicyCountPendingToo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		per    policy.Per
		times  int64
		second func(k *desk, in *credits.ProposeInput) // what of the second request is not the first's
		counts bool
	}{
		{policy.ByRequester, 1, func(*desk, *credits.ProposeInput) {}, true},
		{policy.ByRequester, 2, func(*desk, *credits.ProposeInput) {}, false},
		{policy.ByRequester, 1, func(k *desk, in *credits.ProposeInput) { in.By = k.second }, false},
		{policy.ByContract, 1, func(*desk, *credits.ProposeInput) {}, true},
		{policy.ByReason, 1, func(*desk, *credits.ProposeInput) {}, true},
		{policy.ByFamily, 1, func(*desk, *credits.ProposeInput) {}, true},
	} {
		t.Run(fmt.Sprintf("%s %d %v", c.per, c.times, c.counts), func(t *testing.T) {
			t.Parallel()
			k := setup(t)
			k.policyOf(policy.Policy{Windows: []policy.Window{{Name: "the window", Per: c.per, Over: policy.ThisQuarter, Times: c.times}}})
			first, other := k.invoice(k.customer, "2000"), k.invoice(k.client, "2000")
			if c.per != policy.ByRequester { // those count within one customer, so the month that always counts must be over
				other = k.invoice(k.customer, "2000")
				k.run(`insert into contracts (entity_id, customer_id, number, currency, from_on, time_zone, combination, fee_base, digest, created_at)
					values ($1, $2, 'K-1', 'EUR', '2026-01-01', 'UTC', 'cumulative', 'whole', '\x00', now())`, k.entity, k.customer)
			}
			earlier := k.submit(k.proposal(first, "600")) // 714.00
			if c.per != policy.ByRequester {              // posted, it leaves the month and stays in the quarter
				k.approve(earlier.ID, k.senior)
				k.work()
				k.clock.Add(31 * 24 * time.Hour)
			}
			in := k.proposal(other, "500") // 595.00: together 1,309.00
			c.second(k, &in)
			detail := k.read(k.submit(in).ID)
			last := detail.Steps[len(detail.Steps)-1]
			if counted := last.RuleKey == "authority.step.further_over"; counted != c.counts {
				t.Errorf("last step %s by %s %v", last.LevelName, last.RuleKey, last.RuleParams)
			}
			if c.counts && (last.LevelName != "L3 supervisor" || last.RuleParams["given"] != "714.00 EUR" || last.RuleParams["window"] != "the window") {
				t.Errorf("last step %s, %v", last.LevelName, last.RuleParams)
			}
		})
	}
}

func TestAnApproverWhoSignedEnoughIsPassedOver(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.policyOf(policy.Policy{Windows: []policy.Window{{Name: "a day", Per: policy.ByApprover, Over: policy.Hours24, Times: 1}}})
	k.approve(k.submit(k.proposal(k.invoice(k.customer, "2000"), "500")).ID, k.senior) // 595.00
	second := k.submit(k.proposal(k.invoice(k.client, "2000"), "500"))
	if got := levelsOf(k.read(second.ID)); len(got) != 1 || got[0] != "L3 supervisor" {
		t.Errorf("the second of the day goes to %v", got)
	}
	k.clock.Add(25 * time.Hour)
	third := k.submit(k.proposal(k.invoice(k.partner, "2000"), "200"))
	if got := levelsOf(k.read(third.ID)); got[0] != "L2 senior" {
		t.Errorf("a day later it goes to %v", got)
	}
}

func TestEveryStepSaysWhichRulePutItThere(t *testing.T) {
	t.Parallel()
	k := setup(t)
	yes := true
	k.policyOf(policy.Policy{Rules: []policy.Rule{
		{Name: "partners see finance", When: policy.When{Partner: &yes}, If: `amount > 500`, Then: policy.Then{Step: &policy.Step{Role: "controller"}}},
		{Name: "all the way up", Then: policy.Then{Mode: authority.Hierarchical}},
	}})
	req := k.submit(k.proposal(k.invoice(k.partner, "2000"), "500"))
	detail := k.read(req.ID)
	if len(detail.Steps) != 2 {
		t.Fatalf("steps %+v", detail.Steps)
	}
	role, level := detail.Steps[0], detail.Steps[1]
	if role.Role != "controller" || role.LevelID != 0 || role.PolicyRule != "partners see finance" || role.PolicyVersion != 1 || role.State != credits.StepOpen {
		t.Errorf("first step %+v", role)
	}
	if level.LevelName != "L2 senior" || level.PolicyRule != "all the way up" {
		t.Errorf("second step %+v", level)
	}
	if _, err := k.credits.Approve(t.Context(), credits.DecideInput{By: k.senior, ID: req.ID}); !errors.Is(err, authority.ErrNotCandidate) {
		t.Errorf("the senior signs the controller's step: %v", err)
	}
	if got := k.approve(req.ID, k.control, k.senior); got.State != credits.Approved {
		t.Errorf("it is %s", got.State)
	}
	k.work()
	k.sound()
}

func TestParallelStepsAreOpenAtOnce(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.policyOf(policy.Policy{Rules: []policy.Rule{{Name: "side by side", Then: policy.Then{Mode: authority.Parallel}}}})
	req := k.submit(k.proposal(k.invoice(k.customer, "20000"), "5000"))
	for _, step := range k.read(req.ID).Steps {
		if step.State != credits.StepOpen {
			t.Errorf("%s is %s", step.LevelName, step.State)
		}
	}
	if got := k.approve(req.ID, k.lead, k.senior); got.State != credits.Approved {
		t.Errorf("it is %s", got.State)
	}
}

func TestSomebodyWhoLeavesARoleStepIsReplaced(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.policyOf(policy.Policy{Rules: []policy.Rule{stepRule("finance looks", policy.Step{Role: "controller"})}})
	req := k.submit(k.proposal(k.invoice(k.customer, "2000"), "500"))
	k.run(`update users set active = false where id = $1`, k.control.UserID)
	k.must(k.credits.SweepNow(t.Context()))
	detail := k.read(req.ID)
	open, ok := detail.Open()
	if !ok || open.LevelName == "controller" || len(open.Candidates) == 0 {
		t.Errorf("open step %+v", open)
	}
}

func TestAuthorityChangesByTwoPeople(t *testing.T) {
	t.Parallel()
	k := setup(t)
	rules := policy.Policy{CoolingDays: 10, Rules: []policy.Rule{stepRule("two eyes", policy.Step{Role: "controller"})}}
	in := credits.PolicyInput{By: k.control, Policy: rules, Comment: "Finance sees everything"}
	for _, by := range []access.Actor{k.agent, k.lead} {
		in := in
		in.By = by
		if _, err := k.credits.ProposePolicy(t.Context(), in); errs.KindOf(err) != errs.Forbidden {
			t.Errorf("%s proposes a policy: %v", by.Name, err)
		}
	}
	change, err := k.credits.ProposePolicy(t.Context(), in)
	k.must(err)
	if version, _, err := k.credits.Policy(t.Context()); version != 0 || err != nil {
		t.Errorf("a proposal alone is in force: %d, %v", version, err)
	}
	if _, err := k.credits.DecideChange(t.Context(), credits.DecideChange{By: k.control, ID: change.ID, Confirm: true}); !errors.Is(err, credits.ErrSecondPerson) {
		t.Errorf("who proposed it confirms it: %v", err)
	}
	if err := k.try(`update authority_changes set state = 'confirmed', decided_by = proposed_by, decided_at = now() where id = $1`, change.ID); err == nil {
		t.Error("the database lets one person alone change a policy")
	}
	k.confirm(change.ID, k.director)
	if _, err := k.credits.DecideChange(t.Context(), credits.DecideChange{By: k.finance, ID: change.ID, Note: "no"}); !errors.Is(err, credits.ErrChangeDecided) {
		t.Errorf("decided twice: %v", err)
	}
	if err := k.try(`update authority_policies set content = '{}'`); err == nil {
		t.Error("a policy in force can be rewritten")
	}
	version, now, err := k.credits.Policy(t.Context())
	if err != nil || version != 1 || len(now.Rules) != 1 {
		t.Errorf("in force is %d, %+v, %v", version, now, err)
	}
}

func TestAPolicyDoesNotBindThoseWhoMadeIt(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.policyOf(policy.Policy{CoolingDays: 10, Rules: []policy.Rule{stepRule("a director looks", policy.Step{Role: "director"})}})
	k.clock.Add(20 * 24 * time.Hour)
	loose, err := k.credits.ProposePolicy(t.Context(), credits.PolicyInput{By: k.control, Policy: policy.Policy{CoolingDays: 10}, Comment: "Less work"})
	k.must(err)
	k.confirm(loose.ID, k.director)
	n := 10
	of := func(by access.Actor) int {
		n++
		in := k.proposal(k.invoice(k.addNow("C-"+strconv.Itoa(n)), "2000"), "500")
		in.By = by
		return k.read(k.submit(in).ID).Steps[0].PolicyVersion
	}
	if of(k.agent) != 2 || of(k.control) != 1 {
		t.Errorf("the new policy binds the agent (%d) at once, and who made it (%d) not yet", of(k.agent), of(k.control))
	}
	k.clock.Add(11 * 24 * time.Hour)
	if got := of(k.control); got != 2 {
		t.Errorf("after the days it binds everybody, not %d", got)
	}
}

func TestNobodyGivesThemselvesALevel(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.addHolder("Omar Haddad", access.Controller, 4) // so that L4 does not need the controller
	levels, err := k.credits.Levels(t.Context())
	k.must(err)
	give, err := k.credits.ProposeHolder(t.Context(), credits.HolderInput{
		By: k.control, LevelID: levels[4].ID, Who: credits.Who{UserID: k.control.UserID}, Terms: credits.HolderTerms{Holds: true}, Comment: "Stands in for the director",
	})
	k.must(err)
	k.confirm(give.ID, k.director)
	names := func() []string {
		preview, err := k.credits.Preview(t.Context(), k.proposal(k.invoice(k.customer, "100000"), "80000"))
		k.must(err)
		var list []string
		for _, c := range preview.Chain.Steps[len(preview.Chain.Steps)-1].Candidates {
			list = append(list, c.Name)
		}
		return list
	}
	if got := names(); len(got) != 1 || got[0] != k.director.Name {
		t.Errorf("at once %v decide", got)
	}
	k.clock.Add(15 * 24 * time.Hour)
	if got := names(); !slices.Equal(got, []string{k.control.Name, k.director.Name}) {
		t.Errorf("later %v decide", got)
	}
	held, err := k.credits.HeldOn(t.Context(), k.clock.Now(), k.control)
	k.must(err)
	n := 0
	for _, h := range held.Holders {
		if h.UserID == k.control.UserID {
			n++
		}
	}
	if n != 2 {
		t.Errorf("the controller holds %d levels now", n)
	}
	before, err := k.credits.HeldOn(t.Context(), k.clock.Now().AddDate(0, 0, -16), k.control)
	k.must(err)
	if len(before.Holders) != 0 {
		t.Errorf("before the company began somebody held %+v", before.Holders)
	}
}

func TestALoweredLevelSendsWhatWaitsUp(t *testing.T) {
	t.Parallel()
	k := setup(t)
	req := k.submit(k.proposal(k.invoice(k.customer, "2000"), "500")) // 595.00, within L2
	k.clock.Add(time.Hour)
	levels, err := k.credits.Levels(t.Context())
	k.must(err)
	less := d("400")
	change, err := k.credits.ProposeLevel(t.Context(), credits.LevelInput{
		By: k.control, LevelID: levels[1].ID, Comment: "Seniors decide less",
		Terms: credits.LevelTerms{Signatures: 1, Limits: []credits.Limit{{Kind: billing.BillingError, MaxAmount: &less}}},
	})
	k.must(err)
	k.confirm(change.ID, k.finance)
	_, err = k.credits.Approve(t.Context(), credits.DecideInput{By: k.senior, ID: req.ID})
	k.must(err)
	open, ok := k.read(req.ID).Open()
	if !ok || open.LevelName != "L3 supervisor" {
		t.Errorf("after the senior it waits for %+v", open)
	}
}

// try runs a statement that may be refused.
func (k *desk) try(query string, args ...any) error {
	return k.db.Do(k.t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(k.t.Context(), query, args...)
		return err
	})
}

// addNow adds a direct customer.
func (k *desk) addNow(account string) billing.CustomerID {
	k.t.Helper()
	var id billing.CustomerID
	k.do(func(tx *db.Tx) error {
		id = k.addCustomer(tx, account, "direct", nil)
		return nil
	})
	return id
}
