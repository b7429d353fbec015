package authority

import "slices"

// Nobody decides twice in one chain, neither as a person nor through a stand-in: a decision by B for A uses
// up both. This file finds out whether the steps of a chain can still all be decided under that rule.

// seats is the part of a chain that is still to be decided.
type seats []Step

func (s seats) needed() int {
	n := 0
	for _, step := range s {
		n += step.Needed
	}
	return n
}

// scarce keeps the steps that could run out of people. One with so many holders of its own that all other
// seats together cannot use them up is left out, since it can always be filled last.
func (s seats) scarce() seats {
	rest := slices.Clone(s)
	for {
		total := rest.needed()
		kept := slices.DeleteFunc(slices.Clone(rest), func(step Step) bool { return step.plenty(total) })
		if len(kept) == len(rest) {
			return rest
		}
		rest = kept
	}
}

// plenty holds when all other seats, each using up at most two people, leave enough holders for this step.
func (s Step) plenty(total int) bool { return direct(s.Candidates) >= 2*(total-s.Needed)+s.Needed }

func direct(candidates []Candidate) int {
	n := 0
	for _, c := range candidates {
		if c.OnBehalfOf == 0 {
			n++
		}
	}
	return n
}

// feasible says whether every seat can be given to somebody.
func (s seats) feasible() bool { return s.scarce().fill(nil) }

// fill tries the step with the fewest people left first, so that a dead end shows at once.
func (s seats) fill(used map[int64]bool) bool {
	at, fewest := -1, 0
	for i, step := range s {
		if step.Needed == 0 {
			continue
		}
		n := 0
		for _, c := range step.Candidates {
			if c.free(used) {
				n++
			}
		}
		if n < step.Needed {
			return false
		}
		if at < 0 || n-step.Needed < fewest {
			at, fewest = i, n-step.Needed
		}
	}
	if at < 0 {
		return true
	}
	rest := slices.Clone(s)
	rest[at].Needed--
	for _, c := range s[at].Candidates {
		if c.free(used) && rest.fill(c.use(used)) {
			return true
		}
	}
	return false
}

// Decidable tells whether the rest of a chain can be decided: every signature it asks for by somebody of its candidates, nobody twice.
func Decidable(open []Step) bool { return seats(open).feasible() }

func (c Candidate) free(used map[int64]bool) bool {
	return !used[c.UserID] && (c.OnBehalfOf == 0 || !used[c.OnBehalfOf])
}

func (c Candidate) use(used map[int64]bool) map[int64]bool {
	more := make(map[int64]bool, len(used)+2)
	for id := range used {
		more[id] = true
	}
	more[c.UserID] = true
	if c.OnBehalfOf != 0 {
		more[c.OnBehalfOf] = true
	}
	return more
}

// Remaining gives the steps that are still open with the candidates who may decide them now: those whose
// decision leaves somebody for every other open step. Decided holds everyone used so far, and with a
// stand-in also the one they stood in for. Needed must already be lowered by the decisions a step has.
// Call it after each decision; as long as deciders are taken from its answer, the chain cannot get stuck.
func Remaining(open []Step, decided map[int64]bool) []Step {
	left := make(seats, len(open))
	for i, step := range open {
		left[i] = step
		left[i].Candidates = slices.DeleteFunc(slices.Clone(step.Candidates), func(c Candidate) bool { return !c.free(decided) })
	}
	total := left.needed()
	scarce := slices.ContainsFunc(left, func(step Step) bool { return !step.plenty(total) })
	if !scarce || !left.feasible() {
		return left
	}
	pruned := slices.Clone(left)
	for i := range left {
		pruned[i].Candidates = slices.DeleteFunc(slices.Clone(left[i].Candidates), func(c Candidate) bool {
			rest := slices.Clone(left)
			rest[i].Needed--
			return !rest.fill(c.use(nil))
		})
	}
	return pruned
}
