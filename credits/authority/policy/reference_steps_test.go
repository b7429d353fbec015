package policy_test

import (
	"errors"
	"fmt"
	"slices"

	"makegood/credits/authority"
)

// orphan: there is a step that nobody can decide, and above everything nobody could have taken it either.
func (w *world) orphan(out outcome, want int64) error {
	var seats []seat
	empty := 0
	top := int64(0)
	for _, step := range out.Steps {
		top = max(top, step.LevelID) // a step goes up, never down
		if step.Role != "" && len(step.Candidates) == 0 {
			top = max(top, w.lowestOf(step.Role)-1)
		}
		if len(step.Candidates) == 0 {
			empty++
			continue
		}
		seats = append(seats, slices.Repeat([]seat{{level: step.LevelID, role: step.Role}}, step.Needed)...)
	}
	if empty == 0 {
		return errors.New("an orphan without an empty step")
	}
	if want == 0 {
		return nil
	}
	_, _, needed := w.mode()
	for _, level := range w.who.Levels {
		n := needed(level)
		for _, step := range out.Steps {
			if len(step.Candidates) == 0 {
				n = max(n, step.Needed)
			}
		}
		more := slices.Repeat([]seat{{level: level.ID}}, n)
		if level.ID > top && level.Rank > w.ownRank() && w.fillable(append(more, seats...), map[int64]bool{}) {
			return fmt.Errorf("level %d could have taken the step", level.ID)
		}
	}
	return nil
}

// lowestOf is the lowest level that people of a role hold.
func (w *world) lowestOf(role string) int64 {
	lowest := int64(0)
	for user := int64(1); user <= people; user++ {
		for _, h := range w.holds(user) {
			if h.role == role && (lowest == 0 || h.level < lowest) {
				lowest = h.level
			}
		}
	}
	return lowest
}

func served(out outcome, rule string) bool {
	return slices.ContainsFunc(out.Steps, func(s authority.Step) bool {
		return s.PolicyRule == rule || slices.ContainsFunc(s.Also, func(r authority.Rule) bool { return r.Params["rule"] == rule })
	})
}

// steps: nobody is a candidate who may not be, all seats can be filled by different people, and no step is there that
// neither the way nor a rule asks for.
func (w *world) steps(out outcome, asking []string) error {
	var seats []seat
	mode, _, _ := w.mode()
	for _, step := range out.Steps {
		s := seat{level: step.LevelID, role: step.Role}
		seats = append(seats, slices.Repeat([]seat{s}, step.Needed)...)
		for _, c := range step.Candidates {
			principal := c.OnBehalfOf
			if principal == 0 {
				principal = c.UserID
			}
			if !w.may(c.UserID, principal, s) {
				return fmt.Errorf("candidate %+v of level %d, role %s", c, step.LevelID, step.Role)
			}
		}
		extra := slices.Contains(asking, step.PolicyRule) || slices.ContainsFunc(step.Also, func(r authority.Rule) bool { return r.Params["rule"] != "" })
		_, says := w.max(step.LevelID)
		onTheWay := step.Role == "" && says && step.LevelID <= out.SufficientLevelID && int(step.LevelID) > w.ownRank()
		if step.Rule.Key == "" || !extra && !onTheWay || mode == authority.Direct && !extra && step.LevelID != out.SufficientLevelID {
			return fmt.Errorf("step %+v is not explained", step)
		}
	}
	if !w.fillable(seats, map[int64]bool{}) {
		return errors.New("the chain cannot be completed")
	}
	return nil
}
