// Package erasure hands over, and takes away, what is kept about a person outside the desk. Figures, numbers, hashes and chains stay.
package erasure

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/intake"
	"makegood/cases/portal"
	"makegood/cases/survey"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/blob"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/jobs"
	"makegood/internal/personal"
)

// What erasures are refused with, beside fields and what the inbox waits for.
var (
	ErrNoErasure = errs.New(errs.NotFound, "erasure.no_such")
	ErrNoHold    = errs.New(errs.NotFound, "erasure.no_such_hold")
	ErrOwn       = errs.New(errs.Forbidden, "erasure.second_person")
	ErrNotYours  = errs.New(errs.Forbidden, "erasure.not_yours")
	ErrDecided   = errs.New(errs.Conflict, "erasure.decided")
	ErrLifted    = errs.New(errs.Conflict, "erasure.hold_lifted")
	ErrHeld      = errs.New(errs.Conflict, "erasure.held")
	// ErrCopyTooLarge says how much there is, and that the command line makes it.
	ErrCopyTooLarge = errs.New(errs.TooLarge, "erasure.copy_too_large")
	ErrOpenCases    = errs.New(errs.Conflict, "erasure.cases_open")
	ErrNobody       = errs.New(errs.NotFound, "erasure.nothing_kept")
	ErrUnderWay     = errs.New(errs.Conflict, "erasure.under_way")
	ErrWaits        = errs.New(errs.Conflict, "erasure.other_names")
)

// ID names an erasure.
type ID int64

// State is how far an erasure has come.
type State string

// The states. What is agreed is done as soon as nothing stands in its way.
const (
	Asked     State = "asked"
	Agreed    State = "agreed"
	Done      State = "done"
	Refused   State = "refused"
	Withdrawn State = "withdrawn"
)

// Erasure is one, with who asked and who decided. Whom it is about is empty once it is over.
type Erasure struct {
	ID            ID
	Addresses     []string
	Names         []string
	NamesTyped    bool // their parts go too
	Reason        string
	State         State
	AskedBy       int64
	AskedByName   string
	AskedAt       time.Time
	DecidedBy     *int64
	DecidedByName string
	DecidedAt     *time.Time
	DecisionNote  string
	Obstacle      string // the key of why what was agreed is not done yet
	// ObstacleParams are of that key.
	ObstacleParams map[string]string
	DoneAt         *time.Time
	Counts         map[string]int // what was erased, by kind
}

// Services are the rooms whose tables hold what is kept about people.
type Services struct {
	DB      *db.DB
	Billing *billing.Service
	Cases   *cases.Service
	Inbox   *inbox.Service
	Intake  *intake.Intake
	Portal  *portal.Service
	Survey  *survey.Service
	Files   *blob.Store
	// Hash is what a message is as evidence of a credit.
	Hash func(cases.MessageAsWas) []byte
}

// Service is safe for concurrent use, also by several processes.
type Service struct {
	Services
	logger *slog.Logger
}

// New makes the service.
func New(s Services, logger *slog.Logger) *Service { return &Service{Services: s, logger: logger} }

// Register has what was agreed done, and tried again while something stands in its way.
func (s *Service) Register(r *jobs.Registry) {
	jobs.Handle(r, s.erase)
	jobs.Handle(r, s.resume)
	jobs.Handle(r, func(ctx context.Context, in RemoveFiles) error { return s.Files.Forget(ctx, in.SHA256) })
	jobs.Repeat(r, time.Hour, Resume{})
}

// may lets those in who see every legal entity: a person may have written to any of them.
func may(by access.Actor) error {
	if err := access.Can(by, access.ErasePeople, access.Object{}); err != nil {
		return err
	}
	if len(by.SeenEntities()) > 0 {
		return errs.New(access.ErrForbidden.Kind, access.ErrForbidden.Key, "action", string(access.ErasePeople))
	}
	return access.Proven(by)
}

// Who is a person as they are asked about: one or more addresses, and the names to take out of texts beside. Where Names is nil it is those that are
// kept with the addresses, which are taken out as a whole only; where it is empty, none.
type Who struct {
	Addresses []string
	Names     []string
	typed     bool
}

// person is who it is for the rooms.
func (w Who) person(id ID) personal.Person {
	return personal.Person{Erasure: int64(id), Addresses: w.Addresses, Names: w.Names, Typed: w.typed}
}

const (
	mostAddresses = 10
	longestName   = 200
)

func (w Who) tidied() (Who, error) {
	out := Who{Addresses: []string{}, typed: w.Names != nil}
	if w.Names != nil {
		out.Names = []string{}
	}
	for _, a := range w.Addresses {
		a = strings.ToLower(strings.TrimSpace(a))
		if a == "" {
			continue
		}
		if parsed, err := mail.ParseAddress(a); err != nil || parsed.Address != a || len(a) > 320 {
			return out, errs.InvalidField("addresses", "erasure.bad_address", "address", a)
		}
		out.Addresses = append(out.Addresses, a)
	}
	for _, n := range w.Names {
		if n = strings.Join(strings.Fields(n), " "); n != "" {
			out.Names = append(out.Names, n)
		}
	}
	slices.Sort(out.Addresses)
	slices.Sort(out.Names)
	out.Addresses, out.Names = slices.Compact(out.Addresses), slices.Compact(out.Names)
	switch {
	case len(out.Addresses) == 0:
		return out, errs.InvalidField("addresses", "error.required")
	case len(out.Addresses) > mostAddresses, len(out.Names) > mostAddresses:
		return out, errs.InvalidField("addresses", "erasure.too_many", "most", strconv.Itoa(mostAddresses))
	case slices.ContainsFunc(out.Names, func(n string) bool { return len(n) < 2 || len(n) > longestName }):
		return out, errs.InvalidField("names", "erasure.bad_name")
	}
	return out, nil
}

// named gives somebody the names that are kept with their addresses, where nobody said which. A name with the name of a customer or of a legal entity
// in it, or that is a part of one, may be no person's, and one word alone may be a word of any text: such a name is taken out only when somebody asks for it.
func (s *Service) named(ctx context.Context, r db.Reader, w Who) (Who, error) {
	if w.Names != nil {
		return w, nil
	}
	names, err := db.Values[string](ctx, r, `with kept as materialized (select distinct btrim(regexp_replace(name, '\s+', ' ', 'g')) as name from (select name from contacts where email = any ($1)
				union all select name from case_participants where address = any ($1)
				union all select sender_name from inbound_messages where lower(sender) = any ($1)) n
			where length(name) <= $2 and name ~ '\S\s+\S' and name !~ '@'),
			firms as (select name from customers union all select name from legal_entities),
			words as (select f.words from (select ' ' || btrim(regexp_replace(lower(name), '[^[:alnum:]]+', ' ', 'g')) || ' ' as words from firms) f where f.words <> '  ')
		select k.name from kept k, lateral (select ' ' || btrim(regexp_replace(lower(k.name), '[^[:alnum:]]+', ' ', 'g')) || ' ' as words) own
		where own.words <> '  ' and not exists (select from words w where position(w.words in own.words) > 0 or position(own.words in w.words) > 0) order by 1 limit $3`,
		w.Addresses, longestName, mostAddresses)
	if err != nil {
		return w, fmt.Errorf("read names: %w", err)
	}
	w.Names = append([]string{}, names...)
	slices.Sort(w.Names) // as those that were typed
	return w, nil
}

// outside refuses addresses that are ours: of our mailboxes and legal entities, and of who works at the desk.
func (s *Service) outside(ctx context.Context, r db.Reader, addresses []string) error {
	ours, err := s.Inbox.OwnAddresses(ctx)
	if err != nil {
		return err
	}
	staff, err := db.Values[string](ctx, r, `select lower(email) from users where lower(email) = any ($1)`, addresses)
	if err != nil {
		return fmt.Errorf("look for people of the desk: %w", err)
	}
	for _, a := range addresses {
		if slices.Contains(ours, a) || slices.Contains(staff, a) {
			return errs.InvalidField("addresses", "erasure.our_address", "address", a)
		}
	}
	return nil
}

const erasureRows = `select e.id, e.addresses, e.names, e.names_typed, e.reason, e.state, e.asked_by, a.name as asked_by_name, e.asked_at, e.decided_by, coalesce(d.name, '') as decided_by_name,
		e.decided_at, e.decision_note, e.obstacle, e.obstacle_params, e.done_at, e.counts
	from erasures e join users a on a.id = e.asked_by left join users d on d.id = e.decided_by `

// List is of the latest erasures, those that wait before all others; at most 200.
func (s *Service) List(ctx context.Context, by access.Actor) ([]Erasure, error) {
	if err := may(by); err != nil {
		return nil, err
	}
	list, err := db.List[Erasure](ctx, s.DB, erasureRows+`order by e.state not in ('asked','agreed'), e.id desc limit 200`)
	if err != nil {
		return nil, fmt.Errorf("list erasures: %w", err)
	}
	return list, nil
}

// ByID reads one; ErrNoErasure when there is none.
func (s *Service) ByID(ctx context.Context, by access.Actor, id ID) (Erasure, error) {
	if err := may(by); err != nil {
		return Erasure{}, err
	}
	return byID(ctx, s.DB, id, "")
}

func byID(ctx context.Context, r db.Reader, id ID, lock string) (Erasure, error) {
	e, err := db.One[Erasure](ctx, r, erasureRows+`where e.id = $1 `+lock, id)
	if errors.Is(err, db.ErrNoRow) {
		return e, ErrNoErasure
	}
	if err != nil {
		return e, fmt.Errorf("read erasure: %w", err)
	}
	return e, nil
}
