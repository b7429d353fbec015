package reports

import "regexp"

// plainNumber is a figure as the database writes it; a negative one is no formula.
var plainNumber = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

func isNumber(text string) bool { return plainNumber.MatchString(text) }

func journalHeading() []string {
	return []string{
		"Entry", "Booked on", "Dated on", "Document kind", "Document number", "Customer", "Customer name", "Account", "Account name", "Account role",
		"Currency", "Debit", "Credit", "Base currency", "Base debit", "Base credit", "Case", "Credit request", "Reverses entry",
	}
}

// journalQuery writes figures without needless zeros; $1 is the entity, $2 and $3 the first day and the day after
// the last.
const journalQuery = `select e.id::text, e.booked_on::text, e.dated_on::text, e.document_kind, e.document_number, c.account, c.name, coalesce(a.code, ''), coalesce(a.name, ''), p.account,
		p.currency::text, trim_scale(greatest(p.amount, 0))::text, trim_scale(greatest(-p.amount, 0))::text,
		l.base_currency::text, trim_scale(greatest(p.base_amount, 0))::text, trim_scale(greatest(-p.base_amount, 0))::text,
		coalesce(k.number, ''), coalesce(r.number, ''), coalesce(e.reverses_id::text, '')
	from journal_entries e join postings p on p.entry_id = e.id join customers c on c.id = e.customer_id join legal_entities l on l.id = e.entity_id
	left join ledger_accounts a on a.entity_id = e.entity_id and a.role = p.account
	left join cases k on k.id = e.case_id left join credit_requests r on r.id = e.credit_request_id
	where e.entity_id = $1 and e.booked_on >= $2 and e.booked_on < $3 order by e.booked_on, e.id, p.id`

func memoHeading() []string {
	return []string{
		"External ID", "Document Number", "Type", "Date", "Customer ID", "Company Name", "Subsidiary", "Currency", "Created From", "Reason", "Taken Back By",
		"Amount (Transaction Total) (Foreign Currency)", "Amount (Transaction Tax Total) (Foreign Currency)",
		"Item", "Item Description", "Amount (Net) (Foreign Currency)", "Tax Rate", "Amount (Tax) (Foreign Currency)", "Department", "Location",
	}
}

const memoQuery = `select m.number, m.number, 'Credit Memo', m.issued_on::text, c.account, c.name, e.code, m.currency::text, coalesce('Invoice #' || i.number, ''), m.reason_code,
		coalesce(v.number, ''), trim_scale(m.total)::text, trim_scale(m.tax)::text,
		l.item, l.description, trim_scale(l.net)::text, trim_scale(l.rate)::text, trim_scale(l.tax)::text, l.cost_centre, l.location
	from credit_memos m join customers c on c.id = m.customer_id join legal_entities e on e.id = m.entity_id left join invoices i on i.id = m.invoice_id
	left join reversals v on v.document_kind = 'credit_memo' and v.document_id = m.id
	cross join lateral (select x.line_no, coalesce(b.product, '') as item, x.description, x.net, x.tax_rate as rate, x.tax_share as tax,
				coalesce(b.cost_centre, '') as cost_centre, coalesce(b.location, '') as location
			from credit_memo_lines x left join invoice_lines b on b.id = x.invoice_line_id where x.credit_memo_id = m.id
		union all select 2147483647, '', 'Cash rounding', m.rounding, 0, 0, '', '' where m.rounding <> 0) l
	where m.entity_id = $1 and m.issued_on >= $2 and m.issued_on < $3 and m.origin = 'issued' order by m.issued_on, m.id, l.line_no`
