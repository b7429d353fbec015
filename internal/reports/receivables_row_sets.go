package reports

// rowsOf is the statement that gives the rows of a set as "rows": with the values of args ($1 to $6) and the first day of the
// period ($7), as the indicators' own statements have them.
func rowsOf(set RowSet, by Tagged) string {
	switch set {
	case OpenRows, OpeningRows:
		return stood + itemRows("side = 'owed'", "case when due_on >= $1 then open else 0 end")
	case DisputedRows:
		return stood + itemRows("side = 'owed' and disputed <> 0", "disputed")
	case CashRows:
		return stood + itemRows("side = 'unapplied_cash'", "0::numeric")
	case CreditRows:
		return stood + itemRows("side = 'unapplied_credit'", "0::numeric")
	case SalesRows:
		return `with rows as (` + invoiceRow("0::numeric", "null::int") + ` from invoices i` + ofInvoice +
			`where i.issued_on between $7 and $1 and` + standingBill + `and` + inScope + `)`
	case IssuedRows, WrongRows:
		return issuedRows(set == WrongRows)
	case TermsRows:
		return `with rows as (` + termsRows + `)`
	case SettledRows:
		return `with rows as (` + settledRows + `)`
	case CycleRows:
		return `with rows as (` + invoiceRow("0::numeric", "i.issued_on - i.service_to") + ` from invoices i` + ofInvoice +
			`where i.kind = 'invoice' and i.issued_on between $7 and $1 and i.issued_on >= i.service_to and` + standingBill + `and` + inScope + `)`
	case WrittenOffRows:
		return `with rows as (` + writtenOffRows + `)`
	case DisputesRows:
		return disputeRows("l.opened_at", "l.opened_at >="+periodBegins+"and l.opened_at <"+dayEnds)
	case DisputesOpenRows:
		return disputeRows("l.opened_at", "l.opened_at <"+dayEnds+"and (l.decided_at is null or l.decided_at >="+dayEnds+")")
	case DecidedRows:
		return disputeRows("l.decided_at", "l.decided_at >="+periodBegins+"and l.decided_at <"+dayEnds+"and l.status in ('accepted', 'partly_accepted', 'rejected')")
	case MemoRows:
		return `with rows as (` + memoRow(tagOf(by)) + `)`
	case CorrectionRows:
		return `with rows as (` + memoRow("m.kind") + ` and m.origin = 'issued'
			union all ` + invoiceRow("0::numeric", "null::int") + ` from invoices i` + ofInvoice +
			`where i.kind = 'debit_memo' and i.origin = 'issued' and i.issued_on between $7 and $1 and` + standingBill + `and` + inScope + `)`
	case BudgetRows:
		return `with rows as (` + budgetRows + `)`
	}
	return ""
}

// itemRows are items that stood open on the day, by a condition, with a part of their own.
func itemRows(condition, part string) string {
	return `, rows as (select kind, document_id as id, number, customer_id, entity_id, currency::text as currency, opened_on as "on", due_on, open as amount,
		` + part + ` as part, ($1::date - due_on)::int as days, null::int as late, null::bigint as seconds, '' as tag from stood where ` + condition + `)`
}

// invoiceRow selects an invoice i (with c of ofInvoice) as a row, its amount with tax.
func invoiceRow(part, days string) string {
	return `select i.kind, i.id, i.number, i.customer_id, i.entity_id, c.currency::text as currency, i.issued_on as "on", i.due_on, round(i.total * c.rate, c.digits) as amount, ` +
		part + ` as part, ` + days + ` as days, null::int as late, null::bigint as seconds, '' as tag`
}

func issuedRows(wrong bool) string {
	condition := ""
	if wrong {
		condition = ` and w.credited is not null`
	}
	return `with rows as (` + invoiceRow("coalesce(round(w.credited * c.rate, c.digits), 0)", "null::int") + ` from invoices i` + ofInvoice + `
		left join lateral (select sum(m.total) as credited from credit_memos m where m.invoice_id = i.id and m.kind in ('billing_error', 'rebill') and` + standingMemo + `) w on true
		where i.kind = 'invoice' and i.issued_on between $7 and $1 and` + standingBill + `and` + inScope + condition + `)`
}

const termsRows = `select i.kind, i.id, i.number, i.customer_id, i.entity_id, c.currency::text as currency, i.due_on as "on", i.due_on,
		round((i.total - a.credited) * c.rate, c.digits) as amount, round(greatest(least(a.in_time, i.total - a.credited), 0) * c.rate, c.digits) as part,
		null::int as days, null::int as late, null::bigint as seconds, case when d.disputed then 'disputed' else 'clear' end as tag` + termsOfInvoices

const settledRows = `select i.kind, i.id, i.number, i.customer_id, i.entity_id, c.currency::text as currency, s.last as "on", i.due_on,
		round(i.total * c.rate, c.digits) as amount, 0::numeric as part, (s.last - i.issued_on)::int as days, greatest(s.last - i.due_on, 0)::int as late,
		null::bigint as seconds, '' as tag` + settledInvoices

const writtenOffRows = `select 'write_off' as kind, w.id * 100000 + o.line as id, w.number, i.customer_id, i.entity_id, c.currency::text as currency,
		case when w.written_off_on >= $7 then w.written_off_on else o.reversed_on end as "on", i.due_on,
		case when w.written_off_on >= $7 then round(o.amount * c.rate, c.digits) else 0 end as amount,
		case when o.reversed_on >= $7 then round(o.amount * c.rate, c.digits) else 0 end as part,
		null::int as days, null::int as late, null::bigint as seconds, i.number as tag
	from write_offs w join legal_entities n on n.id = w.entity_id cross join lateral (select l.invoice_id, l.amount, row_number() over (order by l.invoice_id)::int as line, v.reversed_on from write_off_lines l
			left join reversals v on v.document_kind = 'write_off' and v.document_id = w.id and v.reversed_on <= $1 and (not $2 or v.posted_at < (($1::date + 1)::timestamp at time zone n.time_zone))
			where l.write_off_id = w.id) o
	join invoices i on i.id = o.invoice_id` + ofInvoice + `
	where w.written_off_on <= $1 and (w.written_off_on >= $7 or o.reversed_on >= $7) and (not $2 or w.posted_at <` + dayEnds + `) and` + inScope

// disputeRows are dispute lines by a condition, on the day of the moment that counts.
func disputeRows(at, condition string) string {
	return `with rows as (select 'dispute' as kind, l.id, s.number, i.customer_id, i.entity_id, c.currency::text as currency, (` + at + ` at time zone e.time_zone)::date as "on", i.due_on,
			round(l.contested * c.rate, c.digits) as amount, case when l.decided_at is null then 0 else round((l.contested - l.accepted) * c.rate, c.digits) end as part,
			null::int as days, null::int as late, extract(epoch from l.decided_at - l.opened_at)::bigint as seconds, l.status as tag
		from dispute_lines l join cases s on s.id = l.case_id join invoices i on i.id = l.invoice_id` + ofInvoice + `
		where ` + condition + ` and` + inScope + `)`
}

// memoRow selects the credit memos m of the period as rows.
func memoRow(tag string) string {
	return `select 'credit_memo' as kind, m.id, m.number, m.customer_id, m.entity_id, (case when $3 then e.base_currency else m.currency end)::text as currency,
			m.issued_on as "on", null::date as due_on, case when $3 then round(m.total * m.fx_rate, p.digits) else m.total end as amount, 0::numeric as part,
			null::int as days, null::int as late, null::bigint as seconds, ` + tag + ` as tag
		from credit_memos m join unnest($5::bigint[], $6::int[]) as p(entity_id, digits) on p.entity_id = m.entity_id
		join legal_entities e on e.id = m.entity_id` + decidedLast + causeOfMemo + `
		where m.issued_on >= $7 and ($4 = '' or m.currency = $4) and` + standingMemo
}

// tagOf is by what credit memos are told apart.
func tagOf(by Tagged) string {
	switch by {
	case ByReason:
		return "m.reason_code"
	case ByApprover:
		return "coalesce(d.name, q.name, '')"
	case ByRootCause:
		return "coalesce(z.name, '')"
	case ByKind:
	}
	return "m.kind"
}

const budgetRows = `select 'request' as kind, r.id, r.number, r.customer_id, r.entity_id, '` + authorityCurrency + `' as currency, m.issued_on as "on", null::date as due_on,
		x.amount, 0::numeric as part, null::int as days, null::int as late, null::bigint as seconds, t.name as tag
	from ` + budgetUses
