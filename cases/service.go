package cases

import (
	"log/slog"
	"time"

	"makegood/billing"
	"makegood/inbox"
	"makegood/inbox/scan"
	"makegood/internal/db"
	"makegood/internal/jobs"
)

// Options tunes the service. Zero values mean the defaults.
type Options struct {
	UndoWindow time.Duration // how long a reply can be taken back; 0 means 10 s
	CloseAfter time.Duration // a resolved case is closed after this; 0 means 14 days
	Scanner    scan.Scanner  // looks at files before they are added to a reply or note; nil means that nobody does
}

// Service is the one way into cases. It is safe for concurrent use.
type Service struct {
	db       *db.DB
	billing  *billing.Service
	inbox    *inbox.Service
	logger   *slog.Logger
	options  Options
	policies *policyCache
	timers   *gathering
}

// New makes the service. At most one Options is looked at.
func New(d *db.DB, b *billing.Service, i *inbox.Service, logger *slog.Logger, options ...Options) *Service {
	var o Options
	if len(options) > 0 {
		o = options[0]
	}
	if o.UndoWindow == 0 {
		o.UndoWindow = 10 * time.Second
	}
	if o.CloseAfter == 0 {
		o.CloseAfter = 14 * 24 * time.Hour
	}
	s := &Service{db: d, billing: b, inbox: i, logger: logger, options: o, policies: newPolicyCache()}
	s.timers = &gathering{now: d.Now, work: s.lookAtClocks}
	b.OnLeft(leftTx)
	return s
}

// Register tells the job runner what this package works: the timers of clocks, and the sweeper that finds what has none.
func (s *Service) Register(r *jobs.Registry) {
	jobs.Handle(r, s.checkClock)
	jobs.Handle(r, s.sweepClocks)
	jobs.Handle(r, s.tellControllers)
	jobs.Handle(r, s.tellOfPromise)
	jobs.Handle(r, s.workBulk)
	jobs.Handle(r, s.moveClocks)
	jobs.Handle(r, s.simulateDraft)
	jobs.Handle(r, s.followUpDue)
	jobs.Handle(r, s.handOut)
	jobs.Repeat(r, handOutEvery, HandOut{})
	jobs.Repeat(r, time.Minute, SweepClocks{})
}
