package credits_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"makegood/billing"
	"makegood/cases"
	"makegood/credits"
	"makegood/credits/authority"
	"makegood/credits/authority/policy"
	"makegood/internal/access"
	"makegood/internal/errs"
)

// Rows of the table in docs/authority.md that are about more than who is there, through everything that leads to the chain.

func (k *desk) expectLevels(what string, id credits.ID, want ...string) {
	k.t.Helper()
	if got := levelsOf(k.read(id)); !slices.Equal(got, want) {
		k.t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// “Who delegates is who asks.” The supervisor's stand-in would be asked of anybody else's request, and is not of theirs.
func TestTheStandInOfWhoAsksIsPassedOver(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.policyOf(policy.Policy{Rules: []policy.Rule{
		stepRule("a supervisor looks", policy.Step{Role: "supervisor"}),
		{Name: "straight up", Then: policy.Then{Mode: authority.Direct}},
	}})
	k.standsIn(k.lead, k.second)
	others := k.submit(k.proposal(k.invoice(k.customer, "2000"), "700"))
	k.expectLevels("asked by an agent", others.ID, "supervisor", "L2 senior")
	if step := k.read(others.ID).Steps[0]; !slices.ContainsFunc(step.Candidates, func(c credits.Candidate) bool { return c.UserID == k.second.UserID && c.OnBehalfOf != nil }) {
		t.Errorf("asked by an agent, the stand-in may not: %+v", step.Candidates)
	}
	in := k.proposal(k.invoice(k.client, "2000"), "700")
	in.By = k.lead
	own := k.submit(in)
	k.expectLevels("asked by the supervisor", own.ID, "L5 director", "L4 controller")
	if _, err := k.credits.Approve(t.Context(), credits.DecideInput{By: k.second, ID: own.ID}); !errors.Is(err, authority.ErrNotCandidate) {
		t.Errorf("the stand-in of who asks: %v", err)
	}
}

// “Both seniors worked on the lines.” Each of them lowered it; neither signs it then.
func TestWhoLoweredTheLinesDoesNotSign(t *testing.T) {
	t.Parallel()
	k := setup(t)
	other := k.addHolder("Ines Duarte", access.Senior, 2)
	invoice := k.invoice(k.customer, "2000")
	req := k.submit(k.proposal(invoice, "750"))
	k.expectLevels("as asked", req.ID, "L2 senior")
	for i, by := range []access.Actor{k.senior, other} {
		_, err := k.credits.ApproveLess(t.Context(), credits.LessInput{
			DecideInput: credits.DecideInput{By: by, ID: req.ID, Comment: "Not all of it."},
			Lines:       []credits.ProposeLine{{InvoiceLineID: invoice.Lines[0].ID, Net: d([]string{"740", "730"}[i])}},
		})
		k.must(err)
	}
	if got := levelsOf(k.read(req.ID)); got[len(got)-1] != "L3 supervisor" {
		t.Errorf("lowered by both seniors: %v", got)
	}
	for _, by := range []access.Actor{k.senior, other} {
		if _, err := k.credits.Approve(t.Context(), credits.DecideInput{By: by, ID: req.ID}); errs.KindOf(err) != errs.Forbidden {
			t.Errorf("%s: %v", by.Name, err)
		}
	}
}

// “Platinum customers: supervisors end at 3,000.00.” The tier is the customer's.
func TestALimitForATierIsOfTheCustomersTier(t *testing.T) {
	t.Parallel()
	k := setup(t)
	less := d("3000")
	k.changeLevel(3, upTo("10000", credits.Limit{Kind: billing.BillingError, MaxAmount: &less, Tier: "platinum"}), k.control, k.finance)
	k.run(`update customers set tier = 'platinum' where id = $1`, k.customer)
	platinum := k.submit(k.proposal(k.invoice(k.customer, "5000"), "4200")) // 4,998.00
	k.expectLevels("platinum", platinum.ID, "L2 senior", "L3 supervisor", "L4 controller")
	gold := k.submit(k.proposal(k.invoice(k.client, "5000"), "4200"))
	k.expectLevels("gold", gold.ID, "L2 senior", "L3 supervisor")
}

// “1,090.00 USD at 1.10 to the euro”, and “the same next morning at 1.08”. What was submitted keeps its rate.
func TestTheCurrencyChangesOverNight(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.run(`insert into fx_rates (base, quote, on_date, rate, source) values ('EUR', 'USD', '2026-05-12', 1.10, 'ECB'), ('EUR', 'USD', '2026-05-13', 1.08, 'ECB')`)
	dollars := func(customer billing.CustomerID) credits.ProposeInput {
		issued, err := k.billing.IssueInvoice(t.Context(), billing.NewInvoice{
			EntityID: k.entity, CustomerID: customer, Currency: "USD", IssuedOn: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), By: k.control,
			Lines: []billing.NewLine{{Product: "compute", Description: "Compute", Quantity: d("1"), UnitPrice: d("3000"), TaxCategory: "S", TaxRate: d("19")}},
		})
		k.must(err)
		return k.proposal(k.detail(issued.ID), "915.97") // 1,090.00 USD with tax
	}
	evening := k.submit(dollars(k.customer))
	k.expectLevels("at 1.10", evening.ID, "L2 senior")
	equal(t, "at 1.10", "990.91", evening.AuthorityAmount)
	k.clock.Add(24 * time.Hour)
	k.must(k.credits.SweepNow(t.Context()))
	morning := k.submit(dollars(k.client))
	k.expectLevels("at 1.08", morning.ID, "L2 senior", "L3 supervisor")
	equal(t, "at 1.08", "1009.26", morning.AuthorityAmount)
	k.expectLevels("at 1.10, the morning after", evening.ID, "L2 senior")
}

// The controller signed as such; when the supervisor lets it lie, it goes up past the controller, whom it would need twice, and stays there.
func TestALateStepGoesUpPastWhoSigned(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.policyOf(policy.Policy{Rules: []policy.Rule{
		stepRule("a controller looks", policy.Step{Role: "controller"}),
		{Name: "straight up", Then: policy.Then{Mode: authority.Direct}},
	}})
	req := k.submit(k.proposal(k.invoice(k.customer, "5000"), "2000"))
	k.expectLevels("as asked", req.ID, "controller", "L3 supervisor")
	k.approve(req.ID, k.control)
	k.clock.Add(40 * time.Hour)
	k.sweep()
	k.clock.Add(60 * time.Hour)
	for range 3 {
		k.sweep()
		k.expectLevels("late", req.ID, "controller", "L5 director")
	}
	expectWaiting(t, k, k.director, 1)
	if req := k.approve(req.ID, k.director); req.State != credits.Approved {
		t.Errorf("%s", req.State)
	}
}

// Where whoever is left has signed already, it is on the list of orphans, and goes on when somebody comes back.
func TestWhatNeedsSomebodyTwiceIsAnOrphan(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.standsIn(k.lead, k.senior)
	req := k.submit(k.proposal(k.invoice(k.customer, "5000"), "2000"))
	k.approve(req.ID, k.senior)
	k.run(`update users set away = true where id = any ($1)`, []int64{k.lead.UserID, k.control.UserID, k.director.UserID, k.finance.UserID})
	k.sweep()
	found, err := k.credits.Coverage(t.Context(), k.control)
	k.must(err)
	if len(found.Orphans) != 1 || found.Orphans[0].ID != req.ID {
		t.Errorf("orphans %+v", found.Orphans)
	}
	k.run(`update users set away = false where id = $1`, k.lead.UserID)
	k.sweep()
	if found, err = k.credits.Coverage(t.Context(), k.control); err != nil || len(found.Orphans) != 0 {
		t.Errorf("orphans %+v, %v", found.Orphans, err)
	}
	k.approve(req.ID, k.lead)
}

// The supervisor was away when it was asked for, so it went up to the controller. Back again, the supervisor does not take the decision
// down: it stays where it went, and goes further up from there, never to nobody and never to the senior alone.
func TestWhatWentUpDoesNotComeDown(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.run(`update users set away = true where id = $1`, k.lead.UserID)
	req := k.submit(k.proposal(k.invoice(k.customer, "5000"), "2000"))
	k.expectLevels("while the supervisor is away", req.ID, "L2 senior", "L4 controller")
	k.run(`update users set away = false where id = $1`, k.lead.UserID)
	for range 2 {
		k.sweep()
		k.expectLevels("with the supervisor back", req.ID, "L2 senior", "L4 controller")
	}
	k.approve(req.ID, k.senior)
	k.run(`update users set away = true where id = $1`, k.control.UserID)
	for range 2 {
		k.sweep()
		k.expectLevels("with the controller away", req.ID, "L2 senior", "L5 director")
	}
	if req := k.approve(req.ID, k.director); req.State != credits.Approved {
		t.Errorf("%s", req.State)
	}
}

// “The approver is the customer's former agent.” The case is somebody else's by now; the other senior decides alone.
func TestTheFormerAgentLeavesItToTheOtherSenior(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.policyOf(policy.Policy{FormerAgentDays: 30})
	other := k.addHolder("Ines Duarte", access.Senior, 2)
	invoice := k.invoice(k.customer, "2000")
	c, _ := k.dispute(invoice, "595")
	for _, who := range []int64{k.senior.UserID, k.second.UserID} {
		var err error
		c, err = k.cases.Assign(t.Context(), cases.AssignInput{On: cases.On{ID: c.ID, Version: c.Version, By: k.lead}, AssigneeID: &who})
		k.must(err)
	}
	req := k.submit(k.proposal(invoice, "709.24")) // 844.00
	k.expectLevels("844.00", req.ID, "L2 senior")
	if step := k.read(req.ID).Steps[0]; len(step.Candidates) != 1 || step.Candidates[0].UserID != other.UserID || step.RuleKey != "authority.step.amount_over" {
		t.Errorf("%+v", step)
	}
	if _, err := k.credits.Approve(t.Context(), credits.DecideInput{By: k.senior, ID: req.ID}); !errors.Is(err, authority.ErrNotCandidate) && !errors.Is(err, authority.ErrTookPart) {
		t.Errorf("the former agent: %v", err)
	}
	if got := k.approve(req.ID, other); got.State != credits.Approved {
		t.Errorf("%s", got.State)
	}
}

// “A director asks for 200,000.00”, and “300,000.00 while one of the two at the top is away”: both are refused, and on the list of gaps.
func TestWhatNobodyCanDecideIsRefusedAndAmongTheGaps(t *testing.T) {
	t.Parallel()
	k := setup(t)
	gaps := func() []string {
		found, err := k.credits.Coverage(t.Context(), k.control)
		k.must(err)
		var list []string
		for _, u := range found.Uncovered {
			if u.Kind == billing.BillingError {
				list = append(list, u.Over.String()+" "+u.Requester)
			}
		}
		return list
	}
	in := k.proposal(k.invoice(k.customer, "300000"), "168067.22")                         // 200,000.00
	k.run(`update users set roles = '{director,senior}' where id = $1`, k.director.UserID) // a director alone proposes nothing
	in.By = k.director
	in.By.Roles = []access.Role{access.Director, access.Senior}
	if _, err := k.credits.Submit(t.Context(), in); !errors.Is(err, credits.ErrNobodyDecides) {
		t.Errorf("asked by a director: %v", err)
	}
	if got := gaps(); !slices.ContainsFunc(got, func(gap string) bool { return strings.HasSuffix(gap, " "+k.director.Name) }) {
		t.Errorf("gaps %v", got)
	}
	k.run(`update users set away = true where id = $1`, k.finance.UserID)
	if _, err := k.credits.Submit(t.Context(), k.proposal(k.invoice(k.customer, "300000"), "252100.84")); !errors.Is(err, credits.ErrNobodyDecides) { // 300,000.00
		t.Errorf("with one away: %v", err)
	}
	if got := gaps(); !slices.Contains(got, "250000 ") {
		t.Errorf("gaps %v", got)
	}
	if n := value[int](t, k.db, `select count(*) from credit_requests`); n != 0 {
		t.Errorf("%d requests", n)
	}
}

// A request that nobody can decide any more waits in nobody's list, and in theirs again when they may.
func TestAnOrphanWaitsForNobody(t *testing.T) {
	t.Parallel()
	k := setup(t)
	req := k.submit(k.proposal(k.invoice(k.customer, "2000"), "500"))
	expectWaiting(t, k, k.senior, 1)
	k.run(`update authority_holders set valid_until = $1 where level_id in (select id from authority_levels where rank > 1)`, k.clock.Now())
	k.clock.Add(time.Minute)
	k.sweep()
	expectWaiting(t, k, k.senior, 0)
	step, open := k.read(req.ID).Open()
	if !open || len(step.Candidates) != 0 {
		t.Errorf("an orphan's step is open %t and lists %+v", open, step.Candidates)
	}
	found, err := k.credits.Coverage(t.Context(), k.control)
	k.must(err)
	if len(found.Orphans) != 1 {
		t.Errorf("orphans %+v", found.Orphans)
	}
	k.run(`update authority_holders set valid_until = 'infinity'`)
	k.sweep()
	expectWaiting(t, k, k.senior, 1)
	if got := k.approve(req.ID, k.senior); got.State != credits.Approved {
		t.Errorf("%s", got.State)
	}
}
