package policy_test

import (
	"fmt"
	"maps"
	"slices"

	"github.com/shopspring/decimal"

	"makegood/credits/authority"
	"makegood/credits/authority/policy"
)

// The reference asks every question one person and one pair at a time, and fills seats by trying everything.

func (w *world) barred(user int64) bool {
	return user == w.request.RequesterID || slices.Contains(w.request.BarredIDs, user) || slices.Contains(w.request.EditorIDs, user)
}

// one is a person beside one thing by which they hold a level.
type one struct {
	level            int64
	role             string
	absent, cooling  bool
	active, concerns bool
	by               int64
}

// isOf asks of one person whether a level is given to them: by name, or by what they are. What one alone made them counts where it came
// before the level was given.
func (w *world) isOf(user int64, g given) bool {
	if g.UserID > 0 {
		return g.UserID == user
	}
	m := w.staff[user]
	byRole := m.role == g.Role && (!m.roleAlone || m.roleDay <= g.day)
	byTeam := m.team == g.TeamID && (!m.teamAlone || m.teamDay <= g.day)
	switch {
	case g.TeamID == 0:
		return byRole
	case g.Role == "":
		return byTeam
	}
	return byRole && byTeam
}

// concerns asks of what a level is given for whether this is among it.
func (w *world) concerns(g given) bool {
	if len(g.EntityIDs) > 0 && g.EntityIDs[0] != 1 || len(g.TeamIDs) > 0 && g.TeamIDs[0] != w.facts.TeamID {
		return false
	}
	if len(g.Regions) == 0 {
		return true
	}
	for _, place := range w.facts.Among {
		if place.Region != g.Regions[0] {
			return false
		}
	}
	return len(w.facts.Among) > 0 || w.facts.Region == g.Regions[0]
}

// holds lists all by which a person holds a level.
func (w *world) holds(user int64) []one {
	var list []one
	for _, g := range w.given {
		if w.isOf(user, g) {
			m := w.staff[user]
			list = append(list, one{level: g.LevelID, role: m.role, absent: m.away, cooling: g.cooling[user], active: g.active[user], concerns: w.concerns(g), by: g.by})
		}
	}
	return list
}

func (w *world) holding(user int64, match func(one) bool) bool {
	for _, h := range w.holds(user) {
		if h.active && h.concerns && match(h) {
			return true
		}
	}
	return false
}

func (w *world) there(user int64) bool {
	for _, h := range w.holds(user) {
		if h.absent || !h.active {
			return false
		}
	}
	return true
}

// seat is one signature to be given: at a level, or by a role.
type seat struct {
	level int64
	role  string
}

func (s seat) match(h one) bool {
	if s.role != "" {
		return h.role == s.role
	}
	return h.level == s.level
}

// may says whether user may give a signature in the right of principal.
func (w *world) may(user, principal int64, s seat) bool {
	binds := func(h one) bool { return s.match(h) && !h.cooling }
	if w.barred(user) || w.barred(principal) || !w.holding(principal, binds) || !w.hasLeft(user, s) || !w.hasLeft(principal, s) {
		return false
	}
	if user == principal {
		return w.holding(user, func(h one) bool { return binds(h) && !h.absent })
	}
	own := w.holding(user, func(h one) bool { return binds(h) && !h.absent })
	return w.there(user) && !own && slices.ContainsFunc(w.who.Delegations, func(d authority.Delegation) bool {
		return d.From == principal && d.To == user && d.Ends.After(morning()) && !d.Starts.After(morning()) && !d.ToAbsent &&
			(d.MaxAmount == nil || w.together(w.facts).Cmp(*d.MaxAmount) <= 0) &&
			w.holding(principal, func(h one) bool { return binds(h) && h.by != user && !slices.Contains(d.Cooling, h.level) })
	})
}

// hasLeft says that a person has not yet signed too much for one more at this level.
func (w *world) hasLeft(user int64, s seat) bool {
	if w.times == 0 || s.role != "" {
		return true
	}
	max, ok := w.max(s.level)
	return !ok || max == nil || !w.byPerson[user].Add(w.counts(w.facts)).GreaterThan(max.Mul(decimal.NewFromInt(w.times)))
}

// max is the limit of a level for a sum, which is never above the one for a single request; the second is false for a level without a say.
func (w *world) max(level int64) (*decimal.Decimal, bool) {
	tiers := w.request.Tiers
	if len(tiers) == 0 {
		tiers = []string{w.facts.Tier}
	}
	var least *decimal.Decimal
	for _, tier := range tiers {
		most, ok := w.maxFor(level, authority.BillingError, tier)
		if !ok {
			return nil, false
		}
		if least == nil || most != nil && most.LessThan(*least) {
			least = most
		}
	}
	return least, true
}

func (w *world) maxFor(level int64, kind authority.Kind, tier string) (most *decimal.Decimal, found bool) {
	for _, l := range w.who.Levels {
		if l.ID != level {
			continue
		}
		for _, limit := range l.Limits {
			if limit.Kind != kind || limit.Tier != "" && limit.Tier != tier {
				continue
			}
			// The one for a tier stands behind the one for all.
			most, found = limit.Max, true
			if limit.WindowMax != nil {
				most = limit.WindowMax
			}
		}
	}
	return most, found
}

func (w *world) fillable(seats []seat, used map[int64]bool) bool {
	if len(seats) == 0 {
		return true
	}
	for user := int64(1); user <= people; user++ {
		for principal := int64(1); principal <= people; principal++ {
			if used[user] || used[principal] || !w.may(user, principal, seats[0]) {
				continue
			}
			more := maps.Clone(used)
			more[user], more[principal] = true, true
			if w.fillable(seats[1:], more) {
				return true
			}
		}
	}
	return false
}

// mode is the way the first rule that applies and has one says, and how many that asks of the deciding level.
func (w *world) mode() (authority.Mode, string, func(level authority.Level) int) {
	for i, rule := range w.policy.Rules {
		if rule.Then.Mode == "" || !w.meaning[i](w.facts) || rule.Then.Mode == authority.Direct && !w.ofAll(i) {
			continue
		}
		return rule.Then.Mode, rule.Name, func(level authority.Level) int {
			n := max(level.Signatures, 1, rule.Then.Need.N)
			if rule.Then.Need.All {
				n = max(n, w.heads(seat{level: level.ID}))
			}
			return n
		}
	}
	return authority.Hierarchical, "", func(level authority.Level) int { return max(level.Signatures, 1) }
}

// ofAll says that a rule is about each of the customers, where there are several.
func (w *world) ofAll(i int) bool {
	return !slices.ContainsFunc(w.facts.Among, func(place policy.Place) bool {
		one := w.facts
		one.Among, one.Tier, one.Region = nil, place.Tier, place.Region
		return !w.meaning[i](one)
	})
}

// heads counts those whose signature can be had, by themselves or through somebody.
func (w *world) heads(s seat) int {
	n := 0
	for principal := int64(1); principal <= people; principal++ {
		for user := int64(1); user <= people; user++ {
			if w.may(user, principal, s) {
				n++
				break
			}
		}
	}
	return n
}

func (w *world) ownRank() int {
	rank := 0
	for _, level := range w.who.Levels {
		if w.holding(w.request.RequesterID, func(h one) bool { return h.level == level.ID }) {
			rank = level.Rank
		}
	}
	return rank
}

// postingRank is the highest level whose own limit is the requester's by now.
func (w *world) postingRank() int {
	rank := 0
	for _, level := range w.who.Levels {
		if w.holding(w.request.RequesterID, func(h one) bool { return h.level == level.ID && !h.cooling }) {
			rank = level.Rank
		}
	}
	return rank
}

// covers says that amount and every sum stay within what a level may, of refunds as well where money leaves.
func (w *world) covers(level authority.Level) bool {
	most, ok := w.max(level.ID)
	if !ok || !w.under(most) {
		return false
	}
	if !w.request.PaysOut {
		return true
	}
	refunds, ok := w.maxFor(level.ID, authority.Refund, w.facts.Tier)
	return ok && w.under(refunds)
}

func (w *world) under(most *decimal.Decimal) bool {
	if most == nil {
		return true
	}
	amount, further := w.counts(w.facts), w.request.Further[0]
	return amount.Cmp(*most) <= 0 && amount.Add(w.request.WindowTotal).Cmp(*most) <= 0 && amount.Add(w.request.InvoiceTotal).Cmp(*most) <= 0 &&
		amount.Add(further.Total).Cmp(most.Mul(decimal.NewFromInt(further.Times))) <= 0
}

// sufficient is the lowest level that could decide, and over the budget the next one that could, if there is one.
func (w *world) sufficient() int64 {
	_, _, needed := w.mode()
	var could []int64
	for _, level := range w.who.Levels {
		seats := slices.Repeat([]seat{{level: level.ID}}, needed(level))
		if level.Rank > w.ownRank() && w.covers(level) && w.fillable(seats, map[int64]bool{}) {
			could = append(could, level.ID)
		}
	}
	switch {
	case len(could) == 0:
		return 0
	case w.facts.OverBudget && len(could) > 1:
		return could[1]
	}
	return could[0]
}

// compare holds a chain against the reference: each rule's verdict, the deciding level, that every step is explained,
// needed and decidable, and that every rule that asks for somebody got them.
func (w *world) compare(out outcome) error {
	var asking []string
	for i, rule := range w.policy.Rules {
		if applies := w.meaning[i](w.facts); out.Verdicts[i].Applies != applies {
			return fmt.Errorf("%s: applies %v, not %v", rule.Name, out.Verdicts[i].Applies, applies)
		} else if applies && rule.Then.Step != nil {
			asking = append(asking, rule.Name)
		}
	}
	mode, _, _ := w.mode()
	if out.Mode != mode {
		return fmt.Errorf("mode %s, not %s", out.Mode, mode)
	}
	if alone := len(asking) == 0 && w.mayPost(); out.OwnLimit != alone || alone && len(out.Steps) > 0 {
		return fmt.Errorf("within the own limit %v, not %v", out.OwnLimit, alone)
	}
	if out.OwnLimit {
		return nil
	}
	want := w.sufficient()
	if out.SufficientLevelID != want || want == 0 && !out.Orphan {
		return fmt.Errorf("level %d decides, not %d; orphan %v", out.SufficientLevelID, want, out.Orphan)
	}
	if out.Orphan {
		return w.orphan(out, want)
	}
	for _, name := range asking {
		if !served(out, name) {
			return fmt.Errorf("%s asked for somebody and got nobody", name)
		}
	}
	return w.steps(out, asking)
}

// mayPost says that what is asked for stays within the requester's own limit, all sums included. Nothing over the budget and no money out
// does, nor anything by somebody who is barred from it.
func (w *world) mayPost() bool {
	rank := w.postingRank()
	if rank == 0 || w.request.PaysOut || w.facts.OverBudget || slices.Contains(w.request.BarredIDs, w.request.RequesterID) {
		return false
	}
	own := w.who.Levels[rank-1]
	if !w.covers(own) || !own.Limits[0].OwnLimit.IsPositive() {
		return false
	}
	return w.under(&own.Limits[0].OwnLimit)
}
