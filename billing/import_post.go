package billing

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

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
	held, err := lockFor(ctx, tx, a)
	if err != nil {
		return CreditMemo{}, err
	}
	p := posting{
		s: s, tx: tx, a: a, entity: k.entity, held: held, today: n.IssuedOn,
		in: PostAdjustment{ApprovalID: approval, Adjustment: a, Explanation: n.Memo, By: k.batch.actor()},
	}
	rate, invoice, err := p.creditedByImport(ctx)
	if err != nil {
		return CreditMemo{}, err
	}
	memo := p.newMemo(rate, invoice)
	memo.Origin, memo.Number, memo.ExternalSystem, memo.ExternalID, memo.CreditRequestID = Imported, n.Number, row.System, row.ExternalID, nil
	if err := p.book(ctx, p.memoDay(memo)); err != nil {
		return memo, err
	}
	if memo, err = p.writeMemo(ctx, memo, invoice); err != nil {
		return memo, err
	}
	event := p.memoEvent(memo)
	event["import_row_id"], event["digest"] = row.ID, hex.EncodeToString(row.Digest)
	if err := p.record(ctx, "credit_memo.imported", DocumentRef{MemoDoc, int64(memo.ID), memo.Number}, event); err != nil {
		return memo, err
	}
	return memo, p.provenNow(ctx)
}

func (p *posting) writeMemo(ctx context.Context, memo CreditMemo, invoice *lockedInvoice) (CreditMemo, error) {
	ids, err := nextIDs[MemoID](ctx, p.tx, "credit_memos", 1)
	if err != nil {
		return memo, err
	}
	allocation, err := nextIDs[int64](ctx, p.tx, "allocations", 1)
	if err != nil {
		return memo, err
	}
	memo.ID = ids[0]
	var batch pgx.Batch
	if _, err := p.queueMemo(&batch, memo, invoice, allocation[0]); err != nil {
		return memo, err
	}
	if err := p.tx.Batch(ctx, &batch); err != nil {
		return memo, fmt.Errorf("post imported memo: %w", err)
	}
	return memo, nil
}

// creditedByImport counts the memo against its invoice, which nobody had reserved for it.
func (p *posting) creditedByImport(ctx context.Context) (decimal.Decimal, *lockedInvoice, error) {
	if p.a.InvoiceID == 0 {
		rate, _, err := p.s.Rate(ctx, p.tx, p.a.Currency, p.entity.BaseCurrency, p.today)
		return rate, nil, err
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
	if err := p.tx.Batch(ctx, &batch); err != nil {
		return decimal.Zero, nil, fmt.Errorf("credit by import: %w", err)
	}
	invoice := p.held.invoices[p.a.InvoiceID]
	return invoice.FxRate, &invoice, nil
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
