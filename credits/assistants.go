package credits

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/access"
	"makegood/internal/db"
)

// AssistantShare is what a person's assistant proposed in a period, and what became of it by now: each request is one of AsAsked,
// Less, Rejected, Pending and Ended. Reversed are those of AsAsked and Less that were taken back. Amount is what stands of them, in
// billing.AuthorityCurrency.
type AssistantShare struct {
	UserID   int64
	UserName string
	All      int // submitted by the person, with or without the assistant
	Proposed int
	AsAsked  int // approved in the amount it proposed
	Less     int // approved after an approver lowered it
	Rejected int
	Pending  int // waiting, asked back or failed
	Ended    int // withdrawn or expired
	Reversed int
	Stands   int // of AsAsked, what was not taken back
	Amount   decimal.Decimal
}

// Share is how much of what the person submitted came from the assistant, in percent.
func (a AssistantShare) Share() decimal.Decimal { return percentOf(a.Proposed, a.All) }

// Success is how much of what was decided was approved as asked and stands, in percent.
func (a AssistantShare) Success() decimal.Decimal {
	return percentOf(a.Stands, a.AsAsked+a.Less+a.Rejected)
}

func percentOf(part, all int) decimal.Decimal {
	if all == 0 {
		return decimal.Zero
	}
	return decimal.NewFromInt(int64(part)).Shift(2).DivRound(decimal.NewFromInt(int64(all)), 1)
}

// Assistants lists whose assistants proposed something that was submitted in a period, those with most first.
func (s *Service) Assistants(ctx context.Context, days Days, by access.Actor) ([]AssistantShare, error) {
	if err := access.Can(by, access.ReadReviews, access.Object{}); err != nil {
		return nil, err
	}
	if err := days.check(); err != nil {
		return nil, err
	}
	list, err := db.List[AssistantShare](ctx, s.db, assistantShares, days.From, days.end(), orNone(by.EntityIDs))
	if err != nil {
		return nil, fmt.Errorf("sum assistants: %w", err)
	}
	return list, nil
}

const assistantShares = `with asked as (
		select r.requester_id, r.by_assistant, r.state, r.authority_amount, r.state in ('approved', 'posted') as given,
			exists (select from credit_request_versions v where v.credit_request_id = r.id and v.why = 'less') as less,
			exists (select from reversals v where v.document_kind = r.document_kind and v.document_id = r.document_id) as reversed
		from credit_requests r where r.submitted_at >= $1 and r.submitted_at < $2 and (cardinality($3::bigint[]) = 0 or r.entity_id = any ($3)))
	select a.requester_id as user_id, u.name as user_name, count(*)::int as all, (count(*) filter (where by_assistant))::int as proposed,
		(count(*) filter (where by_assistant and given and not less))::int as as_asked, (count(*) filter (where by_assistant and given and less))::int as less,
		(count(*) filter (where by_assistant and state = 'rejected'))::int as rejected,
		(count(*) filter (where by_assistant and state in ('pending', 'returned', 'failed')))::int as pending,
		(count(*) filter (where by_assistant and state in ('withdrawn', 'expired')))::int as ended,
		(count(*) filter (where by_assistant and given and reversed))::int as reversed,
		(count(*) filter (where by_assistant and given and not less and not reversed))::int as stands,
		coalesce(sum(authority_amount) filter (where by_assistant and given and not reversed), 0) as amount
	from asked a join users u on u.id = a.requester_id group by a.requester_id, u.name having bool_or(by_assistant) order by proposed desc, u.name`

// AssistantRequests lists what a person's assistant proposed in a period, the latest first, at most two hundred.
func (s *Service) AssistantRequests(ctx context.Context, days Days, user int64, by access.Actor) ([]Row, error) {
	if err := access.Can(by, access.ReadReviews, access.Object{}); err != nil {
		return nil, err
	}
	if err := days.check(); err != nil {
		return nil, err
	}
	return rows(ctx, s.db, `where r.by_assistant and r.requester_id = $1 and r.submitted_at >= $2 and r.submitted_at < $3
		and (cardinality($4::bigint[]) = 0 or r.entity_id = any ($4)) order by r.id desc limit 200`, user, days.From, days.end(), orNone(by.EntityIDs))
}

// LastDays is a period that ends today.
func LastDays(now time.Time, days int) Days {
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
	return Days{From: today.AddDate(0, 0, -days), To: today}
}
