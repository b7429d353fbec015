package helpdesk

import (
	"log/slog"
	"time"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/jobs"
)

// Services are the doors behind the past.
type Services struct {
	DB      *db.DB
	Billing *billing.Service
	Cases   *cases.Service
}

// Service brings the past of another helpdesk in. It is safe for concurrent use.
type Service struct {
	Services
	logger *slog.Logger
}

// New makes the service.
func New(s Services, logger *slog.Logger) *Service { return &Service{Services: s, logger: logger} }

// Register tells the job runner what is worked here.
func (s *Service) Register(r *jobs.Registry) { jobs.Handle(r, s.bringGiven) }

// ImportID names files brought in together.
type ImportID int64

// Topic is the live topic of one import.
func (id ImportID) Topic() string { return "case-import:" + itoa(int(id)) }

// State is how far an import has come.
type State string

// The states.
const (
	Planned   State = "planned"
	Running   State = "running"
	Done      State = "done"
	Failed    State = "failed"
	Discarded State = "discarded"
)

// Input says what is brought in, and by whom.
type Input struct {
	Format       Format
	System       string // the name of the installation; "" means that of the format
	EntityID     billing.EntityID
	DateOrder    string
	AllOrNothing bool
	By           access.Actor
}

// Counts are of cases, by what is to become or became of them; Messages, Orphans are of what was said in them.
type Counts struct {
	Read     int        `json:"read"`
	Closed   int        `json:"closed"`
	Open     int        `json:"open"`
	Messages int        `json:"messages"`
	Known    int        `json:"known"` // here already, and left as they are
	Untied   int        `json:"untied"`
	Refused  int        `json:"refused"`
	Brought  int        `json:"brought"`
	Deleted  int        `json:"deleted,omitempty"`
	Orphans  int        `json:"orphans,omitempty"`
	Bare     int        `json:"bare,omitempty"`
	From     *time.Time `json:"from,omitempty"`
	To       *time.Time `json:"to,omitempty"`
}

// Import is files of one helpdesk brought in together.
type Import struct {
	ID           ImportID
	Format       Format
	System       string
	EntityID     billing.EntityID
	Filename     string
	DateOrder    string
	AllOrNothing bool
	State        State
	Counts       Counts
	Failure      *Failure
	CreatedBy    int64
	CreatedName  string
	CreatedAt    time.Time
	TouchedAt    time.Time
	FinishedAt   *time.Time
}

// Failure is why an import as a whole came to nothing.
type Failure struct {
	Key    string      `json:"key"`
	Params errs.Params `json:"params,omitempty"`
}

// Refused is a refusal as it is kept.
type Refused struct {
	Position int
	File     string
	Row      int
	Number   string
	Key      string
	Params   errs.Params
}

// What imports refuse.
var (
	ErrNoImport = errs.New(errs.NotFound, "case.past.no_import")
	ErrState    = errs.New(errs.Conflict, "case.past.state")
	ErrRejected = errs.New(errs.Conflict, "case.past.rejected")
	ErrNoFile   = errs.InvalidField("file", "case.past.no_file")
)

// may is the right to bring cases in: it is part of setting the desk up.
func (in Input) may() error {
	return access.Can(in.By, access.Administer, access.Object{EntityID: int64(in.EntityID)})
}

// named is the input with the name that its system has where none is given.
func (in Input) named() Input {
	if in.System = line(in.System); in.System == "" {
		in.System = string(in.Format)
	}
	return in
}

// input is an import as it was asked for.
func (i Import) input() Input {
	return Input{
		Format: i.Format, System: i.System, EntityID: i.EntityID, DateOrder: i.DateOrder, AllOrNothing: i.AllOrNothing, By: access.SystemActor("helpdesk"),
	}
}
