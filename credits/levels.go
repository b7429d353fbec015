package credits

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/db"
)

// Level is one rung of authority, with its limits by kind. A kind without a limit is none of its business.
type Level struct {
	ID         int64
	Rank       int
	Name       string
	Signatures int
	Version    int
	Limits     []Limit `db:"-"`
}

// Limit is how much a level decides for one kind, in billing.AuthorityCurrency and including tax; nil is without limit.
// Own is what a holder may post of their own.
type Limit struct {
	LevelID   int64
	Kind      billing.Kind
	MaxAmount *decimal.Decimal
	OwnLimit  decimal.Decimal
}

// Holder is a person at a level, with what decides whether they can act.
type Holder struct {
	LevelID    int64
	LevelName  string
	UserID     int64
	UserName   string
	Roles      []string
	EntityIDs  []int64 // where they hold the level; empty is all
	Sees       []int64 // the legal entities in the person's scope; empty is all
	Active     bool
	Away       bool
	ValidFrom  time.Time
	ValidUntil *time.Time // nil is open-ended
}

// Delegation lets one person decide in another's place for a time.
type Delegation struct {
	ID        int64
	FromID    int64
	FromName  string
	ToID      int64
	ToName    string
	ToActive  bool
	ToAway    bool
	ToSees    []int64
	FromAt    time.Time
	UntilAt   time.Time
	MaxAmount *decimal.Decimal
}

// Levels lists the levels with their limits, lowest first.
func (s *Service) Levels(ctx context.Context) ([]Level, error) { return levels(ctx, s.db) }

// Holders lists who holds which level now, the lowest level first.
func (s *Service) Holders(ctx context.Context) ([]Holder, error) { return holders(ctx, s.db) }

// Delegations lists those that are not over and not revoked.
func (s *Service) Delegations(ctx context.Context) ([]Delegation, error) {
	return delegations(ctx, s.db)
}

func levels(ctx context.Context, r db.Reader) ([]Level, error) {
	list, err := db.List[Level](ctx, r, `select id, rank, name, signatures, version from authority_levels order by rank`)
	if err != nil {
		return nil, fmt.Errorf("read levels: %w", err)
	}
	limits, err := db.List[Limit](ctx, r, `select level_id, kind, max_amount, own_limit from authority_limits order by level_id, kind`)
	if err != nil {
		return nil, fmt.Errorf("read limits: %w", err)
	}
	for i := range list {
		for _, l := range limits {
			if l.LevelID == list[i].ID {
				list[i].Limits = append(list[i].Limits, l)
			}
		}
	}
	return list, nil
}

func holders(ctx context.Context, r db.Reader) ([]Holder, error) {
	list, err := db.List[Holder](ctx, r, `select h.level_id, l.name as level_name, h.user_id, u.name as user_name, u.roles, h.entity_ids,
			u.entity_ids as sees, u.active, u.away, h.valid_from, nullif(h.valid_until, 'infinity') as valid_until
		from authority_holders h join authority_levels l on l.id = h.level_id join users u on u.id = h.user_id
		where h.valid_from <= $1 and h.valid_until > $1 order by l.rank, u.name, u.id`, r.Now())
	if err != nil {
		return nil, fmt.Errorf("read holders: %w", err)
	}
	return list, nil
}

func delegations(ctx context.Context, r db.Reader) ([]Delegation, error) {
	list, err := db.List[Delegation](ctx, r, `select d.id, d.from_id, f.name as from_name, d.to_id, t.name as to_name, t.active as to_active,
			t.away as to_away, t.entity_ids as to_sees, d.from_at, d.until_at, d.max_amount
		from delegations d join users f on f.id = d.from_id join users t on t.id = d.to_id
		where d.until_at > $1 and d.revoked_at is null order by d.from_at, d.id`, r.Now())
	if err != nil {
		return nil, fmt.Errorf("read delegations: %w", err)
	}
	return list, nil
}
