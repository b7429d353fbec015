package billing

import (
	"context"
	"fmt"
	"time"

	"makegood/internal/db"
)

// PointKind names something that keeps a month from being closed.
type PointKind string

// What keeps a month from being closed, unless a controller says why it may be closed all the same.
const (
	// PointEarlierOpen counts earlier months with entries that are not closed.
	PointEarlierOpen PointKind = "earlier_months_open"
	// PointUnposted counts approved credits on the month's invoices that are not posted: they would slip to a later month.
	PointUnposted PointKind = "approved_not_posted"
	// PointNumberGap counts series of the month's fiscal year with a number missing.
	PointNumberGap PointKind = "number_gaps"
	// PointDifference counts currencies in which the ledger and the open items disagree.
	PointDifference PointKind = "ledger_differences"
)

// PeriodPoint is one blocking point of a month with how often it occurs.
type PeriodPoint struct {
	Kind  PointKind
	Count int
}

// PeriodPoints lists what blocks the closing of a month of an entity's books; none means that it may be closed. Month is
// any day of it.
func (s *Service) PeriodPoints(ctx context.Context, r db.Reader, entity EntityID, month time.Time) ([]PeriodPoint, error) {
	e, err := s.EntityByID(ctx, r, entity)
	if err != nil {
		return nil, err
	}
	from := firstOfMonth(month)
	until := from.AddDate(0, 1, 0)
	var points []PeriodPoint
	for _, c := range []struct {
		kind  PointKind
		query string
		args  []any
	}{
		{PointEarlierOpen, earlierOpen, []any{entity, from}},
		{PointUnposted, unposted, []any{entity, from, until}},
		{PointNumberGap, numberGaps, []any{entity, e.FiscalYear(from)}},
		{PointDifference, ledgerDifferences, []any{entity}},
	} {
		n, err := db.Value[int](ctx, r, c.query, c.args...)
		if err != nil {
			return nil, fmt.Errorf("count %s: %w", c.kind, err)
		}
		if n > 0 {
			points = append(points, PeriodPoint{c.kind, n})
		}
	}
	return points, nil
}

const earlierOpen = `select count(*) from generate_series(
		(select date_trunc('month', min(booked_on)::timestamp) from journal_entries where entity_id = $1), $2::timestamp - interval '1 month', interval '1 month') m
	where exists (select from journal_entries e where e.entity_id = $1 and e.booked_on >= m::date and e.booked_on < (m + interval '1 month')::date)
		and not exists (select from periods p where p.entity_id = $1 and p.month = m::date and p.state = 'closed')`

const unposted = `select count(distinct r.credit_request_id) from line_reservations r
	join adjustment_approvals a on a.credit_request_id = r.credit_request_id join invoices i on i.id = r.invoice_id
	where r.state = 'held' and i.entity_id = $1 and i.issued_on >= $2 and i.issued_on < $3`

const numberGaps = `select count(*) from document_sequences s
	where entity_id = $1 and fiscal_year = $2 and numbers_used(document_kind, entity_id, series, fiscal_year, 1, last_no) <> last_no`

const ledgerDifferences = `select count(*) from (
	select account, currency from (
		select a.account, s.currency, s.amount from (values ('receivable'), ('unapplied')) as a(account)
			cross join lateral account_sums($1, a.account, (select max(booked_on) + 1 from journal_entries where entity_id = $1)) s
		union all select case kind when 'invoice' then 'receivable' else 'unapplied' end, currency,
			case kind when 'invoice' then -open else open end from open_items where entity_id = $1 and open <> 0) b
	group by account, currency having sum(amount) <> 0) differences`
