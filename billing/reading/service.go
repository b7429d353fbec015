package reading

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"makegood/billing"
	"makegood/billing/gateway"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/jobs"
	"makegood/internal/secrets"
)

const (
	// Patience is how long an account may take to answer.
	Patience = 40 * time.Second
	// readFor is how long a job begins new pages before it makes room for others, pageFor how long a page takes in further documents.
	readFor = 90 * time.Second
	pageFor = 45 * time.Second
	// againWithin is the longest that an account which was not reached waits for the next attempt; a reading that has not moved on for
	// as long as gaveUp is given up.
	againWithin = 10 * time.Minute
	gaveUp      = 72 * time.Hour
	// most is how much one reading may bring: as much as its import can hold together.
	most = 4 << 30
	// every is how often an account is read by itself, lookEvery how often it is looked whether one is due.
	every     = 24 * time.Hour
	lookEvery = 10 * time.Minute
	// lookBack is how much before the last reading the next one begins: what was made there may change for a while, such as a
	// draft that is issued.
	lookBack = 40 * 24 * time.Hour
)

// What the package refuses.
var (
	ErrNoSource  = errs.New(errs.NotFound, "billing.reading.no_source")
	ErrUnderWay  = errs.New(errs.Conflict, "billing.reading.under_way")
	ErrChanged   = errs.New(errs.Conflict, "billing.reading.changed")
	ErrKeyShut   = errs.New(errs.Unavailable, "billing.gateway.no_key")
	ErrTooMuch   = errs.New(errs.TooLarge, "billing.reading.too_much")
	errElsewhere = errors.New("somebody else goes on with it")
)

// Service reads accounts. It is safe for concurrent use, in several processes.
type Service struct {
	db               *db.DB
	billing          *billing.Service
	keys             secrets.Keys
	client           *http.Client
	stripe           string // where Stripe listens
	logger           *slog.Logger
	readFor, pageFor time.Duration
}

// Options say where accounts are and how they are reached: the client decides what may be dialled.
type Options struct {
	Stripe string
	Client *http.Client
	Logger *slog.Logger
}

// New makes the service. The keys open the sealed keys of accounts.
func New(d *db.DB, b *billing.Service, keys secrets.Keys, o Options) *Service {
	return &Service{db: d, billing: b, keys: keys, client: o.Client, stripe: o.Stripe, logger: o.Logger, readFor: readFor, pageFor: pageFor}
}

// Register tells the job runner what this package works.
func (s *Service) Register(r *jobs.Registry) {
	jobs.Handle(r, s.goOn)
	jobs.Handle(r, s.bring)
	jobs.Handle(r, s.readDue)
	jobs.Repeat(r, lookEvery, ReadDue{})
}

// Source is an account that is read. Its key is never told.
type Source struct {
	EntityID billing.EntityID
	System   string
	Active   bool
	SetAt    time.Time
	Version  int
}

// Setting says which account a legal entity's records are read from. Secret is a key that may read; "" keeps the one there is.
// System is the name under which its records are imported, "stripe" for none. Version is the source's as it was read, 0 for a new one.
type Setting struct {
	By      access.Actor
	Entity  string // code
	System  string
	Secret  string
	Active  bool
	Version int
}

// Set keeps the account that an entity's records are read from, for an administrator. The evidence says that a key was given, never
// which.
func (s *Service) Set(ctx context.Context, in Setting) (Source, error) {
	e, err := s.entity(ctx, in.Entity)
	if err != nil {
		return Source{}, err
	}
	if err := access.Can(in.By, access.Administer, access.Object{EntityID: int64(e.ID)}); err != nil {
		return Source{}, err
	}
	if in.System = strings.TrimSpace(in.System); in.System == "" {
		in.System = "stripe"
	}
	sealed, err := s.seal(in.Secret)
	if err != nil {
		return Source{}, err
	}
	var kept Source
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		if kept, err = keepTx(ctx, tx, e.ID, in, sealed); err != nil {
			return err
		}
		if sealed != nil {
			if err := wakeTx(ctx, tx, kept); err != nil {
				return err
			}
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: in.By, What: "entity.live_source_set", Data: map[string]any{
			"entity": e.Code, "system": in.System, "active": in.Active, "secret_given": sealed != nil,
		}})
	})
	return kept, err
}

// seal seals a key; nil for none. It refuses what is none of Stripe's.
func (s *Service) seal(secret string) ([]byte, error) {
	if secret = strings.TrimSpace(secret); secret == "" {
		return nil, nil
	}
	if !strings.HasPrefix(secret, "sk_") && !strings.HasPrefix(secret, "rk_") {
		return nil, errs.InvalidField("secret", "billing.gateway.bad_secret")
	}
	return s.keys.Seal(secret), nil
}

func keepTx(ctx context.Context, tx *db.Tx, entity billing.EntityID, in Setting, sealed []byte) (Source, error) {
	if in.Version == 0 && sealed == nil {
		return Source{}, errs.InvalidField("secret", "error.required")
	}
	list, err := db.List[Source](ctx, tx, `insert into live_sources (entity_id, system, sealed, active, set_at, set_by, given_at) select $1, $2, $3, $4, $5, $6, $5 where $7 = 0
		on conflict (entity_id) do nothing returning entity_id, system, active, set_at, version`, entity, in.System, orNothing(sealed), in.Active, tx.Now(), in.By.UserID, in.Version)
	if err == nil && in.Version > 0 {
		list, err = db.List[Source](ctx, tx, `update live_sources set system = $2, sealed = coalesce($3, sealed), active = $4, set_at = $5, set_by = $6, version = version + 1,
				given_at = case when $3::bytea is null then coalesce(given_at, set_at) else $5 end
			where entity_id = $1 and version = $7 returning entity_id, system, active, set_at, version`, entity, in.System, sealed, in.Active, tx.Now(), in.By.UserID, in.Version)
	}
	if err != nil {
		return Source{}, fmt.Errorf("keep source: %w", err)
	}
	if len(list) == 0 {
		return Source{}, ErrChanged
	}
	return list[0], nil
}

// wakeTx has a reading that is under way begin anew with the key that was given, whatever it waited for: it may be that of another
// account. When it moved tells it from what it was, so that what is answered to the key before changes nothing: it is always another moment.
func wakeTx(ctx context.Context, tx *db.Tx, source Source) error {
	ids, err := db.Values[ID](ctx, tx, `update live_readings set system = $2, since = null, resource = 0, after = '', pages = 0, objects = 0, bytes = 0, not_before = null, answer = '',
			moved_at = greatest($3, coalesce(moved_at, started_at) + interval '1 microsecond')
		where entity_id = $1 and state = 'reading' returning id`, source.EntityID, source.System, tx.Now())
	if err != nil {
		return fmt.Errorf("wake reading: %w", err)
	}
	for _, id := range ids {
		if _, err := tx.Exec(ctx, `delete from live_pages where reading_id = $1`, id); err != nil {
			return fmt.Errorf("let pages go: %w", err)
		}
		if err := tx.Enqueue(ctx, GoOn{Reading: id}); err != nil {
			return err
		}
	}
	return nil
}

func orNothing(sealed []byte) []byte {
	if sealed == nil {
		return []byte{}
	}
	return sealed
}

func (s *Service) entity(ctx context.Context, code string) (billing.Entity, error) {
	list, err := s.billing.Entities(ctx)
	if err != nil {
		return billing.Entity{}, err
	}
	for _, e := range list {
		if e.Code == code {
			return e, nil
		}
	}
	return billing.Entity{}, billing.ErrNoEntity
}

// open makes the reader of an entity's account.
func (s *Service) open(ctx context.Context, entity billing.EntityID) (*gateway.Reader, error) {
	list, err := db.Values[[]byte](ctx, s.db, `select sealed from live_sources where entity_id = $1`, entity)
	if err != nil {
		return nil, fmt.Errorf("read key of source: %w", err)
	}
	if len(list) == 0 {
		return nil, ErrNoSource
	}
	secret, err := s.keys.Open(list[0])
	if err != nil {
		return nil, errs.Wrap(err, ErrKeyShut.Kind, ErrKeyShut.Key)
	}
	return gateway.NewReader(s.stripe, secret, s.client), nil
}
