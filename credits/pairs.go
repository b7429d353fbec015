package credits

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// Days is a period of reports, both days included, in UTC.
type Days struct{ From, To time.Time }

const mostReportDays = 1100

func (d Days) check() error {
	if d.To.Before(d.From) || d.From.AddDate(0, 0, mostReportDays).Before(d.To) {
		return errs.InvalidField("from", "credits.bad_days", "most", strconv.Itoa(mostReportDays))
	}
	return nil
}

// end is the moment the period ends, before the moment a period of the same length before it began.
func (d Days) end() time.Time { return d.To.AddDate(0, 0, 1) }

func (d Days) before() time.Time { return d.From.Add(-d.end().Sub(d.From)) }

// Pair is who signed for whom in a period: how many requests, in this period and the one before of the same length, and what they
// add up to in billing.AuthorityCurrency. Of is how many of the requester's requests anybody signed.
type Pair struct {
	RequesterID   int64
	RequesterName string
	ApproverID    int64
	ApproverName  string
	Count         int
	Before        int
	Of            int
	Amount        decimal.Decimal
	LastAt        *time.Time // nil when only the period before knows the pair
}

// Share is how much of what was signed for the requester this approver signed, in percent.
func (p Pair) Share() decimal.Decimal {
	if p.Of == 0 {
		return decimal.Zero
	}
	return decimal.NewFromInt(int64(p.Count)).Shift(2).DivRound(decimal.NewFromInt(int64(p.Of)), 1)
}

// signedByWhom are the signatures of a period and the one before it: one for each request and who signed it or had it signed.
const signedByWhom = `with signed as (select r.requester_id, d.user_id as approver_id, r.id, r.authority_amount, max(d.decided_at) as at
		from credit_decisions d join credit_requests r on r.id = d.credit_request_id and r.content_version = d.content_version
		where d.decision = 'approve' and d.decided_at >= $1 and d.decided_at < $3 and (cardinality($4::bigint[]) = 0 or r.entity_id = any ($4))
		group by r.id, d.user_id)`

// Pairs lists who signed for whom, the most frequent first, at most two hundred.
func (s *Service) Pairs(ctx context.Context, days Days, by access.Actor) ([]Pair, error) {
	if err := access.Can(by, access.ReadReviews, access.Object{}); err != nil {
		return nil, err
	}
	if err := days.check(); err != nil {
		return nil, err
	}
	list, err := db.List[Pair](ctx, s.db, signedByWhom+`
		select s.requester_id, u.name as requester_name, s.approver_id, a.name as approver_name, (count(*) filter (where s.at >= $2))::int as count,
			(count(*) filter (where s.at < $2))::int as before, coalesce(o.n, 0)::int as of, coalesce(sum(s.authority_amount) filter (where s.at >= $2), 0) as amount,
			max(s.at) filter (where s.at >= $2) as last_at
		from signed s join users u on u.id = s.requester_id join users a on a.id = s.approver_id
			left join (select requester_id, count(distinct id) as n from signed where at >= $2 group by requester_id) o on o.requester_id = s.requester_id
		group by s.requester_id, u.name, s.approver_id, a.name, o.n order by count desc, amount desc, u.name, a.name limit 200`,
		days.before(), days.From, days.end(), orNone(by.EntityIDs))
	if err != nil {
		return nil, fmt.Errorf("list pairs: %w", err)
	}
	return list, nil
}

// PairRequests lists what an approver signed for a requester in a period, the latest first, at most two hundred.
func (s *Service) PairRequests(ctx context.Context, days Days, requester, approver int64, by access.Actor) ([]Row, error) {
	if err := access.Can(by, access.ReadReviews, access.Object{}); err != nil {
		return nil, err
	}
	if err := days.check(); err != nil {
		return nil, err
	}
	return rows(ctx, s.db, `where r.id in (select d.credit_request_id from credit_decisions d where d.user_id = $2 and d.decision = 'approve'
			and d.decided_at >= $3 and d.decided_at < $4 and d.content_version = r.content_version)
		and r.requester_id = $1 and (cardinality($5::bigint[]) = 0 or r.entity_id = any ($5)) order by r.id desc limit 200`,
		requester, approver, days.From, days.end(), orNone(by.EntityIDs))
}
