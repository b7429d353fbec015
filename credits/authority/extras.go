package authority

import "slices"

// extras adds what the policy asks for by condition. A step already there that would ask the same people
// serves both; where nobody is available the decision goes up past the deciding level.
func (b *builder) extras() {
	for _, extra := range b.policy.Extras {
		if b.request.meets(extra.When) {
			b.addExtra(extra)
		}
	}
}

func (b *builder) addExtra(extra Extra) {
	rule := ruleOf("authority.step.extra."+string(extra.When), "condition", string(extra.When), "role", extra.Role)
	if !slices.Contains([]Condition{TaxChange, ClosedPeriod, PartnerAccount}, extra.When) {
		rule.Key = "authority.step.extra"
	}
	if extra.LevelID != 0 {
		b.extraLevel(extra.LevelID, rule)
		return
	}
	for _, group := range [][]Step{b.steps, b.extra} {
		for i := range group {
			if b.allInRole(group[i], extra.Role) {
				group[i].Also = append(group[i].Also, rule)
				return
			}
		}
	}
	// A level on the way that consists of just these people serves better than asking them apart from it.
	for _, level := range b.between() {
		step := b.levelStep(level, rule)
		if b.allInRole(step, extra.Role) && b.fits(step) {
			b.steps = append(b.steps, step)
			return
		}
	}
	step := Step{Role: extra.Role, Rule: rule, Needed: 1, Candidates: b.people.inRole(extra.Role)}
	if b.fits(step) {
		b.extra = append(b.extra, step)
		return
	}
	b.climb(step)
}

func (b *builder) extraLevel(id int64, rule Rule) {
	for i := range b.steps {
		if b.steps[i].LevelID == id {
			b.steps[i].Also = append(b.steps[i].Also, rule)
			return
		}
	}
	for _, level := range b.levels {
		if level.ID != id {
			continue
		}
		step := b.levelStep(level, rule)
		if b.fits(step) {
			b.steps = append(b.steps, step)
			return
		}
		b.climb(step)
		return
	}
	b.climb(Step{LevelID: id, Rule: rule, Needed: 1})
}

// climb finds somebody for an extra step above everything that is in the chain; failing that the step stays
// without candidates and the chain is an orphan.
func (b *builder) climb(step Step) {
	top := step.rank
	for _, s := range b.steps {
		top = max(top, s.rank)
	}
	from := step.LevelName
	if step.Role != "" {
		from = step.Role
	}
	for _, level := range b.levels {
		if level.Rank <= top || !b.above(level) {
			continue
		}
		higher := b.levelStep(level, ruleOf("authority.step.extra_climbed", "level", level.Name, "from", from))
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

// fits says whether the chain with one more step can still be decided by different people.
func (b *builder) fits(step Step) bool {
	all := append(seats{}, b.steps...)
	all = append(all, b.extra...)
	all = slices.DeleteFunc(all, func(s Step) bool { return len(s.Candidates) == 0 }) // orphaned already
	return append(all, step).feasible()
}

func (b *builder) allInRole(step Step, role string) bool {
	if len(step.Candidates) == 0 {
		return false
	}
	return !slices.ContainsFunc(step.Candidates, func(c Candidate) bool {
		principal := c.UserID
		if c.OnBehalfOf != 0 {
			principal = c.OnBehalfOf
		}
		return !slices.ContainsFunc(b.people.holders, func(h Holder) bool {
			return h.UserID == principal && slices.Contains(h.Roles, role)
		})
	})
}
