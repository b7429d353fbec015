package postback

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"makegood/billing"
	"makegood/billing/gateway"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/jobs"
	"makegood/internal/secrets"
)

// asking bounds the talk with the other system about one memo. A job's own time is longer, and the lease longer still, so
// that the outcome of the talk can be kept before anybody else begins one.
const (
	asking = 40 * time.Second
	lease  = 2 * time.Minute
)

// What the package refuses.
var (
	ErrNothingThere = errs.New(errs.NotFound, "billing.gateway.nothing_there")
	ErrSettled      = errs.New(errs.Conflict, "billing.gateway.settled")
	ErrUnderWay     = errs.New(errs.Conflict, "billing.gateway.under_way")
	ErrNoKey        = errs.New(errs.Unavailable, "billing.gateway.no_key")
	// ErrInDoubt is a refusal that came before an unanswered request could be sent again: that one may have been done.
	ErrInDoubt = errs.New(errs.Unavailable, "billing.gateway.in_doubt")
)

// Service issues elsewhere. It is safe for concurrent use, in several processes.
type Service struct {
	db      *db.DB
	billing *billing.Service
	keys    secrets.Keys
	logger  *slog.Logger
	stripe  string // where Stripe listens
}

// New makes the service. The keys open the sealed keys of accounts; stripe is gateway.StripeAPI but in tests.
func New(d *db.DB, b *billing.Service, keys secrets.Keys, stripe string, logger *slog.Logger) *Service {
	return &Service{db: d, billing: b, keys: keys, logger: logger, stripe: stripe}
}

// Register tells the job runner what this package works.
func (s *Service) Register(r *jobs.Registry) { jobs.Handle(r, s.Work) }

// Setting is where an entity's credit memos are issued besides. An empty secret keeps the one there is.
type Setting struct {
	By      access.Actor
	Entity  string // code
	Gateway billing.GatewayKind
	Account string
	Secret  string
}

// Set changes it, for an administrator; see billing.SetGateway. It refuses a secret that is none of Stripe's.
func (s *Service) Set(ctx context.Context, in Setting) error {
	if err := access.Can(in.By, access.Administer, access.Object{}); err != nil {
		return err
	}
	set := billing.GatewaySetting{By: in.By, Entity: in.Entity, Gateway: in.Gateway, Account: in.Account}
	if secret := strings.TrimSpace(in.Secret); secret != "" && in.Gateway == billing.StripeGateway {
		if !strings.HasPrefix(secret, "sk_") && !strings.HasPrefix(secret, "rk_") {
			return errs.InvalidField("secret", "billing.gateway.bad_secret")
		}
		set.Sealed = s.keys.Seal(secret)
	}
	return s.billing.SetGateway(ctx, set)
}

// open makes the gateway of a memo's entity. Without a key it is ErrNoKey, for one can be given any time.
func (s *Service) open(ctx context.Context, entity billing.EntityID) (gateway.Gateway, error) {
	sealed, err := db.Values[[]byte](ctx, s.db, `select sealed from gateway_secrets where entity_id = $1`, entity)
	if err != nil {
		return nil, fmt.Errorf("read key of gateway: %w", err)
	}
	if len(sealed) == 0 {
		return nil, ErrNoKey
	}
	secret, err := s.keys.Open(sealed[0])
	if err != nil {
		return nil, errs.Wrap(err, ErrNoKey.Kind, ErrNoKey.Key)
	}
	return gateway.NewStripe(s.stripe, secret), nil
}
