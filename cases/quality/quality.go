// Package quality is how supervisors see how well cases are settled: each week a sample is drawn of what every agent settled, a supervisor
// scores each by a card and writes what the agent is to know, and the agent reads it. Nobody reviews themselves.
package quality

import (
	"log/slog"
	"time"

	"makegood/cases"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/jobs"
)

// What quality refuses.
var (
	ErrNoCard       = errs.New(errs.Conflict, "quality.no_card")
	ErrStale        = errs.New(errs.Conflict, "quality.stale")
	ErrNoTeam       = errs.New(errs.NotFound, "quality.no_team")
	ErrNoReview     = errs.New(errs.NotFound, "quality.no_review")
	ErrNoWeek       = errs.New(errs.NotFound, "quality.no_week")
	ErrReviewed     = errs.New(errs.Conflict, "quality.reviewed")
	ErrNotSettled   = errs.New(errs.Conflict, "quality.not_settled")
	ErrOwnCase      = errs.New(errs.Forbidden, "quality.own_case")
	ErrNotYours     = errs.New(errs.Forbidden, "quality.not_yours")
	ErrAcknowledged = errs.New(errs.Conflict, "quality.acknowledged")
)

// Services are the doors behind quality.
type Services struct {
	DB    *db.DB
	Cases *cases.Service
}

// Service draws, takes in reviews and shows them. It is safe for concurrent use.
type Service struct {
	Services
	logger *slog.Logger
}

// New makes the service.
func New(s Services, logger *slog.Logger) *Service { return &Service{Services: s, logger: logger} }

// drawEvery is how often it is looked whether a week is over.
const drawEvery = time.Hour

// Register has the weeks drawn.
func (s *Service) Register(r *jobs.Registry) {
	jobs.Handle(r, s.draw)
	jobs.Repeat(r, drawEvery, Draw{})
}
