package reports

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/access"
	"makegood/internal/db"
)

// StepAge counts the approval steps of one level that wait, by how long, with the money in them.
type StepAge struct {
	Rank      int
	LevelName string
	Under1    int
	Under4    int
	Older     int
	Late      int
	Base      decimal.Decimal // in billing.AuthorityCurrency
}

// ApprovalsByAge lists the levels that decide for others, with what waits at each.
func (s *Service) ApprovalsByAge(ctx context.Context, by access.Actor) ([]StepAge, error) {
	list, err := db.List[StepAge](ctx, s.db, `with o as (
			select s.level_id, r.authority_amount, $2::timestamptz - s.opened_at as age,
				exists (select from case_clocks k where k.case_id = r.case_id and k.kind = 'approval_step' and k.subject_id = s.id
					and (k.outcome = 'breached_open' or (k.outcome = 'running' and k.due_at <= $2))) as late
			from credit_requests r
			join credit_steps s on s.credit_request_id = r.id and s.content_version = r.content_version and s.state = 'open'
			where r.state = 'pending' and (cardinality($1::bigint[]) = 0 or r.entity_id = any ($1)))
		select l.rank, l.name as level_name,
			count(*) filter (where not o.late and o.age < interval '1 hour') as under_1,
			count(*) filter (where not o.late and o.age >= interval '1 hour' and o.age < interval '4 hours') as under_4,
			count(*) filter (where not o.late and o.age >= interval '4 hours') as older,
			count(*) filter (where o.late) as late,
			coalesce(sum(o.authority_amount), 0) as base
		from authority_levels l left join o on o.level_id = l.id
		group by l.id having count(o.level_id) > 0 or l.rank > (select min(rank) from authority_levels)
		order by l.rank`, scopeOf(by), s.db.Now())
	if err != nil {
		return nil, fmt.Errorf("read approvals by age: %w", err)
	}
	return list, nil
}

// HourFlow is how many cases came in and were resolved within an hour.
type HourFlow struct {
	Hour     time.Time
	Opened   int
	Resolved int
}

// FlowToday counts cases in and out per hour, from the start of the reader's day until now. It is planned for that moment: for any moment PostgreSQL
// expects a third of all cases, and reads them all.
func (s *Service) FlowToday(ctx context.Context, by access.Actor, dayBegins time.Time) ([]HourFlow, error) {
	list, err := db.List[HourFlow](ctx, s.db, `with moved as (
			select opened_at as at, true as opened from cases where opened_at >= $3 and (cardinality($1::bigint[]) = 0 or entity_id is null or entity_id = any ($1))
			union all select resolved_at, false from cases where status in ('resolved','closed') and resolved_at >= $3
				and (cardinality($1::bigint[]) = 0 or entity_id is null or entity_id = any ($1))),
		hourly as (select floor(extract(epoch from at - $3::timestamptz) / 3600) as hour, count(*) filter (where opened) as opened,
			count(*) filter (where not opened) as resolved from moved group by 1)
		select h.hour, coalesce(m.opened, 0) as opened, coalesce(m.resolved, 0) as resolved
		from generate_series($3::timestamptz, $2::timestamptz, interval '1 hour') with ordinality h (hour, n) left join hourly m on m.hour = h.n - 1
		order by h.hour`, scopeOf(by), s.db.Now(), dayBegins)
	if err != nil {
		return nil, fmt.Errorf("count the day: %w", err)
	}
	return list, nil
}

// HeldMail counts the mails that need somebody, by mailbox; 0 is mail that came another way.
func (s *Service) HeldMail(ctx context.Context) (map[int64]int, error) {
	type held struct {
		MailboxID int64
		Count     int
	}
	list, err := db.List[held](ctx, s.db, `select coalesce(mailbox_id, 0) as mailbox_id, count(*) from inbound_messages
		where fate in ('held','quarantined') group by 1`)
	if err != nil {
		return nil, fmt.Errorf("count held mail: %w", err)
	}
	counts := make(map[int64]int, len(list))
	for _, h := range list {
		counts[h.MailboxID] = h.Count
	}
	return counts, nil
}
