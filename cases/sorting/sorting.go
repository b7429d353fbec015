// Package sorting finds out what a message is about. A desk's own ordered rules come first (rules), then a model that
// learned from decided cases and a starter set (classify, starter). From the threshold on the model decides; below it only
// suggests. What a person says afterwards is evidence to learn from.
package sorting

import (
	"log/slog"
	"sync/atomic"
	"time"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/sorting/rules"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/jobs"
)

// Threshold is the confidence from which a model decides where nobody has set another.
const Threshold = 0.75

// What sorting refuses, beside what a field of the input is refused for.
var (
	ErrNoRule     = errs.New(errs.NotFound, "sorting.no_rule")
	ErrNoModel    = errs.New(errs.NotFound, "sorting.no_model")
	ErrStaleRules = errs.New(errs.Conflict, "sorting.stale_rules")
	ErrStaleState = errs.New(errs.Conflict, "sorting.stale_state")
)

// DecidedBy says what decided about a topic.
type DecidedBy string

// What can decide. Words are the fixed words of the intake, which speak where neither rule nor model is sure.
const (
	ByRule    DecidedBy = "rule"
	ByModel   DecidedBy = "model"
	ByWords   DecidedBy = "words"
	ByNothing DecidedBy = "nothing"
	ByPerson  DecidedBy = "person"
)

// Guess is a topic with a confidence from 0 to 1.
type Guess struct {
	Topic      string  `json:"topic"`
	Confidence float64 `json:"confidence"`
}

// Sorting is how a message was sorted when it came. Topic and Type are what was decided, Guess and Confidence what the model
// said, Words what decided, Others what the model held possible beside its guess.
type Sorting struct {
	ID               int64
	InboundMessageID *int64
	CaseID           *cases.ID
	DecidedBy        DecidedBy
	Topic            string
	Type             cases.Type
	Guess            string
	Confidence       float64
	Words            []string
	Others           []Guess
	RuleSet          *int64
	RuleID           int64
	RuleName         string
	ModelID          *int64
	SortedAt         time.Time
}

// Suggests tells that the model would say something else than was decided.
func (s Sorting) Suggests() bool { return s.Guess != "" && s.Guess != s.Topic }

// RuleSet is one version of the ordered list of rules. Version 0 is the empty list of a new company.
type RuleSet struct {
	Version     int64
	Rules       []rules.Rule
	Change      string
	RuleID      int64
	ChangedAt   time.Time
	ChangedBy   int64
	ChangedName string
}

// State says which model decides, from which confidence on. Version 0 is a new company's: no model yet.
type State struct {
	Version     int64
	ModelID     *int64
	Threshold   float64
	Change      string
	ChangedAt   time.Time
	ChangedBy   int64
	ChangedName string
}

// Service is safe for concurrent use.
type Service struct {
	db      *db.DB
	cases   *cases.Service
	inbox   *inbox.Service
	billing *billing.Service
	logger  *slog.Logger
	desk    atomic.Pointer[Desk]
}

// New makes the service.
func New(d *db.DB, c *cases.Service, i *inbox.Service, b *billing.Service, logger *slog.Logger) *Service {
	return &Service{db: d, cases: c, inbox: i, billing: b, logger: logger}
}

// Train asks for a model to be learned. The job learns only when there is something new; Wanted, the id of a person who
// pressed the button, has it learn anyway.
type Train struct {
	Wanted int64
}

// Kind names the job.
func (Train) Kind() string { return "sorting.train" }

// Unique says that one training at a time is enough.
func (Train) Unique() bool { return true }

// Register registers the jobs: training, every six hours if there is something new to learn.
func (s *Service) Register(r *jobs.Registry) {
	jobs.Handle(r, s.train)
	jobs.Repeat(r, 6*time.Hour, Train{})
}

// words are what results of rules may say.
func words() rules.Vocabulary {
	var v rules.Vocabulary
	for _, t := range cases.Types() {
		v.Types = append(v.Types, string(t))
	}
	for _, p := range []cases.Priority{cases.P1, cases.P2, cases.P3, cases.P4} {
		v.Priorities = append(v.Priorities, string(p))
	}
	return v
}

func mayManage(by access.Actor) error { return access.Can(by, access.ManageSorting, access.Object{}) }
