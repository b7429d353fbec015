package reports

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/money"
)

// The board reads open work only: what it costs grows with what is open, not with what ever was.

// DueCase is an open case with its tightest deadline.
type DueCase struct {
	ID               int64
	Number           string
	Version          int
	Subject          string
	Priority         string
	CustomerName     string
	NextClock        string
	NextDueAt        time.Time
	ClockStartedAt   *time.Time
	ClockPaused      bool
	Late             bool
	Disputed         decimal.Decimal
	DisputedCurrency money.Currency
	AssigneeID       *int64
	AssigneeName     string
	AssigneeAway     bool
}

// InDispute is the amount in dispute.
func (c DueCase) InDispute() money.Amount { return money.Of(c.Disputed, c.DisputedCurrency) }

// NextToBreach lists the open cases with the nearest deadlines, those already missed first.
func (s *Service) NextToBreach(ctx context.Context, by access.Actor, limit int) ([]DueCase, error) {
	list, err := db.List[DueCase](ctx, s.db, `select c.id, c.number, c.version, c.subject, c.priority, coalesce(k.name, '') as customer_name,
			c.next_clock, c.next_due_at, c.clock_paused, c.breached or (not c.clock_paused and c.next_due_at <= $2) as late,
			c.disputed, c.disputed_currency, c.assignee_id, coalesce(u.name, '') as assignee_name, coalesce(u.away, false) as assignee_away,
			(select min(l.started_at) from case_clocks l where l.case_id = c.id and l.kind = c.next_clock
				and l.due_at = c.next_due_at and l.outcome in ('running','breached_open')) as clock_started_at
		from cases c left join customers k on k.id = c.customer_id left join users u on u.id = c.assignee_id
		where c.status in ('new','open','waiting') and c.next_due_at is not null
			and (cardinality($1::bigint[]) = 0 or c.entity_id is null or c.entity_id = any ($1))
		order by c.next_due_at, c.id limit $3`, scopeOf(by), s.db.Now(), limit)
	if err != nil {
		return nil, fmt.Errorf("list what breaches next: %w", err)
	}
	return list, nil
}

// AgentLoad is how many open cases somebody has: on us to act, and waiting for others.
type AgentLoad struct {
	UserID  int64
	Name    string
	Email   string
	Away    bool
	OnUs    int
	Waiting int
	Late    int
}

// Total is all of it.
func (l AgentLoad) Total() int { return l.OnUs + l.Waiting }

// Load lists the people who work cases with what they have open, the most loaded first.
func (s *Service) Load(ctx context.Context, w OpenWork, limit int) ([]AgentLoad, error) {
	users, counts := w.load()
	list, err := db.List[AgentLoad](ctx, s.db, `select u.id as user_id, u.name, u.email, u.away, coalesce(l.on_us, 0) as on_us, coalesce(l.waiting, 0) as waiting, coalesce(l.late, 0) as late
		from users u left join unnest($1::bigint[], $2::int[], $3::int[], $4::int[]) l (user_id, on_us, waiting, late) on l.user_id = u.id
		where u.active and (l.user_id is not null or u.roles && array['agent','senior'])
		order by coalesce(l.on_us, 0) + coalesce(l.waiting, 0) desc, u.name, u.id limit $5`, users, counts[0], counts[1], counts[2], limit)
	if err != nil {
		return nil, fmt.Errorf("read load: %w", err)
	}
	return list, nil
}
