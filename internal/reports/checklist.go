package reports

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/money"
)

// Closing reads what stands between a month and its close.
type Closing struct {
	db      *db.DB
	billing *billing.Service
}

// Closing makes the reader.
func (s *Service) Closing(b *billing.Service) *Closing { return &Closing{db: s.db, billing: b} }

// CheckKind names a point of the month-end checklist.
type CheckKind string

// The points of the checklist. Those that block are billing's own (billing.PeriodPoints); the others tell what a close
// leaves behind or pushes into a later month.
const (
	CheckEarlierOpen               = CheckKind(billing.PointEarlierOpen)
	CheckUnposted                  = CheckKind(billing.PointUnposted)
	CheckNumberGaps                = CheckKind(billing.PointNumberGap)
	CheckDifferences               = CheckKind(billing.PointDifference)
	CheckPending         CheckKind = "requests_pending"
	CheckDisputes        CheckKind = "disputes_open"
	CheckHolds           CheckKind = "holds"
	CheckUnapplied       CheckKind = "unapplied"
	CheckReconciliation  CheckKind = "reconciliation_differences"
	CheckInvoiceDocument CheckKind = "invoices_without_document"
	CheckMemoDocument    CheckKind = "memos_without_document"
	CheckElsewhere       CheckKind = "memos_not_issued_elsewhere"
)

// Check is a point of the checklist: how often, how much per currency, and the rows behind it, the oldest first.
type Check struct {
	Kind     CheckKind
	Blocking bool // the month cannot be closed over it without a reason
	Count    int
	Sums     []money.Amount
	Rows     []CheckRow
}

// More is how many rows are not among those given.
func (c Check) More() int { return c.Count - len(c.Rows) }

// CheckRow is one thing behind a point, with the page that shows it.
type CheckRow struct {
	Text     string // its number
	Detail   string // whose, or what about it
	Amount   decimal.Decimal
	Currency money.Currency // "" when it has no amount
	OnDay    time.Time
	Href     string
}

// Sum is the row's amount.
func (r CheckRow) Sum() money.Amount { return money.Of(r.Amount, r.Currency) }

// Checklist is a month of an entity's books with all its points; those with nothing to tell have a count of zero.
type Checklist struct {
	Entity billing.Entity
	Period billing.Period
	Checks []Check
}

// Blocking counts the points that block the close.
func (c Checklist) Blocking() int {
	n := 0
	for _, check := range c.Checks {
		if check.Blocking {
			n++
		}
	}
	return n
}

const checkRows = 10

// Checklist reads the month-end checklist. Month is any day of it; limit is how many rows each point gives, 10 without one
// and at most 500.
func (c *Closing) Checklist(ctx context.Context, entity billing.EntityID, month time.Time, limit int, by access.Actor) (Checklist, error) {
	if limit <= 0 {
		limit = checkRows
	}
	period, err := c.billing.PeriodOf(ctx, entity, month, by)
	if err != nil {
		return Checklist{}, err
	}
	list := Checklist{Period: period}
	if list.Entity, err = c.billing.EntityByID(ctx, c.db, entity); err != nil {
		return list, err
	}
	points, err := c.billing.PeriodPoints(ctx, c.db, entity, month)
	if err != nil {
		return list, err
	}
	blocking := map[CheckKind]bool{}
	for _, p := range points {
		blocking[CheckKind(p.Kind)] = true
	}
	from := period.Month
	args := []any{entity, from, from.AddDate(0, 1, 0), list.Entity.FiscalYear(from)}
	for _, q := range checklist() {
		check, err := c.check(ctx, q, min(limit, 500), args)
		if err != nil {
			return list, err
		}
		check.Blocking = blocking[q.kind]
		list.Checks = append(list.Checks, check)
	}
	return list, nil
}

func (c *Closing) check(ctx context.Context, q checkQuery, limit int, args []any) (Check, error) {
	check := Check{Kind: q.kind}
	type sum struct {
		Currency money.Currency
		Count    int
		Sum      decimal.Decimal
	}
	// The four values are named in every query, whether it uses them or not.
	query := `with given as (select $1::bigint as entity, $2::date as from_day, $3::date as until_day, $4::int as year), found as (` + q.sql + `) `
	sums, err := db.List[sum](ctx, c.db, query+`select currency, count(*), coalesce(sum(amount), 0) as sum from found group by currency order by sum desc`, args...)
	if err != nil {
		return check, fmt.Errorf("count %s: %w", q.kind, err)
	}
	for _, s := range sums {
		if check.Count += s.Count; s.Currency != "" {
			check.Sums = append(check.Sums, money.Of(s.Sum, s.Currency))
		}
	}
	if check.Count == 0 {
		return check, nil
	}
	check.Rows, err = db.List[CheckRow](ctx, c.db, query+fmt.Sprintf(`select text, detail, amount, currency, on_day, href from found order by on_day, text limit %d`, limit), args...)
	if err != nil {
		return check, fmt.Errorf("list %s: %w", q.kind, err)
	}
	return check, nil
}
