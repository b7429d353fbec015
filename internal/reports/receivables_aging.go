package reports

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/figures"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// Aging is the receivable of a day by age, one section a currency. It is read from what was open on the day, so that it
// costs the same for a day of any year.
type Aging struct {
	On       time.Time
	Basis    Basis
	Buckets  figures.Buckets
	Sections []figures.Ageing
}

// Aging reads the aging of a scope, for somebody who may read reports. nil buckets are the standard ones.
func (r *Receivables) Aging(ctx context.Context, s Scope, buckets figures.Buckets) (Aging, error) {
	p, err := r.settle(ctx, s)
	if err != nil {
		return Aging{}, err
	}
	if buckets == nil {
		buckets = figures.StandardBuckets()
	}
	parts, err := r.standing(ctx, p, buckets)
	if err != nil {
		return Aging{}, err
	}
	return agingOf(p, buckets, parts), nil
}

func agingOf(p place, buckets figures.Buckets, parts []standing) Aging {
	out := Aging{On: p.On, Basis: p.Basis, Buckets: buckets}
	for _, part := range parts { // ordered by currency
		n := len(out.Sections)
		if n == 0 || out.Sections[n-1].Currency != part.Currency {
			out.Sections = append(out.Sections, figures.NewAgeing(part.Currency, p.On, buckets))
			n++
		}
		out.Sections[n-1].Put(part.Side, part.Bucket, figures.Aged{Count: part.Count, Open: part.Open, Disputed: part.Disputed})
	}
	return out
}

// AgingCustomer is what one customer owes in one currency, by age. Unapplied is its money and credits that no invoice
// has taken; it is not taken off.
type AgingCustomer struct {
	CustomerID int64
	Account    string
	Name       string
	Currency   money.Currency
	Open       decimal.Decimal
	Disputed   decimal.Decimal
	Unapplied  decimal.Decimal
	ByAge      []decimal.Decimal
}

// AgingPage is a page of customers or documents behind an aging. Next is the cursor of the next page, "" on the last.
type AgingPage[T any] struct {
	Rows []T
	Next string
}

// RowsShown is how long a page is when nothing else is asked for, RowsAtMost how long it can be.
const (
	RowsShown  = 50
	RowsAtMost = 10_000
)

func pageSize(limit int) int {
	if limit <= 0 {
		return RowsShown
	}
	return min(limit, RowsAtMost)
}

// CustomerRows says which customers of an aging are listed: of one section, from a cursor on.
type CustomerRows struct {
	Section money.Currency // "" all sections
	After   string
	Limit   int
}

// AgingCustomers lists the customers behind an aging, who owes most first.
func (r *Receivables) AgingCustomers(ctx context.Context, s Scope, buckets figures.Buckets, f CustomerRows) (AgingPage[AgingCustomer], error) {
	var page AgingPage[AgingCustomer]
	p, err := r.settle(ctx, s)
	if err != nil {
		return page, err
	}
	if buckets == nil {
		buckets = figures.StandardBuckets()
	}
	from := cursor{"", "0", "0"}
	if f.After != "" {
		if from, err = readCursor(f.After, 3, 1, 2); err != nil {
			return page, err
		}
	}
	limit := pageSize(f.Limit)
	page.Rows, err = db.List[AgingCustomer](ctx, r.db, stood+byCustomer(buckets),
		p.args(thresholds(buckets), string(f.Section), f.After != "", from[0], from[1], from[2], limit+1)...)
	if err != nil {
		return page, fmt.Errorf("list customers of an aging: %w", err)
	}
	if len(page.Rows) > limit {
		page.Rows = page.Rows[:limit]
		last := page.Rows[limit-1]
		page.Next = cursor{string(last.Currency), last.Open.String(), strconv.FormatInt(last.CustomerID, 10)}.String()
	}
	return page, nil
}

// byCustomer adds a column for each range.
func byCustomer(buckets figures.Buckets) string {
	sums := make([]string, buckets.Len())
	for i := range sums {
		sums[i] = "coalesce(sum(open) filter (where side = 'owed' and bucket = " + strconv.Itoa(i) + "), 0)"
	}
	return `, aged as (select *, width_bucket($1::date - due_on, $7::int[]) as bucket from stood where $8 = '' or currency = $8),
		rows as (select customer_id, currency, coalesce(sum(open) filter (where side = 'owed'), 0) as open, sum(disputed) as disputed,
				coalesce(sum(open) filter (where side <> 'owed'), 0) as unapplied, array[` + strings.Join(sums, ", ") + `]::numeric[] as by_age
			from aged group by customer_id, currency)
		select r.*, k.account, k.name from (
			select * from rows where not $9 or currency > $10::text or (currency = $10::text and (open, -customer_id) < ($11::numeric, -$12::bigint))
			order by currency, open desc, customer_id limit $13) r
		join customers k on k.id = r.customer_id order by r.currency, r.open desc, r.customer_id`
}

// AgingItem is one document behind an aging. Days are past the due date, or since an unapplied amount came; negative
// before.
type AgingItem struct {
	Side         figures.ItemKind
	Kind         string // of the document: invoice, payment, credit_memo, transfer
	DocumentID   int64
	Number       string
	Account      string
	CustomerName string
	EntityCode   string
	Currency     money.Currency
	OpenedOn     time.Time
	DueOn        time.Time
	Days         int
	Bucket       int
	Open         decimal.Decimal
	Disputed     decimal.Decimal
}

// ItemRows says which documents of an aging are listed. The zero value lists all.
type ItemRows struct {
	Section  money.Currency
	Side     figures.ItemKind
	Bucket   string // the name of a range
	Account  string
	Disputed bool // only those with something in dispute
	After    string
	Limit    int
}

// ErrNoBucket is returned for a range that the aging does not have, ErrBadCursor for a cursor that no page gave.
var (
	ErrNoBucket  = errs.New(errs.Invalid, "reports.no_bucket")
	ErrBadCursor = errs.New(errs.Invalid, "reports.bad_cursor")
)

// AgingItems lists the documents behind an aging, the one due first first.
func (r *Receivables) AgingItems(ctx context.Context, s Scope, buckets figures.Buckets, f ItemRows) (AgingPage[AgingItem], error) {
	var page AgingPage[AgingItem]
	p, err := r.settle(ctx, s)
	if err != nil {
		return page, err
	}
	if buckets == nil {
		buckets = figures.StandardBuckets()
	}
	bucket, err := placeOf(buckets, f.Bucket)
	if err != nil {
		return page, err
	}
	from := cursor{"2000-01-01", "", "0"}
	if f.After != "" {
		if from, err = readCursor(f.After, 3, 2); err != nil {
			return page, err
		}
	}
	after, err := time.Parse(time.DateOnly, from[0])
	if err != nil {
		return page, badCursor()
	}
	limit := pageSize(f.Limit)
	page.Rows, err = db.List[AgingItem](ctx, r.db, stood+`
		select a.side, a.kind, a.document_id, a.number, a.currency, a.opened_on, a.due_on, a.days, a.bucket, a.open, a.disputed,
			k.account, k.name as customer_name, e.code as entity_code
		from (select *, $1::date - due_on as days, width_bucket($1::date - due_on, $7::int[]) as bucket from stood) a
		join customers k on k.id = a.customer_id join legal_entities e on e.id = a.entity_id
		where ($8 = '' or a.currency = $8) and ($9 = '' or a.side = $9) and ($10 < 0 or a.bucket = $10) and ($11 = '' or k.account = $11)
			and (not $12 or a.disputed > 0) and (not $13 or (a.due_on, a.kind, a.document_id) > ($14::date, $15::text, $16::bigint))
		order by a.due_on, a.kind, a.document_id limit $17`,
		p.args(thresholds(buckets), string(f.Section), string(f.Side), bucket, f.Account, f.Disputed, f.After != "", after, from[1], from[2], limit+1)...)
	if err != nil {
		return page, fmt.Errorf("list documents of an aging: %w", err)
	}
	if len(page.Rows) > limit {
		page.Rows = page.Rows[:limit]
		last := page.Rows[limit-1]
		page.Next = cursor{last.DueOn.Format(time.DateOnly), last.Kind, strconv.FormatInt(last.DocumentID, 10)}.String()
	}
	return page, nil
}

// placeOf is where a range stands; -1 for "", which is all of them.
func placeOf(buckets figures.Buckets, name string) (int, error) {
	if name == "" {
		return -1, nil
	}
	for i := range buckets.Len() {
		if buckets.Name(i) == name {
			return i, nil
		}
	}
	return 0, errs.InvalidField("bucket", ErrNoBucket.Key, "bucket", name)
}

// cursor is where a page ended: the values it is ordered by.
type cursor []string

func (c cursor) String() string { return strings.Join(c, "~") }

// readCursor reads a cursor of n values, of which those at some places must be numbers.
func readCursor(text string, n int, numbers ...int) (cursor, error) {
	c := cursor(strings.Split(text, "~"))
	if len(c) != n {
		return nil, badCursor()
	}
	for _, at := range numbers {
		if _, err := decimal.NewFromString(c[at]); err != nil {
			return nil, badCursor()
		}
	}
	return c, nil
}

func badCursor() error { return errs.InvalidField("cursor", ErrBadCursor.Key) }
