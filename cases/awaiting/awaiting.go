// Package awaiting looks after cases that wait for an answer of the customer: it reminds them by mail, closes what stays unanswered, and
// opens it again by a signed link. Each legal entity says after how many days. Where that cannot be, it tells the desk instead.
package awaiting

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

// What is refused. ErrGone is told for a link that has expired or never was: which of them is nobody's business.
var (
	ErrGone    = errs.New(errs.NotFound, "awaiting.gone")
	ErrNoRules = errs.New(errs.NotFound, "awaiting.no_entity")
	ErrStale   = errs.New(errs.Conflict, "awaiting.stale")
)

// Services are the doors behind it.
type Services struct {
	DB      *db.DB
	Billing *billing.Service
	Cases   *cases.Service
	Inbox   *inbox.Service
}

// Service reminds, closes and opens again. It is safe for concurrent use.
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

// lookEvery is how often cases without an answer are looked for.
const lookEvery = time.Minute

// Register has customers reminded and unanswered cases closed.
func (s *Service) Register(r *jobs.Registry) {
	jobs.Handle(r, s.look)
	jobs.Repeat(r, lookEvery, Look{})
}

// token is the link's part that says which case it is about, with a signature over it and the moment it expires at.
func (s *Service) token(id cases.ID, until time.Time) string {
	name := strconv.FormatInt(int64(id), 10)
	return name + "." + s.keys.Sign("reopen", name, stamp(until))
}

func stamp(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }

// holds tells whether a token is the one that was mailed.
func (s *Service) holds(token string, until time.Time) bool {
	name, tag, _ := strings.Cut(token, ".")
	return s.keys.Verify(tag, "reopen", name, stamp(until))
}
