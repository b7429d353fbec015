package billing

import (
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"
)

func queuePayment(batch *pgx.Batch, p Payment) {
	batch.Queue(`insert into payments (id, entity_id, number, series, fiscal_year, sequence_no, customer_id, currency, amount,
			received_on, method, bank_reference, fx_rate, idempotency_key, posted_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		p.ID, p.EntityID, p.Number, p.Series, p.FiscalYear, p.SequenceNo, p.CustomerID, p.Currency, p.Amount,
		p.ReceivedOn, p.Method, p.BankReference, p.FxRate, p.IdempotencyKey, p.PostedAt)
}

// queueAllocation writes that part of a source settles an invoice, and takes it off what is open there.
func queueAllocation(batch *pgx.Batch, from source, to lockedInvoice, row allocationRow) {
	on := from.settles(to)
	queueMove(batch, itemMove{InvoiceItem, int64(to.ID), row.Amount.Neg(), row.Base.Neg(), lastOf(from.lastDay(), on)})
	batch.Queue(`insert into allocations (id, entity_id, customer_id, source_kind, source_id, invoice_id, currency, amount, allocated_on, posted_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		row.ID, from.Entity.ID, from.CustomerID, from.Kind, from.ID, to.ID, from.Currency, row.Amount, on, from.PostedAt)
}

// allocationRow is what is new about an allocation beside its source and its invoice.
type allocationRow struct {
	ID           int64
	Amount, Base decimal.Decimal
}

// itemMove changes what is open on a document; Day is the latest day, by any date, of what is booked for it.
type itemMove struct {
	Kind         ItemKind
	ID           int64
	Amount, Base decimal.Decimal
	Day          time.Time
}

// queueMove changes what is open, and notes the day when nothing is.
func queueMove(batch *pgx.Batch, m itemMove) {
	batch.Queue(`update open_items set open = open + $3, base_open = base_open + $4,
			closed_on = case when open + $3 = 0 then greatest(closed_on, opened_on, $5::date,
				(select max(greatest(p.booked_on, p.dated_on, p.posted_on)) from postings p where p.item_kind = $1 and p.item_id = $2)) end
		where kind = $1 and document_id = $2`, m.Kind, m.ID, m.Amount, m.Base, m.Day)
}

// queueOpenItem writes what is open on a new document; Day is as in itemMove.
func queueOpenItem(batch *pgx.Batch, o OpenItem, day time.Time) {
	var closed *time.Time
	if o.Open.IsZero() {
		closed = &day
	}
	batch.Queue(`insert into open_items (kind, document_id, number, customer_id, entity_id, currency, original, open, base_open, due_on, opened_on, closed_on)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		o.Kind, o.DocumentID, o.Number, o.CustomerID, o.EntityID, o.Currency, o.Original, o.Open, o.BaseOpen, o.DueOn, o.OpenedOn, closed)
}

func queueMemo(batch *pgx.Batch, m CreditMemo, a Adjustment) {
	batch.Queue(`insert into credit_memos (id, entity_id, number, series, fiscal_year, sequence_no, customer_id, invoice_id, currency,
			kind, reason_code, explanation, issued_on, tax_point, net, tax, total, to_invoice, to_balance, fx_rate,
			credit_request_id, approval_id, case_id, posted_at, rounding, to_refund, settled_outside, origin, prices_include_tax,
			external_system, external_id)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
			$25, $26, $27, $28, $29, $30, $31)`,
		m.ID, m.EntityID, m.Number, m.Series, m.FiscalYear, m.SequenceNo, m.CustomerID, m.InvoiceID, m.Currency,
		m.Kind, m.ReasonCode, m.Explanation, m.IssuedOn, m.TaxPoint, m.Net, m.Tax, m.Total, m.ToInvoice, m.ToBalance, m.FxRate,
		m.CreditRequestID, m.ApprovalID, m.CaseID, m.PostedAt, m.Rounding, m.ToRefund, m.SettledOutside, m.Origin, m.PricesIncludeTax,
		m.ExternalSystem, m.ExternalID)
	for i, l := range a.Lines {
		batch.Queue(`insert into credit_memo_lines (credit_memo_id, line_no, invoice_line_id, description, quantity, amount, discount, net,
				tax_category, tax_rate, tax_share)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
			m.ID, i+1, orNull(l.InvoiceLineID), l.Description, l.Quantity, l.Amount, l.Discount, l.Net, l.TaxCategory, l.TaxRate, l.TaxShare)
	}
	for i, t := range a.Taxes {
		batch.Queue(`insert into credit_memo_taxes (credit_memo_id, position, invoice_tax_id, code, category, rate, net, tax)
			values ($1, $2, $3, $4, $5, $6, $7, $8)`,
			m.ID, i+1, orNull(t.InvoiceTaxID), t.Code, t.Category, t.Rate, t.Net, t.Tax)
	}
}

// orNull is nil for an id of nothing.
func orNull[T ~int64](id T) *T {
	if id == 0 {
		return nil
	}
	return &id
}
