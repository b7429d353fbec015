package reading

import (
	"context"
	"fmt"
	"time"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/jobs"
)

// ID names a reading.
type ID int64

// State is how far a reading is.
type State string

// The states: pages are being read; all are here and become an import; that is done, or was given up.
const (
	Reading State = "reading"
	Read    State = "read"
	Done    State = "done"
	Failed  State = "failed"
)

// Run is one reading of an account.
type Run struct {
	ID          ID
	EntityID    billing.EntityID
	System      string
	Since       *time.Time // nil: everything
	State       State
	Resource    int    // the place of the list that is being read
	After       string // the last object of it that is here
	Pages       int
	Objects     int64
	Bytes       int64
	NotBefore   *time.Time
	MovedAt     *time.Time        // when a page came last, or a new key; nil: when it began. Another after each new key
	Answer      string            // message key of what the account answered last, where that was no page
	BatchID     *billing.ImportID // nil while it is read, and where nothing was new
	StartedAt   time.Time
	StartedBy   int64
	StartedName string
	FinishedAt  *time.Time
}

// TableName is its table.
func (Run) TableName() string { return "live_readings" }

// GoOn is the job that reads on. Of two at once one gives way: each page is kept for the place it has.
type GoOn struct {
	Reading ID `json:"reading"`
}

// Kind names the job.
func (GoOn) Kind() string { return "reading.go_on" }

// Queue is that of accounts: whoever is told by webhooks and hangs keeps no account from being read.
func (GoOn) Queue() string { return jobs.Accounts }

// Takes is how long one may take: it begins no page any more after readFor, and a document with very many lines has the rest.
func (GoOn) Takes() time.Duration { return 5 * readFor }

// RetryWithin keeps an account that was away for a day from waiting for weeks. A reading that does not move on at all ends after gaveUp.
func (GoOn) RetryWithin() time.Duration { return againWithin }

// Bring is the job that has a reading imported once all of it is here.
type Bring struct {
	Reading ID `json:"reading"`
}

// Kind names the job.
func (Bring) Kind() string { return "reading.bring" }

// Unique keeps a reading from being imported by two at once.
func (Bring) Unique() bool { return true }

// Takes is how long one may take: an account's whole past comes in by one import.
func (Bring) Takes() time.Duration { return 4 * time.Hour }

// RetryWithin is that of reading on.
func (Bring) RetryWithin() time.Duration { return againWithin }

// ReadDue is the job that begins readings that are due.
type ReadDue struct{}

// Kind names the job.
func (ReadDue) Kind() string { return "reading.read_due" }

// Start begins to read an entity's account, for somebody who may bring its records in; with everything from the beginning, else from a
// while before the last reading on. ErrUnderWay while one is under way.
func (s *Service) Start(ctx context.Context, by access.Actor, entity string, everything bool) (Run, error) {
	e, err := s.entity(ctx, entity)
	if err != nil {
		return Run{}, err
	}
	if err := access.Can(by, access.IssueInvoice, access.Object{EntityID: int64(e.ID)}); err != nil {
		return Run{}, err
	}
	var run Run
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		run, err = startTx(ctx, tx, by, e, everything)
		return err
	})
	return run, err
}

func startTx(ctx context.Context, tx *db.Tx, by access.Actor, e billing.Entity, everything bool) (Run, error) {
	// A key that is given meanwhile waits for it, and has the reading begin anew.
	sources, err := db.List[Source](ctx, tx, `select entity_id, system, active, set_at, version from live_sources where entity_id = $1 for share`, e.ID)
	if err != nil {
		return Run{}, fmt.Errorf("read source: %w", err)
	}
	if len(sources) == 0 {
		return Run{}, errs.New(ErrNoSource.Kind, ErrNoSource.Key, "entity", e.Code)
	}
	var since *time.Time // nil: everything
	from, err := begin(ctx, tx, e.ID)
	if err != nil {
		return Run{}, err
	}
	if !everything && !from.IsZero() {
		since = &from
	}
	list, err := db.List[Run](ctx, tx, `insert into live_readings (entity_id, system, since, state, started_at, started_by, started_name) values ($1, $2, $3, 'reading', $4, $5, $6)
		on conflict (entity_id) where state in ('reading', 'read') do nothing returning *`, e.ID, sources[0].System, since, tx.Now(), by.UserID, by.Name)
	if err != nil {
		return Run{}, fmt.Errorf("begin to read: %w", err)
	}
	if len(list) == 0 {
		return Run{}, ErrUnderWay
	}
	if err := audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Books(int64(e.ID)), By: by, What: "reading.started", Data: map[string]any{
		"reading": list[0].ID, "system": list[0].System, "everything": since == nil,
	}}); err != nil {
		return Run{}, err
	}
	tx.Did(fmt.Sprintf("reading.started %d", list[0].ID))
	return list[0], tx.Enqueue(ctx, GoOn{Reading: list[0].ID})
}

// begin is from when on there is anything new: a while before the last reading of the same account that came to its end began; zero
// before the first. What was read under another name, or before the key was given, counts as another account.
func begin(ctx context.Context, r db.Reader, entity billing.EntityID) (time.Time, error) {
	last, err := db.Values[time.Time](ctx, r, `select d.started_at from live_readings d join live_sources l on l.entity_id = d.entity_id and l.system = d.system
		where d.entity_id = $1 and d.state = 'done' and d.started_at >= coalesce(l.given_at, l.set_at) order by d.id desc limit 1`, entity)
	if err != nil {
		return time.Time{}, fmt.Errorf("look for last reading: %w", err)
	}
	if len(last) == 0 {
		return time.Time{}, nil
	}
	return last[0].Add(-lookBack), nil
}

// readDue begins to read every account that is read by itself and was not for a day.
func (s *Service) readDue(ctx context.Context, _ ReadDue) error {
	due, err := db.Values[string](ctx, s.db, `select e.code from live_sources l join legal_entities e on e.id = l.entity_id
		where l.active and not exists (select from live_readings r where r.entity_id = l.entity_id and (r.state in ('reading', 'read') or r.started_at > $1)) order by e.code`,
		s.db.Now().Add(-every))
	if err != nil {
		return fmt.Errorf("look for accounts to read: %w", err)
	}
	for _, code := range due {
		if _, err := s.Start(ctx, access.SystemActor("reading.read_due"), code, false); err != nil && errs.KeyOf(err) != ErrUnderWay.Key {
			return err
		}
	}
	return nil
}

// Standing is an account that is read, and how its last readings went. HasSource is false for an entity that has none.
type Standing struct {
	Entity    string
	EntityID  billing.EntityID
	HasSource bool
	System    string
	Active    bool
	Version   int
	Last      *Run
}

// Standings tells of every legal entity that somebody sees what is read of it, for whoever may read the books.
func (s *Service) Standings(ctx context.Context, by access.Actor) ([]Standing, error) {
	if err := access.Can(by, access.ReadBooks, access.Object{}); err != nil {
		return nil, err
	}
	entities, err := s.billing.Entities(ctx)
	if err != nil {
		return nil, err
	}
	sources, err := db.List[Source](ctx, s.db, `select entity_id, system, active, set_at, version from live_sources`)
	if err != nil {
		return nil, fmt.Errorf("read sources: %w", err)
	}
	runs, err := db.List[Run](ctx, s.db, `select distinct on (entity_id) * from live_readings order by entity_id, id desc`)
	if err != nil {
		return nil, fmt.Errorf("read readings: %w", err)
	}
	var list []Standing
	for _, e := range entities {
		if !by.SeesEntity(int64(e.ID)) {
			continue
		}
		st := Standing{Entity: e.Code, EntityID: e.ID}
		for _, source := range sources {
			if source.EntityID == e.ID {
				st.HasSource, st.System, st.Active, st.Version = true, source.System, source.Active, source.Version
			}
		}
		for i := range runs {
			if runs[i].EntityID == e.ID {
				st.Last = &runs[i]
			}
		}
		list = append(list, st)
	}
	return list, nil
}
