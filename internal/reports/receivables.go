package reports

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/figures"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// The receivable as of any day. What is open on a day is read from the postings of the items that were not settled by
// then, so that a read costs what was open on the day, not what ever was.

// Basis says on what knowledge the figures of a past day rest.
type Basis string

// KnownNow counts every document by its own date, whenever it was posted. KnownThen leaves out what was posted after
// the day was over where the legal entity is: the figures as somebody saw them on it.
const (
	KnownNow  Basis = "known_now"
	KnownThen Basis = "known_then"
)

// ErrNoBasis is returned for a basis that is none, ErrNoEntity for a legal entity that does not exist or is out of the
// actor's scope.
var (
	ErrNoBasis  = errs.New(errs.Invalid, "reports.unknown_basis")
	ErrNoEntity = errs.New(errs.NotFound, "reports.no_entity")
)

// Scope says for whom, of which day and in what money receivables are read. The zero On is today (see Today). Entity is a code, ""
// all that the actor may see. Currency narrows to documents in it. With Base all amounts are in the base currency of
// their legal entity, as they were booked.
type Scope struct {
	By       access.Actor
	On       time.Time
	Basis    Basis
	Entity   string
	Currency money.Currency
	Base     bool
}

// Receivables reads aging, DSO and the indicators of receivables.
type Receivables struct {
	db *db.DB
}

// Receivables makes the reader.
func (s *Service) Receivables() *Receivables { return &Receivables{db: s.figures} }

// Today is the day that figures are of when none is asked for: today where the legal entity is. Of several it is the latest of their days, so that
// nothing that was posted today is left out of them.
func (r *Receivables) Today(ctx context.Context, by access.Actor, entity string) (time.Time, error) {
	now := r.db.Now()
	day, err := db.Value[*time.Time](ctx, r.db, `select max(($1::timestamptz at time zone time_zone)::date) from legal_entities
		where (cardinality($2::bigint[]) = 0 or id = any ($2)) and ($3 = '' or code = $3)`, now, scopeOf(by), entity)
	if err != nil {
		return time.Time{}, fmt.Errorf("read today: %w", err)
	}
	if day == nil {
		return billing.Date(now), nil
	}
	return *day, nil
}

// dayEnds is when the day ($1) is over at a legal entity e, periodBegins when the first day ($7) of the period begins at e.
const (
	dayEnds      = ` (($1::date + 1)::timestamp at time zone e.time_zone) `
	periodBegins = ` ($7::date::timestamp at time zone e.time_zone) `
)

// knownThen is the condition that a posting t of a legal entity e was made by the end of the day. Its day of posting is by UTC, so within a day of it the
// moment decides.
const knownThen = ` (t.posted_on < $1 or t.posted_on <= $1::date + 1 and (select j.posted_at from journal_entries j where j.id = t.entry_id) <` + dayEnds + `) `

// EntityChoice is a legal entity one may look at.
type EntityChoice struct {
	ID           int64
	Code         string
	Name         string
	BaseCurrency money.Currency
}

// Entities lists the legal entities whose figures an actor may read.
func (r *Receivables) Entities(ctx context.Context, by access.Actor) ([]EntityChoice, error) {
	if err := access.Can(by, access.ReadReports, access.Object{}); err != nil {
		return nil, err
	}
	list, err := db.List[EntityChoice](ctx, r.db, `select id, code, name, base_currency from legal_entities
		where cardinality($1::bigint[]) = 0 or id = any ($1) order by code`, scopeOf(by))
	if err != nil {
		return nil, fmt.Errorf("list entities: %w", err)
	}
	return list, nil
}

// Currencies lists the currencies that documents of an actor's entities are in.
func (r *Receivables) Currencies(ctx context.Context, by access.Actor) ([]money.Currency, error) {
	list, err := db.Values[money.Currency](ctx, r.db, `select distinct currency::text from customers
		where cardinality($1::bigint[]) = 0 or entity_id = any ($1) order by 1`, scopeOf(by))
	if err != nil {
		return nil, fmt.Errorf("list currencies: %w", err)
	}
	return list, nil
}

// place is a scope made ready for statements: which entities, and to how many decimals their base currency goes.
type place struct {
	Scope
	entities []int64
	digits   []int32
}

// settle checks a scope and finds its entities.
func (r *Receivables) settle(ctx context.Context, s Scope) (place, error) {
	all, err := r.Entities(ctx, s.By)
	if err != nil {
		return place{}, err
	}
	if s.On.IsZero() {
		if s.On, err = r.Today(ctx, s.By, s.Entity); err != nil {
			return place{}, err
		}
	}
	if s.Basis == "" {
		s.Basis = KnownNow
	}
	if s.Basis != KnownNow && s.Basis != KnownThen {
		return place{}, errs.InvalidField("basis", ErrNoBasis.Key, "basis", string(s.Basis))
	}
	if s.Currency != "" {
		if s.Currency, err = money.ParseCurrency(string(s.Currency)); err != nil {
			return place{}, errs.InvalidField("currency", errs.KeyOf(err), "currency", string(s.Currency))
		}
	}
	p := place{Scope: s, entities: []int64{}, digits: []int32{}}
	for _, e := range all {
		if s.Entity == "" || s.Entity == e.Code {
			p.entities, p.digits = append(p.entities, e.ID), append(p.digits, e.BaseCurrency.Digits())
		}
	}
	if s.Entity != "" && len(p.entities) == 0 {
		return place{}, errs.New(ErrNoEntity.Kind, ErrNoEntity.Key, "entity", s.Entity)
	}
	return p, nil
}

// args are the first six arguments of every statement on receivables. Each is planned for its own day and period: a plan
// made for any of them would not know whether it reads a week or three years.
func (p place) args(more ...any) []any {
	return append([]any{pgx.QueryExecModeCacheDescribe, p.On, p.Basis == KnownThen, p.Base, string(p.Currency), p.entities, p.digits}, more...)
}

// stood is every item that was open on the day, with what was in dispute of it by the history of its holds (one that ended
// before the day held nothing on it) and what was open on it then: $1 day, $2 only what had been posted by
// it, $3 in base currency, $4 currency of documents, $5 entities, $6 decimals of their base currencies.
const stood = `with item as (
		select o.kind, o.document_id, o.number, o.customer_id, o.entity_id, o.currency, o.due_on, o.opened_on
			from open_items o where o.closed_on is null and o.opened_on <= $1
		union all
		select o.kind, o.document_id, o.number, o.customer_id, o.entity_id, o.currency, o.due_on, o.opened_on
			from open_items o where o.closed_on is not null and daterange(o.opened_on, greatest(o.opened_on, o.closed_on)) @> $1::date),
	held as (
		select c.invoice_id, sum(c.amount - c.amount_before) as amount from holds h join hold_changes c on c.hold_id = h.id
			join invoices v on v.id = c.invoice_id join legal_entities e on e.id = v.entity_id
		where (h.released_at is null or h.released_at >= $1::date and h.released_at >=` + dayEnds + `) and c.at <` + dayEnds + `
		group by c.invoice_id having sum(c.amount - c.amount_before) <> 0),
	stood as materialized (
		select i.kind, i.document_id, i.number, i.customer_id, i.entity_id, i.due_on, i.opened_on,
			case when $3 then e.base_currency else i.currency end as currency,
			case i.kind when 'invoice' then 'owed' when 'payment' then 'unapplied_cash' when 'credit_memo' then 'unapplied_credit'
				else (with recursive came as (
						select t.item_kind, t.item_id from transfers t where t.id = i.document_id
						union all select t.item_kind, t.item_id from came c join transfers t on c.item_kind = 'transfer' and t.id = c.item_id)
					select case when bool_or(item_kind = 'credit_memo') then 'unapplied_credit' else 'unapplied_cash' end from came)
				end as side,
			case when i.kind = 'invoice' then 1 else -1 end * case when $3 then s.base else s.amount end as open,
			case when i.kind <> 'invoice' or h.amount is null or s.amount < 0 then 0
				when h.amount >= s.amount then case when $3 then s.base else s.amount end
				when $3 then round(s.base * h.amount / s.amount, p.digits)
				else h.amount end as disputed
		from item i
		join unnest($5::bigint[], $6::int[]) as p(entity_id, digits) on p.entity_id = i.entity_id
		join legal_entities e on e.id = i.entity_id
		cross join lateral (select sum(t.amount) as amount, sum(t.base_amount) as base from postings t
			where t.item_kind = i.kind and t.item_id = i.document_id and t.dated_on <= $1 and (not $2 or` + knownThen + `)) s
		left join held h on i.kind = 'invoice' and h.invoice_id = i.document_id
		where s.amount <> 0 and ($4 = '' or i.currency = $4))`

// standing is a part of what was open: of one currency, side, range of age and month of issue.
type standing struct {
	Currency   money.Currency
	Side       figures.ItemKind
	Bucket     int
	Month      time.Time
	Count      int
	Open       decimal.Decimal
	Disputed   decimal.Decimal
	AmountDays decimal.Decimal // age since issue × open
}

func (r *Receivables) standing(ctx context.Context, p place, buckets figures.Buckets) ([]standing, error) {
	list, err := db.List[standing](ctx, r.db, stood+`
		select currency, side, width_bucket($1::date - due_on, $7::int[]) as bucket, date_trunc('month', opened_on)::date as month,
			count(*) as count, sum(open) as open, sum(disputed) as disputed, sum(open * ($1::date - opened_on)) as amount_days
		from stood group by 1, 2, 3, 4 order by 1, 2, 3, 4`, p.args(thresholds(buckets))...)
	if err != nil {
		return nil, fmt.Errorf("read what is open: %w", err)
	}
	return list, nil
}

// thresholds are the first days of every range but the first, as width_bucket wants them.
func thresholds(buckets figures.Buckets) []int32 {
	list := make([]int32, len(buckets))
	for i, last := range buckets {
		list[i] = int32(last) + 1
	}
	return list
}
