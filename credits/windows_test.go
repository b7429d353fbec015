package credits_test

import (
	"strconv"
	"sync"
	"testing"
	"time"

	"makegood/billing"
	"makegood/credits"
	"makegood/credits/authority/policy"
	"makegood/internal/access"
)

func perPerson(per policy.Per) policy.Policy {
	return policy.Policy{Windows: []policy.Window{{Name: "a day", Per: per, Over: policy.Hours24, Times: 1}}}
}

func TestWhatOnePersonAsksForAtOnceCountsTogether(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.policyOf(perPerson(policy.ByRequester))
	inputs := make([]credits.ProposeInput, 8)
	for i := range inputs {
		inputs[i] = k.proposal(k.invoice(k.addNow("C-1"+strconv.Itoa(i)), "2000"), "500") // 595.00, of families of their own
	}
	var all sync.WaitGroup
	for _, in := range inputs {
		all.Go(func() {
			if _, err := k.credits.Submit(t.Context(), in); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := value[int](t, k.db, `select count(*) from (select credit_request_id from credit_steps group by 1 having max(level_name) = 'L2 senior') r`); n != 1 {
		t.Errorf("%d of 595.00 end at a limit of 1,000.00 a day", n)
	}
}

// What an approver makes less still counts with what its requester asked for beside it.
func TestLessStillCountsWithWhatItsRequesterAskedFor(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.policyOf(perPerson(policy.ByRequester))
	k.addHolder("Omar Haddad", access.Senior, 2)
	k.submit(k.proposal(k.invoice(k.addNow("C-10"), "2000"), "500")) // 595.00
	invoice := k.invoice(k.addNow("C-11"), "2000")
	req := k.submit(k.proposal(invoice, "500"))
	req, err := k.credits.ApproveLess(t.Context(), credits.LessInput{
		DecideInput: credits.DecideInput{By: k.senior, ID: req.ID, Comment: "Not all of it."},
		Lines:       []credits.ProposeLine{{InvoiceLineID: invoice.Lines[0].ID, Net: d("400")}}, // 476.00
	})
	k.must(err)
	if levels := levelsOf(k.read(req.ID)); levels[len(levels)-1] != "L3 supervisor" {
		t.Errorf("1,071.00 of a day at a limit of 1,000.00 end at %v", levels)
	}
}

// A promise does not become smaller by waiting: what is underway counts however old it is, and what was posted from its posting on. Else
// requests are left to lie until they no longer count, and signed then.
func TestWhatIsUnderwayCountsAtAnyAge(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for name, c := range map[string]struct {
		rules policy.Policy
		month time.Duration // how long what was posted counts
		other func(k *desk) billing.CustomerID
		by    string
	}{
		"of a family": {policy.Policy{}, 30 * day, func(k *desk) billing.CustomerID { return k.customer }, "authority.step.window_over"},
		"of a family, by the policy": {
			policy.Policy{Windows: []policy.Window{{Name: "a day", Per: policy.ByFamily, Over: policy.Hours24, Times: 1}}},
			30 * day,
			func(k *desk) billing.CustomerID { return k.customer }, "authority.step.window_over",
		},
		"of a person": {perPerson(policy.ByRequester), day, func(k *desk) billing.CustomerID { return k.client }, "authority.step.further_over"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := setup(t)
			c.rules.Deadlines.ExpiryDays = 200
			k.policyOf(c.rules)
			old := k.submit(k.proposal(k.invoice(k.customer, "2000"), "600")) // 714.00
			asks := func() string {
				preview, err := k.credits.Preview(t.Context(), k.proposal(k.invoice(c.other(k), "2000"), "500")) // 595.00
				k.must(err)
				last := preview.Chain.Steps[len(preview.Chain.Steps)-1]
				return last.LevelName + " " + last.Rule.Key
			}
			k.clock.Add(100 * day)
			if got, want := asks(), "L3 supervisor "+c.by; got != want {
				t.Errorf("after 100 days underway it goes to %s, want %s", got, want)
			}
			k.approve(old.ID, k.senior)
			k.work()
			k.clock.Add(c.month - time.Hour)
			if got, want := asks(), "L3 supervisor "+c.by; got != want {
				t.Errorf("just before it has left the window it goes to %s, want %s", got, want)
			}
			k.clock.Add(2 * time.Hour)
			if got, want := asks(), "L2 senior authority.step.amount_over"; got != want {
				t.Errorf("when it has left the window it goes to %s, want %s", got, want)
			}
		})
	}
}

func TestWhatOnePersonSignsAtOnceCountsTogether(t *testing.T) {
	t.Parallel()
	for name, stands := range map[string]bool{"themselves": false, "beside one who stands in": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := setup(t)
			k.policyOf(perPerson(policy.ByApprover))
			deciders := []access.Actor{k.senior}
			if stands {
				k.standsIn(k.senior, k.lead)
				deciders = []access.Actor{k.lead, k.senior}
			}
			ids := make([]credits.ID, 8)
			for i := range ids {
				ids[i] = k.submit(k.proposal(k.invoice(k.addNow("C-1"+strconv.Itoa(i)), "2000"), "500")).ID
			}
			var all sync.WaitGroup
			for i, id := range ids {
				all.Go(func() {
					_, _ = k.credits.Approve(t.Context(), credits.DecideInput{By: deciders[i%len(deciders)], ID: id}) // who signed enough is refused
				})
			}
			all.Wait()
			signed := value[int](t, k.db, `select count(*) from credit_decisions d join credit_steps s on s.id = d.step_id
				where $1 in (d.user_id, d.on_behalf_of) and s.level_name = 'L2 senior'`, k.senior.UserID)
			if signed != 1 {
				t.Errorf("%d of 595.00 are signed within a limit of 1,000.00 a day", signed)
			}
		})
	}
}

func TestARequestDoesNotCountAgainstItself(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.policyOf(perPerson(policy.ByApprover))
	other := k.addHolder("Omar Haddad", access.Supervisor, 3)
	terms := upTo("3000")
	terms.Signatures = 2
	k.changeLevel(3, terms, k.control, k.finance)
	req := k.submit(k.proposal(k.invoice(k.customer, "5000"), "2000")) // 2,380.00
	k.approve(req.ID, k.lead)
	k.must(k.credits.SweepNow(t.Context()))
	detail := k.read(req.ID)
	if got := levelsOf(detail); len(got) != 1 || got[0] != "L3 supervisor" {
		t.Errorf("after the first of two signatures it goes to %v", got)
	}
	if got := k.approve(req.ID, other); got.State != credits.Approved {
		t.Errorf("after both it is %s", got.State)
	}
}

func TestAClosedPeriodIsTheOneItWouldBeBookedIn(t *testing.T) {
	t.Parallel()
	k := setup(t)
	yes := true
	k.policyOf(policy.Policy{Rules: []policy.Rule{{
		Name: "closed books", When: policy.When{ClosedPeriod: &yes}, Then: policy.Then{Step: &policy.Step{Role: "controller"}},
	}}})
	invoice := k.invoice(k.customer, "2000") // of May
	k.clock.Add(31 * 24 * time.Hour)         // 12 June
	_, err := k.billing.SoftClose(t.Context(), billing.PeriodMove{EntityID: k.entity, Month: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), By: k.control})
	k.must(err)
	asks := func(in credits.ProposeInput) bool {
		preview, err := k.credits.Preview(t.Context(), in)
		k.must(err)
		return preview.Chain.Steps[0].Role == "controller"
	}
	goodwill := k.proposal(invoice, "500")
	goodwill.Kind = billing.Concession
	for name, c := range map[string]struct {
		in   credits.ProposeInput
		want bool
	}{
		"an error of a closed month": {k.proposal(invoice, "500"), true},
		"goodwill of today":          {goodwill, false},
	} {
		if got := asks(c.in); got != c.want {
			t.Errorf("%s: asks the controller: %v", name, got)
		}
	}
	k.run(`update legal_entities set memo_period_policy = 'memo_day' where id = $1`, k.entity)
	if asks(k.proposal(invoice, "500")) {
		t.Error("where memos are booked on their own day, the invoice's month counts")
	}
}
