package policy_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/shopspring/decimal"

	"makegood/credits/authority"
	"makegood/credits/authority/policy"
)

// mattered tells by what the chain would be another without it: what is drawn and never matters proves nothing.
func (w *world) mattered(t *testing.T, out outcome) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for what, leave := range map[string]func(one *world){
		"editors":    func(one *world) { one.request.EditorIDs = nil },
		"money out":  func(one *world) { one.request.PaysOut = false },
		"the budget": func(one *world) { one.facts.OverBudget = false },
		"what cools": func(one *world) {
			one.eachHolder(func(h *authority.Holder) { h.Cooling = false })
		},
		"caps of stand-ins": func(one *world) {
			one.who.Delegations = slices.Clone(one.who.Delegations)
			for i := range one.who.Delegations {
				one.who.Delegations[i].MaxAmount = nil
			}
		},
		"tiers":          func(one *world) { one.request.Tier, one.request.Tiers = "", nil },
		"regions":        func(one *world) { one.eachHolder(func(h *authority.Holder) { h.Regions = nil }) },
		"teams that ask": func(one *world) { one.eachHolder(func(h *authority.Holder) { h.TeamIDs = nil }) },
		"who gave it":    func(one *world) { one.eachHolder(func(h *authority.Holder) { h.GivenBy = nil }) },
		"roles and teams": func(one *world) {
			one.again(func(g given) bool { return g.UserID != 0 })
		},
		"memberships by one alone": func(one *world) {
			one.staff = maps.Clone(one.staff)
			for user, m := range one.staff {
				m.roleAlone, m.teamAlone = false, false
				one.staff[user] = m
			}
			one.again(func(given) bool { return true })
		},
		"holding twice": func(one *world) {
			seen := map[[2]int64]bool{}
			one.who.Holders = slices.DeleteFunc(slices.Clone(one.who.Holders), func(h authority.Holder) bool {
				twice := seen[[2]int64{h.LevelID, h.UserID}]
				seen[[2]int64{h.LevelID, h.UserID}] = true
				return twice
			})
		},
	} {
		one := *w
		leave(&one)
		other := one.chain(t)
		same := slices.EqualFunc(out.Steps, other.Steps, func(a, b authority.Step) bool {
			return a.LevelID == b.LevelID && a.Role == b.Role && a.Needed == b.Needed && slices.Equal(a.Candidates, b.Candidates)
		})
		found[what] = !same || out.OwnLimit != other.OwnLimit
	}
	return found
}

// eachHolder changes the holders of a copy.
func (w *world) eachHolder(change func(*authority.Holder)) {
	w.who.Holders = slices.Clone(w.who.Holders)
	for i := range w.who.Holders {
		change(&w.who.Holders[i])
	}
}

// again gives some of the levels anew.
func (w *world) again(some func(given) bool) {
	all := w.given
	w.given, w.who.Holders = nil, nil
	for _, g := range all {
		if some(g) {
			w.give(g)
		}
	}
}

type outcome struct{ policy.Outcome }

func (o outcome) kind() string {
	switch {
	case o.OwnLimit:
		return "own limit"
	case o.Orphan:
		return "orphan"
	case len(o.Steps) == 1:
		return "one step"
	}
	return "several steps"
}

func (w *world) chain(t *testing.T) outcome {
	t.Helper()
	out, err := compile(t, w.policy).Chain(w.facts, w.request, w.who)
	if err != nil {
		t.Fatal(err)
	}
	return outcome{out}
}

// split asks for the same in parts, one after the other, in which each part finds the others in the windows: the last one
// needs whom all of it at once would have needed, by levels and by rules.
func (w *world) split(t *testing.T, r *rand.Rand) error {
	t.Helper()
	whole := *w
	whole.policy.Basis, whole.request.Signed, whole.times = "", nil, 0
	once := whole.chain(t)
	part := whole
	part.request.Further = slices.Clone(whole.request.Further)
	given, rest := decimal.Zero, whole.facts.Gross
	var last outcome
	for rest.IsPositive() {
		part.facts.Gross = decimal.Min(rest, num(1+r.IntN(30)))
		part.request.WindowTotal = whole.request.WindowTotal.Add(given)
		part.request.InvoiceTotal = whole.request.InvoiceTotal.Add(given)
		part.request.Further[0].Total = whole.request.Further[0].Total.Add(given)
		last = part.chain(t)
		given, rest = given.Add(part.facts.Gross), rest.Sub(part.facts.Gross)
	}
	if given.IsZero() || once.Orphan && last.Orphan {
		return nil
	}
	if a, b := whomAsks(once), whomAsks(last); !slices.Equal(a, b) {
		return fmt.Errorf("in parts it asks %v, at once %v", b, a)
	}
	// A single amount may be held to less than a sum, never to more.
	if once.OwnLimit != last.OwnLimit || once.SufficientLevelID != last.SufficientLevelID {
		return fmt.Errorf("in parts it needs level %d (own %v), at once %d (own %v)", last.SufficientLevelID, last.OwnLimit, once.SufficientLevelID, once.OwnLimit)
	}
	return nil
}

// whomAsks lists whom a chain asks, in order.
func whomAsks(out outcome) []string {
	list := make([]string, len(out.Steps))
	for i, step := range out.Steps {
		list[i] = fmt.Sprintf("%d%s×%d by %s", step.LevelID, step.Role, step.Needed, step.PolicyRule)
	}
	return list
}
