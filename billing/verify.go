package billing

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"makegood/internal/db"
)

// Verify recomputes the books from what was posted and tells every place where they do not agree. No faults means
// that entries balance, sums hold, numbers have no gaps, nothing was given twice and no memo lacks its approval.
func (s *Service) Verify(ctx context.Context) ([]Fault, error) {
	return s.faults(ctx, s.db, since{})
}

// faults runs every check over what came after a point; the zero since is everything.
func (s *Service) faults(ctx context.Context, r db.Reader, from since) ([]Fault, error) {
	var faults []Fault
	for _, c := range checks(from) {
		list, err := db.List[Fault](ctx, r, `select '`+c.name+`' as "check", f."row", f.detail from (`+c.query+`) f limit 100`)
		if err != nil {
			return nil, fmt.Errorf("verify %s: %w", c.name, err)
		}
		faults = append(faults, list...)
	}
	if from.entry > 0 {
		return faults, nil
	}
	sheets, err := verifySheets(ctx, r)
	return append(faults, sheets...), err
}

// check is a query that gives the rows which cannot be right.
type check struct{ name, query string }

func checks(from since) []check {
	list := slices.Concat(ledgerChecks(from), documentChecks(from), approvalChecks(from), balanceChecks(from), holdChecks(from))
	if from.entry == 0 { // of what came since, each item was looked at; over a customer's whole history only the whole proof adds up
		list = append(list, check{"receivable_is_open_invoices", customerCheck("receivable", "kind = 'invoice'", "open")},
			check{"unapplied_is_open_credit", customerCheck("unapplied", "kind <> 'invoice'", "-open")})
	}
	return list
}

// since narrows checks to what was posted after an entry: its documents, and the items and customers it moved. Zero does
// not narrow.
type since struct{ entry int64 }

// in is a condition that holds for what came after, by a list of it.
func (f since) in(columns, list string) string {
	if f.entry == 0 {
		return "true"
	}
	return fmt.Sprintf("(%s) in (%s)", columns, strings.ReplaceAll(list, "$entry", strconv.FormatInt(f.entry, 10)))
}

func (f since) entryID(column string) string {
	if f.entry == 0 {
		return "true"
	}
	return column + " > " + strconv.FormatInt(f.entry, 10)
}

// document is a condition on a document's kind, as the journal has it, and id.
func (f since) document(kind, id string) string {
	return f.in(kind+", "+id, "select document_kind, document_id from journal_entries where id > $entry")
}

// approval is a condition on approvals a, by the time they were given.
func (f since) approval() string {
	if f.entry == 0 {
		return "true"
	}
	return fmt.Sprintf("a.approved_at >= (select posted_at from journal_entries where id = %d)", f.entry)
}

// month is a condition on months m whose sums were taken lately; those of others were proven before.
func (f since) month() string {
	if f.entry == 0 {
		return "true"
	}
	return fmt.Sprintf("m.taken_at >= (select posted_at from journal_entries where id = %d)", f.entry)
}

// moment is a condition on what was kept since.
func (f since) moment(column string) string {
	if f.entry == 0 {
		return "true"
	}
	return fmt.Sprintf("%s >= (select posted_at from journal_entries where id = %d)", column, f.entry)
}

func (f since) item(kind, id string) string {
	return f.in(kind+", "+id, "select item_kind, item_id from postings where entry_id > $entry and item_kind is not null")
}

func ledgerChecks(from since) []check {
	return []check{
		{"entry_balances", `select 'journal entry ' || e.id as "row", 'off by ' || coalesce(sum(p.amount), 0) || ' ' || coalesce(p.currency, e.currency)
				|| ', in base currency by ' || coalesce(sum(p.base_amount), 0) as detail
			from journal_entries e left join postings p on p.entry_id = e.id where ` + from.entryID("e.id") + `
			group by e.id, p.currency having count(p.id) < 2 or sum(p.amount) <> 0 or sum(p.base_amount) <> 0`},
		{"entry_has_its_document", `select 'journal entry ' || e.id || ' of ' || e.document_kind || ' ' || e.document_number as "row", f.fault as detail
			from journal_entries e cross join lateral journal_entry_fault(e) as f(fault) where ` + from.entryID("e.id") + ` and f.fault is not null`},
		{"document_is_booked", `select d.kind || ' ' || d.number as "row", 'booked ' || coalesce(sum(p.amount), 0) || ' of ' || d.total as detail
			from (select 'invoice' as kind, id, number, total, 'receivable' as account, 1 as sign from invoices
				union all select 'payment', id, number, amount, 'unapplied', -1 from payments
				union all select 'credit_memo', id, number, total - settled_outside, 'unapplied', -1 from credit_memos
				union all select 'refund', id, number, amount, 'unapplied', 1 from refunds
				union all select 'write_off', id, number, amount, 'receivable', -1 from write_offs
				union all select 'chargeback', id, number, amount, 'unapplied', case when reverses_id is null then 1 else -1 end from chargebacks) d
			left join journal_entries e on e.document_kind = d.kind and e.document_id = d.id
			left join postings p on p.entry_id = e.id and p.account = d.account
				and (d.kind <> 'write_off' or p.item_kind = 'invoice')
			where ` + from.document("d.kind", "d.id") + ` group by d.kind, d.number, d.total, d.sign having coalesce(sum(p.amount), 0) <> d.sign * d.total`},
		{"allocation_is_booked", `select 'allocation ' || a.id as "row", 'booked ' || coalesce(sum(p.amount), 0) || ' of ' || a.amount as detail
			from (select * from allocations where source_kind not in ('write_off', 'reversal')) a
			left join journal_entries e on e.document_kind = 'allocation' and e.document_id = a.id
			left join postings p on p.entry_id = e.id and p.account = 'receivable' and p.invoice_id = a.invoice_id
			where ` + from.document("'allocation'", "a.id") + ` group by a.id, a.amount having coalesce(sum(p.amount), 0) <> -a.amount`},
		{"open_item_is_the_ledger", `select o.kind || ' ' || o.number as "row", 'open ' || o.open || ' (' || o.base_open || '), ledger ' || coalesce(l.amount, 0) || ' (' || coalesce(l.base, 0) || ')' as detail
			from open_items o left join (select item_kind, item_id, sum(case item_kind when 'invoice' then amount else -amount end) as amount,
				sum(case item_kind when 'invoice' then base_amount else -base_amount end) as base
				from postings where item_kind is not null and ` + from.item("item_kind", "item_id") + ` group by item_kind, item_id) l
				on l.item_kind = o.kind and l.item_id = o.document_id
			where ` + from.item("o.kind", "o.document_id") + ` and (o.open, o.base_open) is distinct from (coalesce(l.amount, 0), coalesce(l.base, 0))`},
		{"account_month_is_the_ledger", `select 'account ' || coalesce(k.account, l.account) || ' in ' || to_char(coalesce(k.month, l.month), 'YYYY-MM') as "row",
				'kept ' || coalesce(k.amount, 0) || ' ' || coalesce(k.currency, l.currency) || ' in ' || coalesce(k.postings, 0) || ' postings, ledger '
				|| coalesce(l.amount, 0) || ' in ' || coalesce(l.postings, 0) as detail
			from (select s.* from account_month_sums s join account_months m using (entity_id, month) where ` + from.month() + `) k
			full join (select p.entity_id, p.account, p.currency, m.month, sum(p.amount) as amount, sum(p.base_amount) as base_amount, count(*) as postings
				from account_months m join ledger_accounts a on a.entity_id = m.entity_id join postings p on p.entity_id = m.entity_id and p.account = a.role
					and p.booked_on >= m.month and p.booked_on < (m.month + interval '1 month')::date
				where ` + from.month() + ` group by 1, 2, 3, 4) l
				on (l.entity_id, l.account, l.currency, l.month) = (k.entity_id, k.account, k.currency, k.month)
			where (k.amount, k.base_amount, k.postings) is distinct from (l.amount, l.base_amount, l.postings)`},
		{"reversal_leaves_nothing", `select v.document_kind || ' ' || v.document_id as "row", 'account ' || p.account || ' keeps ' || sum(p.amount) as detail
			from reversals v join journal_entries e on (e.document_kind = 'reversal' and e.document_id = v.id)
				or (e.document_id = v.document_id and e.document_kind = case v.document_kind when 'debit_memo' then 'invoice' else v.document_kind end)
			join postings p on p.entry_id = e.id where ` + from.document("'reversal'", "v.id") + ` and not (v.document_kind = 'credit_memo' and exists (select 1 from credit_memos m where m.id = v.document_id and m.kind = 'rebill'))
			group by v.document_kind, v.document_id, p.account, p.currency having sum(p.amount) <> 0 or sum(p.base_amount) <> 0`},
	}
}

// customerCheck compares an account of the ledger with the open items it stands for, per customer and currency.
func customerCheck(account, items, sign string) string {
	return `select 'customer ' || customer_id || ' ' || currency as "row", 'ledger ' || sum(booked) || ', open items ' || sum(open) as detail
		from (select customer_id, currency, amount as booked, 0 as open from postings where account = '` + account + `'
			union all select customer_id, currency, 0, ` + sign + ` from open_items where ` + items + `) b
		group by customer_id, currency having sum(booked) <> sum(open)`
}

func documentChecks(from since) []check {
	return []check{
		{"numbers_have_no_gaps", numbersCheck(from)},
		{"invoice_adds_up", `select 'invoice ' || i.number as "row", 'lines ' || coalesce(l.net, 0) || ', taxes ' || coalesce(t.tax, 0) as detail
			from invoices i left join (select invoice_id, sum(net) as net, sum(tax_share) as tax from invoice_lines group by invoice_id) l on l.invoice_id = i.id
			left join (select invoice_id, sum(tax) as tax from invoice_taxes group by invoice_id) t on t.invoice_id = i.id
			where ` + from.document("'invoice'", "i.id") + ` and i.origin = 'issued' and (l.net, l.tax, t.tax) is distinct from (i.net, i.tax, i.tax)`},
		{"memo_is_approved", `select 'credit memo ' || m.number as "row", 'no approval of exactly this content' as detail
			from credit_memos m left join adjustment_approvals a on a.id = m.approval_id and a.credit_request_id is not distinct from m.credit_request_id
			where ` + from.document("'credit_memo'", "m.id") + ` and a.digest is distinct from credit_memo_digest(m.id)`},
		{"adjustment_is_approved", `select d.kind || ' ' || d.number as "row", 'no approval of exactly this content' as detail from (
				select 'debit memo' as kind, number, approval_id, debit_memo_digest(id) as digest from invoices where kind = 'debit_memo' and ` + from.document("'invoice'", "id") + `
				union all select 'write-off', number, approval_id, write_off_digest(id) from write_offs where ` + from.document("'write_off'", "id") + `
				union all select 'transfer', number, approval_id, transfer_digest(id) from transfers where ` + from.document("'transfer'", "id") + `
				union all select 'reversal', number, approval_id, reversal_digest(id) from reversals where ` + from.document("'reversal'", "id") + `
				union all select 'refund', number, approval_id, refund_digest(id) from refunds f where ` + from.document("'refund'", "f.id") + ` and not exists (
					select 1 from credit_memos m where m.approval_id = f.approval_id and m.to_refund = f.amount)) d
			left join adjustment_approvals a on a.id = d.approval_id where a.digest is distinct from d.digest`},
		{"memo_adds_up", `select 'credit memo ' || m.number as "row", 'lines ' || coalesce(l.net, 0) || ', taxes ' || coalesce(t.tax, 0) as detail
			from credit_memos m left join (select credit_memo_id, sum(net) as net, sum(tax_share) as tax from credit_memo_lines group by credit_memo_id) l
				on l.credit_memo_id = m.id
			left join (select credit_memo_id, sum(tax) as tax from credit_memo_taxes group by credit_memo_id) t on t.credit_memo_id = m.id
			where ` + from.document("'credit_memo'", "m.id") + ` and (l.net, l.tax, t.tax) is distinct from (m.net, m.tax, m.tax)`},
		{"stored_file_is_unchanged", `select document_kind || ' ' || document_id || ' ' || filename as "row", 'its hash is another' as detail
			from stored_documents where ` + from.document("case document_kind when 'debit_memo' then 'invoice' else document_kind end", "document_id") + ` and sha256 <> sha256(content)`},
		{"statement_is_as_handed_out", `select 'statement ' || s.id || ' of customer ' || c.account as "row",
				case when d.id is null then 'its file is gone' when sha256(d.content) <> s.sha256 or d.sha256 <> s.sha256 then 'its hash is another' else 'no event has its hash' end as detail
			from statements s join customers c on c.id = s.customer_id left join stored_documents d on d.document_kind = 'statement' and d.document_id = s.id
			where ` + from.moment("s.kept_at") + ` and (d.id is null or sha256(d.content) <> s.sha256 or d.sha256 <> s.sha256
				or not exists (select from audit_log e where e.at = s.kept_at and e.what = 'statement.handed_out' and e.data->>'statement_id' = s.id::text
					and e.data->>'sha256' = encode(s.sha256, 'hex')))`},
	}
}

func balanceChecks(from since) []check {
	return []check{
		{"open_item_adds_up", `select o.kind || ' ' || o.number as "row", 'open ' || o.open || ' of ' || o.original || ', used ' || coalesce(sum(a.amount), 0) as detail
			from open_items o left join (
				select 'invoice' as kind, invoice_id as id, amount from allocations
				union all select source_kind, source_id, amount from allocations where source_kind in ('payment', 'credit_memo', 'transfer')
				union all select 'credit_memo', id, settled_outside from credit_memos
				union all select s.item_kind, s.item_id, s.amount from refund_sources s where ` + standingDocument("refund", "s.refund_id") + `
				union all select t.item_kind, t.item_id, t.amount from transfers t where ` + standingDocument("transfer", "t.id") + `
				union all select 'payment', payment_id, case when reverses_id is null then amount else -amount end from chargebacks
				union all select v.document_kind, v.document_id, m.total - m.settled_outside from reversals v join credit_memos m on v.document_kind = 'credit_memo' and m.id = v.document_id
				union all select v.document_kind, v.document_id, v.amount from reversals v where v.document_kind = 'transfer'
			) a on a.kind = o.kind and a.id = o.document_id where ` + from.item("o.kind", "o.document_id") + `
			group by o.kind, o.document_id, o.number, o.open, o.original having o.original - coalesce(sum(a.amount), 0) <> o.open`},
		{"credit_on_line_adds_up", `select 'invoice line ' || b.invoice_line_id as "row", 'credited ' || b.credited || ', reserved ' || b.reserved as detail
			from invoice_line_balances b join invoice_lines l on l.id = b.invoice_line_id
			where ` + from.in("l.invoice_id", "select item_id from postings where entry_id > $entry and item_kind = 'invoice'") + ` and (b.amount <> l.list - l.discount or b.credited <> (select coalesce(sum(c.amount), 0) from credit_memo_lines c
					where c.invoice_line_id = l.id and ` + standingDocument("credit_memo", "c.credit_memo_id") + `)
				or b.reserved <> (select coalesce(sum(amount), 0) from line_reservations where invoice_line_id = l.id and state = 'held'))`},
		{"reserved_is_sum_of_reservations", `select o.kind || ' ' || o.number as "row", 'reserved ' || o.reserved || ', requests ' || coalesce(sum(r.amount), 0) as detail
			from open_items o left join item_reservations r on r.item_kind = o.kind and r.item_id = o.document_id and r.state = 'held'
			where ` + from.item("o.kind", "o.document_id") + ` group by o.kind, o.document_id, o.number, o.reserved having o.reserved <> coalesce(sum(r.amount), 0)`},
		{"rounding_given_adds_up", `select 'invoice ' || o.number as "row", 'given back ' || o.rounding_given || ', credits ' || coalesce(c.rounding, 0) || ', requests ' || coalesce(r.rounding, 0) as detail
			from open_items o
			left join (select m.invoice_id, sum(m.rounding) as rounding from credit_memos m where m.rounding <> 0 and ` + standingDocument("credit_memo", "m.id") + ` group by 1) c on c.invoice_id = o.document_id
			left join (select invoice_id, sum(rounding) as rounding from rounding_reservations where state = 'held' group by 1) r on r.invoice_id = o.document_id
			where o.kind = 'invoice' and ` + from.item("o.kind", "o.document_id") + ` and o.rounding_given <> coalesce(c.rounding, 0) + coalesce(r.rounding, 0)`},
		{"credit_on_tax_adds_up", `select 'invoice tax ' || b.invoice_tax_id as "row", 'credited ' || b.credited_tax || ', reserved ' || b.reserved_tax as detail
			from invoice_tax_balances b join invoice_taxes t on t.id = b.invoice_tax_id
			left join (select x.invoice_tax_id, sum(x.net) as net, sum(x.tax) as tax from credit_memo_taxes x
				where ` + standingDocument("credit_memo", "x.credit_memo_id") + ` group by 1) c on c.invoice_tax_id = t.id
			left join (select invoice_tax_id, sum(net) as net, sum(tax) as tax from tax_reservations where state = 'held' group by 1) r on r.invoice_tax_id = t.id
			where ` + from.in("t.invoice_id", "select item_id from postings where entry_id > $entry and item_kind = 'invoice'") + ` and (b.net, b.tax, b.credited_net, b.credited_tax, b.reserved_net, b.reserved_tax)
				is distinct from (t.net, t.tax, coalesce(c.net, 0), coalesce(c.tax, 0), coalesce(r.net, 0), coalesce(r.tax, 0))`},
		{"tax_comes_back_once", `select 'invoice ' || i.number as "row", 'tax ' || i.tax || ', credited ' || c.tax || ', back with write-offs ' || w.tax as detail
			from (select l.invoice_id, sum(l.tax_relief) as tax from write_off_lines l where ` + standingDocument("write_off", "l.write_off_id") + ` group by 1) w
			join invoices i on i.id = w.invoice_id cross join lateral (select coalesce(sum(m.tax), 0) as tax from credit_memos m
				where m.invoice_id = i.id and ` + standingDocument("credit_memo", "m.id") + `) c
			where ` + from.item("'invoice'", "i.id") + ` and w.tax > 0 and c.tax + w.tax > i.tax`},
	}
}

// standingDocument is the condition that a document was not reversed.
func standingDocument(kind, id string) string {
	return `not exists (select 1 from reversals v where v.document_kind = '` + kind + `' and v.document_id = ` + id + `)`
}
