package credits

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"makegood/credits/authority"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
)

// route is how the undecided part of a chain looks with the people who are there now.
type route struct {
	steps  []authority.Step // one for each undecided step that stays, in order; Needed is what is still missing
	stored []Step           // the same steps as stored
	needed []int            // how many must sign each of them, with those who have
	gone   []Step           // steps whose level has nobody left
	added  []authority.Step // what takes their place, higher up
	orphan bool             // nobody can decide: the steps stay, with whoever may still sign one of them
	asked  authority.Request
}

// changed tells whether the stored chain differs from the route.
func (r route) changed() bool {
	if r.orphan {
		return slices.ContainsFunc(r.gone, func(s Step) bool { return len(s.Candidates) > 0 }) || r.asksOthers()
	}
	if len(r.gone) > 0 || len(r.added) > 0 {
		return true
	}
	for i := range r.steps {
		if r.needed[i] != r.stored[i].Needed {
			return true
		}
	}
	return r.asksOthers()
}

// asksOthers tells whether other people may sign a step that stays than are stored.
func (r route) asksOthers() bool {
	for i, step := range r.steps {
		want := candidatesOf(r.stored[i].ID, step.Candidates)
		if len(want) != len(r.stored[i].Candidates) || slices.ContainsFunc(want, func(c Candidate) bool { return !r.stored[i].lists(c) }) {
			return true
		}
	}
	return false
}

func (s Step) lists(c Candidate) bool {
	return slices.ContainsFunc(s.Candidates, func(o Candidate) bool { return o.UserID == c.UserID && same(o.OnBehalfOf, c.OnBehalfOf) })
}

// route draws the chain anew and lays it over the steps that are not decided. A step stays as long as its level has
// people for it; where it has none, the decision goes up. A step never asks for fewer signatures than before, and for more
// where its level or the policy does by now. Where it would change, or needs somebody who has signed already, the rest is drawn
// from where it went up to and as if whoever signed were not there: up past them, and not down again to who came back.
func (ro roster) route(req Request, steps []Step, now time.Time) (route, error) {
	stored, asked := ro.redrawn(req, steps)
	out, err := ro.laid(req, steps, stored, asked, now)
	if err != nil || out.decidable() && len(out.gone)+len(out.added) == 0 {
		return out, err
	}
	facts, left := ro.upward(stored, asked, steps)
	past, err := ro.laid(req, steps, facts, left, now)
	if err != nil {
		return route{}, err
	}
	if past.decidable() {
		past.asked = asked
		return past, nil
	}
	out.orphan = !out.decidable()
	return out, nil
}

// decidable tells whether everything that is left has somebody to sign it. Steps that go up to nothing have nobody.
func (r route) decidable() bool {
	left := slices.Concat(r.steps, r.added)
	return !r.orphan && (len(left) > 0 || len(r.gone) == 0) && authority.Decidable(left)
}

// upward is a request as asked from where it went up to, of those who have not signed it: what a rule of the policy got is not asked for again.
func (ro roster) upward(stored storedFacts, asked authority.Request, steps []Step) (storedFacts, authority.Request) {
	for user := range decidedBy(steps) {
		asked.BarredIDs = with(asked.BarredIDs, user)
	}
	for _, s := range steps {
		byRule := strings.HasPrefix(s.RuleKey, authority.ExtraRule)
		switch {
		case s.State == StepApproved && byRule && s.PolicyRule != "":
			asked.Served = append(asked.Served, s.PolicyRule)
		case s.undecided() && !byRule && s.Role == "":
			asked.Floor = max(asked.Floor, ro.rank(s.LevelID))
		}
	}
	if asked.Floor > 0 {
		stored.Facts.OverBudget = false // the level above the one that would have sufficed is asked already
	}
	return stored, asked
}

// laid draws the chain for a request as asked and lays it over the steps that are not decided.
func (ro roster) laid(req Request, steps []Step, stored storedFacts, asked authority.Request, now time.Time) (route, error) {
	drawn, err := ro.drawn(req, steps, stored, asked, now)
	if err != nil {
		return route{}, err
	}
	out := route{orphan: drawn.Orphan, asked: asked}
	for _, step := range steps {
		if step.undecided() {
			out.lay(step, drawn.Result)
		}
	}
	switch {
	case len(out.gone) > 0:
		out.added = ro.above(drawn.Steps, steps, ro.rank(out.gone[0].LevelID))
	case !drawn.Orphan && !ro.reaches(stored, asked, steps, now):
		out.added = ro.above(drawn.Steps, steps, ro.highest(steps)+1)
	}
	if !drawn.Orphan {
		out.added = append(out.added, ro.missing(drawn.Steps, steps, out.added)...)
	}
	all := authority.Remaining(slices.Concat(out.steps, out.added), decidedBy(steps))
	out.steps, out.added = all[:len(out.steps)], all[len(out.steps):]
	return out, nil
}

// redrawn is what the chain of a stored request is drawn from anew.
func (ro roster) redrawn(req Request, steps []Step) (storedFacts, authority.Request) {
	stored := ro.factsOf(req)
	stored.Facts.OverBudget = slices.ContainsFunc(steps, func(step Step) bool { return step.RuleKey == authority.OverBudgetRule })
	asked := stored.asked(req.RequesterID, int64(req.EntityID), req.WindowAmount)
	asked.BarredIDs = with(asked.BarredIDs, req.RequesterID) // never again an own limit
	asked.EditorIDs = req.EditorIDs
	return stored, asked
}

// lay puts a stored step where the chain drawn anew has it.
func (r *route) lay(step Step, drawn authority.Result) {
	at := slices.IndexFunc(drawn.Steps, step.asks)
	switch {
	case at >= 0:
		fresh := drawn.Steps[at]
		r.needed = append(r.needed, max(step.Needed, fresh.Needed))
		fresh.Needed = max(step.Needed, fresh.Needed) - len(step.Decisions)
		r.steps, r.stored = append(r.steps, fresh), append(r.stored, step)
	case drawn.Orphan:
		r.steps = append(r.steps, authority.Step{LevelID: step.LevelID, LevelName: step.LevelName, Role: step.Role, Needed: step.Needed - len(step.Decisions)})
		r.stored, r.needed = append(r.stored, step), append(r.needed, step.Needed)
	default:
		r.gone = append(r.gone, step)
	}
}

// missing lists the steps that the policy's rules ask for in a new chain and that nothing in the stored one satisfies: another
// step of the same people, one of the same rule, or signatures by enough people of the role.
func (ro roster) missing(drawn []authority.Step, steps []Step, added []authority.Step) []authority.Step {
	return slices.DeleteFunc(slices.Clone(drawn), func(a authority.Step) bool {
		return !strings.HasPrefix(a.Rule.Key, authority.ExtraRule) || a.Role != "" && ro.signedInRole(steps, a.Role) >= a.Needed ||
			slices.ContainsFunc(added, func(o authority.Step) bool { return o.LevelID == a.LevelID && o.Role == a.Role }) ||
			slices.ContainsFunc(steps, func(s Step) bool {
				byRule := s.PolicyRule != "" && s.PolicyRule == a.PolicyRule && strings.HasPrefix(s.RuleKey, authority.ExtraRule)
				return s.State == StepApproved && byRule || s.State != StepVoid && s.asks(a)
			})
	})
}

// signedInRole counts the signatures that people of a role gave, or that were given for them.
func (ro roster) signedInRole(steps []Step, role string) int {
	n := 0
	for _, step := range steps {
		for _, d := range step.Decisions {
			whose := d.UserID
			if d.OnBehalfOf != nil {
				whose = *d.OnBehalfOf
			}
			if slices.ContainsFunc(ro.holders, func(h Holder) bool { return h.UserID == whose && slices.Contains(h.Roles, role) }) {
				n++
			}
		}
	}
	return n
}

// without is the roster with what people signed elsewhere only: a request does not count against itself, or the first of
// two signatures would count its amount twice.
func (ro roster) without(req Request, steps []Step, version int, now time.Time) roster {
	signed := slices.Clone(ro.signed[version])
	for i, window := range signed {
		by := maps.Clone(window.By)
		for _, step := range steps {
			for _, d := range step.Decisions {
				if d.ContentVersion != req.ContentVersion || d.Decision != Approve || !d.DecidedAt.After(ro.since(version, window.Window, now)) {
					continue
				}
				by[d.UserID] = by[d.UserID].Sub(req.AuthorityAmount)
				if d.OnBehalfOf != nil {
					by[*d.OnBehalfOf] = by[*d.OnBehalfOf].Sub(req.AuthorityAmount)
				}
			}
		}
		signed[i].By = by
	}
	ro.signed = map[int][]authority.Signed{version: signed}
	return ro
}

// since is when a window of a version began.
func (ro roster) since(version int, window string, now time.Time) time.Time {
	for _, w := range ro.rules[version].Policy().Windows {
		if w.Name == window {
			return w.Over.Since(now)
		}
	}
	return now
}

// above lists the steps of a new chain that take the place of those that are gone: higher ones that are not there yet.
func (ro roster) above(drawn []authority.Step, steps []Step, lowest int) []authority.Step {
	return slices.DeleteFunc(slices.Clone(drawn), func(a authority.Step) bool {
		known := slices.ContainsFunc(steps, func(s Step) bool { return s.asks(a) && s.State != StepVoid })
		return known || ro.rank(a.LevelID) < lowest
	})
}

// reaches tells whether some step of the chain has a level whose limits cover the request. They do when it is drawn, and no
// more when they are lowered while it waits.
func (ro roster) reaches(f storedFacts, asked authority.Request, steps []Step, now time.Time) bool {
	asked.Kind, asked.Amount = f.Facts.Kind, ro.rules[f.PolicyVersion].Amount(f.Facts)
	levels := ro.authorityLevels(asked.RequesterID, now)
	return slices.ContainsFunc(steps, func(s Step) bool {
		at := slices.IndexFunc(levels, func(l authority.Level) bool { return l.ID == s.LevelID })
		return s.State != StepVoid && at >= 0 && levels[at].Covers(asked)
	})
}

// highest is the rank of the highest level in a chain.
func (ro roster) highest(steps []Step) int {
	top := 0
	for _, s := range steps {
		if s.State != StepVoid {
			top = max(top, ro.rank(s.LevelID))
		}
	}
	return top
}

// asks tells whether a stored step and a drawn one ask the same level or role.
func (s Step) asks(a authority.Step) bool {
	return s.LevelID == max(a.LevelID, 0) && s.Role == a.Role
}

// decidedBy is everybody who is used up in a chain: who decided, and whom they stood in for.
func decidedBy(steps []Step) map[int64]bool {
	used := map[int64]bool{}
	for _, step := range steps {
		for _, d := range step.Decisions {
			used[d.UserID] = true
			if d.OnBehalfOf != nil {
				used[*d.OnBehalfOf] = true
			}
		}
	}
	return used
}

// rerouteTx brings the undecided steps of a locked request up to date with who is there, and gives them as they are
// then, with the same steps as authority sees them.
func (s *Service) rerouteTx(ctx context.Context, tx *db.Tx, ro roster, req Request, by access.Actor) ([]Step, route, error) {
	steps, err := currentSteps(ctx, tx, req)
	if err != nil {
		return nil, route{}, err
	}
	r, err := ro.route(req, steps, tx.Now())
	if err != nil || !r.changed() {
		return steps, r, err
	}
	if r.orphan {
		return s.leaveTx(ctx, tx, req, r)
	}
	for i := range r.steps {
		if err := saveCandidates(ctx, tx, &r.stored[i], r.steps[i].Candidates); err != nil {
			return nil, r, err
		}
		if err := raiseTx(ctx, tx, &r.stored[i], r.needed[i]); err != nil {
			return nil, r, err
		}
	}
	if len(r.gone) == 0 && len(r.added) == 0 {
		steps, err = currentSteps(ctx, tx, req)
		return steps, r, err
	}
	if err := s.voidTx(ctx, tx, req, r.gone, by); err != nil {
		return nil, r, err
	}
	added, err := insertSteps(ctx, tx, req, r.added, steps[len(steps)-1].Position, ro.factsOf(req).PolicyVersion)
	if err != nil {
		return nil, r, err
	}
	if steps, err = currentSteps(ctx, tx, req); err != nil {
		return nil, r, err
	}
	if err := s.openNextTx(ctx, tx, req, steps, by); err != nil {
		return nil, r, err
	}
	tx.Publish(req.topics()...)
	if steps, err = currentSteps(ctx, tx, req); err != nil {
		return nil, r, err
	}
	r.steps, r.stored = slices.Concat(r.steps, r.added), slices.Concat(r.stored, added)
	for _, step := range added {
		r.needed = append(r.needed, step.Needed)
	}
	return steps, r, audit.RecordTx(ctx, tx, audit.Event{
		Stream: req.stream(), By: access.SystemActor("credits.reroute"), What: "credit_request.rerouted",
		Data: map[string]any{"request": req.ID, "number": req.Number, "left": names(r.gone), "added": names(added)},
	})
}

// leaveTx lists, of a request that nobody can decide, only those who may still sign a step of it, so that it waits for nobody who may not.
func (s *Service) leaveTx(ctx context.Context, tx *db.Tx, req Request, r route) ([]Step, route, error) {
	for i := range r.steps {
		if err := saveCandidates(ctx, tx, &r.stored[i], r.steps[i].Candidates); err != nil {
			return nil, r, err
		}
	}
	for i := range r.gone {
		if err := saveCandidates(ctx, tx, &r.gone[i], nil); err != nil {
			return nil, r, err
		}
	}
	tx.Publish(req.topics()...)
	steps, err := currentSteps(ctx, tx, req)
	return steps, r, err
}

// raiseTx lets more people sign a step than it asked for.
func raiseTx(ctx context.Context, tx *db.Tx, step *Step, needed int) error {
	if needed == step.Needed {
		return nil
	}
	step.Needed = needed
	if _, err := tx.Exec(ctx, `update credit_steps set needed = $2 where id = $1`, step.ID, needed); err != nil {
		return fmt.Errorf("raise signatures: %w", err)
	}
	return nil
}

func names(steps []Step) []string {
	list := make([]string, len(steps))
	for i, step := range steps {
		list[i] = step.LevelName
	}
	return list
}
