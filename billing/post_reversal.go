package billing

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"makegood/billing/ledger"
	"makegood/internal/db"
)

// postReversal takes a posted adjustment back: everything it settled is taken back first, then its own entries are
// mirrored, and what it had used up is free again. Afterwards the books, the headroom and the open items are as before.
func (p *posting) postReversal(ctx context.Context) (Posted, error) {
	ref := p.a.Reverses
	doc, err := readReversible(ctx, p.tx, ref)
	if err != nil {
		return Posted{}, err
	}
	if err := p.lockReversed(ctx, ref, doc); err != nil {
		return Posted{}, err
	}
	if _, err := p.s.prepareReversal(ctx, p.tx, AdjustmentInput{Kind: Reverse, ReasonCode: p.a.ReasonCode, Reverses: ref}); err != nil {
		return Posted{}, err // looked at again under the locks
	}
	p.book(p.today)
	ids, err := db.Values[int64](ctx, p.tx, `select nextval(pg_get_serial_sequence('reversals', 'id'))`)
	if err != nil {
		return Posted{}, fmt.Errorf("take id of reversal: %w", err)
	}
	row := seriesOf(p.entity, "reversal", "RV", p.entity.FiscalYear(p.today))
	place, number, err := p.number(ctx, row)
	if err != nil {
		return Posted{}, err
	}
	v := Reversal{
		ID: ids[0], EntityID: p.entity.ID, Number: number, Series: row.Name, FiscalYear: row.Year, SequenceNo: place, DocumentKind: ref.Kind, DocumentID: ref.ID,
		CustomerID: orNull(p.a.CustomerID), Currency: p.a.Currency, Amount: p.a.Total, ReversedOn: p.today, ReasonCode: p.a.ReasonCode, Explanation: p.in.Explanation,
		CreditRequestID: p.in.CreditRequestID, ApprovalID: p.in.ApprovalID, CaseID: p.in.CaseID, PostedAt: p.tx.Now(),
	}
	if err := insertReversal(ctx, p.tx, v); err != nil {
		return Posted{}, err
	}
	if err := p.undo(ctx, v, ref, doc); err != nil {
		return Posted{}, err
	}
	if err := p.restoreHolds(ctx); err != nil {
		return Posted{}, err
	}
	if doc.Elsewhere {
		if err := p.voidElsewhere(ctx, v); err != nil {
			return Posted{}, err
		}
	}
	posted := Posted{Document: DocumentRef{ReversalDoc, v.ID, v.Number}, Currency: v.Currency, Total: v.Amount}
	return posted, p.record(ctx, "adjustment.reversed", posted.Document, map[string]any{"reverses": doc.Number, "document_kind": ref.Kind})
}

func insertReversal(ctx context.Context, tx *db.Tx, v Reversal) error {
	_, err := tx.Exec(ctx, `insert into reversals (id, entity_id, number, series, fiscal_year, sequence_no, document_kind, document_id, customer_id,
			currency, amount, reversed_on, reason_code, explanation, credit_request_id, approval_id, case_id, posted_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
		v.ID, v.EntityID, v.Number, v.Series, v.FiscalYear, v.SequenceNo, v.DocumentKind, v.DocumentID, v.CustomerID,
		v.Currency, v.Amount, v.ReversedOn, v.ReasonCode, v.Explanation, v.CreditRequestID, v.ApprovalID, v.CaseID, v.PostedAt)
	if db.Violates(err, "reversed_once") {
		return ErrReversedBefore
	}
	if err != nil {
		return fmt.Errorf("insert reversal: %w", err)
	}
	return nil
}

// lockReversed locks what the reversal moves: invoices first, then unapplied items.
func (p *posting) lockReversed(ctx context.Context, ref DocumentRef, doc reversible) error {
	invoices, err := db.Values[InvoiceID](ctx, p.tx, `select i.id from invoices i where i.id = $3 or i.id in (select invoice_id from allocations
			where source_kind = $1 and source_id = $2) or ($1 = 'credit_memo' and i.approval_id = $4) order by 1`,
		string(ref.Kind), ref.ID, doc.InvoiceID, doc.ApprovalID)
	if err != nil {
		return fmt.Errorf("find what to lock: %w", err)
	}
	if p.held.invoices, err = lockInvoices(ctx, p.tx, invoices); err != nil {
		return err
	}
	_, err = p.tx.Exec(ctx, `select 1 from open_items where kind <> 'invoice' and ((kind, document_id) in (select item_kind, item_id from refund_sources where $1 = 'refund' and refund_id = $2)
		or (kind, document_id) in (select item_kind, item_id from transfers where $1 = 'transfer' and id = $2)
		or (kind, document_id) in (select source_kind, source_id from allocations where invoice_id = any ($3)) or (kind = $1 and document_id = $2))
		order by kind, document_id for update`, string(ref.Kind), ref.ID, invoices)
	if err != nil {
		return fmt.Errorf("lock open items: %w", err)
	}
	return nil
}

// undo takes back what the document settled, then the document's own entries, then what it had used up.
func (p *posting) undo(ctx context.Context, v Reversal, ref DocumentRef, doc reversible) error {
	how := takingBack{
		booked: p.booked, dated: p.today, reason: v.Number, caseID: p.in.CaseID, requestID: &p.in.CreditRequestID, by: p.in.By,
	}
	var list []Allocation
	var err error
	switch ref.Kind {
	case MemoDoc:
		if list, err = standing(ctx, p.tx, "a.source_kind = 'credit_memo' and a.source_id = $1", ref.ID); err != nil {
			return err
		}
		if err := p.unbill(ctx, doc.ApprovalID, how, v); err != nil {
			return err
		}
	case DebitDoc:
		return p.unbill(ctx, doc.ApprovalID, how, v)
	case TransferDoc:
		list, err = standing(ctx, p.tx, "a.source_kind = 'transfer' and a.source_id = $1", ref.ID)
	case WriteOffDoc:
		list, err = standing(ctx, p.tx, "a.source_kind = 'write_off' and a.source_id = $1", ref.ID)
	case RefundDoc, ReversalDoc, InvoiceDoc:
	}
	if err != nil {
		return err
	}
	list, err = stillStanding(ctx, p.tx, list)
	if err != nil {
		return err
	}
	if err := takeBackTx(ctx, p.tx, list, how); err != nil {
		return err
	}
	if err := p.mirrorDocument(ctx, v, ref, how); err != nil {
		return err
	}
	if ref.Kind == MemoDoc {
		return freeHeadroom(ctx, p.tx, MemoID(ref.ID))
	}
	return nil
}

// stillStanding drops what was taken back since the list was read.
func stillStanding(ctx context.Context, r db.Reader, list []Allocation) ([]Allocation, error) {
	if len(list) == 0 {
		return nil, nil
	}
	ids := make([]int64, len(list))
	for i, a := range list {
		ids[i] = a.ID
	}
	return standing(ctx, r, "a.id = any ($1)", ids)
}

// mirrorDocument books the opposite of a document's own entries under the reversal.
func (p *posting) mirrorDocument(ctx context.Context, v Reversal, ref DocumentRef, how takingBack) error {
	kind := ledger.DocumentKind(ref.Kind)
	if ref.Kind == DebitDoc {
		kind = ledger.Invoice
	}
	entries, err := ledger.Entries(ctx, p.tx, kind, ref.ID)
	if err != nil {
		return err
	}
	how.kind, how.number = ledger.Reversal, v.Number
	var batch pgx.Batch
	if err := how.mirror(&batch, p.tx.Now(), entries, v.ID); err != nil {
		return err
	}
	if batch.Len() == 0 {
		return nil
	}
	if err := p.tx.Batch(ctx, &batch); err != nil {
		return fmt.Errorf("mirror entries: %w", err)
	}
	return nil
}

// unbill takes a debit memo or the new invoice of a rebill back: what paid it is unapplied again, and it is settled by
// the reversal.
func (p *posting) unbill(ctx context.Context, approval int64, how takingBack, v Reversal) error {
	for _, invoice := range p.held.invoices {
		if invoice.ApprovalID == nil || *invoice.ApprovalID != approval {
			continue
		}
		list, err := standing(ctx, p.tx, "a.invoice_id = $1", invoice.ID)
		if err != nil {
			return err
		}
		if err := takeBackTx(ctx, p.tx, list, how); err != nil {
			return err
		}
		if err := p.settleByReversal(ctx, invoice.Invoice, v); err != nil {
			return err
		}
		if err := p.mirrorDocument(ctx, v, DocumentRef{Kind: DebitDoc, ID: int64(invoice.ID)}, how); err != nil {
			return err
		}
	}
	return nil
}

// settleByReversal notes that the reversal settles all of a bill; the entry for it is the bill's own, mirrored.
func (p *posting) settleByReversal(ctx context.Context, bill Invoice, v Reversal) error {
	if !bill.Total.IsPositive() {
		return nil
	}
	_, err := p.tx.Exec(ctx, `insert into allocations (entity_id, customer_id, source_kind, source_id, invoice_id, currency, amount, allocated_on, posted_at)
		values ($1, $2, 'reversal', $3, $4, $5, $6, $7, $8)`,
		bill.EntityID, bill.CustomerID, v.ID, bill.ID, bill.Currency, bill.Total, p.today, p.tx.Now())
	if err != nil {
		return fmt.Errorf("settle bill by reversal: %w", err)
	}
	return nil
}

// restoreHolds lets the holds on all that the reversal moved follow what is open and creditable again.
func (p *posting) restoreHolds(ctx context.Context) error {
	if len(p.held.invoices) == 0 {
		return nil
	}
	var batch pgx.Batch
	queueHolds(&batch, p.tx.Now(), slices.Sorted(maps.Keys(p.held.invoices))...)
	if err := p.tx.Batch(ctx, &batch); err != nil {
		return fmt.Errorf("restore holds: %w", err)
	}
	return nil
}

// freeHeadroom makes what a reversed memo had given creditable again.
func freeHeadroom(ctx context.Context, tx *db.Tx, memo MemoID) error {
	for _, query := range []string{
		`update invoice_line_balances b set credited = b.credited - l.amount, discount_given = b.discount_given - l.discount,
			quantity_given = b.quantity_given - coalesce((select r.quantity from line_reservations r join credit_memos m on m.credit_request_id = r.credit_request_id
				where m.id = $1 and r.invoice_line_id = b.invoice_line_id), 0)
		from credit_memo_lines l where l.credit_memo_id = $1 and b.invoice_line_id = l.invoice_line_id`,
		`update invoice_tax_balances b set credited_net = b.credited_net - t.net, credited_tax = b.credited_tax - t.tax
		from credit_memo_taxes t where t.credit_memo_id = $1 and b.invoice_tax_id = t.invoice_tax_id`,
		`update open_items o set rounding_given = o.rounding_given - m.rounding from credit_memos m
		where m.id = $1 and m.rounding <> 0 and o.kind = 'invoice' and o.document_id = m.invoice_id`,
	} {
		if _, err := tx.Exec(ctx, query, memo); err != nil {
			return fmt.Errorf("free headroom: %w", err)
		}
	}
	return nil
}
