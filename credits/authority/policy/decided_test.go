package policy_test

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"makegood/credits/authority"
)

// decideAll lets the candidates decide in a random order until nothing is open: nobody twice, nobody on their own.
func (w *world) decideAll(r *rand.Rand, out outcome) error {
	if out.Orphan || out.OwnLimit {
		return nil
	}
	open, decided := slices.Clone(out.Steps), map[int64]bool{}
	for len(open) > 0 {
		at := 0
		if out.Mode == authority.Parallel {
			at = r.IntN(len(open))
		}
		if len(open[at].Candidates) < open[at].Needed {
			return fmt.Errorf("stuck at %+v", open[at])
		}
		c := open[at].Candidates[r.IntN(len(open[at].Candidates))]
		if err := authority.MayDecide(open[at], c.UserID, decided, w.request); err != nil {
			return fmt.Errorf("%+v is refused: %w", c, err)
		}
		acting, err := authority.Acting(open[at], c.UserID, decided, w.request)
		if err != nil || decided[acting.UserID] || w.barred(acting.UserID) || acting.OnBehalfOf != 0 && (decided[acting.OnBehalfOf] || w.barred(acting.OnBehalfOf)) {
			return fmt.Errorf("%+v decides: %w", acting, err)
		}
		decided[acting.UserID] = true
		if acting.OnBehalfOf != 0 {
			decided[acting.OnBehalfOf] = true
		}
		if open[at].Needed--; open[at].Needed == 0 {
			open = slices.Delete(open, at, at+1)
		}
		open = authority.Remaining(open, decided)
	}
	return nil
}
