package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases/clock"
	"makegood/cases/escalation"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// rules is a policy version made ready. It never changes, so it is kept once read.
type rules struct {
	pin    clock.Pin
	ladder escalation.Ladder
}

// policyCache keeps policy versions by id.
type policyCache struct {
	mu   sync.RWMutex
	byID map[int64]rules
}

func newPolicyCache() *policyCache { return &policyCache{byID: map[int64]rules{}} }

func (c *policyCache) get(id int64) (rules, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	p, ok := c.byID[id]
	return p, ok
}

func (c *policyCache) put(id int64, p rules) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.byID[id] = p
}

// noPin is what holds for a case no policy matched: nothing is promised, no clock runs.
func noPin() clock.Pin { return clock.Pin{Calendar: clock.Always(time.UTC)} }

func (s *Service) pin(ctx context.Context, r db.Reader, policyID int64) (clock.Pin, error) {
	if policyID == 0 {
		return noPin(), nil
	}
	p, err := s.rules(ctx, r, policyID)
	return p.pin, err
}

// rules reads a policy version with its calendar. The versions of both are their row ids.
func (s *Service) rules(ctx context.Context, r db.Reader, policyID int64) (rules, error) {
	if p, ok := s.policies.get(policyID); ok {
		return p, nil
	}
	row, err := db.One[struct {
		Definition clock.Policy
		Ladder     escalation.Ladder
		CalendarID int64
		Calendar   clock.Calendar
	}](ctx, r, `select p.definition, p.ladder, p.calendar_id, c.definition as calendar
		from sla_policies p join calendars c on c.id = p.calendar_id where p.id = $1`, policyID)
	if err != nil {
		return rules{}, fmt.Errorf("read policy %d: %w", policyID, err)
	}
	calendar, err := clock.Compile(row.Calendar)
	if err != nil {
		return rules{}, fmt.Errorf("calendar of policy %d: %w", policyID, err)
	}
	if len(row.Ladder.Rungs) == 0 {
		row.Ladder = escalation.Default()
	}
	p := rules{ladder: row.Ladder, pin: clock.Pin{
		Policy: row.Definition, PolicyVersion: policyID, Calendar: calendar, CalendarVersion: row.CalendarID,
	}}
	s.policies.put(policyID, p)
	return p, nil
}

// matchPolicy finds the first active policy for a case; nil when none is for it.
func (s *Service) matchPolicy(ctx context.Context, r db.Reader, c Case, customer billing.Customer) (*int64, error) {
	list, err := activePolicies(ctx, r)
	return list.match(c, customer), err
}

// matching are policies in the order they are tried, as far as it takes to find the one for a case.
type matching []matched

type matched struct {
	ID       int64
	Name     string
	Position int
	Match    Match
}

func activePolicies(ctx context.Context, r db.Reader) (matching, error) {
	list, err := db.List[matched](ctx, r, `select id, name, position, match from sla_policies where active order by position, id`)
	if err != nil {
		return nil, fmt.Errorf("read policies: %w", err)
	}
	return list, nil
}

// match is the first policy that is for a case; nil when none is.
func (list matching) match(c Case, customer billing.Customer) *int64 {
	for _, p := range list {
		if p.Match.holds(c, customer) {
			return &p.ID
		}
	}
	return nil
}

// holds tells whether a case of a customer (the zero Customer when unknown) is meant.
func (m Match) holds(c Case, customer billing.Customer) bool {
	return among(m.Types, c.Type) && among(m.Priorities, c.Priority) && among(m.Tiers, customer.Tier) &&
		among(m.Regions, customer.Region) && among(m.Entities, billing.EntityID(c.entity())) &&
		(m.AmountFrom == nil || c.RiskBase.GreaterThanOrEqual(*m.AmountFrom))
}

func among[T comparable](list []T, value T) bool {
	return len(list) == 0 || slices.Contains(list, value)
}

// calendarOf is the calendar a policy is pinned to, for the case's events.
func (s *Service) calendarOf(ctx context.Context, r db.Reader, policyID *int64) (int64, error) {
	if policyID == nil {
		return 0, nil
	}
	p, err := s.rules(ctx, r, *policyID)
	return p.pin.CalendarVersion, err
}

// ComputePriority says how urgent a case is by its type, the customer's tier and the amount in dispute in the authority
// currency, and which of them decided: the message key of the reason.
func ComputePriority(t Type, tier billing.Tier, risk decimal.Decimal) (Priority, string) {
	from := func(limit int64) bool { return risk.GreaterThanOrEqual(decimal.NewFromInt(limit)) }
	switch {
	case from(50_000), tier == billing.Platinum && from(10_000):
		return P1, "case.priority_by_amount"
	case from(10_000), tier == billing.Gold && from(5_000):
		return P2, "case.priority_by_amount"
	case tier == billing.Platinum && t != Inquiry && t != Remittance:
		return P2, "case.priority_by_tier"
	case from(500), t == Dispute || t == Refund || t == Cancellation:
		return P3, "case.priority_by_type"
	case tier == billing.Platinum, tier == billing.Gold:
		return P3, "case.priority_by_tier"
	}
	return P4, "case.priority_by_type"
}

// SaveCalendarTx keeps a new version of a calendar and gives its id. An unchanged one keeps its version.
func (s *Service) SaveCalendarTx(ctx context.Context, tx *db.Tx, definition clock.Calendar) (int64, error) {
	if err := definition.Validate(); err != nil {
		return 0, err
	}
	id, err := db.Value[int64](ctx, tx, `select id from (select id, definition from calendars where name = $1 order by version desc limit 1) c
		where definition = $2::jsonb`, definition.Name, definition)
	if err == nil || !errors.Is(err, db.ErrNoRow) {
		return id, err
	}
	return db.Value[int64](ctx, tx, `insert into calendars (name, version, definition, created_at)
		values ($1, 1 + coalesce((select max(version) from calendars where name = $1), 0), $2, $3) returning id`,
		definition.Name, definition, tx.Now())
}

// SavePolicyTx keeps a new version of a policy, takes the older versions out of use and gives the new id. Cases that
// are open keep the version they are pinned to.
func (s *Service) SavePolicyTx(ctx context.Context, tx *db.Tx, p Policy) (int64, error) {
	if err := p.Definition.Validate(); err != nil {
		return 0, err
	}
	if len(p.Ladder.Rungs) == 0 {
		p.Ladder = escalation.Default()
	}
	if err := p.Ladder.Check(); err != nil {
		return 0, err
	}
	if p.Name == "" {
		return 0, errs.InvalidField("name", "case.policy_needs_name")
	}
	if _, err := tx.Exec(ctx, `update sla_policies set active = false where name = $1`, p.Name); err != nil {
		return 0, fmt.Errorf("retire policy: %w", err)
	}
	id, err := db.Value[int64](ctx, tx, `insert into sla_policies (name, version, position, match, definition, ladder, calendar_id, active, created_at)
		values ($1, 1 + coalesce((select max(version) from sla_policies where name = $1), 0), $2, $3, $4, $5, $6, true, $7) returning id`,
		p.Name, p.Position, p.Match, p.Definition, p.Ladder, p.CalendarID, tx.Now())
	if err != nil {
		return 0, fmt.Errorf("save policy: %w", err)
	}
	return id, nil
}
