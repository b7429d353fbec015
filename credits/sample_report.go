package credits

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"makegood/credits/authority/policy"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// SampleSum is what one person passed within their own limit in some months, and what became of the sample.
type SampleSum struct {
	UserID   int64
	UserName string
	Passed   int
	Amount   decimal.Decimal // of all that passed, in billing.AuthorityCurrency
	Drawn    int
	Reviewed int
	NotFine  int
	Waiting  int
}

// SampleReport is the sums by person, the largest first, and how many approvals within an own limit have no draw: none, unless
// they are older than the sample or somebody wrote past the program.
type SampleReport struct {
	From, To time.Time // the first days of the first and the last month
	People   []SampleSum
	Undrawn  int
}

const mostMonths = 36

// SampleReport sums the months from one to another, both included.
func (s *Service) SampleReport(ctx context.Context, from, to time.Time, by access.Actor) (SampleReport, error) {
	out := SampleReport{From: monthOf(from), To: monthOf(to)}
	if err := access.Can(by, access.ReadReviews, access.Object{}); err != nil {
		return out, err
	}
	if out.To.Before(out.From) || out.From.AddDate(0, mostMonths, 0).Before(out.To) {
		return out, errs.InvalidField("from", "credits.bad_months", "most", strconv.Itoa(mostMonths))
	}
	var err error
	if out.People, err = db.List[SampleSum](ctx, s.db, `select d.requester_id as user_id, u.name as user_name, count(*)::int as passed, sum(r.authority_amount) as amount,
			(count(*) filter (where d.sampled))::int as drawn, count(d.reviewed_at)::int as reviewed, (count(*) filter (where d.verdict = 'not_fine'))::int as not_fine,
			(count(*) filter (where d.sampled and d.verdict = ''))::int as waiting
		from own_limit_draws d join credit_requests r on r.id = d.credit_request_id join users u on u.id = d.requester_id
		where d.month between $1 and $2 and (cardinality($3::bigint[]) = 0 or d.entity_id = any ($3))
		group by d.requester_id, u.name order by amount desc, u.name`, out.From, out.To, orNone(by.EntityIDs)); err != nil {
		return out, fmt.Errorf("sum samples: %w", err)
	}
	out.Undrawn, err = db.Value[int](ctx, s.db, `select count(*)::int from credit_requests r where r.own_limit and r.approved_at >= $1 and r.approved_at < $2
			and (cardinality($3::bigint[]) = 0 or r.entity_id = any ($3)) and not exists (select from own_limit_draws d where d.credit_request_id = r.id)`,
		out.From, out.To.AddDate(0, 1, 0), orNone(by.EntityIDs))
	if err != nil {
		return out, fmt.Errorf("look for what was not drawn: %w", err)
	}
	return out, nil
}

// SampleMonth is how a month was drawn. Commitment is the SHA-256 of its seed; Seed is told when the month is over, so that
// nobody can foresee a draw and everybody can repeat it.
type SampleMonth struct {
	Month      time.Time
	Commitment []byte
	Seed       []byte // nil while the month lasts
	Draws      []Drawn
}

// Drawn is one draw. Repeats tells that the seed gives the same again; it is only known with the seed.
type Drawn struct {
	ID            ID `db:"credit_request_id"`
	Number        string
	RequesterName string
	Draw          int
	Percent       int
	PolicyVersion int
	Sampled       bool
	DrawnAt       time.Time
	Repeats       bool `db:"-"`
}

// Draws reads every draw of a month in the order of requests, sampled or not, from after a request on. ErrNoSample for a month
// without any.
func (s *Service) Draws(ctx context.Context, month time.Time, after ID, limit int, by access.Actor) (SampleMonth, error) {
	out := SampleMonth{Month: monthOf(month)}
	if err := access.Can(by, access.ReadReviews, access.Object{}); err != nil {
		return out, err
	}
	type secret struct{ Seed, Commitment []byte }
	found, err := db.List[secret](ctx, s.db, `select seed, commitment from own_limit_seeds where month = $1`, out.Month)
	if err != nil {
		return out, fmt.Errorf("read seed: %w", err)
	}
	if len(found) == 0 {
		return out, ErrNoSample
	}
	out.Commitment = found[0].Commitment
	if !s.db.Now().Before(out.Month.AddDate(0, 1, 0)) {
		out.Seed = found[0].Seed
	}
	if out.Draws, err = db.List[Drawn](ctx, s.db, `select d.credit_request_id, r.number, u.name as requester_name, d.draw, d.percent, d.policy_version, d.sampled, d.drawn_at
		from own_limit_draws d join credit_requests r on r.id = d.credit_request_id join users u on u.id = d.requester_id
		where d.month = $1 and d.credit_request_id > $2 and (cardinality($3::bigint[]) = 0 or d.entity_id = any ($3))
		order by d.credit_request_id limit $4`, out.Month, after, orNone(by.EntityIDs), limitOf(limit)); err != nil {
		return out, fmt.Errorf("list draws: %w", err)
	}
	for i, d := range out.Draws {
		out.Draws[i].Repeats = out.Seed != nil && policy.Draw(out.Seed, int64(d.ID)) == d.Draw && d.Sampled == (d.Draw < d.Percent*policy.Draws/100)
	}
	return out, nil
}
