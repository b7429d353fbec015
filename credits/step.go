package credits

import "time"

// StepID names a step of a request's chain.
type StepID int64

// StepState is where a step stands. A void step was left out when the chain was drawn anew or the request ended.
type StepState string

// The states of a step.
const (
	StepWaiting  StepState = "waiting"
	StepOpen     StepState = "open"
	StepApproved StepState = "approved"
	StepRejected StepState = "rejected"
	StepVoid     StepState = "void"
)

// Step is one decision of a chain, with the rule that put it there. Needed is how many must sign.
type Step struct {
	ID              StepID
	CreditRequestID ID
	ContentVersion  int
	Position        int
	LevelID         int64 // 0 where a role decides
	LevelName       string
	Role            string // "" where a level decides
	Stage           int    // steps of one stage are open at the same time
	PolicyRule      string // the rule of the policy that put it there
	PolicyVersion   int
	RuleKey         string
	RuleParams      map[string]string
	Needed          int
	State           StepState
	OpenedAt        *time.Time
	DecidedAt       *time.Time
	DueAt           *time.Time  // of its clock, where the request has a case; else by the policy
	RemindedAt      *time.Time  // of the present opening
	ClimbedAt       *time.Time  // when it went up because nobody decided in time
	Candidates      []Candidate `db:"-"`
	Decisions       []Decision  `db:"-"`
}

// Candidate is a person who may decide a step, in their own right or for somebody they stand in for.
type Candidate struct {
	StepID         StepID
	UserID         int64
	Name           string
	OnBehalfOf     *int64
	OnBehalfOfName string
}

// Verdict is how somebody decided.
type Verdict string

// The verdicts.
const (
	Approve Verdict = "approve"
	Reject  Verdict = "reject"
)

// Decision is what one person decided, over which content.
type Decision struct {
	ID              int64
	CreditRequestID ID
	ContentVersion  int
	StepID          StepID
	UserID          int64
	UserName        string
	OnBehalfOf      *int64
	OnBehalfOfName  string
	Decision        Verdict
	Comment         string
	Digest          []byte
	DecidedAt       time.Time
}
