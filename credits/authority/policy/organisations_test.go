package policy_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/shopspring/decimal"

	"makegood/credits/authority"
	"makegood/credits/authority/policy"
)

var (
	organisations = flag.Int("organisations", 2000, "how many random organisations are compared with the slow reference")
	organisedBy   = flag.Uint64("organised-by", 6, "the seed of the random organisations")
)

// world is one random organisation with a policy and a request. Few people hold many levels, so that every shortage comes
// up. The reference in reference_test.go knows each rule by what it means here, not by how it is written.
type world struct {
	policy   policy.Policy
	meaning  []func(policy.Facts) bool // of each rule
	who      policy.Organisation
	given    []given
	staff    map[int64]member
	facts    policy.Facts
	request  authority.Request
	byPerson map[int64]decimal.Decimal // signed in the window per approver
	times    int64                     // of that window; 0 when there is none
}

// given is whom a level is given to, a person, a role, a team, or a role within a team; and of each of those whether it binds them.
type given struct {
	authority.Holding

	day     int   // since when
	by      int64 // who gave it so lately that they do not sign by it
	active  map[int64]bool
	cooling map[int64]bool
}

// member is somebody with one role, in one team, since a day, given by one person alone or not.
type member struct {
	role                 string
	team                 int64
	roleDay, teamDay     int
	roleAlone, teamAlone bool
	away                 bool
}

const people = 8

func num(n int) decimal.Decimal { return decimal.NewFromInt(int64(n)) }

func draw(r *rand.Rand) world {
	w := world{byPerson: map[int64]decimal.Decimal{}}
	w.drawWho(r)
	w.facts = policy.Facts{
		Kind: authority.BillingError, Gross: num(r.IntN(90)), Region: pick(r, "DE", "SG"), Tier: pick(r, "gold", "silver"),
		Partner: r.IntN(3) == 0, TaxChange: r.IntN(3) == 0, InvoiceAge: r.IntN(800), Roles: []string{pick(r, "agent", "lead")},
	}
	w.facts.TeamID = int64(r.IntN(3))
	w.facts.Net = w.facts.Gross.Div(num(2)).Floor()
	w.facts.OverBudget, w.facts.Refund = r.IntN(5) == 0, r.IntN(6) == 0
	if r.IntN(4) == 0 { // over several customers
		w.facts.Tier, w.facts.Region = "", ""
		for range 1 + r.IntN(3) {
			w.facts.Among = append(w.facts.Among, policy.Place{Tier: pick(r, "gold", "silver", "bronze"), Region: pick(r, "DE", "SG")})
		}
	}
	w.drawPolicy(r)
	w.request = authority.Request{
		EntityID: 1, RequesterID: int64(r.IntN(people+6) + 1), WindowTotal: num(r.IntN(25)), InvoiceTotal: num(r.IntN(25)),
		BarredIDs: []int64{int64(r.IntN(people*3) + 1)}, Further: []authority.Together{{Window: "contract", Total: num(r.IntN(40)), Times: 2}}, Tier: w.facts.Tier,
		PaysOut: w.facts.Refund, Regions: w.facts.Regions(), TeamID: w.facts.TeamID,
	}
	for range r.IntN(3) {
		w.request.EditorIDs = append(w.request.EditorIDs, int64(r.IntN(people*2)+1))
	}
	for _, place := range w.facts.Among {
		w.request.Tiers = append(w.request.Tiers, place.Tier)
	}
	if r.IntN(2) == 0 {
		w.times = int64(1 + r.IntN(3))
		for user := int64(1); user <= people; user++ {
			w.byPerson[user] = num(r.IntN(40))
		}
		w.request.Signed = []authority.Signed{{Window: "day", Times: w.times, By: w.byPerson}}
	}
	return w
}

func pick(r *rand.Rand, of ...string) string { return of[r.IntN(len(of))] }

func (w *world) drawWho(r *rand.Rand) {
	w.who = policy.Organisation{Currency: "EUR", Now: morning()}
	w.staff = map[int64]member{}
	for user := int64(1); user <= people; user++ {
		w.staff[user] = member{
			role: pick(r, "lead", "controller", "agent"), team: int64(r.IntN(3)), roleDay: r.IntN(5), teamDay: r.IntN(5), roleAlone: r.IntN(4) == 0, teamAlone: r.IntN(4) == 0,
			away: r.IntN(5) == 0,
		}
	}
	top := 2 + r.IntN(4)
	for rank := 1; rank <= top; rank++ {
		level := authority.Level{ID: int64(rank), Rank: rank, Name: "L" + strconv.Itoa(rank), Signatures: max(0, r.IntN(4)-1)}
		level.Limits = drawLimits(r, rank, top)
		w.who.Levels = append(w.who.Levels, level)
		for range 1 + r.IntN(6) {
			w.give(drawGiven(r, level.ID))
		}
	}
	for range r.IntN(4) {
		w.who.Delegations = append(w.who.Delegations, drawDelegation(r, top))
	}
}

// drawGiven gives a level to a person, or to whoever has a role, is in a team, or both; for everything or for something.
func drawGiven(r *rand.Rand, level int64) given {
	g := given{day: r.IntN(5), active: map[int64]bool{}, cooling: map[int64]bool{}}
	g.LevelID, g.From = level, morning().AddDate(0, 0, g.day-5)
	switch r.IntN(7) {
	case 0:
		g.Role = pick(r, "lead", "controller", "agent")
	case 1:
		g.TeamID = int64(1 + r.IntN(2))
	case 2:
		g.Role, g.TeamID = pick(r, "lead", "controller", "agent"), int64(1+r.IntN(2))
	default:
		g.UserID = int64(r.IntN(people) + 1)
	}
	if r.IntN(6) == 0 {
		g.EntityIDs = []int64{2}
	}
	if r.IntN(9) == 0 {
		g.Regions = []string{pick(r, "DE", "SG")}
	}
	if r.IntN(9) == 0 {
		g.TeamIDs = []int64{int64(1 + r.IntN(2))}
	}
	if r.IntN(5) == 0 {
		g.by = int64(r.IntN(people) + 1)
	}
	for user := int64(1); user <= people; user++ {
		g.active[user], g.cooling[user] = r.IntN(8) > 0, g.by == user || r.IntN(9) == 0
	}
	return g
}

// give lets whoever a level is given to hold it, as the roster does.
func (w *world) give(g given) {
	w.given = append(w.given, g)
	for user := int64(1); user <= people; user++ {
		m := w.staff[user]
		memberships := []authority.Membership{{Role: m.role, From: morning().AddDate(0, 0, m.roleDay-5), Alone: m.roleAlone}}
		if m.team != 0 {
			memberships = append(memberships, authority.Membership{TeamID: m.team, From: morning().AddDate(0, 0, m.teamDay-5), Alone: m.teamAlone})
		}
		if _, holds := g.Through(user, memberships); !holds {
			continue
		}
		h := authority.Holder{
			LevelID: g.LevelID, UserID: user, Roles: []string{m.role}, Active: g.active[user], Absent: m.away, Cooling: g.cooling[user], Within: g.Within,
		}
		if g.by != 0 {
			h.GivenBy = []int64{g.by}
		}
		w.who.Holders = append(w.who.Holders, h)
	}
}

// drawLimits are what a level may: of mistakes perhaps nothing, with an own limit, less for a tier or for a sum; and of refunds.
func drawLimits(r *rand.Rand, rank, top int) []authority.Limit {
	var limits []authority.Limit
	if r.IntN(8) > 0 {
		limit := authority.Limit{Kind: authority.BillingError}
		if r.IntN(5) > 0 && (rank < top || r.IntN(3) == 0) {
			most := num((10 + r.IntN(30)) * rank)
			limit.Max = &most
		}
		if r.IntN(2) == 0 {
			limit.OwnLimit = num(60)
		}
		if r.IntN(5) == 0 {
			sum := num((8 + r.IntN(2)) * rank)
			limit.WindowMax = &sum
		}
		limits = append(limits, limit)
		if r.IntN(3) == 0 {
			narrow := limit
			most := num(5 + r.IntN(30))
			narrow.Tier, narrow.Max, narrow.WindowMax = pick(r, "gold", "silver"), &most, nil
			limits = append(limits, narrow)
		}
	}
	if r.IntN(4) > 0 {
		refunds := authority.Limit{Kind: authority.Refund}
		if r.IntN(2) == 0 {
			most := num((5 + r.IntN(40)) * rank)
			refunds.Max = &most
		}
		limits = append(limits, refunds)
	}
	return limits
}

// drawDelegation is one that holds, has ended or has not begun, up to an amount or to all, to somebody who is there or not.
func drawDelegation(r *rand.Rand, top int) authority.Delegation {
	d := authority.Delegation{From: int64(r.IntN(people) + 1), To: int64(r.IntN(people) + 1), Starts: morning(), Ends: morning()}
	d.Ends = d.Ends.AddDate(0, 0, r.IntN(4))
	if r.IntN(6) == 0 {
		d.Starts = d.Starts.Add(1)
	}
	if r.IntN(3) == 0 {
		d.Cooling = []int64{int64(1 + r.IntN(top))}
	}
	if r.IntN(3) == 0 {
		most := num(10 + r.IntN(80))
		d.MaxAmount = &most
	}
	d.ToAbsent = r.IntN(8) == 0
	return d
}

// drawPolicy makes rules, each with what it means said a second time.
func (w *world) drawPolicy(r *rand.Rand) {
	if r.IntN(4) == 0 {
		w.policy.Basis = policy.Net
	}
	for i := range r.IntN(6) {
		rule := policy.Rule{Name: fmt.Sprintf("rule %d", i)}
		meaning := w.drawCondition(r, &rule)
		if r.IntN(2) == 0 {
			rule.Then.Mode = authority.Mode(pick(r, "hierarchical", "direct", "parallel"))
			if rule.Then.Mode == authority.Parallel && r.IntN(3) > 0 {
				rule.Then.Need = []policy.Need{policy.NeedAll(), policy.NeedOf(1), policy.NeedOf(2)}[r.IntN(3)]
			}
		}
		if rule.Then.Mode == "" || r.IntN(4) == 0 {
			rule.Then.Step = &policy.Step{Role: pick(r, "lead", "controller")}
			if r.IntN(2) == 0 {
				rule.Then.Step = &policy.Step{Level: 1 + r.IntN(5)}
			}
			rule.Then.Step.Need = []policy.Need{{}, policy.NeedAll(), policy.NeedOf(2)}[r.IntN(3)]
		}
		w.policy.Rules = append(w.policy.Rules, rule)
		w.meaning = append(w.meaning, meaning)
	}
}

func (w *world) drawCondition(r *rand.Rand, rule *policy.Rule) func(policy.Facts) bool {
	edge := 10 + r.IntN(60)
	yes := true
	switch r.IntN(8) {
	case 0:
		from := num(edge)
		rule.When.Over = &from
		return func(f policy.Facts) bool { return w.together(f).Cmp(from) > 0 }
	case 1:
		to := num(edge)
		rule.When.UpTo = &to
		return func(f policy.Facts) bool { return w.together(f).Cmp(to) <= 0 }
	case 2:
		rule.When.Partner, rule.If = &yes, "amount >= "+strconv.Itoa(edge)
		return func(f policy.Facts) bool { return f.Partner && w.together(f).Cmp(num(edge)) >= 0 }
	case 3:
		rule.When.Regions, rule.When.Tiers = []string{"SG"}, []string{"gold", "bronze"}
		return func(f policy.Facts) bool {
			asked := func(p policy.Place) bool { return p.Region == "SG" && p.Tier != "silver" }
			return asked(policy.Place{Tier: f.Tier, Region: f.Region}) || slices.ContainsFunc(f.Among, asked)
		}
	case 4:
		rule.If = `tax_change or "lead" in roles`
		return func(f policy.Facts) bool { return f.TaxChange || f.Roles[0] == "lead" }
	case 5:
		rule.When.OlderThan = 365
		return func(f policy.Facts) bool { return f.InvoiceAge > 365 }
	case 6:
		rule.When.Kinds = []authority.Kind{authority.Refund, authority.BillingError}
		rule.When.Roles = []string{"lead"}
		return func(f policy.Facts) bool { return f.Roles[0] == "lead" }
	}
	return func(policy.Facts) bool { return true }
}

// together is what rules see: the amount with the larger of what was given before, the slow way.
func (w *world) together(f policy.Facts) decimal.Decimal {
	if w.request.InvoiceTotal.GreaterThan(w.request.WindowTotal) {
		return w.counts(f).Add(w.request.InvoiceTotal)
	}
	return w.counts(f).Add(w.request.WindowTotal)
}

// counts is the amount as limits see it, the slow way.
func (w *world) counts(f policy.Facts) decimal.Decimal {
	if w.policy.Basis == policy.Net {
		return f.Net
	}
	return f.Gross
}

func TestRandomOrganisationsAgreeWithTheReference(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	for seed := range *organisations {
		r := rand.New(rand.NewPCG(uint64(seed), *organisedBy))
		w := draw(r)
		out := w.chain(t)
		if err := w.compare(out); err != nil {
			t.Fatalf("organisation %d by %d: %v\n%+v", seed, *organisedBy, err, out)
		}
		if err := w.decideAll(r, out); err != nil {
			t.Fatalf("organisation %d by %d: %v\n%+v", seed, *organisedBy, err, out)
		}
		if err := w.split(t, r); err != nil {
			t.Fatalf("organisation %d by %d: %v\n%+v", seed, *organisedBy, err, out)
		}
		seen[out.kind()]++
		for what, mattered := range w.mattered(t, out) {
			if mattered {
				seen[what]++
			}
		}
	}
	for _, kind := range []string{
		"own limit", "orphan", "one step", "several steps", "editors", "money out", "the budget", "what cools", "caps of stand-ins", "tiers", "roles and teams", "regions",
		"teams that ask", "who gave it", "memberships by one alone", "holding twice",
	} {
		if seen[kind] == 0 {
			t.Errorf("no organisation came to %s: %v", kind, seen)
		}
	}
	t.Logf("%d organisations by %d: %v", *organisations, *organisedBy, seen)
}
