package reports

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/figures"
	"makegood/internal/db"
	"makegood/internal/money"
)

// kpiSets gathers what several statements read at once, by currency.
type kpiSets struct {
	p    place
	days int
	from time.Time

	mu   sync.Mutex
	sets map[money.Currency]*KPISet
}

// at is a currency's set. It is safe to call from several statements at once; each of them writes fields of its own.
func (s *kpiSets) at(cur money.Currency) *KPISet {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sets[cur] == nil {
		s.sets[cur] = &KPISet{Days: s.days, Aging: figures.NewAgeing(cur, s.p.On, figures.StandardBuckets())}
	}
	return s.sets[cur]
}

func (s *kpiSets) set(cur money.Currency) KPISet { return *s.at(cur) }

func (s *kpiSets) currencies(other *kpiSets) []money.Currency {
	all := maps.Clone(s.sets)
	maps.Copy(all, other.sets)
	return slices.Sorted(maps.Keys(all))
}

// read runs one statement of a period ($7 is its first day) and hands over its rows.
func read[T any](ctx context.Context, r *Receivables, s *kpiSets, query string, take func(T)) error {
	list, err := db.List[T](ctx, r.db, query, s.p.args(s.from)...)
	if err != nil {
		return err
	}
	for _, row := range list {
		take(row)
	}
	return nil
}

// ofInvoice joins an invoice i to what says in which section it counts and how its amounts are brought there.
const ofInvoice = ` join unnest($5::bigint[], $6::int[]) as p(entity_id, digits) on p.entity_id = i.entity_id
	join legal_entities e on e.id = i.entity_id
	cross join lateral (select case when $3 then e.base_currency else i.currency end as currency,
		case when $3 then i.fx_rate else 1 end as rate, case when $3 then p.digits else 4 end as digits) c `

// inScope leaves out invoices of other currencies and, where only what was known then counts, those posted later.
const inScope = ` ($4 = '' or i.currency = $4) and (not $2 or i.posted_at <` + dayEnds + `) `

// standingBill leaves out bills i that an approved adjustment made, debit memos and the new invoices of rebills, once they were
// taken back: as if they had never been, like credit memos of standingMemo. What takes a bill back settles all of it.
const standingBill = ` (i.approval_id is null or not exists (select from allocations z where z.invoice_id = i.id and z.source_kind = 'reversal'
	and z.allocated_on <= $1 and (not $2 or z.posted_at <` + dayEnds + `))) `

// termsOfInvoices are the invoices i due in the period, with what was credited (a.credited), what was paid in time (a.in_time) and whether they
// were ever disputed (d.disputed).
const termsOfInvoices = `
		from invoices i` + ofInvoice + `
		cross join lateral (select coalesce(sum(a.amount) filter (where a.source_kind in ('credit_memo', 'reversal')), 0) as credited,
				coalesce(sum(a.amount) filter (where coalesce(y.received_on, t.moved_on) <= i.due_on), 0) as in_time
			from allocations a left join payments y on a.source_kind = 'payment' and y.id = a.source_id
			left join transfers t on a.source_kind = 'transfer' and t.id = a.source_id
			where a.invoice_id = i.id and a.allocated_on <= $1 and (not $2 or a.posted_at <` + dayEnds + `)) a
		cross join lateral (select exists (select from dispute_lines l where l.invoice_id = i.id and l.opened_at <` + dayEnds + `) as disputed) d
		where i.due_on between $7 and $1 and i.issued_on <= $1 and i.total > a.credited and` + inScope

func (r *Receivables) readTerms(ctx context.Context, s *kpiSets) error {
	type row struct {
		Currency    money.Currency
		Disputed    bool
		Count       int
		InTimeCount int
		Value       decimal.Decimal
		InTimeValue decimal.Decimal
	}
	return read(ctx, r, s, `select c.currency, d.disputed, count(*) as count, count(*) filter (where a.in_time >= i.total - a.credited) as in_time_count,
			sum(round((i.total - a.credited) * c.rate, c.digits)) as value,
			sum(round(greatest(least(a.in_time, i.total - a.credited), 0) * c.rate, c.digits)) as in_time_value
`+termsOfInvoices+`group by 1, 2`,
		func(t row) {
			terms := figures.Terms{Count: t.Count, InTimeCount: t.InTimeCount, Value: t.Value, InTimeValue: t.InTimeValue}
			if k := s.at(t.Currency); t.Disputed {
				k.TermsDisputed = terms
			} else {
				k.TermsClear = terms
			}
		})
}

// settledInvoices are the invoices i of which the last open amount went in the period, on s.last.
const settledInvoices = `
		from (select distinct invoice_id from allocations
			where allocated_on between $7 and $1) t join invoices i on i.id = t.invoice_id` + ofInvoice + `
		cross join lateral (select sum(t.amount) as open, max(t.dated_on) as last from postings t
			where t.item_kind = 'invoice' and t.item_id = i.id and t.dated_on <= $1 and (not $2 or` + knownThen + `)) s
		where s.open = 0 and s.last >= $7 and` + standingBill + `and` + inScope + `and not exists (select from allocations w where w.invoice_id = i.id
			and w.source_kind = 'write_off' and w.reverses_id is null and not exists (select from allocations b where b.reverses_id = w.id))`

// readSettled reads the invoices of which the last open amount went in the period. One that was written off was not
// settled.
func (r *Receivables) readSettled(ctx context.Context, s *kpiSets) error {
	type row struct {
		Currency money.Currency
		Took     int
		Late     int
		Count    int
		Amount   decimal.Decimal
	}
	took, late := map[money.Currency][]figures.Tally{}, map[money.Currency][]figures.Tally{}
	err := read(ctx, r, s, `select c.currency, s.last - i.issued_on as took, greatest(s.last - i.due_on, 0) as late, count(*) as count, sum(round(i.total * c.rate, c.digits)) as amount
`+settledInvoices+`		group by 1, 2, 3`,
		func(t row) {
			k := &s.at(t.Currency).Settled
			took[t.Currency] = append(took[t.Currency], figures.Tally{Value: decimal.NewFromInt(int64(t.Took)), Count: t.Count, Amount: t.Amount})
			late[t.Currency] = append(late[t.Currency], figures.Tally{Value: decimal.NewFromInt(int64(t.Late)), Count: t.Count, Amount: t.Amount})
			k.Amount = k.Amount.Add(t.Amount)
			if t.Late > 0 {
				k.LateCount += t.Count
				k.LateAmount = k.LateAmount.Add(t.Amount)
			}
		})
	for cur := range took {
		k := &s.at(cur).Settled
		k.ToSettle, k.Late = figures.SpreadOfTallies(took[cur]), figures.SpreadOfTallies(late[cur])
	}
	return err
}

func (r *Receivables) readCycle(ctx context.Context, s *kpiSets) error {
	type row struct {
		Currency money.Currency
		Days     int
		Count    int
		Amount   decimal.Decimal
	}
	tallies := map[money.Currency][]figures.Tally{}
	err := read(ctx, r, s, `select c.currency, i.issued_on - i.service_to as days, count(*) as count, sum(round(i.total * c.rate, c.digits)) as amount
		from invoices i`+ofInvoice+`where i.kind = 'invoice' and i.issued_on between $7 and $1 and i.issued_on >= i.service_to and`+standingBill+`and`+inScope+`group by 1, 2`,
		func(t row) {
			tallies[t.Currency] = append(tallies[t.Currency], figures.Tally{Value: decimal.NewFromInt(int64(t.Days)), Count: t.Count, Amount: t.Amount})
		})
	for cur, list := range tallies {
		s.at(cur).Cycle = figures.SpreadOfTallies(list)
	}
	return err
}
