package authority_test

import (
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"makegood/credits/authority"
)

// world is a drawn company: few people in many levels, so that every shortage comes up.
type world struct {
	policy      authority.Policy
	levels      []authority.Level
	holders     []authority.Holder
	delegations []authority.Delegation
	request     authority.Request
}

const users = 7

func worlds(t *rapid.T) world {
	var w world
	w.policy.Mode = rapid.SampledFrom([]authority.Mode{authority.Hierarchical, authority.Direct, authority.Parallel}).Draw(t, "mode")
	if w.policy.Mode == authority.Parallel {
		w.policy.Needed = rapid.IntRange(0, 2).Draw(t, "needed")
	}
	user := rapid.Int64Range(1, users)
	n := rapid.IntRange(1, 5).Draw(t, "levels")
	for i := range n {
		level := authority.Level{ID: int64(i + 1), Rank: i + 1, Signatures: rapid.IntRange(0, 2).Draw(t, "signatures")}
		if rapid.IntRange(0, 5).Draw(t, "has limit") > 0 {
			limit := authority.Limit{Kind: authority.BillingError}
			if rapid.IntRange(0, 4).Draw(t, "limited") > 0 {
				most := dec(rapid.Int64Range(0, 60).Draw(t, "max"))
				limit.Max = &most
			}
			level.Limits = []authority.Limit{limit}
		}
		if rapid.IntRange(0, 3).Draw(t, "own") == 0 && len(level.Limits) > 0 {
			level.Limits[0].OwnLimit = dec(10)
		}
		w.levels = append(w.levels, level)
		for range rapid.IntRange(0, 3).Draw(t, "holders") {
			h := authority.Holder{LevelID: level.ID, UserID: user.Draw(t, "holder"), Active: rapid.IntRange(0, 6).Draw(t, "active") > 0}
			h.Absent = rapid.IntRange(0, 4).Draw(t, "absent") == 0
			h.Cooling = rapid.IntRange(0, 4).Draw(t, "cooling") == 0
			if rapid.IntRange(0, 4).Draw(t, "scoped") == 0 {
				h.EntityIDs = []int64{2}
			}
			w.holders = append(w.holders, h)
		}
	}
	for range rapid.IntRange(0, 3).Draw(t, "delegations") {
		d := authority.Delegation{From: user.Draw(t, "from"), To: user.Draw(t, "to"), Starts: today(), Ends: today().Add(time.Duration(rapid.IntRange(0, 1).Draw(t, "open")) * time.Hour)}
		if rapid.IntRange(0, 3).Draw(t, "stand-in cools") == 0 {
			d.Cooling = []int64{rapid.Int64Range(1, 5).Draw(t, "by level")}
		}
		w.delegations = append(w.delegations, d)
	}
	w.request = authority.Request{
		Kind: authority.BillingError, EntityID: 1, RequesterID: user.Draw(t, "requester"),
		Amount:      dec(rapid.Int64Range(0, 70).Draw(t, "amount")),
		WindowTotal: dec(rapid.Int64Range(0, 20).Draw(t, "window")),
		BarredIDs:   rapid.SliceOfN(user, 0, 2).Draw(t, "barred"),
	}
	return w
}

func (w world) chain(t *rapid.T) authority.Result {
	result, err := authority.Chain(w.policy, w.levels, w.holders, w.delegations, w.request, today())
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// The reference below asks every question one person and one pair at a time.

func (w world) barred(user int64) bool {
	return user == w.request.RequesterID || slices.Contains(w.request.BarredIDs, user)
}

func (w world) there(user int64) bool {
	return !w.barred(user) && !slices.ContainsFunc(w.holders, func(h authority.Holder) bool {
		return h.UserID == user && (h.Absent || !h.Active)
	})
}

func (w world) holds(user, level int64) bool {
	return slices.ContainsFunc(w.holders, func(h authority.Holder) bool {
		return h.UserID == user && h.LevelID == level && h.Active && (len(h.EntityIDs) == 0 || h.EntityIDs[0] == 1)
	})
}

// bound says that a person holds a level in a way that binds already.
func (w world) bound(user, level int64, match func(authority.Holder) bool) bool {
	return slices.ContainsFunc(w.holders, func(h authority.Holder) bool {
		return h.UserID == user && h.LevelID == level && h.Active && !h.Cooling && (len(h.EntityIDs) == 0 || h.EntityIDs[0] == 1) && match(h)
	})
}

// may says whether user may decide at a level in the right of principal.
func (w world) may(user, principal, level int64) bool {
	if w.barred(user) || w.barred(principal) || !w.bound(principal, level, func(authority.Holder) bool { return true }) {
		return false
	}
	if user == principal {
		return w.bound(user, level, func(h authority.Holder) bool { return !h.Absent })
	}
	return w.there(user) && !w.may(user, user, level) && slices.ContainsFunc(w.delegations, func(d authority.Delegation) bool {
		return d.From == principal && d.To == user && d.Ends.After(today()) && !slices.Contains(d.Cooling, level)
	})
}

// fillable tries every way to give every seat to a different pair of people.
func (w world) fillable(seats []int64, used map[int64]bool) bool {
	if len(seats) == 0 {
		return true
	}
	for user := int64(1); user <= users; user++ {
		for principal := int64(1); principal <= users; principal++ {
			if used[user] || used[principal] || !w.may(user, principal, seats[0]) {
				continue
			}
			more := map[int64]bool{user: true, principal: true}
			for id := range used {
				more[id] = true
			}
			if w.fillable(seats[1:], more) {
				return true
			}
		}
	}
	return false
}

func (w world) seats(level authority.Level) []int64 {
	n := max(level.Signatures, 1)
	if w.policy.Mode == authority.Parallel {
		n = max(n, w.policy.Needed)
	}
	return slices.Repeat([]int64{level.ID}, n)
}

func (w world) ownRank() int {
	rank := 0
	for _, level := range w.levels {
		if w.holds(w.request.RequesterID, level.ID) {
			rank = level.Rank
		}
	}
	return rank
}

// postingRank is the highest level whose own limit is the requester's by now.
func (w world) postingRank() int {
	rank := 0
	for _, level := range w.levels {
		if w.bound(w.request.RequesterID, level.ID, func(authority.Holder) bool { return true }) {
			rank = level.Rank
		}
	}
	return rank
}

func (w world) covers(level authority.Level) bool {
	total := w.request.Amount.Add(w.request.WindowTotal)
	return len(level.Limits) > 0 && (level.Limits[0].Max == nil || !total.GreaterThan(*level.Limits[0].Max))
}

func (w world) sufficient() int64 {
	for _, level := range w.levels {
		if level.Rank > w.ownRank() && w.covers(level) && w.fillable(w.seats(level), nil) {
			return level.ID
		}
	}
	return 0
}

func TestChainAgreesWithTheReference(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := worlds(t)
		got := w.chain(t)
		if got.OwnLimit {
			own := w.levels[w.postingRank()-1]
			if len(got.Steps) > 0 || !w.covers(own) || w.request.Counted().GreaterThan(own.Limits[0].OwnLimit) {
				t.Fatalf("own limit given: %+v", got)
			}
			return
		}
		want := w.sufficient()
		if got.SufficientLevelID != want || got.Orphan != (want == 0) {
			t.Fatalf("sufficient level %d, orphan %v; want %d", got.SufficientLevelID, got.Orphan, want)
		}
		if got.Orphan {
			return
		}
		if last := got.Steps[len(got.Steps)-1]; last.LevelID != want {
			t.Fatalf("last step is level %d, not %d", last.LevelID, want)
		}
		w.checkLevels(t, got)
	})
}

// checkLevels: the chain holds no level it need not, and leaves none out that it could ask.
func (w world) checkLevels(t *rapid.T, got authority.Result) {
	var seats []int64
	for _, step := range got.Steps {
		seats = append(seats, w.seats(w.levels[step.LevelID-1])...)
		for _, c := range step.Candidates {
			principal := c.OnBehalfOf
			if principal == 0 {
				principal = c.UserID
			}
			if !w.may(c.UserID, principal, step.LevelID) {
				t.Fatalf("candidate %+v at level %d", c, step.LevelID)
			}
		}
		if len(step.Candidates) < step.Needed {
			t.Fatalf("step %+v has too few", step)
		}
	}
	alone := w.policy.Mode == authority.Direct || w.policy.Mode == authority.Parallel && w.policy.Needed > 0
	if alone && len(got.Steps) != 1 {
		t.Fatalf("mode %s with %d steps", w.policy.Mode, len(got.Steps))
	}
	for _, level := range w.levels {
		inChain := slices.ContainsFunc(got.Steps, func(s authority.Step) bool { return s.LevelID == level.ID })
		if inChain && (level.Rank <= w.ownRank() || level.ID > got.SufficientLevelID || len(level.Limits) == 0) {
			t.Fatalf("level %d has no place in the chain", level.ID)
		}
		could := !alone && level.Rank > w.ownRank() && level.ID < got.SufficientLevelID && len(level.Limits) > 0
		if could && !inChain && w.fillable(append(w.seats(level), seats...), nil) {
			t.Fatalf("level %d is left out", level.ID)
		}
	}
	if len(got.Steps)+len(got.Skipped) != len(w.levels) {
		t.Fatalf("%d steps, %d skipped, %d levels", len(got.Steps), len(got.Skipped), len(w.levels))
	}
}

func TestAnyOrderOfDecisionsCompletes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := worlds(t)
		got := w.chain(t)
		if got.Orphan || got.OwnLimit {
			return
		}
		open, decided := got.Steps, map[int64]bool{}
		for len(open) > 0 {
			step := open[0]
			c := rapid.SampledFrom(step.Candidates).Draw(t, "decider")
			if err := authority.MayDecide(step, c.UserID, decided, w.request); err != nil {
				t.Fatalf("%+v refused: %v", c, err)
			}
			acting, err := authority.Acting(step, c.UserID, decided, w.request)
			if err != nil {
				t.Fatal(err)
			}
			decided[acting.UserID] = true
			if acting.OnBehalfOf != 0 {
				decided[acting.OnBehalfOf] = true
			}
			if open[0].Needed--; open[0].Needed == 0 {
				open = open[1:]
			}
			open = authority.Remaining(open, decided)
			for _, step := range open {
				if len(step.Candidates) < step.Needed {
					t.Fatalf("stuck at %+v", step)
				}
			}
		}
	})
}

func TestMoreMoneyNeverNeedsALowerLevel(t *testing.T) {
	t.Parallel()
	height := func(r authority.Result) int64 {
		switch {
		case r.OwnLimit:
			return 0
		case r.Orphan:
			return 99
		}
		return r.SufficientLevelID
	}
	rapid.Check(t, func(t *rapid.T) {
		w := worlds(t)
		less := height(w.chain(t))
		w.request.Amount = w.request.Amount.Add(decimal.NewFromInt(rapid.Int64Range(0, 50).Draw(t, "more")))
		if more := height(w.chain(t)); more < less {
			t.Fatalf("level %d became %d", less, more)
		}
	})
}
