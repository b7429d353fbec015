package reports

import (
	"context"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/figures"
	"makegood/internal/money"
)

// standingMemo leaves out credit memos m that were taken back, and those not known on the day.
const standingMemo = ` m.issued_on <= $1 and (not $2 or m.posted_at <` + dayEnds + `) and not exists (select from reversals v
	where v.document_kind = 'credit_memo' and v.document_id = m.id and v.reversed_on <= $1 and (not $2 or v.posted_at <` + dayEnds + `)) `

// readErrors counts the period's invoices by month of issue, and which of them were credited for a billing error up to
// the day.
func (r *Receivables) readErrors(ctx context.Context, s *kpiSets) error {
	type row struct {
		Currency money.Currency
		Month    time.Time
		Issued   int
		Band     int // −1 for the invoices issued
		Wrong    int
		Credited decimal.Decimal
	}
	rates := map[money.Currency]map[time.Time]*figures.ErrorRate{}
	err := read(ctx, r, s, `with wrong as (select m.invoice_id, sum(m.total) as credited from credit_memos m join invoices i on i.id = m.invoice_id
				join legal_entities e on e.id = i.entity_id
			where i.kind = 'invoice' and i.issued_on between $7 and $1 and m.kind in ('billing_error', 'rebill') and`+standingBill+`and`+standingMemo+`group by 1)
		select c.currency, date_trunc('month', i.issued_on)::date as month, count(*) as issued, -1 as band, 0 as wrong, 0::numeric as credited
			from invoices i`+ofInvoice+`where i.kind = 'invoice' and i.issued_on between $7 and $1 and`+standingBill+`and`+inScope+`group by 1, 2
		union all
		select c.currency, date_trunc('month', i.issued_on)::date, 0, b.band, count(*), sum(b.amount)
			from wrong w join invoices i on i.id = w.invoice_id`+ofInvoice+`
			cross join lateral (select a.amount, (a.amount > 100)::int + (a.amount > 1000)::int + (a.amount > 10000)::int as band
				from (select round(w.credited * c.rate, c.digits) as amount) a) b
			where`+inScope+`group by 1, 2, 4`,
		func(t row) {
			if rates[t.Currency] == nil {
				rates[t.Currency] = map[time.Time]*figures.ErrorRate{}
			}
			rate := rates[t.Currency][t.Month]
			if rate == nil {
				rate = &figures.ErrorRate{Month: t.Month, BySeverity: make([]int, len(SeverityBands())+1)}
				rates[t.Currency][t.Month] = rate
			}
			rate.Issued += t.Issued
			if t.Band >= 0 {
				rate.Wrong += t.Wrong
				rate.Credited = rate.Credited.Add(t.Credited)
				rate.BySeverity[t.Band] += t.Wrong
			}
		})
	for cur, months := range rates {
		k := s.at(cur)
		for _, rate := range months {
			k.Errors = append(k.Errors, *rate)
			k.Issued += rate.Issued
		}
		slices.SortFunc(k.Errors, func(a, b figures.ErrorRate) int { return a.Month.Compare(b.Month) })
	}
	return err
}

// readDisputes adds up what was opened in the period, what was decided in it, and what is open at its end. Hours are
// those of the clock on the wall.
func (r *Receivables) readDisputes(ctx context.Context, s *kpiSets) error {
	type row struct {
		Currency money.Currency
		What     string
		Count    int
		Amount   decimal.Decimal
		Rejected decimal.Decimal
		Seconds  int64
	}
	hours := map[money.Currency][]figures.Measure{}
	err := read(ctx, r, s, `with line as (select l.*, c.currency as section, round(l.contested * c.rate, c.digits) as amount,
				round((l.contested - l.accepted) * c.rate, c.digits) as rejected, l.opened_at >=`+periodBegins+`as fresh,
				l.decided_at is null or l.decided_at >=`+dayEnds+`as undecided, l.decided_at >=`+periodBegins+`as late
			from dispute_lines l join invoices i on i.id = l.invoice_id`+ofInvoice+`
			where l.opened_at < $1::date + 2 and l.opened_at <`+dayEnds+`
				and (l.opened_at >=`+periodBegins+`or l.decided_at is null or l.decided_at >=`+periodBegins+`) and`+inScope+`)
		select section as currency, 'opened' as what, count(*) as count, sum(amount) as amount, 0::numeric as rejected, 0::bigint as seconds
			from line where fresh group by 1
		union all select section, 'open', count(*), sum(amount), 0, 0 from line where undecided group by 1
		union all select section, 'decided', 1, amount, rejected, extract(epoch from decided_at - opened_at)::bigint
			from line where late and not undecided and status in ('accepted', 'partly_accepted', 'rejected')`,
		func(t row) {
			d := &s.at(t.Currency).Disputes
			switch t.What {
			case "opened":
				d.Count, d.Contested = t.Count, t.Amount
			case "open":
				d.Open = t.Amount
			default:
				d.Decided, d.Rejected = d.Decided.Add(t.Amount), d.Rejected.Add(t.Rejected)
				hours[t.Currency] = append(hours[t.Currency], figures.Hours(time.Duration(t.Seconds)*time.Second, t.Amount))
			}
		})
	for cur, list := range hours {
		s.at(cur).Disputes.ToResolve = figures.SpreadOf(list)
	}
	return err
}

// decidedLast joins who decided a credit memo m: d the last approver, q the requester on an own limit.
const decidedLast = `
	left join lateral (select u.name from credit_decisions c join users u on u.id = c.user_id
		where c.credit_request_id = m.credit_request_id and c.decision = 'approve' order by c.decided_at desc, c.id desc limit 1) d on true
	left join lateral (select u.name from credit_requests c join users u on u.id = c.requester_id where c.id = m.credit_request_id) q on true`

// causeOfMemo joins the root cause z that was named for a credit memo m.
const causeOfMemo = `
	left join credit_requests y on y.id = m.credit_request_id left join root_causes z on z.id = y.root_cause_id`

// readErrorCauses groups what was credited for billing errors on the period's invoices by the root cause named. An invoice
// credited for two causes counts with both.
func (r *Receivables) readErrorCauses(ctx context.Context, s *kpiSets) error {
	type row struct {
		Currency money.Currency
		By       string
		Count    int
		Amount   decimal.Decimal
	}
	totals := map[money.Currency][]figures.CreditTotal{}
	err := read(ctx, r, s, `select c.currency, coalesce(z.name, '') as by, count(distinct i.id)::int as count, sum(round(m.total * c.rate, c.digits)) as amount
		from credit_memos m join invoices i on i.id = m.invoice_id`+ofInvoice+causeOfMemo+`
		where i.kind = 'invoice' and i.issued_on between $7 and $1 and m.kind in ('billing_error', 'rebill') and`+standingBill+`and`+standingMemo+`and`+inScope+`group by 1, 2`,
		func(t row) {
			totals[t.Currency] = append(totals[t.Currency], figures.CreditTotal{By: t.By, Count: t.Count, Amount: t.Amount})
		})
	for cur, list := range totals {
		k := s.at(cur)
		k.ErrorCauses = figures.CreditGroupsOf(list, k.Standing.Sales)
	}
	return err
}

// readCredits groups the period's credit memos by kind, by reason, by root cause and by whoever decided last.
func (r *Receivables) readCredits(ctx context.Context, s *kpiSets) error {
	type row struct {
		Currency money.Currency
		Way      int
		By       string
		Count    int
		Amount   decimal.Decimal
	}
	type key struct {
		currency money.Currency
		way      int
	}
	groups := map[key][]figures.CreditTotal{}
	err := read(ctx, r, s, `with credit as (
			select case when $3 then e.base_currency else m.currency end as currency, m.kind, m.reason_code, coalesce(d.name, q.name, '') as approver, coalesce(z.name, '') as cause,
				case when $3 then round(m.total * m.fx_rate, p.digits) else m.total end as amount
			from credit_memos m join unnest($5::bigint[], $6::int[]) as p(entity_id, digits) on p.entity_id = m.entity_id
			join legal_entities e on e.id = m.entity_id`+decidedLast+causeOfMemo+`
			where m.issued_on >= $7 and ($4 = '' or m.currency = $4) and`+standingMemo+`)
		select currency, grouping(kind, reason_code, approver, cause) as way, coalesce(kind, reason_code, approver, cause) as by, count(*) as count, sum(amount) as amount
		from credit group by grouping sets ((currency, kind), (currency, reason_code), (currency, approver), (currency, cause))`,
		func(t row) {
			at := key{t.Currency, t.Way}
			groups[at] = append(groups[at], figures.CreditTotal{By: t.By, Count: t.Count, Amount: t.Amount})
		})
	for at, list := range groups {
		k := s.at(at.currency)
		switch grouped := figures.CreditGroupsOf(list, k.Standing.Sales); at.way {
		case 7: // grouped by kind: the other three bits are set
			k.Credits.Kind = grouped
		case 11:
			k.Credits.Reason = grouped
		case 13:
			k.Credits.Approver = grouped
		case 14:
			k.Credits.Cause = grouped
		}
	}
	return err
}

func (r *Receivables) readCorrections(ctx context.Context, s *kpiSets) error {
	type row struct {
		Currency money.Currency
		Count    int
	}
	return read(ctx, r, s, `select currency, sum(count)::int as count from (
			select case when $3 then e.base_currency else m.currency end as currency, count(*) as count from credit_memos m
				join legal_entities e on e.id = m.entity_id where m.entity_id = any ($5) and cardinality($6::int[]) > 0
				and m.origin = 'issued' and m.issued_on >= $7 and ($4 = '' or m.currency = $4) and`+standingMemo+`group by 1
			union all
			select c.currency, count(*) from invoices i`+ofInvoice+`
				where i.kind = 'debit_memo' and i.origin = 'issued' and i.issued_on between $7 and $1 and`+standingBill+`and`+inScope+`group by 1) x group by 1`,
		func(t row) { s.at(t.Currency).Corrections = t.Count })
}

// readWriteOffs adds up what was given up in the period and what of it was taken back, by write-offs reversed.
func (r *Receivables) readWriteOffs(ctx context.Context, s *kpiSets) error {
	type row struct {
		Currency  money.Currency
		Off       decimal.Decimal
		Recovered decimal.Decimal
	}
	return read(ctx, r, s, `with off as (select l.invoice_id, l.amount, w.written_off_on, v.reversed_on
			from write_offs w join write_off_lines l on l.write_off_id = w.id join legal_entities e on e.id = w.entity_id
			left join reversals v on v.document_kind = 'write_off' and v.document_id = w.id and v.reversed_on <= $1 and (not $2 or v.posted_at <`+dayEnds+`)
			where w.entity_id = any ($5) and w.written_off_on <= $1 and (w.written_off_on >= $7 or v.reversed_on >= $7) and (not $2 or w.posted_at <`+dayEnds+`))
		select c.currency, coalesce(sum(round(o.amount * c.rate, c.digits)) filter (where o.written_off_on >= $7), 0) as off,
			coalesce(sum(round(o.amount * c.rate, c.digits)) filter (where o.reversed_on >= $7), 0) as recovered
		from off o join invoices i on i.id = o.invoice_id`+ofInvoice+`where`+inScope+`group by 1`,
		func(t row) {
			k := s.at(t.Currency)
			k.WrittenOff, k.Recovered = t.Off, t.Recovered
		})
}
