package billing

import (
	"time"

	"github.com/jackc/pgx/v5"

	"makegood/billing/ledger"
	"makegood/internal/db"
)

// memoRows are the rows of credit memos posted together, one statement for each table however many they are.
type memoRows struct {
	at                                                  time.Time
	memos, lines, taxes, items, allocations, reductions [][]any
	orders                                              [][]any // to other systems
	entries                                             []ledger.Draft
	held                                                []InvoiceID // with holds, that the memos are on
}

func (r *memoRows) addMemo(m CreditMemo, a Adjustment) {
	r.memos = append(r.memos, []any{
		m.ID, m.EntityID, m.Number, m.Series, m.FiscalYear, m.SequenceNo, m.CustomerID, m.InvoiceID, m.Currency,
		m.Kind, m.ReasonCode, m.Explanation, m.IssuedOn, m.TaxPoint, m.Net, m.Tax, m.Total, m.ToInvoice, m.ToBalance, m.FxRate,
		m.CreditRequestID, m.ApprovalID, m.CaseID, m.PostedAt, m.Rounding, m.ToRefund, m.SettledOutside, m.Origin, m.PricesIncludeTax,
		m.ExternalSystem, m.ExternalID,
	})
	for i, l := range a.Lines {
		r.lines = append(r.lines, []any{
			m.ID, i + 1, orNull(l.InvoiceLineID), l.Description, l.Quantity, l.Amount, l.Discount, l.Net, l.TaxCategory, l.TaxRate, l.TaxShare,
		})
	}
	for i, t := range a.Taxes {
		r.taxes = append(r.taxes, []any{m.ID, i + 1, orNull(t.InvoiceTaxID), t.Code, t.Category, t.Rate, t.Net, t.Tax})
	}
}

// addItem adds what is open on a memo; day is as in itemMove.
func (r *memoRows) addItem(o OpenItem, day time.Time) {
	var closed *time.Time
	if o.Open.IsZero() {
		closed = &day
	}
	r.items = append(r.items, []any{
		o.Kind, o.DocumentID, o.Number, o.CustomerID, o.EntityID, o.Currency, o.Original, o.Open, o.BaseOpen, o.DueOn, o.OpenedOn, closed,
	})
}

// addAllocation adds that part of a memo settles its invoice, and what that takes off what is open there.
func (r *memoRows) addAllocation(from source, to lockedInvoice, row allocationRow) {
	r.allocations = append(r.allocations, []any{
		row.ID, from.Entity.ID, from.CustomerID, from.Kind, from.ID, to.ID, from.Currency, row.Amount, from.settles(to), from.PostedAt,
	})
	r.reductions = append(r.reductions, []any{to.ID, row.Amount, row.Base, lastOf(from.lastDay(), from.settles(to))})
}

func (r *memoRows) queue(batch *pgx.Batch) error {
	db.QueueRows(batch, db.Table{Name: "credit_memos", Columns: []string{
		"id bigint", "entity_id bigint", "number text", "series text", "fiscal_year integer", "sequence_no bigint", "customer_id bigint",
		"invoice_id bigint", "currency text", "kind text", "reason_code text", "explanation text", "issued_on date", "tax_point date",
		"net numeric", "tax numeric", "total numeric", "to_invoice numeric", "to_balance numeric", "fx_rate numeric", "credit_request_id bigint",
		"approval_id bigint", "case_id bigint", "posted_at timestamptz", "rounding numeric", "to_refund numeric", "settled_outside numeric",
		"origin text", "prices_include_tax boolean", "external_system text", "external_id text",
	}}, r.memos)
	db.QueueRows(batch, db.Table{Name: "credit_memo_lines", Columns: []string{
		"credit_memo_id bigint", "line_no integer", "invoice_line_id bigint", "description text", "quantity numeric", "amount numeric",
		"discount numeric", "net numeric", "tax_category text", "tax_rate numeric", "tax_share numeric",
	}}, r.lines)
	db.QueueRows(batch, db.Table{Name: "credit_memo_taxes", Columns: []string{
		"credit_memo_id bigint", "position integer", "invoice_tax_id bigint", "code text", "category text", "rate numeric", "net numeric", "tax numeric",
	}}, r.taxes)
	db.QueueRows(batch, db.Table{Name: "open_items", Columns: []string{
		"kind text", "document_id bigint", "number text", "customer_id bigint", "entity_id bigint", "currency text", "original numeric",
		"open numeric", "base_open numeric", "due_on date", "opened_on date", "closed_on date",
	}}, r.items)
	db.QueueRows(batch, db.Table{Name: "allocations", Columns: []string{
		"id bigint", "entity_id bigint", "customer_id bigint", "source_kind text", "source_id bigint", "invoice_id bigint", "currency text",
		"amount numeric", "allocated_on date", "posted_at timestamptz",
	}}, r.allocations)
	r.queueReductions(batch)
	queueHolds(batch, r.at, r.held...)
	queueOrders(batch, r.orders)
	return ledger.Queue(batch, r.at, r.entries...)
}

// queueReductions takes off the invoices what the memos settle, and notes the day when nothing is open any more.
func (r *memoRows) queueReductions(batch *pgx.Batch) {
	if len(r.reductions) == 0 {
		return
	}
	columns := make([][]any, 4)
	for _, row := range r.reductions {
		for n := range columns {
			columns[n] = append(columns[n], row[n])
		}
	}
	batch.Queue(`update open_items o set open = o.open - m.amount, base_open = o.base_open - m.base,
			closed_on = case when o.open - m.amount = 0 then greatest(o.closed_on, o.opened_on, m.day,
				(select max(greatest(p.booked_on, p.dated_on, p.posted_on)) from postings p where p.item_kind = 'invoice' and p.item_id = m.id)) end
		from (select id, sum(amount) as amount, sum(base) as base, max(day) as day
			from unnest($1::bigint[], $2::numeric[], $3::numeric[], $4::date[]) as u(id, amount, base, day) group by id) m
		where o.kind = 'invoice' and o.document_id = m.id`, columns[0], columns[1], columns[2], columns[3])
}
