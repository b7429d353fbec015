package credits

import (
	"log/slog"
	"time"

	"makegood/billing"
	"makegood/cases"
	"makegood/inbox"
	"makegood/internal/db"
	"makegood/internal/jobs"
	"makegood/internal/people"
)

// nightly is how often what nobody could decide is looked for, beside every change of who may.
const nightly = 24 * time.Hour

// Service is the one way into credits. It is safe for concurrent use.
type Service struct {
	db      *db.DB
	billing *billing.Service
	cases   *cases.Service
	inbox   *inbox.Service
	people  *people.Service
	logger  *slog.Logger

	together together
	rulebook rulebook
}

// New makes the service.
func New(d *db.DB, b *billing.Service, c *cases.Service, i *inbox.Service, p *people.Service, logger *slog.Logger) *Service {
	s := &Service{db: d, billing: b, cases: c, inbox: i, people: p, logger: logger}
	b.SignImportsBy(s.signsImport)
	return s
}

// Register tells the job runner what this package works: the posting of what was approved, the document, and a
// sweep for requests whose approvers went away or whose posting got lost. When somebody comes or goes, the sweep is asked for at once.
func (s *Service) Register(r *jobs.Registry) {
	s.people.OnMove(lookAgainTx)
	s.people.OnRetire(s.refuseRetiredTx)
	jobs.Handle(r, s.Post)
	jobs.Handle(r, s.Render)
	jobs.Handle(r, s.sweep)
	jobs.Repeat(r, time.Minute, Sweep{})
	jobs.Handle(r, s.checkCoverage)
	jobs.Repeat(r, nightly, CheckCoverage{})
}
