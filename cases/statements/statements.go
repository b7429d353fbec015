// Package statements sends statements of account to customers by mail: by the hand of whoever works on their account, or each month to the
// customers who want them. What is attached is the very paper that is kept.
package statements

import (
	"log/slog"
	"time"

	"makegood/billing"
	"makegood/inbox"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/jobs"
)

// What sending statements refuses.
var (
	ErrNoEntity  = errs.New(errs.NotFound, "statements.no_entity")
	ErrStale     = errs.New(errs.Conflict, "statements.stale")
	ErrNoSending = errs.New(errs.NotFound, "statements.no_sending")
	ErrLeft      = errs.New(errs.Conflict, "statements.left")
	ErrMoved     = errs.New(errs.Conflict, "statements.moved") // whom it goes to has changed since it was written
)

// errNotDrawn is of a statement or letter that could not be made of what the books say, however often it is tried.
var errNotDrawn = errs.New(errs.Invalid, "statements.not_drawn")

// Services are the doors behind statements by mail.
type Services struct {
	DB      *db.DB
	Billing *billing.Service
	Inbox   *inbox.Service
}

// Service sends statements. It is safe for concurrent use.
type Service struct {
	Services
	undo   time.Duration
	logger *slog.Logger
}

// usualUndo is how long what a person sends can be taken back.
const usualUndo = 10 * time.Second

// New makes the service. What a person sends leaves after undo; 0 means 10 s.
func New(s Services, undo time.Duration, logger *slog.Logger) *Service {
	if undo == 0 {
		undo = usualUndo
	}
	return &Service{Services: s, undo: undo, logger: logger}
}

// lookEvery is how often it is asked whether a month's statements are due.
const lookEvery = 10 * time.Minute

// Register has the statements sent that are due.
func (s *Service) Register(r *jobs.Registry) {
	jobs.Handle(r, s.look)
	jobs.Handle(r, s.round)
	jobs.Repeat(r, lookEvery, Look{})
}

// LeftOut is why a customer who wants statements got none in a month; empty for one who did.
type LeftOut string

// The reasons to send nothing.
const (
	NoContact   LeftOut = "no_contact"   // nobody of the customer's people is known
	DeadAddress LeftOut = "dead_address" // mail to whom it would go to comes back
	NotDrawn    LeftOut = "not_drawn"    // the statement could not be made; the log says why
)
