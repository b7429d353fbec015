package credits

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits/authority"
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

// Who is whom a level is given to: a person by name, or else whoever has a role, is in a team, or has the role within the team.
type Who struct {
	UserID int64
	Role   string
	TeamID int64
}

// Holding is whom a level is given to, and for what.
type Holding struct {
	Who
	authority.Within

	LevelID    int64
	LevelName  string
	UserName   string
	Email      string
	TeamName   string
	ValidFrom  time.Time
	ValidUntil *time.Time // nil is open-ended
	ChangeID   *int64     // what gave it; nil for those a company starts with
}

// Holder is a person at a level, with what decides whether they can act. Who holds a level in several ways is a Holder for each.
type Holder struct {
	authority.Within // for what they hold it

	LevelID    int64
	LevelName  string
	UserID     int64
	UserName   string
	Roles      []string
	Sees       []int64 // the legal entities in the person's scope; empty is all
	Active     bool
	Away       bool
	ValidFrom  time.Time
	ValidUntil *time.Time // nil is open-ended
	ChangeID   *int64     // what gave it to them; nil for those a company starts with
	By         Who        // whom the level is given to: the person, or the role or team they hold it by
	TeamName   string     // of By
	Joined     []int64    // changes of people that made them one of those
	AsksFor    int64      // the team they ask in themselves; 0 for none
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

// Holdings lists whom which level is given to now, the lowest level first.
func (s *Service) Holdings(ctx context.Context) ([]Holding, error) {
	return holdingsAt(ctx, s.db, s.db.Now())
}

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

// holdingsAt lists whom which level is given to at a moment.
func holdingsAt(ctx context.Context, r db.Reader, at time.Time) ([]Holding, error) {
	list, err := db.List[Holding](ctx, r, `select h.level_id, l.name as level_name, coalesce(h.user_id, 0) as user_id, coalesce(u.name, '') as user_name,
			coalesce(u.email, '') as email, h.role, coalesce(h.team_id, 0) as team_id, coalesce(t.name, '') as team_name, h.entity_ids, h.regions, h.team_ids,
			h.valid_from, nullif(h.valid_until, 'infinity') as valid_until, h.change_id
		from authority_holders h join authority_levels l on l.id = h.level_id left join users u on u.id = h.user_id left join teams t on t.id = h.team_id
		where h.valid_from <= $1 and h.valid_until > $1 order by l.rank, h.user_id is null, u.name, h.role, t.name, h.user_id`, at)
	if err != nil {
		return nil, fmt.Errorf("read whom levels are given to: %w", err)
	}
	return list, nil
}

// oneOf is a person beside somebody a level is given to, with what makes them one of those.
type oneOf struct {
	Holder

	Named       int64
	Role        string
	TeamID      int64
	Memberships []membership
}

// membership is a role or team of a person at a moment, as far as a holding given at another looks at it.
type membership struct {
	Role     string    `json:"role"`
	TeamID   int64     `json:"team_id"`
	From     time.Time `json:"from"`
	Alone    bool      `json:"alone"` // nobody had confirmed it at that moment
	ChangeID *int64    `json:"change_id"`
}

// holdersAt lists who holds which level at a moment, by name or through a role or team they had then. Whether they are there is as of now.
// What authority_held says in the database is the same.
func holdersAt(ctx context.Context, r db.Reader, at time.Time) ([]Holder, error) {
	list, err := db.List[oneOf](ctx, r, `select h.level_id, l.name as level_name, u.id as user_id, u.name as user_name, u.roles, h.entity_ids, h.regions, h.team_ids,
			u.entity_ids as sees, u.active, u.away, h.valid_from, nullif(h.valid_until, 'infinity') as valid_until, h.change_id,
			coalesce(h.user_id, 0) as named, h.role, coalesce(h.team_id, 0) as team_id, coalesce(t.name, '') as team_name,
			coalesce(u.team_id, 0) as asks_for, coalesce(m.memberships, '[]') as memberships
		from authority_holders h join authority_levels l on l.id = h.level_id left join teams t on t.id = h.team_id
		join users u on u.id = h.user_id or h.user_id is null and exists (select from person_memberships x where x.user_id = u.id
			and x.valid_from <= $1 and x.valid_until > $1 and (h.role <> '' and x.role = h.role or x.team_id = h.team_id))
		left join lateral (select jsonb_agg(jsonb_build_object('role', x.role, 'team_id', coalesce(x.team_id, 0), 'from', x.valid_from,
				'alone', c.id is null and (x.affirmed_at is null or x.affirmed_at > $1),
				'change_id', case when c.id is null and x.valid_from > h.valid_from then coalesce(x.affirmed_by, x.change_id) else x.change_id end)) as memberships
			from person_memberships x left join person_changes c on c.id = x.change_id and not c.break_glass
			where h.user_id is null and x.user_id = u.id and x.valid_from <= $1 and x.valid_until > $1) m on true
		where h.valid_from <= $1 and h.valid_until > $1 order by l.rank, u.name, u.id, h.valid_from, h.role, h.team_id`, at)
	if err != nil {
		return nil, fmt.Errorf("read holders: %w", err)
	}
	held := make([]Holder, 0, len(list))
	for _, one := range list {
		if one.holds() {
			held = append(held, one.Holder)
		}
	}
	return held, nil
}

// holds tells whether a person is one of those a level is given to, and notes since when and through which changes.
func (o *oneOf) holds() bool {
	o.By = Who{UserID: o.Named, Role: o.Role, TeamID: o.TeamID}
	memberships := make([]authority.Membership, len(o.Memberships))
	for i, m := range o.Memberships {
		memberships[i] = authority.Membership{Role: m.Role, TeamID: m.TeamID, From: m.From, Alone: m.Alone}
	}
	given := authority.Holding{UserID: o.Named, Role: o.Role, TeamID: o.TeamID, From: o.ValidFrom}
	through, holds := given.Through(o.UserID, memberships)
	for _, at := range through {
		m := o.Memberships[at]
		if m.From.After(o.ValidFrom) {
			o.ValidFrom = m.From
		}
		if m.ChangeID != nil {
			o.Joined = append(o.Joined, *m.ChangeID)
		}
	}
	return holds
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
