package billing

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"

	"github.com/jackc/pgx/v5"

	"makegood/internal/db"
)

// postApproved posts what somebody approved of a batch: a credit memo, or what a customer had to its credit.
func (s *Service) postApproved(ctx context.Context, tx *db.Tx, k known, row *ImportRow) error {
	approval, err := db.One[storedApproval](ctx, tx, `select id, 0 as credit_request_id, digest from adjustment_approvals where import_row_id = $1`, row.ID)
	if approval, err = found(approval, err, ErrNeedsApproval, "read approval"); err != nil {
		return err
	}
	if !bytes.Equal(approval.Digest, row.Digest) {
		return ErrNeedsApproval
	}
	if row.Content.Balance != nil {
		sum, err := row.Content.ContentHash()
		if err != nil {
			return err
		}
		if !bytes.Equal(sum[:], row.Digest) { // what was approved is the content, not the row
			return ErrNeedsApproval
		}
		in, err := k.openingCredit(*row)
		if err != nil {
			return err
		}
		payment, err := s.RecordPaymentTx(ctx, tx, in)
		if err != nil {
			return err
		}
		row.became("payment", int64(payment.ID), payment.Number)
		return nil
	}
	memo, err := s.postNote(ctx, tx, k, row, approval.ID)
	if err != nil {
		return err
	}
	row.became("credit_memo", int64(memo.ID), memo.Number)
	return nil
}

// postNote posts an imported credit note exactly as it was approved, under its own number. It refuses with
// ErrOverHeadroom when the invoice has less left by now, and with ErrNeedsApproval when the frozen content is another.
func (s *Service) postNote(ctx context.Context, tx *db.Tx, k known, row *ImportRow, approval int64) (CreditMemo, error) {
	a, n := *row.Adjustment, row.Content.CreditNote
	if !bytes.Equal(a.ImportDigest(int64(row.ID)), row.Digest) {
		return CreditMemo{}, ErrNeedsApproval
	}
	if err := k.free(n.Number); err != nil {
		return CreditMemo{}, err
	}
	p, err := s.noteGround(ctx, tx, k, a)
	if err != nil {
		return CreditMemo{}, err
	}
	p.today = n.IssuedOn
	p.in = PostAdjustment{ApprovalID: approval, Adjustment: a, Explanation: n.Memo, By: k.batch.actor()}
	if err := p.creditedByImport(ctx); err != nil {
		return CreditMemo{}, err
	}
	rate, err := p.rate(ctx)
	if err != nil {
		return CreditMemo{}, err
	}
	p.memo = p.newMemo(rate, p.ground.invoice(a.InvoiceID))
	p.memo.Origin, p.memo.Number, p.memo.ExternalSystem, p.memo.ExternalID, p.memo.CreditRequestID = Imported, n.Number, row.System, row.ExternalID, nil
	p.book(p.memoDay(p.memo))
	if err := p.writeNote(ctx); err != nil {
		return p.memo, err
	}
	memo := p.memo
	event := p.memoEvent(memo)
	event["import_row_id"], event["digest"] = row.ID, hex.EncodeToString(row.Digest)
	if err := p.record(ctx, "credit_memo.imported", DocumentRef{MemoDoc, int64(memo.ID), memo.Number}, event); err != nil {
		return memo, err
	}
	return memo, p.provenNow(ctx)
}

// noteGround locks the invoice that an imported note credits and reads the closed months it might fall into.
func (s *Service) noteGround(ctx context.Context, tx *db.Tx, k known, a Adjustment) (*posting, error) {
	g := &ground{s: s, tx: tx, entities: []Entity{k.entity}}
	if a.InvoiceID != 0 {
		invoices, err := lockInvoices(ctx, tx, []InvoiceID{a.InvoiceID})
		if err != nil {
			return nil, err
		}
		g.invoices = []lockedInvoice{invoices[a.InvoiceID]}
	}
	var err error
	if g.shut, err = db.List[shutMonth](ctx, tx, `select entity_id, month, state from periods where entity_id = $1 and state <> 'open' order by month`, k.entity.ID); err != nil {
		return nil, fmt.Errorf("read periods: %w", err)
	}
	return &posting{s: s, tx: tx, a: a, ground: g, entity: k.entity}, nil
}

// writeNote writes an imported memo: its number is the one it has.
func (p *posting) writeNote(ctx context.Context) error {
	ids, err := nextIDs[MemoID](ctx, p.tx, "credit_memos", 1)
	if err != nil {
		return err
	}
	if p.ground.allocations, err = nextIDs[int64](ctx, p.tx, "allocations", 1); err != nil {
		return err
	}
	p.memo.ID = ids[0]
	rows := memoRows{at: p.tx.Now()}
	p.addMemo(&rows)
	var batch pgx.Batch
	if err := rows.queue(&batch); err != nil {
		return err
	}
	if err := p.tx.Batch(ctx, &batch); err != nil {
		return fmt.Errorf("post imported memo: %w", err)
	}
	return nil
}

// creditedByImport counts the memo against its invoice, which nobody had reserved for it.
func (p *posting) creditedByImport(ctx context.Context) error {
	if p.a.InvoiceID == 0 {
		return nil
	}
	var batch pgx.Batch
	for _, l := range p.a.Lines {
		batch.Queue(`update invoice_line_balances set credited = credited + $2, discount_given = discount_given + $3 where invoice_line_id = $1`,
			l.InvoiceLineID, l.Amount, l.Discount)
	}
	for _, t := range p.a.Taxes {
		batch.Queue(`update invoice_tax_balances set credited_net = credited_net + $2, credited_tax = credited_tax + $3 where invoice_tax_id = $1`,
			t.InvoiceTaxID, t.Net, t.Tax)
	}
	if !p.a.Rounding.IsZero() {
		batch.Queue(`update open_items set rounding_given = rounding_given + $2 where kind = 'invoice' and document_id = $1`, p.a.InvoiceID, p.a.Rounding)
	}
	if err := p.tx.Batch(ctx, &batch); err != nil {
		return fmt.Errorf("credit by import: %w", err)
	}
	return nil
}

// provenNow has the database check now what it else checks at commit, so that one bad memo spoils no other.
func (p *posting) provenNow(ctx context.Context) error {
	for _, when := range []string{"immediate", "deferred"} {
		if _, err := p.tx.Exec(ctx, "set constraints all "+when); err != nil {
			return err
		}
	}
	return nil
}
