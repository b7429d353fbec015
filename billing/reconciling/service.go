package reconciling

import (
	"context"

	"makegood/billing"
	"makegood/internal/db"
	"makegood/internal/jobs"
)

// Service is the way into reconciliations. It is safe for concurrent use.
type Service struct {
	db      *db.DB
	billing *billing.Service
}

// New makes the service.
func New(d *db.DB, b *billing.Service) *Service { return &Service{db: d, billing: b} }

// Compare is the job that reads a run's file and compares it with the books.
type Compare struct {
	ID ID `json:"id"`
}

// Kind names the job.
func (Compare) Kind() string { return "billing.reconcile" }

// Unique keeps a run from being queued twice.
func (Compare) Unique() bool { return true }

// DifferenceFound tells those who keep cases that somebody wants one about a finding.
type DifferenceFound struct {
	Finding FindingID `json:"finding"`
}

// Kind names the job.
func (DifferenceFound) Kind() string { return "billing.difference_found" }

// Unique keeps a finding from being told twice.
func (DifferenceFound) Unique() bool { return true }

// Register tells the job runner what this package works.
func (s *Service) Register(r *jobs.Registry) {
	jobs.Handle(r, func(ctx context.Context, job Compare) error { return s.Work(ctx, job.ID) })
}
