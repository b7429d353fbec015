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

// openWork is the set the board's figures come from, what was put off included: it is open, and its money in dispute; $1 is the actor's entities, $2 the present moment. A deadline that
// has passed counts as a breach at once, also before its timer has written so.
const openWork = `with w as (
	select c.*, c.breached or (not c.clock_paused and c.next_due_at <= $2) as late
	from cases c where c.status in ('new','open','waiting')
		and (cardinality($1::bigint[]) = 0 or c.entity_id is null or c.entity_id = any ($1)))`

// BoardFigures are the six figures at the head of the board, each with the case behind its extreme.
type BoardFigures struct {
	Open             int
	Breached         int
	Due15            int // running, due within a quarter of an hour
	Due60            int // running, due within the hour; those of Due15 too
	Due60Unassigned  int
	Unanswered       int
	OldestUnanswered *time.Time
	OldestNumber     string
	Unassigned       int
	OldestUnassigned *time.Time
	WorstNumber      string
	WorstCustomer    string
	WorstDueAt       *time.Time
	NextNumber       string
	NextCustomer     string
	NextDueAt        *time.Time
	Risk             decimal.Decimal // in billing.AuthorityCurrency
}

// BoardFigures adds up open work.
func (s *Service) BoardFigures(ctx context.Context, by access.Actor) (BoardFigures, error) {
	f, err := db.One[BoardFigures](ctx, s.db, openWork+`,
		worst as (select w.number, w.next_due_at, coalesce(k.name, '') as customer from w left join customers k on k.id = w.customer_id
			where late and w.next_due_at is not null order by w.next_due_at, w.id limit 1),
		next as (select w.number, w.next_due_at, coalesce(k.name, '') as customer from w left join customers k on k.id = w.customer_id
			where not late and not w.clock_paused and w.next_due_at is not null order by w.next_due_at, w.id limit 1)
		select count(*) as open,
			count(*) filter (where late) as breached,
			count(*) filter (where not late and not clock_paused and next_due_at <= $2::timestamptz + interval '15 minutes') as due_15,
			count(*) filter (where not late and not clock_paused and next_due_at <= $2::timestamptz + interval '60 minutes') as due_60,
			count(*) filter (where not late and not clock_paused and assignee_id is null
				and next_due_at <= $2::timestamptz + interval '60 minutes') as due_60_unassigned,
			count(*) filter (where unanswered_since is not null) as unanswered,
			min(unanswered_since) as oldest_unanswered,
			coalesce((select number from w where unanswered_since is not null order by unanswered_since, id limit 1), '') as oldest_number,
			count(*) filter (where assignee_id is null) as unassigned,
			min(opened_at) filter (where assignee_id is null) as oldest_unassigned,
			coalesce((select number from worst), '') as worst_number, coalesce((select customer from worst), '') as worst_customer,
			(select next_due_at from worst) as worst_due_at,
			coalesce((select number from next), '') as next_number, coalesce((select customer from next), '') as next_customer,
			(select next_due_at from next) as next_due_at,
			coalesce(sum(risk_base), 0) as risk
		from w`, scopeOf(by), s.db.Now())
	if err != nil {
		return BoardFigures{}, fmt.Errorf("add up the board: %w", err)
	}
	return f, nil
}

// RiskPart is the money in dispute in one currency; Base is the same in billing.AuthorityCurrency.
type RiskPart struct {
	Currency money.Currency
	Amount   decimal.Decimal
	Base     decimal.Decimal
	Cases    int
}

// RiskByCurrency lists the money in dispute, the largest sum first.
func (s *Service) RiskByCurrency(ctx context.Context, by access.Actor) ([]RiskPart, error) {
	list, err := db.List[RiskPart](ctx, s.db, openWork+`
		select disputed_currency as currency, sum(disputed) as amount, sum(risk_base) as base, count(*) as cases
		from w where disputed > 0 group by disputed_currency order by sum(risk_base) desc, disputed_currency`, scopeOf(by), s.db.Now())
	if err != nil {
		return nil, fmt.Errorf("add up money at risk: %w", err)
	}
	return list, nil
}

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
func (s *Service) Load(ctx context.Context, by access.Actor, limit int) ([]AgentLoad, error) {
	list, err := db.List[AgentLoad](ctx, s.db, openWork+`, l as (
			select assignee_id, count(*) filter (where status <> 'waiting') as on_us, count(*) filter (where status = 'waiting') as waiting,
				count(*) filter (where late) as late
			from w where assignee_id is not null group by assignee_id)
		select u.id as user_id, u.name, u.email, u.away, coalesce(l.on_us, 0) as on_us, coalesce(l.waiting, 0) as waiting, coalesce(l.late, 0) as late
		from users u left join l on l.assignee_id = u.id
		where u.active and (l.assignee_id is not null or u.roles && array['agent','senior'])
		order by coalesce(l.on_us, 0) + coalesce(l.waiting, 0) desc, u.name, u.id limit $3`, scopeOf(by), s.db.Now(), limit)
	if err != nil {
		return nil, fmt.Errorf("read load: %w", err)
	}
	return list, nil
}

// WaitingShare counts open cases by whom they wait for; "" is us.
type WaitingShare struct {
	On    string
	Cases int
}

// WaitingSplit tells for whom the open cases wait.
func (s *Service) WaitingSplit(ctx context.Context, by access.Actor) ([]WaitingShare, error) {
	list, err := db.List[WaitingShare](ctx, s.db, openWork+`
		select waiting_on as "on", count(*) as cases from w group by waiting_on order by count(*) desc, waiting_on`, scopeOf(by), s.db.Now())
	if err != nil {
		return nil, fmt.Errorf("read waiting split: %w", err)
	}
	return list, nil
}
