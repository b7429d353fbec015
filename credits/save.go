package credits

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/db"
)

// parts are the rows that go with a request: what lists, warnings and windows read of its content.
type parts struct {
	lines    []Line
	taxes    []Tax
	invoices []givenUp
}

// givenUp is what a write-off gives up on an invoice.
type givenUp struct {
	InvoiceID       billing.InvoiceID
	FamilyID        billing.CustomerID
	Amount          decimal.Decimal
	AuthorityAmount decimal.Decimal
}

// parts are those of a proposal. Lines on account are in its content alone.
func (p *proposal) parts(id ID) parts {
	var rows parts
	for _, l := range p.adjustment.Lines {
		if l.InvoiceLineID == 0 {
			continue
		}
		rows.lines = append(rows.lines, Line{
			CreditRequestID: id, InvoiceLineID: l.InvoiceLineID, DisputeLineID: p.disputeOf(l.InvoiceLineID), Description: l.Description,
			Quantity: l.Quantity, Amount: l.Amount, Net: l.Net, TaxCategory: l.TaxCategory, TaxRate: l.TaxRate, TaxShare: l.TaxShare,
		})
	}
	for _, t := range p.adjustment.Taxes {
		if t.InvoiceTaxID != 0 {
			rows.taxes = append(rows.taxes, Tax{CreditRequestID: id, InvoiceTaxID: t.InvoiceTaxID, Code: t.Code, Category: t.Category, Rate: t.Rate, Net: t.Net, Tax: t.Tax})
		}
	}
	if p.in.Kind != billing.WriteOff {
		return rows
	}
	for _, item := range p.adjustment.Items {
		at := slices.IndexFunc(p.concerned.Invoices, func(i billing.Invoice) bool { return int64(i.ID) == item.ID })
		invoice := p.concerned.Invoices[at]
		rows.invoices = append(rows.invoices, givenUp{invoice.ID, p.customer(invoice.CustomerID).FamilyID, item.Amount, p.inAuthority(item.Amount)})
	}
	return rows
}

// saveRequest writes a request with its parts, new or in place of the draft or the version it was.
func saveRequest(ctx context.Context, tx *db.Tx, req Request, rows parts) (Request, error) {
	var batch pgx.Batch
	batch.Queue(`delete from credit_request_lines where credit_request_id = $1`, req.ID)
	batch.Queue(`delete from credit_request_taxes where credit_request_id = $1`, req.ID)
	batch.Queue(`delete from credit_request_invoices where credit_request_id = $1`, req.ID)
	batch.Queue(`insert into credit_requests (id, case_id, kind, customer_id, family_id, entity_id, invoice_id, currency, reason_code, root_cause_id,
			explanation, customer_note, net, tax, total, authority_amount, authority_rate, window_amount, state, digest, own_limit, warnings,
			requester_id, created_at, submitted_at, approved_at, idempotency_key, rounding, content, authority_kind, proposal, content_version, expires_at, editor_ids, by_assistant)
		values ($1, $2, $3, nullif($4::bigint, 0), nullif($5::bigint, 0), $6, nullif($7::bigint, 0), $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
			$25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35)
		on conflict (id) do update set kind = excluded.kind, customer_id = excluded.customer_id, family_id = excluded.family_id, entity_id = excluded.entity_id,
			invoice_id = excluded.invoice_id, currency = excluded.currency, reason_code = excluded.reason_code, root_cause_id = excluded.root_cause_id,
			explanation = excluded.explanation, customer_note = excluded.customer_note, authority_kind = excluded.authority_kind, proposal = excluded.proposal,
			content_version = excluded.content_version, expires_at = excluded.expires_at, editor_ids = excluded.editor_ids, returned_until = null,
			net = excluded.net, tax = excluded.tax, rounding = excluded.rounding, total = excluded.total, content = excluded.content,
			authority_amount = excluded.authority_amount, authority_rate = excluded.authority_rate, window_amount = excluded.window_amount,
			state = excluded.state, digest = excluded.digest, own_limit = excluded.own_limit, warnings = excluded.warnings,
			submitted_at = excluded.submitted_at, approved_at = excluded.approved_at, version = credit_requests.version + 1`,
		req.ID, req.CaseID, req.Kind, req.CustomerID, req.FamilyID, req.EntityID, req.InvoiceID, req.Currency, req.ReasonCode, req.RootCauseID,
		req.Explanation, req.CustomerNote, req.Net, req.Tax, req.Total, req.AuthorityAmount, req.AuthorityRate, req.WindowAmount, req.State,
		req.Digest, req.OwnLimit, req.Warnings, req.RequesterID, req.CreatedAt, req.SubmittedAt, req.ApprovedAt, req.IdempotencyKey, req.Rounding, req.Content,
		req.AuthorityKind, req.Proposal, req.ContentVersion, req.ExpiresAt, orNone(req.EditorIDs), req.ByAssistant)
	rows.queue(&batch, req.ID)
	if err := tx.Batch(ctx, &batch); err != nil {
		if db.Violates(err, "credit_requests_idempotency_key_key") {
			return Request{}, ErrKeyUsed
		}
		return Request{}, fmt.Errorf("save request: %w", err)
	}
	return oneRequest(ctx, tx, `where id = $1`, req.ID)
}

func (p parts) queue(batch *pgx.Batch, id ID) {
	for _, l := range p.lines {
		batch.Queue(`insert into credit_request_lines (credit_request_id, invoice_line_id, dispute_line_id, description, quantity, net,
				tax_category, tax_rate, tax_share, amount) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			id, l.InvoiceLineID, l.DisputeLineID, l.Description, l.Quantity, l.Net, l.TaxCategory, l.TaxRate, l.TaxShare, l.Amount)
	}
	for _, t := range p.taxes {
		batch.Queue(`insert into credit_request_taxes (credit_request_id, invoice_tax_id, category, rate, net, tax, code) values ($1, $2, $3, $4, $5, $6, $7)`,
			id, t.InvoiceTaxID, t.Category, t.Rate, t.Net, t.Tax, t.Code)
	}
	for _, g := range p.invoices {
		batch.Queue(`insert into credit_request_invoices (credit_request_id, invoice_id, family_id, amount, authority_amount) values ($1, $2, $3, $4, $5)`,
			id, g.InvoiceID, g.FamilyID, g.Amount, g.AuthorityAmount)
	}
}
