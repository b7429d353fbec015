package authority

import (
	"cmp"
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// Chain draws the chain of steps for a request at one moment. It refuses a negative amount and a kind or
// mode it does not know; everything else has an answer, at worst one that is marked as an orphan.
//
// The deciding level is the first above the requester's own whose limit covers the request and which has
// enough people left. Where nobody is available the decision goes up, never down. Lower levels and extra
// steps are added as long as nobody would have to decide twice.
func Chain(p Policy, levels []Level, holders []Holder, delegations []Delegation, r Request, now time.Time) (Result, error) {
	if err := p.check(); err != nil {
		return Result{}, err
	}
	if err := r.check(); err != nil {
		return Result{}, err
	}
	b := newBuilder(p, levels, people{holders: holders, delegations: delegations, request: r, now: now})
	if b.ownLimit() {
		b.skipRest("authority.skip.own_limit")
		return Result{OwnLimit: true, Skipped: b.skipped}, nil
	}
	b.decide()
	b.extras()
	b.lower()
	return b.result(), nil
}

// builder holds one chain while it is drawn.
type builder struct {
	policy  Policy
	people  people
	request Request
	levels  []Level // ascending
	own     *Level  // the requester's highest, nil for none
	posting *Level  // the highest of them that binds the requester already: its own limit is theirs
	final   *Level  // whose limit covers the request
	steps   []Step
	extra   []Step // of roles, and of levels that stand in for a role; they come before the levels
	skipped []SkippedLevel
	orphan  bool
}

func newBuilder(p Policy, levels []Level, who people) *builder {
	b := &builder{policy: p, people: who, request: who.request, levels: slices.Clone(levels)}
	slices.SortStableFunc(b.levels, func(x, y Level) int {
		return cmp.Or(cmp.Compare(x.Rank, y.Rank), cmp.Compare(x.ID, y.ID))
	})
	for i := range b.levels {
		if b.requesterHolds(b.levels[i].ID, true) {
			b.own = &b.levels[i]
		}
		if b.requesterHolds(b.levels[i].ID, false) {
			b.posting = &b.levels[i]
		}
	}
	return b
}

// requesterHolds counts a level that does not bind the requester yet only where cooling is asked for: for their rank it
// counts, or they would be decided by who stands below them.
func (b *builder) requesterHolds(levelID int64, cooling bool) bool {
	return slices.ContainsFunc(b.people.holders, func(h Holder) bool {
		return h.LevelID == levelID && h.UserID == b.request.RequesterID && h.Active && (cooling || !h.Cooling) && h.Covers(b.request)
	})
}

// ownLimit holds for a small request that pays nothing out and meets no condition of the policy, by somebody not barred
// from it.
func (b *builder) ownLimit() bool {
	r := b.request
	if b.posting == nil || r.PaysOut || r.OverBudget || slices.Contains(r.BarredIDs, r.RequesterID) || !b.posting.sufficient(r) {
		return false
	}
	limit, _ := b.posting.limit(r)
	if !limit.OwnLimit.IsPositive() || r.Counted().GreaterThan(limit.OwnLimit) || (Limit{Max: &limit.OwnLimit}).outrun(r) != nil {
		return false
	}
	return !slices.ContainsFunc(b.policy.Extras, func(e Extra) bool { return r.meets(e.When) })
}

// OverBudgetRule is the rule of the step that decides because a budget is used up.
const OverBudgetRule = "authority.step.over_budget"

// decide finds the deciding level; over budget it is the next one that could decide, if there is one.
func (b *builder) decide() {
	able := b.able()
	if len(able) == 0 {
		b.orphan = true
		b.steps = append(b.steps, b.nobody())
		return
	}
	final := able[0]
	rule := b.why(final)
	if b.request.OverBudget && len(able) > 1 {
		final = able[1]
		rule = ruleOf(OverBudgetRule, "level", final.Name, "below", able[0].Name)
	}
	b.final = &final
	b.steps = append(b.steps, b.levelStep(final, rule))
}

// able lists the levels above the requester's that cover the request and have the people for it.
func (b *builder) able() []Level {
	var able []Level
	for _, level := range b.levels {
		if !b.above(level) || level.Rank < b.request.Floor || !level.sufficient(b.request) {
			continue
		}
		if (seats{b.levelStep(level, Rule{})}).feasible() {
			able = append(able, level)
		}
	}
	return able
}

func (b *builder) above(level Level) bool { return b.own == nil || level.Rank > b.own.Rank }

func (b *builder) levelStep(level Level, rule Rule) Step {
	needed := level.signatures()
	candidates := b.signers(level)
	if b.policy.mode() == Parallel {
		needed = max(needed, b.policy.Needed)
		if b.policy.All {
			needed = max(needed, principals(candidates))
		}
	}
	return Step{
		LevelID: level.ID, LevelName: level.Name, rank: level.Rank, Rule: rule, PolicyRule: b.policy.PolicyRule,
		Candidates: candidates, Needed: needed,
	}
}

// signers are who may decide at a level and has not yet signed as much as the level may.
func (b *builder) signers(level Level) []Candidate {
	found := b.people.atLevel(level.ID)
	limit, ok := level.limit(b.request)
	if !ok || len(b.request.Signed) == 0 {
		return found
	}
	return slices.DeleteFunc(found, func(c Candidate) bool {
		return !limit.leaves(c.UserID, b.request) || c.OnBehalfOf != 0 && !limit.leaves(c.OnBehalfOf, b.request)
	})
}

// principals counts the people whose decision candidates can give, each once, however many stand in for them.
func principals(candidates []Candidate) int {
	seen := map[int64]bool{}
	for _, c := range candidates {
		seen[c.principal()] = true
	}
	return len(seen)
}

// nobody is the step that keeps an orphaned chain open: the first level that should have decided.
func (b *builder) nobody() Step {
	step := Step{Needed: 1, Rule: ruleOf("authority.step.nobody", "amount", b.policy.show(b.request.Counted()))}
	for _, level := range b.levels {
		if b.above(level) && level.sufficient(b.request) {
			step.LevelID, step.LevelName, step.rank = level.ID, level.Name, level.Rank
			break
		}
	}
	return step
}

// why says which rule makes a level the deciding one.
func (b *builder) why(final Level) Rule {
	r, p := b.request, b.policy
	limit, _ := final.limit(r)
	var below *Level // the next one down with a say over the kind
	for i := range b.levels {
		level := b.levels[i]
		if level.Rank >= final.Rank {
			break
		}
		if _, ok := level.limit(r); ok {
			below = &level
		}
	}
	if below == nil {
		return ruleOf("authority.step.first_sufficient", "level", final.Name, "limit", p.showLimit(limit.Max), "amount", p.show(r.Counted()))
	}
	lower, _ := below.limit(r)
	if lower.covers(r) && !below.sufficient(r) {
		return ruleOf("authority.step.pays_out", "level", final.Name, "below", below.Name, "amount", p.show(r.Counted()))
	}
	if lower.covers(r) {
		if !b.above(*below) {
			return ruleOf("authority.step.not_own", "level", final.Name, "own", b.own.Name)
		}
		return ruleOf("authority.step.climbed", "level", final.Name, "below", below.Name, "amount", p.show(r.Counted()))
	}
	if over := lower.outrun(r); within(r.Amount, lower.Max) && within(r.Counted(), lower.windowMax()) && over != nil {
		return ruleOf("authority.step.further_over", "level", final.Name, "below", below.Name, "window", over.Window,
			"limit", p.showLimit(times(lower.windowMax(), over.Times)), "amount", p.show(r.Amount), "given", p.show(over.Total))
	}
	if !within(r.Amount, lower.Max) {
		return ruleOf("authority.step.amount_over", "level", final.Name, "below", below.Name,
			"limit", p.showLimit(lower.Max), "amount", p.show(r.Amount))
	}
	key, given := "authority.step.window_over", r.WindowTotal
	if r.InvoiceTotal.GreaterThan(r.WindowTotal) {
		key, given = "authority.step.invoice_over", r.InvoiceTotal
	}
	return ruleOf(key, "level", final.Name, "below", below.Name, "limit", p.showLimit(lower.windowMax()),
		"amount", p.show(r.Amount), "given", p.show(given), "total", p.show(given.Add(decimal.Max(r.Amount, decimal.Zero))))
}
