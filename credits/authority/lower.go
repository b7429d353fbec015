package authority

import (
	"cmp"
	"slices"
)

// between lists the levels on the way to the deciding one that have a say over the kind, highest first; in
// direct mode, and when n of the deciding level's holders are asked, there are none.
func (b *builder) between() []Level {
	if b.policy.alone() || b.final == nil {
		return nil
	}
	var found []Level
	for _, level := range slices.Backward(b.levels) {
		if _, ok := level.limit(b.request); ok && b.above(level) && level.Rank < b.final.Rank {
			found = append(found, level)
		}
	}
	return found
}

// lower adds the levels on the way, from the top: of two levels that share their only person the higher one
// keeps them, and the lower one's decision goes up.
func (b *builder) lower() {
	for _, level := range b.between() {
		if b.inChain(level.ID) {
			continue
		}
		limit, _ := level.limit(b.request)
		step := b.levelStep(level, ruleOf("authority.step.each_level", "level", level.Name,
			"limit", b.policy.showLimit(limit.Max), "amount", b.policy.show(b.request.Counted())))
		if b.fits(step) {
			b.steps = append(b.steps, step)
		}
	}
}

func (b *builder) inChain(levelID int64) bool {
	same := func(s Step) bool { return s.LevelID == levelID }
	return slices.ContainsFunc(b.steps, same) || slices.ContainsFunc(b.extra, same)
}

// result puts the steps in order: those of roles first, then the levels from low to high.
func (b *builder) result() Result {
	slices.SortStableFunc(b.steps, func(x, y Step) int { return cmp.Compare(x.rank, y.rank) })
	steps := append(slices.Clone(b.extra), b.steps...)
	if !b.orphan {
		steps = Remaining(steps, nil)
	}
	for i := range steps {
		steps[i].Position = i + 1
		if b.policy.mode() == Parallel {
			steps[i].Position = 1
		}
	}
	b.skip()
	result := Result{Steps: steps, Skipped: b.skipped, Orphan: b.orphan}
	if b.final != nil {
		result.SufficientLevelID = b.final.ID
	}
	return result
}

// skip says of every level that is not in the chain why it is not.
func (b *builder) skip() {
	for _, level := range b.levels {
		if b.inChain(level.ID) {
			continue
		}
		b.skipLevel(level, b.skipReason(level))
	}
}

func (b *builder) skipReason(level Level) Rule {
	limit, ok := level.limit(b.request)
	if b.own != nil && level.ID == b.own.ID {
		return ruleOf("authority.skip.requester", "level", level.Name)
	}
	key := ""
	switch {
	case !b.above(level):
		key = "authority.skip.below_requester"
	case !ok:
		key = "authority.skip.no_limit"
	case b.final != nil && level.Rank > b.final.Rank:
		key = "authority.skip.not_needed"
	case len(b.people.atLevel(level.ID)) == 0:
		key = "authority.skip.nobody"
	case len(b.signers(level)) == 0:
		key = "authority.skip.signed_enough"
	case !(seats{b.levelStep(level, Rule{})}).feasible():
		key = "authority.skip.too_few"
	case b.policy.mode() != Hierarchical && !level.sufficient(b.request):
		key = "authority.skip.limit_too_low"
	default:
		key = "authority.skip.decides_higher"
	}
	return ruleOf(key, "level", level.Name, "limit", b.policy.showLimit(limit.Max))
}

func (b *builder) skipLevel(level Level, reason Rule) {
	b.skipped = append(b.skipped, SkippedLevel{LevelID: level.ID, LevelName: level.Name, Reason: reason})
}

func (b *builder) skipRest(key string) {
	for _, level := range b.levels {
		b.skipLevel(level, ruleOf(key, "level", level.Name))
	}
}
