package authority

import "slices"

// extras adds what the policy asks for by condition. A step already there that would ask the same people
// serves both; where nobody is available the decision goes up past the deciding level.
func (b *builder) extras() {
	for _, extra := range b.policy.Extras {
		if b.request.meets(extra.When) && (extra.PolicyRule == "" || !slices.Contains(b.request.Served, extra.PolicyRule)) {
			b.addExtra(extra)
		}
	}
}

// ExtraRule begins the rule of every step that is there because the policy asks for it by condition.
const ExtraRule = "authority.step.extra"

// ExtraBySumRule is that of a step which the policy asks for only because of what was given before.
const ExtraBySumRule = ExtraRule + ".by_sum"

func (b *builder) addExtra(extra Extra) {
	rule := ruleOf("authority.step.extra."+string(extra.When), "condition", string(extra.When), "role", extra.Role)
	if !slices.Contains([]Condition{TaxChange, ClosedPeriod, PartnerAccount}, extra.When) {
		rule.Key = ExtraRule
	}
	if extra.PolicyRule != "" {
		rule.Params["rule"] = extra.PolicyRule
	}
	if extra.BySum {
		counted := b.request.Counted()
		rule.Key, rule.Params["amount"], rule.Params["total"] = ExtraBySumRule, b.policy.show(b.request.Amount), b.policy.show(counted)
		rule.Params["given"] = b.policy.show(counted.Sub(b.request.Amount))
	}
	if extra.LevelID != 0 {
		b.extraLevel(extra, rule)
		return
	}
	step := extra.asks(Step{Role: extra.Role, Rule: rule, Candidates: b.people.inRole(extra.Role)})
	for _, group := range [][]Step{b.steps, b.extra} {
		for i := range group {
			if group[i].Needed >= step.Needed && b.allInRole(group[i], extra.Role) {
				group[i].Also = append(group[i].Also, rule)
				return
			}
		}
	}
	// A level on the way that consists of just these people serves better than asking them apart from it.
	for _, level := range b.between() {
		onTheWay := b.levelStep(level, rule)
		if onTheWay.Needed >= step.Needed && b.allInRole(onTheWay, extra.Role) && b.fits(onTheWay) {
			b.steps = append(b.steps, extra.named(onTheWay))
			return
		}
	}
	if b.fits(step) {
		b.extra = append(b.extra, step)
		return
	}
	b.climb(step)
}

// asks is the step with as many deciders as the extra wants.
func (e Extra) asks(step Step) Step {
	step.Needed = max(step.Needed, e.Needed, 1)
	if e.All {
		step.Needed = max(step.Needed, principals(step.Candidates))
	}
	return e.named(step)
}

func (e Extra) named(step Step) Step {
	if e.PolicyRule != "" {
		step.PolicyRule = e.PolicyRule
	}
	return step
}

func (b *builder) extraLevel(extra Extra, rule Rule) {
	id := extra.LevelID
	for i := range b.steps {
		if b.steps[i].LevelID != id {
			continue
		}
		more := extra.asks(b.steps[i])
		rest := append(slices.Delete(slices.Clone(b.steps), i, i+1), b.extra...)
		if more.Needed > b.steps[i].Needed && !b.together(rest, more) {
			break // it is there, but not with enough people: they are looked for above
		}
		b.steps[i].Needed = more.Needed
		b.steps[i].Also = append(b.steps[i].Also, rule)
		return
	}
	for _, level := range b.levels {
		if level.ID != id {
			continue
		}
		step := extra.asks(b.levelStep(level, rule))
		if !b.inChain(id) && b.fits(step) {
			b.steps = append(b.steps, step)
			return
		}
		b.climb(step)
		return
	}
	b.climb(extra.asks(Step{LevelID: id, Rule: rule}))
}

// climb finds somebody for an extra step above everything that is in the chain; failing that the step stays
// without candidates and the chain is an orphan.
func (b *builder) climb(step Step) {
	top := step.rank
	for _, s := range b.steps {
		top = max(top, s.rank)
	}
	from := step.LevelName
	switch {
	case step.Role != "":
		from = step.Role
		top = max(top, b.floor(step.Role)-1)
	case from == "": // a level that is not there any more
		from = step.PolicyRule
	}
	for _, level := range b.levels {
		if level.Rank <= top || !b.above(level) {
			continue
		}
		higher := b.levelStep(level, ruleOf("authority.step.extra_climbed", "level", level.Name, "from", from))
		higher.Needed, higher.PolicyRule = max(higher.Needed, step.Needed), step.PolicyRule
		if b.fits(higher) {
			higher.Also = append(higher.Also, step.Rule)
			b.extra = append(b.extra, higher)
			return
		}
	}
	step.Candidates = nil
	b.extra = append(b.extra, step)
	b.orphan = true
}

// floor is the lowest rank that people of a role hold, there or not: a decision of theirs does not go below it.
func (b *builder) floor(role string) int {
	lowest := 0
	for _, h := range b.people.holders {
		if !slices.Contains(h.Roles, role) {
			continue
		}
		for _, level := range b.levels {
			if level.ID == h.LevelID && (lowest == 0 || level.Rank < lowest) {
				lowest = level.Rank
			}
		}
	}
	return lowest
}

// fits says whether the chain with one more step can still be decided by different people.
func (b *builder) fits(step Step) bool {
	return b.together(slices.Concat(b.steps, b.extra), step)
}

func (b *builder) together(rest []Step, step Step) bool {
	all := seats(slices.Clone(rest))
	all = slices.DeleteFunc(all, func(s Step) bool { return len(s.Candidates) == 0 }) // orphaned already
	return append(all, step).feasible()
}

func (b *builder) allInRole(step Step, role string) bool {
	if len(step.Candidates) == 0 {
		return false
	}
	return !slices.ContainsFunc(step.Candidates, func(c Candidate) bool {
		principal := c.principal()
		return !slices.ContainsFunc(b.people.holders, func(h Holder) bool {
			return h.UserID == principal && slices.Contains(h.Roles, role)
		})
	})
}
