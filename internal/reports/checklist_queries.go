package reports

import "makegood/billing"

// checkQuery gives the rows behind a point: text, detail, amount, currency, on_day, href, from the values in "given".
type checkQuery struct {
	kind CheckKind
	sql  string
}

func checklist() []checkQuery {
	return []checkQuery{
		{CheckEarlierOpen, `select to_char(m, 'YYYY-MM') as text, coalesce(p.state, 'open') as detail, 0::numeric as amount, '' as currency, m::date as on_day,
				'/books/periods?entity=' || l.code || '&month=' || to_char(m, 'YYYY-MM') as href
			from given g join legal_entities l on l.id = g.entity
			cross join generate_series((select date_trunc('month', min(booked_on)::timestamp) from journal_entries where entity_id = $1),
				g.from_day::timestamp - interval '1 month', interval '1 month') m
			left join periods p on p.entity_id = g.entity and p.month = m::date
			where coalesce(p.state, 'open') <> 'closed' and exists (select from journal_entries e where e.entity_id = g.entity
				and e.booked_on >= m::date and e.booked_on < (m + interval '1 month')::date)`},
		{CheckUnposted, requests(approvedAndHeld)},
		{CheckPending, requests(`r.state in ('pending', 'returned', 'approved', 'failed') and not ` + approvedAndHeld)},
		{CheckDisputes, `select c.number as text, u.name || ', ' || i.number as detail, d.contested as amount, d.currency, d.opened_at::date as on_day,
				'/cases/' || c.number as href
			from given g join invoices i on i.entity_id = g.entity and i.issued_on >= g.from_day and i.issued_on < g.until_day
			join dispute_lines d on d.invoice_id = i.id and d.status in ('open', 'under_review')
			join cases c on c.id = d.case_id join customers u on u.id = i.customer_id`},
		{CheckHolds, `select i.number as text, u.name as detail, h.amount, h.currency, h.placed_at::date as on_day, '/invoices/' || i.number as href
			from given g join invoices i on i.entity_id = g.entity and i.issued_on >= g.from_day and i.issued_on < g.until_day
			join holds h on h.invoice_id = i.id and h.released_at is null join customers u on u.id = i.customer_id`},
		{CheckUnapplied, `select o.number as text, u.name as detail, o.open as amount, o.currency, o.opened_on as on_day,
				case o.kind when 'credit_memo' then '/credit-memos/' || o.number else '/customers/' || u.account end as href
			from given g join open_items o on o.entity_id = g.entity and o.kind <> 'invoice' and o.open > 0 and o.opened_on < g.until_day
			join customers u on u.id = o.customer_id`},
		{CheckNumberGaps, `select s.series || ' ' || s.fiscal_year as text,
				numbers_used(s.document_kind, s.entity_id, s.series, s.fiscal_year, 1, s.last_no) || ' documents, last number ' || s.last_no as detail,
				0::numeric as amount, '' as currency, g.from_day as on_day, '' as href
			from given g join document_sequences s on s.entity_id = g.entity and s.fiscal_year = g.year
			where numbers_used(s.document_kind, s.entity_id, s.series, s.fiscal_year, 1, s.last_no) <> s.last_no`},
		{CheckDifferences, `select account as text, 'ledger less open items' as detail, sum(amount) as amount, currency, (select from_day from given) as on_day, '' as href
			from (select a.account, s.currency::text, s.amount from (values ('receivable'), ('unapplied')) as a(account)
					cross join lateral account_sums($1, a.account, (select max(booked_on) + 1 from journal_entries where entity_id = $1)) s
				union all select case kind when 'invoice' then 'receivable' else 'unapplied' end, currency,
					case kind when 'invoice' then -open else open end from open_items where entity_id = $1 and open <> 0) b
			group by account, currency having sum(amount) <> 0`},
		{CheckReconciliation, reconciliationDifferences},
		{CheckInvoiceDocument, withoutDocument("invoices", "d.kind", "d.approval_id is not null", "/invoices/")},
		{CheckMemoDocument, withoutDocument("credit_memos", "'credit_memo'", "d.origin = 'issued'", "/credit-memos/")},
		{CheckElsewhere, notElsewhere},
	}
}

// reconciliationDifferences are what the latest comparison with each other system over the month found and nobody has
// explained or made a case of. The amount is what it does to the receivable, in the currency of our side where there are two.
const reconciliationDifferences = `select f.number as text, r.source || ': ' || replace(f.class, '_', ' ') as detail,
		coalesce((f.gap -> 0 ->> 'amount')::numeric, 0) as amount, coalesce(f.gap -> 0 ->> 'currency', '') as currency,
		coalesce(f.dated_on, r.period_to) as on_day, '/reconciliations/' || r.id || '?resolution=open' as href
	from given g
	cross join lateral (select distinct on (l.source, l.kind) l.id, l.source, l.period_to from reconciliations l
		where l.entity_id = g.entity and l.state = 'done' and l.period_from < g.until_day and l.period_to >= g.from_day order by l.source, l.kind, l.id desc) r
	join reconciliation_findings f on f.reconciliation_id = r.id and f.class <> 'known_timing'
	where (f.dated_on is null or f.dated_on >= g.from_day and f.dated_on < g.until_day)
		and not exists (select from reconciliation_resolutions d where d.finding_id = f.id)`

// notElsewhere are credit memos of the month that the entity's other system has not, or has with another total, until the
// note was voided there.
const notElsewhere = `select m.number as text, u.name || ', ' || p.gateway || ': ' || case when p.settled_at is not null and p.state <> 'refused' then 'another total'
			when p.action = 'void' then 'to be voided, ' || p.state else 'to be issued, ' || p.state end as detail,
		case when p.difference <> 0 then p.difference else m.total end as amount, m.currency, m.issued_on as on_day, '/credit-memos/' || m.number as href
	from given g join gateway_postings p on p.entity_id = g.entity and (p.state in ('waiting', 'refused', 'unknown') or p.difference <> 0 and not exists (select from gateway_postings v
		where v.credit_memo_id = p.credit_memo_id and v.action = 'void' and v.state = 'voided'))
	join credit_memos m on m.id = p.credit_memo_id and m.issued_on >= g.from_day and m.issued_on < g.until_day
	join customers u on u.id = m.customer_id`

// approvedAndHeld is a request that is approved and still keeps its amounts, so it is not posted.
const approvedAndHeld = `exists (select from line_reservations x join adjustment_approvals a on a.credit_request_id = x.credit_request_id
	where x.credit_request_id = r.id and x.state = 'held')`

// requests lists credit requests on the month's invoices that meet a condition of ours.
func requests(condition string) string {
	return `select r.number as text, coalesce(u.name || ', ', '') || r.state as detail, r.total as amount, r.currency, coalesce(r.submitted_at, r.created_at)::date as on_day,
			'/approvals/' || r.id as href
		from given g join invoices i on i.entity_id = g.entity and i.issued_on >= g.from_day and i.issued_on < g.until_day
		join credit_requests r on r.invoice_id = i.id left join customers u on u.id = r.customer_id
		where ` + condition
}

// withoutDocument lists documents of the month of which no PDF is stored although it is made at posting: credit memos issued
// here, and what was billed by an adjustment, so debit memos and rebills. Other invoices have theirs made when it is asked
// for, and what came from another system has it there.
func withoutDocument(table, kind, due, path string) string {
	return `select d.number as text, u.name as detail, d.total as amount, d.currency, d.issued_on as on_day, '` + path + `' || d.number as href
		from given g join ` + table + ` d on d.entity_id = g.entity and d.issued_on >= g.from_day and d.issued_on < g.until_day
		join customers u on u.id = d.customer_id
		where ` + due + ` and not exists (select from stored_documents s
			where s.document_kind = ` + kind + ` and s.document_id = d.id and s.media_type = '` + billing.PDF + `')`
}
