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
func queueAllocation(batch *pgx.Batch, from source, to InvoiceID, id int64, amount decimal.Decimal, at time.Time) {
	batch.Queue(`with taken as (update open_items set open = open - $8 where kind = 'invoice' and document_id = $6)
		insert into allocations (id, entity_id, customer_id, source_kind, source_id, invoice_id, currency, amount, allocated_on, posted_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		id, from.Entity.ID, from.CustomerID, from.Kind, from.ID, to, from.Currency, amount, from.BookedOn, at)
}

func queueOpenItem(batch *pgx.Batch, o OpenItem) {
	batch.Queue(`insert into open_items (kind, document_id, number, customer_id, entity_id, currency, original, open, due_on)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		o.Kind, o.DocumentID, o.Number, o.CustomerID, o.EntityID, o.Currency, o.Original, o.Open, o.DueOn)
}

func queueMemo(batch *pgx.Batch, m CreditMemo, a Adjustment) {
	batch.Queue(`insert into credit_memos (id, entity_id, number, series, fiscal_year, sequence_no, customer_id, invoice_id, currency,
			kind, reason_code, explanation, issued_on, tax_point, net, tax, total, to_invoice, to_balance, fx_rate,
			credit_request_id, approval_id, case_id, posted_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)`,
		m.ID, m.EntityID, m.Number, m.Series, m.FiscalYear, m.SequenceNo, m.CustomerID, m.InvoiceID, m.Currency,
		m.Kind, m.ReasonCode, m.Explanation, m.IssuedOn, m.TaxPoint, m.Net, m.Tax, m.Total, m.ToInvoice, m.ToBalance, m.FxRate,
		m.CreditRequestID, m.ApprovalID, m.CaseID, m.PostedAt)
	for i, l := range a.Lines {
		batch.Queue(`insert into credit_memo_lines (credit_memo_id, line_no, invoice_line_id, description, quantity, net, tax_category, tax_rate, tax_share)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			m.ID, i+1, l.InvoiceLineID, l.Description, l.Quantity, l.Net, l.TaxCategory, l.TaxRate, l.TaxShare)
	}
	for _, t := range a.Taxes {
		batch.Queue(`insert into credit_memo_taxes (credit_memo_id, invoice_tax_id, category, rate, net, tax) values ($1, $2, $3, $4, $5, $6)`,
			m.ID, t.InvoiceTaxID, t.Category, t.Rate, t.Net, t.Tax)
	}
}
