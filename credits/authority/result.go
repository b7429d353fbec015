package authority

import "makegood/internal/errs"

// Rule is why something is as it is: a key of the message catalogue and its parameters.
type Rule struct {
	Key    string
	Params errs.Params
}

func ruleOf(key string, pairs ...string) Rule {
	params := make(errs.Params, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		params[pairs[i]] = pairs[i+1]
	}
	return Rule{Key: key, Params: params}
}

// Candidate is a person who may decide a step. OnBehalfOf is zero for one who holds the level, otherwise the
// user whose place they take.
type Candidate struct {
	UserID     int64
	Name       string
	OnBehalfOf int64
}

// principal is whose decision it is.
func (c Candidate) principal() int64 {
	if c.OnBehalfOf != 0 {
		return c.OnBehalfOf
	}
	return c.UserID
}

// Step is one decision of the chain. Steps of one Position are open at the same time.
type Step struct {
	Position  int
	LevelID   int64 // zero where a role decides
	LevelName string
	Role      string // empty where a level decides
	Rule      Rule
	// PolicyRule names the rule of the policy that asks for the step; empty where the policy has no rules.
	PolicyRule string
	// Also are further rules that this same step satisfies.
	Also       []Rule
	Candidates []Candidate
	// Needed is how many of the candidates must decide.
	Needed int
	rank   int
}

// SkippedLevel is a level the chain leaves out, and why.
type SkippedLevel struct {
	LevelID   int64
	LevelName string
	Reason    Rule
}

// Result is the chain of one request.
type Result struct {
	// Steps in order of position. Empty only when OwnLimit holds.
	Steps []Step
	// SufficientLevelID is the level whose limit covers the request; zero when there is none.
	SufficientLevelID int64
	// OwnLimit says that the requester may post without another decision; such requests are sampled afterwards.
	OwnLimit bool
	Skipped  []SkippedLevel
	// Orphan says that nobody can decide some step. That step is there, without candidates, so that the
	// chain cannot complete by mistake.
	Orphan bool
}
