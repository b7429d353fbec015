package authority_test

import (
	"errors"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/credits/authority"
	"makegood/internal/errs"
)

const (
	mara, jonas, ines, katrin, priya, daniel, helene, yusuf, ulrike int64 = 1, 2, 3, 4, 5, 6, 7, 8, 9
)

func today() time.Time { return time.Date(2026, 11, 12, 10, 0, 0, 0, time.UTC) }

func dec(n int64) decimal.Decimal { return decimal.NewFromInt(n) }

func demoHolders() []authority.Holder {
	hold := func(level, user int64, name string, roles ...string) authority.Holder {
		return authority.Holder{LevelID: level, UserID: user, UserName: name, Roles: roles, Active: true}
	}
	return []authority.Holder{
		hold(1, mara, "Mara Lindqvist"), hold(2, jonas, "Jonas Brandt"), hold(2, ines, "Ines Duarte"),
		hold(3, katrin, "Katrin Vogel"), hold(3, priya, "Priya Raman"),
		hold(4, daniel, "Daniel Okafor", "controller"), hold(5, helene, "Helene Marchetti"),
		hold(6, helene, "Helene Marchetti"), hold(6, yusuf, "Yusuf Demir"),
	}
}

func request(kind authority.Kind, amount int64) authority.Request {
	return authority.Request{Kind: kind, Amount: dec(amount), RequesterID: mara, EntityID: 1}
}

func draw(t *testing.T, p authority.Policy, holders []authority.Holder, ds []authority.Delegation, r authority.Request) authority.Result {
	t.Helper()
	p.Currency = "EUR"
	result, err := authority.Chain(p, authority.DemoLevels(), holders, ds, r, today())
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// shape writes a chain as its level ids, a role step as 0.
func shape(r authority.Result) []int64 {
	ids := []int64{}
	for _, s := range r.Steps {
		ids = append(ids, s.LevelID)
	}
	return ids
}

func equal(a, b []int64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func TestDemoLevelsDrawTheChainPeopleExpect(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind   authority.Kind
		amount int64
		policy authority.Policy
		chain  []int64
		rule   string
	}{
		"own limit":                {authority.BillingError, 80, authority.Policy{}, []int64{}, ""},
		"own limit of the kind":    {authority.Concession, 80, authority.Policy{}, []int64{2}, "authority.step.amount_over"},
		"over one's own":           {authority.BillingError, 844, authority.Policy{}, []int64{2}, "authority.step.amount_over"},
		"exactly the limit":        {authority.BillingError, 10_000, authority.Policy{}, []int64{2, 3}, "authority.step.amount_over"},
		"each level up":            {authority.SLACredit, 12_400, authority.Policy{}, []int64{2, 3, 4}, "authority.step.amount_over"},
		"concession at half":       {authority.Concession, 600, authority.Policy{}, []int64{2, 3}, "authority.step.amount_over"},
		"refund starts at L3":      {authority.Refund, 20, authority.Policy{}, []int64{3}, "authority.step.first_sufficient"},
		"write-off starts at L3":   {authority.WriteOff, 20_000, authority.Policy{}, []int64{3, 4}, "authority.step.amount_over"},
		"director signs once only": {authority.BillingError, 300_000, authority.Policy{}, []int64{2, 3, 4, 6}, "authority.step.amount_over"},
		"direct":                   {authority.BillingError, 12_400, authority.Policy{Mode: authority.Direct}, []int64{4}, "authority.step.amount_over"},
		"parallel":                 {authority.BillingError, 5_000, authority.Policy{Mode: authority.Parallel}, []int64{2, 3}, "authority.step.amount_over"},
		"two of a level":           {authority.BillingError, 5_000, authority.Policy{Mode: authority.Parallel, Needed: 2}, []int64{3}, "authority.step.amount_over"},
		"two of a level goes up":   {authority.BillingError, 40_000, authority.Policy{Mode: authority.Parallel, Needed: 2}, []int64{6}, "authority.step.climbed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := draw(t, c.policy, demoHolders(), nil, request(c.kind, c.amount))
			if !equal(shape(got), c.chain) || got.Orphan || got.OwnLimit != (len(c.chain) == 0) {
				t.Fatalf("chain %v, own %v, orphan %v; want %v", shape(got), got.OwnLimit, got.Orphan, c.chain)
			}
			if n := len(got.Steps); n > 0 && got.Steps[n-1].Rule.Key != c.rule {
				t.Errorf("last rule %+v, want %s", got.Steps[n-1].Rule, c.rule)
			}
			if len(got.Steps)+len(got.Skipped) != 6 {
				t.Errorf("%d steps and %d skipped levels do not explain six levels", len(got.Steps), len(got.Skipped))
			}
		})
	}
}

func TestWindowCountsTogether(t *testing.T) {
	t.Parallel()
	r := request(authority.BillingError, 844)
	r.WindowTotal = dec(312)
	got := draw(t, authority.Policy{}, demoHolders(), nil, r)
	last := got.Steps[len(got.Steps)-1]
	if !equal(shape(got), []int64{2, 3}) || last.Rule.Key != "authority.step.window_over" {
		t.Fatalf("chain %v, rule %+v", shape(got), last.Rule)
	}
	if p := last.Rule.Params; p["total"] != "1156.00 EUR" || p["given"] != "312.00 EUR" || p["limit"] != "1000.00 EUR" {
		t.Errorf("params %v", p)
	}
}

func TestSplittingGainsNoOwnLimit(t *testing.T) {
	t.Parallel()
	r := request(authority.BillingError, 60)
	r.InvoiceTotal = dec(60)
	if got := draw(t, authority.Policy{}, demoHolders(), nil, r); got.OwnLimit || !equal(shape(got), []int64{2}) {
		t.Fatalf("own %v, chain %v", got.OwnLimit, shape(got))
	}
}

func TestNobodyThereGoesUp(t *testing.T) {
	t.Parallel()
	holders := demoHolders()
	for i := range holders {
		holders[i].Absent = holders[i].LevelID == 3
	}
	got := draw(t, authority.Policy{}, holders, nil, request(authority.BillingError, 5_000))
	if !equal(shape(got), []int64{2, 4}) || got.Steps[1].Rule.Key != "authority.step.climbed" {
		t.Fatalf("chain %v, rule %+v", shape(got), got.Steps)
	}
}

func TestNobodyAtAllIsAnOrphanThatCannotComplete(t *testing.T) {
	t.Parallel()
	got := draw(t, authority.Policy{}, demoHolders()[:3], nil, request(authority.BillingError, 5_000))
	if !got.Orphan || len(got.Steps) != 1 || len(got.Steps[0].Candidates) != 0 || got.Steps[0].LevelID != 3 {
		t.Fatalf("%+v", got)
	}
}

func TestOnePersonInTwoLevelsDecidesTheHigher(t *testing.T) {
	t.Parallel()
	holders := []authority.Holder{
		{LevelID: 2, UserID: katrin, UserName: "Katrin", Active: true},
		{LevelID: 3, UserID: katrin, UserName: "Katrin", Active: true},
	}
	got := draw(t, authority.Policy{}, holders, nil, request(authority.BillingError, 5_000))
	if !equal(shape(got), []int64{3}) {
		t.Fatalf("chain %v", shape(got))
	}
	for _, s := range got.Skipped {
		if s.LevelID == 2 && s.Reason.Key != "authority.skip.decides_higher" {
			t.Errorf("skipped for %v", s.Reason)
		}
	}
	holders = append(holders, authority.Holder{LevelID: 2, UserID: jonas, UserName: "Jonas", Active: true})
	got = draw(t, authority.Policy{}, holders, nil, request(authority.BillingError, 5_000))
	if !equal(shape(got), []int64{2, 3}) || len(got.Steps[0].Candidates) != 1 || got.Steps[0].Candidates[0].UserID != jonas {
		t.Fatalf("Katrin must be kept for L3: %+v", got.Steps)
	}
}

func TestDelegation(t *testing.T) {
	t.Parallel()
	cover := authority.Delegation{From: daniel, To: ulrike, ToName: "Ulrike Sand", Starts: today().AddDate(0, 0, -1), Ends: today().AddDate(0, 0, 1)}
	holders := demoHolders()
	holders[5].Absent = true
	ask := request(authority.BillingError, 20_000)
	last := func(ds []authority.Delegation, r authority.Request) authority.Step {
		steps := draw(t, authority.Policy{Mode: authority.Direct}, holders, ds, r).Steps
		return steps[len(steps)-1]
	}
	if got := last([]authority.Delegation{cover}, ask); got.LevelID != 4 || got.Candidates[0].OnBehalfOf != daniel || got.Candidates[0].Name != "Ulrike Sand" {
		t.Errorf("stand-in decides: %+v", got)
	}
	over := cover
	over.Ends = today()
	if got := last([]authority.Delegation{over}, ask); got.LevelID != 5 {
		t.Errorf("ended: %+v", got)
	}
	small := cover
	most := dec(15_000)
	small.MaxAmount = &most
	if got := last([]authority.Delegation{small}, ask); got.LevelID != 5 {
		t.Errorf("narrowed: %+v", got)
	}
	chained := cover
	chained.From, chained.To, chained.ToName = ulrike, yusuf, "Yusuf Demir"
	if got := last([]authority.Delegation{cover, chained}, ask); len(got.Candidates) != 1 {
		t.Errorf("delegations do not chain: %+v", got)
	}
	own := ask
	own.RequesterID = daniel
	for _, c := range last([]authority.Delegation{cover}, own).Candidates {
		if c.UserID == ulrike {
			t.Error("the delegate decides the delegator's own request")
		}
	}
	two := cover
	two.From, two.To = helene, ulrike
	if got := draw(t, authority.Policy{}, demoHolders()[:8], []authority.Delegation{two}, request(authority.BillingError, 300_000)); !got.Orphan {
		t.Errorf("the director and her own stand-in are not two signatures: %+v", got.Steps)
	}
}

func TestExtraSteps(t *testing.T) {
	t.Parallel()
	policy := authority.Policy{Extras: []authority.Extra{
		{When: authority.TaxChange, Role: "tax_lead"},
		{When: authority.ClosedPeriod, Role: "controller"},
		{When: "former_account", LevelID: 3},
	}}
	taxLead := authority.Holder{LevelID: 0, UserID: ulrike, UserName: "Ulrike Sand", Roles: []string{"tax_lead"}, Active: true}
	r := request(authority.BillingError, 844)
	r.TaxChange = true
	if got := draw(t, policy, append(demoHolders(), taxLead), nil, r); !equal(shape(got), []int64{0, 2}) || got.Steps[0].Role != "tax_lead" {
		t.Errorf("tax lead first: %+v", got.Steps)
	}
	if got := draw(t, policy, demoHolders(), nil, r); !equal(shape(got), []int64{3, 2}) || got.Steps[0].Rule.Key != "authority.step.extra_climbed" {
		t.Errorf("no tax lead goes up: %+v", got.Steps)
	}
	r = request(authority.BillingError, 20_000)
	r.ClosedPeriod = true
	if got := draw(t, policy, demoHolders(), nil, r); !equal(shape(got), []int64{2, 3, 4}) || len(got.Steps[2].Also) != 1 {
		t.Errorf("the controller's level serves both: %+v", got.Steps)
	}
	r = request(authority.BillingError, 844)
	r.Conditions = []authority.Condition{"former_account"}
	if got := draw(t, policy, demoHolders(), nil, r); !equal(shape(got), []int64{2, 3}) {
		t.Errorf("a level by condition: %+v", got.Steps)
	}
	r = request(authority.BillingError, 50)
	r.ClosedPeriod = true
	if got := draw(t, policy, demoHolders(), nil, r); got.OwnLimit {
		t.Error("a condition takes away the own limit")
	}
	r = request(authority.BillingError, 844)
	r.OverBudget = true
	if got := draw(t, policy, demoHolders(), nil, r); !equal(shape(got), []int64{2, 3}) || got.Steps[1].Rule.Key != "authority.step.over_budget" {
		t.Errorf("over budget one more level: %+v", got.Steps)
	}
}

func TestNarrowerLimitCounts(t *testing.T) {
	t.Parallel()
	levels := authority.DemoLevels()
	most := dec(2_000)
	levels[1].Limits = append(levels[1].Limits, authority.Limit{Kind: authority.BillingError, Max: &most, Tier: "gold"})
	r := request(authority.BillingError, 1_500)
	r.Tier = "gold"
	got, err := authority.Chain(authority.Policy{}, levels, demoHolders(), nil, r, today())
	if err != nil || !equal(shape(got), []int64{2}) {
		t.Fatalf("%v %v", shape(got), err)
	}
}

func TestChainRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	for _, r := range []authority.Request{request("gift", 1), request(authority.Refund, -1)} {
		if _, err := authority.Chain(authority.Policy{}, nil, nil, nil, r, today()); errs.KindOf(err) != errs.Invalid {
			t.Errorf("%+v: %v", r, err)
		}
	}
	if _, err := authority.Chain(authority.Policy{Mode: "sideways"}, nil, nil, nil, request(authority.Refund, 1), today()); errs.KindOf(err) != errs.Invalid {
		t.Error(err)
	}
}

func TestMayDecide(t *testing.T) {
	t.Parallel()
	r := request(authority.BillingError, 844)
	r.EditorIDs = []int64{ines}
	step := authority.Step{Needed: 1, Candidates: []authority.Candidate{{UserID: jonas}, {UserID: katrin}, {UserID: ulrike, OnBehalfOf: daniel}, {UserID: priya, OnBehalfOf: mara}}}
	for name, c := range map[string]struct {
		user    int64
		decided map[int64]bool
		want    error
	}{
		"candidate":             {jonas, nil, nil},
		"stand-in":              {ulrike, nil, nil},
		"requester":             {mara, nil, authority.ErrOwnRequest},
		"stand-in of requester": {priya, nil, authority.ErrOwnRequest},
		"editor":                {ines, nil, authority.ErrTookPart},
		"decided before":        {katrin, map[int64]bool{katrin: true}, authority.ErrAlreadyDecided},
		"principal decided":     {ulrike, map[int64]bool{daniel: true}, authority.ErrAlreadyDecided},
		"stranger":              {helene, nil, authority.ErrNotCandidate},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := authority.MayDecide(step, c.user, c.decided, r); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestWhatPaysOutIsDecidedLikeARefund(t *testing.T) {
	t.Parallel()
	r := request(authority.BillingError, 80)
	r.PaysOut = true
	got := draw(t, authority.Policy{}, demoHolders(), nil, r)
	last := got.Steps[len(got.Steps)-1]
	if !equal(shape(got), []int64{2, 3}) || got.OwnLimit || last.Rule.Key != "authority.step.pays_out" || last.Rule.Params["below"] != "L2 senior" {
		t.Fatalf("chain %v, own %v, rule %+v", shape(got), got.OwnLimit, last.Rule)
	}
	r.Amount = dec(10_001)
	if got := draw(t, authority.Policy{}, demoHolders(), nil, r); !equal(shape(got), []int64{2, 3, 4}) {
		t.Errorf("above the supervisor's limit: %v", shape(got))
	}
	r.Kind, r.Amount = authority.Concession, dec(6_000)
	got = draw(t, authority.Policy{Mode: authority.Direct}, demoHolders(), nil, r)
	if !equal(shape(got), []int64{4}) {
		t.Errorf("the lower of both limits counts: %v", shape(got))
	}
}
