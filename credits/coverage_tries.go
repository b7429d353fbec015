package credits

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits/authority"
	"makegood/credits/authority/policy"
	"makegood/internal/access"
)

// circumstance is a way in which a request may differ from the plainest one, and so ask for other people.
type circumstance struct {
	name  string // a rule of the policy, or what a limit or a holder is narrowed by; "" is the plainest request
	kinds []authority.Kind
	set   func(*policy.Facts)
	from  decimal.Decimal // a rule speaks over that amount
}

// circumstances are what rules of a policy ask for by their plain conditions, and what limits are narrowed by. What a rule's formula asks for
// beside is not guessed; where the formula does not hold, the rule changes nothing.
func (ro roster) circumstances(version int, origins []origin) []circumstance {
	list := []circumstance{{name: origins[0].name, set: origins[0].set}}
	for _, rule := range ro.rules[version].Policy().Rules {
		if rule.Then.Step == nil && rule.Then.Need == (policy.Need{}) && rule.Then.Mode == "" {
			continue
		}
		c := circumstance{name: rule.Name, kinds: rule.When.Kinds, set: func(f *policy.Facts) {
			origins[0].set(f)
			rule.When.Example(f)
		}}
		if rule.When.Over != nil {
			c.from = *rule.When.Over
		}
		list = append(list, c)
	}
	seen := map[string]bool{}
	for _, level := range ro.levels {
		for _, l := range level.Limits {
			for name, set := range map[string]func(*policy.Facts){
				"reason " + l.Reason: func(f *policy.Facts) { origins[0].set(f); f.Reason = l.Reason }, "tier " + l.Tier: func(f *policy.Facts) { origins[0].set(f); f.Tier = l.Tier },
			} {
				if !strings.HasSuffix(name, " ") && !seen[name+string(l.Kind)] {
					seen[name+string(l.Kind)] = true
					list = append(list, circumstance{name: name, kinds: []authority.Kind{authority.Kind(l.Kind)}, set: set})
				}
			}
		}
	}
	for _, p := range origins[1:] {
		list = append(list, circumstance{name: p.name, set: p.set})
	}
	slices.SortStableFunc(list[1:], func(a, b circumstance) int { return strings.Compare(a.name, b.name) })
	return list
}

// asker is somebody who might ask: nobody in particular, or a holder of a level, who does not decide what they asked for.
type asker struct {
	id    int64
	name  string
	roles []string
	team  int64
}

// askers are one holder of each level who may ask for credits.
func (ro roster) askers(entity int64) []asker {
	var list []asker
	for _, level := range ro.levels {
		at := slices.IndexFunc(ro.holders, func(h Holder) bool {
			return h.LevelID == level.ID && h.Active && inScope(h.EntityIDs, entity) && mayPropose(h) && !slices.ContainsFunc(list, func(a asker) bool { return a.id == h.UserID })
		})
		if at >= 0 {
			list = append(list, asker{ro.holders[at].UserID, ro.holders[at].UserName, ro.holders[at].Roles, ro.holders[at].AsksFor})
		}
	}
	return list
}

func mayPropose(h Holder) bool {
	roles := make([]access.Role, len(h.Roles))
	for i, role := range h.Roles {
		roles[i] = access.Role(role)
	}
	return access.May(access.Actor{Kind: access.Person, UserID: h.UserID, Roles: roles}, access.Propose)
}

// uncovered tries every amount at which another level would decide, in every circumstance that the policy and the limits know, asked for by
// somebody without a level, and by a holder of each in the plainest one. Only what the plainest request does not say already is told of the others.
func (ro roster) uncovered(entity books, now time.Time) ([]Uncovered, error) {
	var list []Uncovered
	circumstances, askers := ro.circumstances(ro.versionFor(0, now), ro.origins(entity)), ro.askers(entity.ID)
	for _, kind := range authority.Kinds() {
		found, err := ro.uncoveredOf(entity, kind, circumstances, askers, now)
		if err != nil {
			return nil, err
		}
		list = append(list, found...)
	}
	return list, nil
}

// uncoveredOf is uncovered for one kind.
func (ro roster) uncoveredOf(entity books, kind authority.Kind, circumstances []circumstance, askers []asker, now time.Time) ([]Uncovered, error) {
	plainest, err := ro.uncoveredOver(entity, kind, asker{}, circumstances[0], now)
	if err != nil {
		return nil, err
	}
	var list []Uncovered
	note := func(over decimal.Decimal, who asker, c circumstance) {
		list = append(list, Uncovered{
			Kind: billing.Kind(kind), EntityID: entity.ID, Entity: strings.TrimSpace(entity.Code), Over: over, Rule: c.name, RequesterID: who.id, Requester: who.name,
		})
	}
	if plainest != nil {
		note(*plainest, asker{}, circumstances[0])
	}
	try := func(who asker, c circumstance) error {
		over, err := ro.uncoveredOver(entity, kind, who, c, now)
		if err == nil && over != nil && (plainest == nil || over.LessThan(*plainest)) {
			note(*over, who, c)
		}
		return err
	}
	for _, c := range circumstances[1:] {
		if len(c.kinds) > 0 && !slices.Contains(c.kinds, kind) {
			continue
		}
		if err := try(asker{}, c); err != nil {
			return nil, err
		}
	}
	for _, who := range askers {
		if err := try(who, circumstances[0]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// uncoveredOver is the amount over which nobody could approve; nil where everything is covered.
func (ro roster) uncoveredOver(entity books, kind authority.Kind, who asker, c circumstance, now time.Time) (*decimal.Decimal, error) {
	covered := c.from
	for _, amount := range ro.tried(billing.Kind(kind), c.from) {
		f := storedFacts{Facts: policy.Facts{
			Kind: kind, Gross: amount, Net: amount, Currency: string(billing.AuthorityCurrency), Entity: strings.TrimSpace(entity.Code), Roles: who.roles,
		}}
		c.set(&f.Facts)
		entity.team(&f.Facts, who)
		if f.Facts.Entity != strings.TrimSpace(entity.Code) { // the rule is about other books
			return nil, nil //nolint:nilnil // nothing to find here
		}
		asked := f.asked(who.id, entity.ID, decimal.Zero)
		if who.id != 0 {
			asked.BarredIDs = []int64{who.id} // their own limit is not what is asked about
		}
		drawn, err := ro.chain(ro.versionFor(who.id, now), f.Facts, asked, now)
		if err != nil {
			return nil, fmt.Errorf("try %s of %s: %w", amount, kind, err)
		}
		if drawn.Orphan {
			return &covered, nil
		}
		covered = amount
	}
	return nil, nil //nolint:nilnil // covered
}

// tried are the amounts of a kind at which limits end, from one where a rule begins, and one beyond the highest.
func (ro roster) tried(kind billing.Kind, from decimal.Decimal) []decimal.Decimal {
	list := ro.steps(kind)
	if !from.IsPositive() {
		return list
	}
	list = slices.DeleteFunc(list, func(d decimal.Decimal) bool { return !d.GreaterThan(from) })
	return append([]decimal.Decimal{from.Add(decimal.New(1, -billing.AuthorityCurrency.Digits()))}, list...)
}
