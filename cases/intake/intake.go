// Package intake gives every stored message its one fate: it finds out whose case a mail belongs to, or opens one tied
// to customer and invoice. What it decides is pure (Decide, Match, Sorter); what it does is one transaction a message.
package intake

import (
	"log/slog"
	"time"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/sorting"
	"makegood/inbox"
	"makegood/inbox/parse"
	"makegood/inbox/scan"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/jobs"
)

// Options tunes the intake. Zero values mean the defaults.
type Options struct {
	// TrustedReceivers are the authserv-ids of our own mail servers: only their Authentication-Results count.
	TrustedReceivers []string
	// PublicURL is where customers reach us; links in mails begin with it.
	PublicURL string
	// Parse bounds the parser. What numbers look like is the desk's to know.
	Parse parse.Options
	// Scanner looks at every message before it is delivered; nil means that nobody does.
	Scanner scan.Scanner
	// Longest is how long one message may take to be understood; 0 means 8 minutes, less than its job may take.
	Longest time.Duration
	// Sorting finds out what messages are about; nil has the intake make its own.
	Sorting *sorting.Service
}

// Intake is safe for concurrent use.
type Intake struct {
	db      *db.DB
	inbox   *inbox.Service
	cases   *cases.Service
	billing *billing.Service
	logger  *slog.Logger
	options Options
	sorter  *Sorter
	sorting *sorting.Service
}

// Sorting is the service that tells the intake what messages are about.
func (i *Intake) Sorting() *sorting.Service { return i.sorting }

// New makes the intake.
func New(d *db.DB, i *inbox.Service, c *cases.Service, b *billing.Service, logger *slog.Logger, o Options) *Intake {
	if o.Sorting == nil {
		o.Sorting = sorting.New(d, c, i, b, logger)
	}
	if o.Longest == 0 {
		o.Longest = 8 * time.Minute
	}
	return &Intake{db: d, inbox: i, cases: c, billing: b, logger: logger, options: o, sorter: NewSorter(), sorting: o.Sorting}
}

// SweepPending looks for messages without a fate whose job was lost.
type SweepPending struct{}

// Kind names the job.
func (SweepPending) Kind() string { return "intake.sweep_pending" }

// Takes is how long the job may take: each message has the time that it has elsewhere.
func (SweepPending) Takes() time.Duration { return time.Hour }

// Register tells the job runner what this package works: messages that arrived, and the sweeper that finds those
// whose job was lost.
func (i *Intake) Register(r *jobs.Registry) {
	jobs.Handle(r, i.Handle)
	jobs.Handle(r, i.HandleAll)
	jobs.Handle(r, i.readerRefused)
	jobs.Handle(r, i.sweepPending)
	i.sorting.Register(r)
	jobs.Repeat(r, 5*time.Minute, SweepPending{})
}

// system is who acts when no person does.
func system() access.Actor { return access.SystemActor("intake") }
