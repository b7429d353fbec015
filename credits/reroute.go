package credits

import (
	"context"
	"slices"
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
	gone   []Step           // steps whose level has nobody left
	added  []authority.Step // what takes their place, higher up
	orphan bool             // nobody can decide: everything stays as it is, without candidates
}

// changed tells whether the stored chain differs from the route.
func (r route) changed() bool {
	if r.orphan {
		return false
	}
	if len(r.gone) > 0 || len(r.added) > 0 {
		return true
	}
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

// authorityRequest is a stored request as authority sees it, with the window it was submitted with.
func (r Request) authorityRequest() authority.Request {
	return authority.Request{
		Kind: authority.Kind(r.AuthorityKind), Amount: r.AuthorityAmount, WindowTotal: r.WindowAmount, EntityID: int64(r.EntityID),
		Reason: r.ReasonCode, RequesterID: r.RequesterID, BarredIDs: []int64{r.RequesterID}, // never again an own limit
		PaysOut: r.Content != nil && paysOut(*r.Content),
	}
}

// route draws the chain anew and lays it over the steps that are not decided. A step stays as long as its level has
// people for it; where it has none, the decision goes up.
func (ro roster) route(req Request, steps []Step, now time.Time) (route, error) {
	asked, stored := req.authorityRequest(), ro.factsOf(req)
	asked.Further, asked.PartnerAccount = stored.Further, stored.Facts.Partner
	stored.Facts.OverBudget = slices.ContainsFunc(steps, func(step Step) bool { return step.RuleKey == authority.OverBudgetRule })
	drawn, err := ro.chain(stored.PolicyVersion, stored.Facts, asked, now)
	if err != nil {
		return route{}, err
	}
	out := route{orphan: drawn.Orphan}
	for _, step := range steps {
		if !step.undecided() {
			continue
		}
		at := slices.IndexFunc(drawn.Steps, func(a authority.Step) bool { return step.asks(a) })
		switch {
		case at >= 0:
			fresh := drawn.Steps[at]
			fresh.Needed = step.Needed - len(step.Decisions)
			out.steps, out.stored = append(out.steps, fresh), append(out.stored, step)
		case drawn.Orphan:
			out.steps = append(out.steps, authority.Step{LevelID: step.LevelID, LevelName: step.LevelName, Role: step.Role, Needed: step.Needed - len(step.Decisions)})
			out.stored = append(out.stored, step)
		default:
			out.gone = append(out.gone, step)
		}
	}
	switch {
	case len(out.gone) > 0:
		out.added = ro.above(drawn.Steps, steps, ro.rank(out.gone[0].LevelID))
	case !drawn.Orphan && !ro.reaches(stored, asked, steps, now):
		out.added = ro.above(drawn.Steps, steps, ro.highest(steps)+1)
	}
	all := authority.Remaining(slices.Concat(out.steps, out.added), decidedBy(steps))
	out.steps, out.added = all[:len(out.steps)], all[len(out.steps):]
	return out, nil
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
	levels := ro.authorityLevels(asked.Kind, asked.RequesterID, now)
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
	steps, err := stepsOf(ctx, tx, req.ID)
	if err != nil {
		return nil, route{}, err
	}
	r, err := ro.route(req, steps, tx.Now())
	if err != nil || !r.changed() {
		return steps, r, err
	}
	for i := range r.steps {
		if err := saveCandidates(ctx, tx, &r.stored[i], r.steps[i].Candidates); err != nil {
			return nil, r, err
		}
	}
	if len(r.gone) == 0 && len(r.added) == 0 {
		steps, err = stepsOf(ctx, tx, req.ID)
		return steps, r, err
	}
	if err := s.voidTx(ctx, tx, req, r.gone, by); err != nil {
		return nil, r, err
	}
	added, err := insertSteps(ctx, tx, req, r.added, steps[len(steps)-1].Position, ro.factsOf(req).PolicyVersion)
	if err != nil {
		return nil, r, err
	}
	if steps, err = stepsOf(ctx, tx, req.ID); err != nil {
		return nil, r, err
	}
	if err := s.openNextTx(ctx, tx, req, steps, by); err != nil {
		return nil, r, err
	}
	tx.Publish(req.topics()...)
	if steps, err = stepsOf(ctx, tx, req.ID); err != nil {
		return nil, r, err
	}
	r.steps, r.stored = slices.Concat(r.steps, r.added), slices.Concat(r.stored, added)
	return steps, r, audit.RecordTx(ctx, tx, audit.Event{
		Stream: req.stream(), By: access.SystemActor("credits.reroute"), What: "credit_request.rerouted",
		Data: map[string]any{"request": req.ID, "number": req.Number, "left": names(r.gone), "added": names(added)},
	})
}

func names(steps []Step) []string {
	list := make([]string, len(steps))
	for i, step := range steps {
		list[i] = step.LevelName
	}
	return list
}
