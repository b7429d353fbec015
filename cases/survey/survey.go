// Package survey asks a customer, once a case is settled, how it went: by one mail with a signed link to a page that asks. What the
// customer answers stands beside the case and in the reports. Each legal entity says whether its customers are asked, and when.
package survey

import (
	"log/slog"
	"strconv"
	"strings"
	"time"

	"makegood/billing"
	"makegood/cases"
	"makegood/inbox"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/jobs"
	"makegood/internal/secrets"
)

// What surveys refuse. ErrGone is told for a link that has expired or never was: which of them is nobody's business.
var (
	ErrGone     = errs.New(errs.NotFound, "survey.gone")
	ErrNoRules  = errs.New(errs.NotFound, "surveys.no_entity")
	ErrStale    = errs.New(errs.Conflict, "surveys.stale")
	ErrNotAsked = errs.New(errs.NotFound, "surveys.not_asked")
)

// The scores a customer can give.
const (
	Lowest  = 1
	Highest = 5
	// Satisfied is the lowest score that reports count as a satisfied customer.
	Satisfied = 4
	// poor is the highest score of which those who answer for the case are told at once.
	poor = 2
)

// LongestComment is how many characters a customer may write beside the score.
const LongestComment = 2000

// Services are the doors behind surveys.
type Services struct {
	DB      *db.DB
	Billing *billing.Service
	Cases   *cases.Service
	Inbox   *inbox.Service
}

// Service asks and takes in answers. It is safe for concurrent use.
type Service struct {
	Services
	keys      secrets.Keys
	publicURL string
	logger    *slog.Logger
}

// New makes the service. The links in its letters begin with publicURL and are signed with keys.
func New(s Services, keys secrets.Keys, publicURL string, logger *slog.Logger) *Service {
	return &Service{Services: s, keys: keys, publicURL: publicURL, logger: logger}
}

// askEvery is how often settled cases are looked for.
const askEvery = 5 * time.Minute

// Register has customers asked about the cases that are settled for long enough.
func (s *Service) Register(r *jobs.Registry) {
	jobs.Handle(r, s.ask)
	jobs.Repeat(r, askEvery, Ask{})
}

// Survey is the question about a case, or why nobody was asked, and the answer.
type Survey struct {
	CaseID            cases.ID
	EntityID          billing.EntityID
	AgentID           *int64
	ResolvedAt        time.Time
	SettledAt         time.Time
	LeftOut           LeftOut
	Address           string
	Name              string
	Language          string
	OutgoingMessageID *int64
	ExpiresAt         *time.Time
	Score             *int
	Comment           string
	AnsweredAt        *time.Time
	ChangedAt         *time.Time
}

// LeftOut is why the customer of a settled case was not asked; empty for one who was.
type LeftOut string

// The reasons to ask nobody.
const (
	Nobody      LeftOut = "nobody"       // no person on the customer's side who takes part wrote to us in the case
	Dead        LeftOut = "dead"         // mail to the address comes back
	AskedLately LeftOut = "asked_lately" // about another case
)

// token is the link's part that says which case it is about, with a signature over it and the moment it expires at.
func (s *Service) token(id cases.ID, expires time.Time) string {
	name := strconv.FormatInt(int64(id), 10)
	return name + "." + s.keys.Sign("survey", name, stamp(expires))
}

func stamp(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }

// holds tells whether a token is the one that was mailed about a case.
func (s *Service) holds(token string, about Survey) bool {
	name, tag, _ := strings.Cut(token, ".")
	return about.ExpiresAt != nil && s.keys.Verify(tag, "survey", name, stamp(*about.ExpiresAt))
}
