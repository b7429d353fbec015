package billing

import (
	"context"
	"fmt"

	"makegood/internal/db"
)

// Verify recomputes the books from what was posted and tells every place where they do not agree. No faults means
// that entries balance, sums hold, numbers have no gaps, nothing was given twice and no memo lacks its approval.
func (s *Service) Verify(ctx context.Context) ([]Fault, error) {
	var faults []Fault
	for _, c := range checks() {
		list, err := db.List[Fault](ctx, s.db, `select '`+c.name+`' as "check", f."row", f.detail from (`+c.query+`) f limit 100`)
		if err != nil {
			return nil, fmt.Errorf("verify %s: %w", c.name, err)
		}
		faults = append(faults, list...)
	}
	return faults, nil
}

// check is a query that gives the rows which cannot be right.
type check struct{ name, query string }

func checks() []check {
	return append(append(ledgerChecks(), documentChecks()...), balanceChecks()...)
}

func ledgerChecks() []check {
	return []check{
		{"entry_balances", `select 'journal entry ' || e.id as "row", 'off by ' || coalesce(sum(p.amount), 0) || ' ' || coalesce(p.currency, e.currency)
				|| ', in base currency by ' || coalesce(sum(p.base_amount), 0) as detail
			from journal_entries e left join postings p on p.entry_id = e.id
			group by e.id, p.currency having count(p.id) < 2 or sum(p.amount) <> 0 or sum(p.base_amount) <> 0`},
		{"receivable_is_open_invoices", customerCheck("receivable", "kind = 'invoice'", "open")},
		{"unapplied_is_open_credit", customerCheck("unapplied", "kind <> 'invoice'", "-open")},
		{"document_is_booked", `select d.kind || ' ' || d.number as "row", 'booked ' || coalesce(sum(p.amount), 0) || ' of ' || d.total as detail
			from (select 'invoice' as kind, id, number, total, 'receivable' as account, 1 as sign from invoices
				union all select 'payment', id, number, amount, 'unapplied', -1 from payments
				union all select 'credit_memo', id, number, total, 'unapplied', -1 from credit_memos) d
			left join journal_entries e on e.document_kind = d.kind and e.document_id = d.id and e.reverses_id is null
			left join postings p on p.entry_id = e.id and p.account = d.account
			group by d.kind, d.number, d.total, d.sign having coalesce(sum(p.amount), 0) <> d.sign * d.total`},
		{"allocation_is_booked", `select 'allocation ' || a.id as "row", 'booked ' || coalesce(sum(p.amount), 0) || ' of ' || a.amount as detail
			from allocations a left join journal_entries e on e.document_kind = 'allocation' and e.document_id = a.id
			left join postings p on p.entry_id = e.id and p.account = 'receivable' and p.invoice_id = a.invoice_id
			group by a.id, a.amount having coalesce(sum(p.amount), 0) <> -a.amount`},
	}
}

// customerCheck compares an account of the ledger with the open items it stands for, per customer and currency.
func customerCheck(account, items, sign string) string {
	return `select 'customer ' || customer_id || ' ' || currency as "row", 'ledger ' || sum(booked) || ', open items ' || sum(open) as detail
		from (select customer_id, currency, amount as booked, 0 as open from postings where account = '` + account + `'
			union all select customer_id, currency, 0, ` + sign + ` from open_items where ` + items + `) b
		group by customer_id, currency having sum(booked) <> sum(open)`
}

func documentChecks() []check {
	return []check{
		{"numbers_have_no_gaps", `select s.series || ' ' || s.fiscal_year as "row",
				count(d.sequence_no) || ' documents up to ' || coalesce(max(d.sequence_no), 0) || ', last number given ' || s.last_no as detail
			from document_sequences s left join (
				select entity_id, series, fiscal_year, sequence_no from invoices
				union all select entity_id, series, fiscal_year, sequence_no from payments
				union all select entity_id, series, fiscal_year, sequence_no from credit_memos) d using (entity_id, series, fiscal_year)
			group by s.entity_id, s.series, s.fiscal_year, s.last_no
			having count(d.sequence_no) <> s.last_no or coalesce(max(d.sequence_no), 0) <> s.last_no`},
		{"invoice_adds_up", `select 'invoice ' || i.number as "row", 'lines ' || coalesce(l.net, 0) || ', taxes ' || coalesce(t.tax, 0) as detail
			from invoices i left join (select invoice_id, sum(net) as net, sum(tax_share) as tax from invoice_lines group by invoice_id) l on l.invoice_id = i.id
			left join (select invoice_id, sum(net) as net, sum(tax) as tax from invoice_taxes group by invoice_id) t on t.invoice_id = i.id
			where (l.net, l.tax, t.net, t.tax) is distinct from (i.net, i.tax, i.net, i.tax)`},
		{"memo_is_approved", `select 'credit memo ' || m.number as "row", 'no approval of exactly this content' as detail
			from credit_memos m left join adjustment_approvals a on a.id = m.approval_id and a.credit_request_id = m.credit_request_id
			where a.digest is distinct from credit_memo_digest(m.id)`},
		{"memo_adds_up", `select 'credit memo ' || m.number as "row", 'lines ' || coalesce(l.net, 0) || ', taxes ' || coalesce(t.tax, 0) as detail
			from credit_memos m left join (select credit_memo_id, sum(net) as net, sum(tax_share) as tax from credit_memo_lines group by credit_memo_id) l
				on l.credit_memo_id = m.id
			left join (select credit_memo_id, sum(net) as net, sum(tax) as tax from credit_memo_taxes group by credit_memo_id) t on t.credit_memo_id = m.id
			where (l.net, l.tax, t.net, t.tax) is distinct from (m.net, m.tax, m.net, m.tax)`},
		{"stored_file_is_unchanged", `select document_kind || ' ' || document_id || ' ' || filename as "row", 'its hash is another' as detail
			from stored_documents where sha256 <> sha256(content)`},
	}
}

func balanceChecks() []check {
	return []check{
		{"open_item_adds_up", `select o.kind || ' ' || o.number as "row", 'open ' || o.open || ' of ' || o.original || ', applied ' || coalesce(sum(a.amount), 0) as detail
			from open_items o left join allocations a on case o.kind when 'invoice' then a.invoice_id = o.document_id
				else a.source_kind = o.kind and a.source_id = o.document_id end
			group by o.kind, o.document_id, o.number, o.open, o.original having o.original - coalesce(sum(a.amount), 0) <> o.open`},
		{"held_is_sum_of_holds", `select 'invoice ' || o.number as "row", 'held ' || o.held || ', holds ' || coalesce(sum(h.amount), 0) as detail
			from open_items o left join holds h on h.invoice_id = o.document_id and h.released_at is null
			where o.kind = 'invoice' group by o.document_id, o.number, o.held having o.held <> coalesce(sum(h.amount), 0)`},
		{"credit_on_line_adds_up", `select 'invoice line ' || b.invoice_line_id as "row", 'credited ' || b.credited_net || ', reserved ' || b.reserved_net as detail
			from invoice_line_balances b join invoice_lines l on l.id = b.invoice_line_id
			where b.net <> l.net or b.credited_net <> (select coalesce(sum(net), 0) from credit_memo_lines where invoice_line_id = l.id)
				or b.reserved_net <> (select coalesce(sum(net), 0) from line_reservations where invoice_line_id = l.id and state = 'held')`},
		{"credit_on_tax_adds_up", `select 'invoice tax ' || b.invoice_tax_id as "row", 'credited ' || b.credited_tax || ', reserved ' || b.reserved_tax as detail
			from invoice_tax_balances b join invoice_taxes t on t.id = b.invoice_tax_id
			left join (select invoice_tax_id, sum(net) as net, sum(tax) as tax from credit_memo_taxes group by 1) c on c.invoice_tax_id = t.id
			left join (select invoice_tax_id, sum(net) as net, sum(tax) as tax from tax_reservations where state = 'held' group by 1) r on r.invoice_tax_id = t.id
			where (b.net, b.tax, b.credited_net, b.credited_tax, b.reserved_net, b.reserved_tax)
				is distinct from (t.net, t.tax, coalesce(c.net, 0), coalesce(c.tax, 0), coalesce(r.net, 0), coalesce(r.tax, 0))`},
	}
}
