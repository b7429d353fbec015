package credits_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"makegood/billing"
	"makegood/credits"
	"makegood/credits/authority/policy"
	"makegood/internal/access"
	"makegood/internal/errs"
)

func TestAnOwnLimitIsThatOfTheLimitThatApplies(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.run(`insert into reason_codes (code, name, position) values ('late_order', 'Late order', 2)`)
	most := d("1000")
	k.changeLevel(2, upTo("1000", credits.Limit{Kind: billing.BillingError, MaxAmount: &most, OwnLimit: d("500"), Reason: "late_order"}), k.control, k.finance)
	in := k.proposal(k.invoice(k.customer, "2000"), "200")
	in.By = k.senior
	if got := k.submit(in); got.OwnLimit {
		t.Error("the own limit of one reason goes for all")
	}
	in = k.proposal(k.invoice(k.partner, "2000"), "200")
	in.By, in.ReasonCode = k.senior, "late_order"
	if got := k.submit(in); !got.OwnLimit {
		t.Error("the own limit does not go for its reason")
	}
}

func TestALimitNamesOnlyWhatThereIs(t *testing.T) {
	t.Parallel()
	k := setup(t)
	wrong := credits.Limit{Kind: billing.BillingError, Reason: "no_such", EntityID: 99, Tier: "lead"}
	in := credits.LevelInput{By: k.control, LevelID: k.level(2).ID, Comment: "x", Terms: upTo("1000", wrong)}
	_, err := k.credits.ProposeLevel(t.Context(), in)
	var fields []string
	var refused *errs.Error
	if errors.As(err, &refused) {
		for _, f := range refused.Fields {
			fields = append(fields, f.Name)
		}
	}
	if want := []string{"limits.1.reason", "limits.1.entity", "limits.1.tier"}; !slices.Equal(fields, want) {
		t.Errorf("refused for %v, want %v", fields, want)
	}
	in.Terms.Limits[1] = credits.Limit{Kind: billing.BillingError, Reason: "wrong_price", EntityID: int64(k.entity), Tier: "gold"}
	if _, err := k.credits.ProposeLevel(t.Context(), in); err != nil {
		t.Errorf("names that there are: %v", err)
	}
}

func TestReroutingKeepsALimitByTier(t *testing.T) {
	t.Parallel()
	k := setup(t)
	most := d("10000")
	gold := credits.Limit{Kind: billing.BillingError, MaxAmount: &most, Tier: "gold"}
	k.changeLevel(3, credits.LevelTerms{Signatures: 1, Limits: []credits.Limit{gold}}, k.control, k.finance)
	req := k.submit(k.proposal(k.invoice(k.customer, "5000"), "2000"))
	want := []string{"L2 senior", "L3 supervisor"}
	if got := levelsOf(k.read(req.ID)); !slices.Equal(got, want) {
		t.Fatalf("submitted to %v", got)
	}
	k.must(k.credits.SweepNow(t.Context()))
	if got := levelsOf(k.read(req.ID)); !slices.Equal(got, want) {
		t.Errorf("after the sweep it goes to %v", got)
	}
	if got := k.approve(req.ID, k.senior); got.State != credits.Pending {
		t.Errorf("after the senior it is %s", got.State)
	}
}

// A write-off over several customers is held to the limits and rules of each of them.
func TestAWriteOffOverSeveralIsHeldToTheTierOfEach(t *testing.T) {
	t.Parallel()
	k := setup(t)
	most, little := d("10000"), d("100")
	k.changeLevel(3, credits.LevelTerms{Signatures: 1, Limits: []credits.Limit{
		{Kind: billing.WriteOff, MaxAmount: &most}, {Kind: billing.WriteOff, MaxAmount: &little, Tier: "platinum"},
	}}, k.control, k.finance)
	k.clock.Add(20 * 24 * time.Hour)
	k.policyOf(policy.Policy{Rules: []policy.Rule{{
		Name: "a director looks", When: policy.When{Tiers: []string{"platinum"}}, If: `region == "SG"`, Then: policy.Then{Step: &policy.Step{Role: "director"}},
	}}})
	other := k.addNow("C-9")
	asks := func() []string {
		one, second := k.invoice(k.customer, "200"), k.invoice(other, "200")
		in := k.ask(billing.WriteOff)
		for _, i := range []billing.InvoiceDetail{one, second} {
			in.Items = append(in.Items, billing.ItemPart{Kind: billing.InvoiceItem, ID: int64(i.ID), Amount: d("10")})
		}
		req := k.submit(in)
		k.must(k.credits.SweepNow(t.Context()))
		detail := k.read(req.ID)
		_, err := k.credits.Withdraw(t.Context(), credits.WithdrawInput{By: k.agent, ID: req.ID, Comment: "x"})
		k.must(err)
		var list []string
		for _, step := range detail.Steps {
			list = append(list, step.LevelName)
		}
		return list
	}
	if got := asks(); !slices.Equal(got, []string{"L3 supervisor"}) {
		t.Errorf("over two gold customers it goes to %v", got)
	}
	k.run(`update customers set tier = 'platinum' where id = $1`, other)
	little = d("15")
	k.changeLevel(3, credits.LevelTerms{Signatures: 1, Limits: []credits.Limit{
		{Kind: billing.WriteOff, MaxAmount: &most}, {Kind: billing.WriteOff, MaxAmount: &little, Tier: "platinum"},
	}}, k.control, k.finance)
	if got := asks(); !slices.Equal(got, []string{"L3 supervisor", "L4 controller"}) {
		t.Errorf("with a platinum customer among them it goes to %v", got)
	}
	k.run(`update customers set country = 'SG' where id = $1`, other)
	if got := asks(); !slices.Equal(got, []string{"director", "L3 supervisor", "L4 controller"}) {
		t.Errorf("with one in SG it goes to %v", got)
	}
}

func TestRaisedSignaturesReachWhatWaits(t *testing.T) {
	t.Parallel()
	k := setup(t)
	other := k.addHolder("Omar Haddad", access.Supervisor, 3)
	req := k.submit(k.proposal(k.invoice(k.customer, "5000"), "2000"))
	terms := upTo("10000")
	terms.Signatures = 2
	k.changeLevel(3, terms, k.control, k.finance)
	k.must(k.credits.SweepNow(t.Context()))
	if got := k.read(req.ID).Steps[1]; got.Needed != 2 {
		t.Errorf("%d sign at %s", got.Needed, got.LevelName)
	}
	terms.Signatures = 1
	k.clock.Add(time.Hour)
	k.changeLevel(3, terms, k.control, k.finance)
	k.must(k.credits.SweepNow(t.Context()))
	if got := k.approve(req.ID, k.senior, k.lead); got.State != credits.Pending {
		t.Errorf("after one of two supervisors it is %s", got.State)
	}
	if got := k.approve(req.ID, other); got.State != credits.Approved {
		t.Errorf("after both it is %s", got.State)
	}
}

func TestAStepThatARuleAsksForReachesWhatWaits(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.policyOf(policy.Policy{Rules: []policy.Rule{stepRule("a controller looks", policy.Step{Role: "controller"})}})
	reach := func() credits.ID { return k.submit(k.proposal(k.invoice(k.customer, "40000"), "20000")).ID }
	req, signed := reach(), reach()
	want := []string{"L2 senior", "L3 supervisor", "L4 controller"}
	if got := levelsOf(k.read(req)); !slices.Equal(got, want) {
		t.Fatalf("submitted to %v", got)
	}
	k.approve(signed, k.senior, k.lead)
	other := k.addHolder("Omar Haddad", access.Director, 4) // L4 is no longer controllers alone
	k.must(k.credits.SweepNow(t.Context()))
	for _, id := range []credits.ID{req, signed} {
		if got := k.read(id); got.Steps[len(got.Steps)-1].Role != "controller" || len(got.Steps) != 4 {
			t.Errorf("it goes to %v", levelsOf(got))
		}
	}
	if got := k.approve(signed, other); got.State != credits.Pending {
		t.Errorf("without the controller it is %s", got.State)
	}
	if got := k.approve(signed, k.control); got.State != credits.Approved {
		t.Errorf("with the controller it is %s", got.State)
	}
}
