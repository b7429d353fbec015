package credits

import (
	"context"
	"fmt"
	"slices"
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
	Limits     []Limit
}

// Limit is how much a level decides for one kind, in billing.AuthorityCurrency; nil is without limit. WindowMax is how much
// may add up; nil is MaxAmount. OwnLimit is what a holder may post of their own. Reason, EntityID and Tier narrow the limit.
type Limit struct {
	Kind      billing.Kind     `json:"kind"`
	MaxAmount *decimal.Decimal `json:"max"`
	WindowMax *decimal.Decimal `json:"window_max,omitempty"`
	OwnLimit  decimal.Decimal  `json:"own"`
	Reason    string           `json:"reason,omitempty"`
	EntityID  int64            `json:"entity,omitempty"`
	Tier      string           `json:"tier,omitempty"`
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
	ChangeID   *int64     // what gave it to them; nil for those a company starts with
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
	Kinds     []billing.Kind // whose limits they stand in for; empty is every kind
	EntityIDs []int64        // where; empty is everywhere the one they stand in for decides
	Note      string
}

// covers tells whether it is about a kind in a legal entity; 0 is any.
func (d Delegation) covers(kind billing.Kind, entity int64) bool {
	return (len(d.Kinds) == 0 || slices.Contains(d.Kinds, kind)) && (entity == 0 || inScope(d.EntityIDs, entity))
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
	return levelsAt(ctx, r, r.Now())
}

// levelsAt lists the levels as they were, or will be, at a moment.
func levelsAt(ctx context.Context, r db.Reader, at time.Time) ([]Level, error) {
	list, err := db.List[Level](ctx, r, `select l.id, l.rank, l.name, v.signatures, v.version, v.limits from authority_levels l
		join authority_level_versions v on v.level_id = l.id and v.valid_from <= $1 and v.valid_until > $1 order by l.rank`, at)
	if err != nil {
		return nil, fmt.Errorf("read levels: %w", err)
	}
	return list, nil
}

func holders(ctx context.Context, r db.Reader) ([]Holder, error) {
	return holdersAt(ctx, r, r.Now())
}

// holdersAt lists who holds which level at a moment. Whether they are there is as of now.
func holdersAt(ctx context.Context, r db.Reader, at time.Time) ([]Holder, error) {
	list, err := db.List[Holder](ctx, r, `select h.level_id, l.name as level_name, h.user_id, u.name as user_name, u.roles, h.entity_ids,
			u.entity_ids as sees, u.active, u.away, h.valid_from, nullif(h.valid_until, 'infinity') as valid_until, h.change_id
		from authority_holders h join authority_levels l on l.id = h.level_id join users u on u.id = h.user_id
		where h.valid_from <= $1 and h.valid_until > $1 order by l.rank, u.name, u.id`, at)
	if err != nil {
		return nil, fmt.Errorf("read holders: %w", err)
	}
	return list, nil
}

// delegationRows reads delegations with the people they are between.
const delegationRows = `select d.id, d.from_id, f.name as from_name, d.to_id, t.name as to_name, t.active as to_active, t.away as to_away,
		t.entity_ids as to_sees, d.from_at, d.until_at, d.max_amount, d.kinds, d.entity_ids, d.note
	from delegations d join users f on f.id = d.from_id join users t on t.id = d.to_id`

func delegations(ctx context.Context, r db.Reader) ([]Delegation, error) {
	list, err := db.List[Delegation](ctx, r, delegationRows+` where d.until_at > $1 and d.revoked_at is null order by d.from_at, d.id`, r.Now())
	if err != nil {
		return nil, fmt.Errorf("read delegations: %w", err)
	}
	return list, nil
}
