// Package webhooks tells other systems what happens to cases: signed, at least once, under an id that stays the same. A delivery is
// written by the database in the transaction of its event, so that none is forgotten and none is told that did not happen.
package webhooks

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"time"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/jobs"
	"makegood/internal/outside"
	"makegood/internal/secrets"
)

// What this package refuses.
var (
	ErrNoEndpoint = errs.New(errs.NotFound, "webhooks.no_endpoint")
	ErrNoDelivery = errs.New(errs.NotFound, "webhooks.no_delivery")
	ErrStale      = errs.New(errs.Conflict, "webhooks.stale")
	ErrNotDead    = errs.New(errs.Conflict, "webhooks.not_dead")
)

// Service is the one way to webhooks. It is safe for concurrent use.
type Service struct {
	db     *db.DB
	keys   secrets.Keys
	guard  *outside.Guard
	logger *slog.Logger
	lines  *lines
}

// New makes the service. The guard is the only way out.
func New(d *db.DB, keys secrets.Keys, guard *outside.Guard, logger *slog.Logger) *Service {
	return &Service{db: d, keys: keys, guard: guard, logger: logger, lines: newLines()}
}

// Register has deliveries made.
func (s *Service) Register(r *jobs.Registry) {
	jobs.Handle(r, s.handOut)
	jobs.Handle(r, s.deliver)
	jobs.Repeat(r, handOutEvery, HandOut{})
}

// Endpoint is an address that is told of events. Events are names such as "case.opened", or families such as "sla.*".
type Endpoint struct {
	ID          int64
	URL         string
	Description string
	Events      []string
	Active      bool
	CreatedAt   time.Time
	Version     int
	Dead        int // deliveries that were given up
}

// Families are the events there are, by their first word.
func Families() []string {
	return []string{"case", "credit_memo", "credit_request", "dispute", "sla"}
}

// may lets those in who administer and see every legal entity: an address is told of the cases of all of them.
func may(by access.Actor) error {
	if err := access.Can(by, access.Administer, access.Object{}); err != nil {
		return err
	}
	if len(by.SeenEntities()) > 0 {
		return errs.New(access.ErrForbidden.Kind, access.ErrForbidden.Key, "action", string(access.Administer))
	}
	return nil
}

func eventName() *regexp.Regexp { return regexp.MustCompile(`^([a-z_]+)\.(\*|[a-z_]+)$`) }

// EndpointInput adds or changes an endpoint; Version 0 adds one.
type EndpointInput struct {
	By          access.Actor
	ID          int64
	Version     int
	URL         string
	Description string
	Events      []string
	Active      bool
}

func (s *Service) check(in EndpointInput) error {
	var wrong []errs.Field
	if s.guard.Check(in.URL) != nil {
		wrong = append(wrong, errs.Field{Name: "url", Key: "webhooks.no_address"})
	}
	if len(in.Events) == 0 {
		wrong = append(wrong, errs.Field{Name: "events", Key: "webhooks.needs_events"})
	}
	name := eventName()
	for _, e := range in.Events {
		if parts := name.FindStringSubmatch(e); parts == nil || !slices.Contains(Families(), parts[1]) {
			wrong = append(wrong, errs.Field{Name: "events", Key: "webhooks.unknown_event", Params: errs.Params{"event": e}})
			break
		}
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

const endpointColumns = `e.id, e.url, e.description, e.events, e.active, e.created_at, e.version,
	(select count(*) from webhook_deliveries d where d.endpoint_id = e.id and d.state = 'dead') as dead`

// Endpoints lists the addresses that are told. It takes the right to administer, in every legal entity.
func (s *Service) Endpoints(ctx context.Context, by access.Actor) ([]Endpoint, error) {
	if err := may(by); err != nil {
		return nil, err
	}
	return db.List[Endpoint](ctx, s.db, `select `+endpointColumns+` from webhook_endpoints e order by e.id`)
}

// Add adds an address and gives the secret its deliveries are signed with, which is told this once: "whsec_" and base64.
func (s *Service) Add(ctx context.Context, in EndpointInput) (e Endpoint, secret string, err error) {
	if err := may(in.By); err != nil {
		return e, "", err
	}
	in.URL, in.Description = strings.TrimSpace(in.URL), strings.TrimSpace(in.Description)
	if err := s.check(in); err != nil {
		return e, "", err
	}
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return e, "", fmt.Errorf("make secret: %w", err)
	}
	secret = "whsec_" + base64.StdEncoding.EncodeToString(key)
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		e, err = db.One[Endpoint](ctx, tx, `insert into webhook_endpoints as e (url, description, events, secret_sealed, active, created_at)
			values ($1, $2, $3, $4, $5, $6) returning e.id, e.url, e.description, e.events, e.active, e.created_at, e.version`,
			in.URL, in.Description, in.Events, s.keys.Seal(secret), in.Active, tx.Now())
		if err != nil {
			return fmt.Errorf("add webhook: %w", err)
		}
		return record(ctx, tx, in.By, "webhook.added", e)
	})
	return e, secret, err
}

// Change changes an address from the version that was seen. One that is not active is told nothing of what happens meanwhile.
func (s *Service) Change(ctx context.Context, in EndpointInput) (e Endpoint, err error) {
	if err := may(in.By); err != nil {
		return e, err
	}
	in.URL, in.Description = strings.TrimSpace(in.URL), strings.TrimSpace(in.Description)
	if err := s.check(in); err != nil {
		return e, err
	}
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		known, err := db.Value[bool](ctx, tx, `select exists (select from webhook_endpoints where id = $1)`, in.ID)
		if err != nil || !known {
			return errors.Join(err, noneIf(!known))
		}
		e, err = db.One[Endpoint](ctx, tx, `update webhook_endpoints e set url = $3, description = $4, events = $5, active = $6, version = version + 1
			where e.id = $1 and e.version = $2 returning `+endpointColumns, in.ID, in.Version, in.URL, in.Description, in.Events, in.Active)
		if errors.Is(err, db.ErrNoRow) {
			return ErrStale
		}
		if err != nil {
			return fmt.Errorf("change webhook: %w", err)
		}
		return record(ctx, tx, in.By, "webhook.changed", e)
	})
	return e, err
}

func noneIf(missing bool) error {
	if missing {
		return ErrNoEndpoint
	}
	return nil
}

func record(ctx context.Context, tx *db.Tx, by access.Actor, what string, e Endpoint) error {
	return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: by, What: what, Data: map[string]any{
		"webhook": e.ID, "url": e.URL, "events": e.Events, "active": e.Active, "version": e.Version,
	}})
}
