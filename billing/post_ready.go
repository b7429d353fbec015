package billing

import (
	"context"

	"github.com/shopspring/decimal"

	"makegood/internal/db"
	"makegood/internal/errs"
)

// Ready are credit memos about to be posted: checked, their reservations used and their invoices locked. What is missing
// are the numbers, which everybody waits for.
type Ready struct {
	g    *ground
	list []*posting
}

// ErrNotTogether is returned for what is not a credit memo alone, or was posted before: it is posted by PostAdjustmentTx.
var ErrNotTogether = errs.New(errs.Conflict, "billing.not_together")

// ReadyMemosTx prepares credit memos that bring no further document, up to the point where their numbers are taken. See
// PostAdjustmentTx for what it refuses.
func (s *Service) ReadyMemosTx(ctx context.Context, tx *db.Tx, list []PostAdjustment) (*Ready, error) {
	g, err := s.readGround(ctx, tx, list)
	if err != nil {
		return nil, err
	}
	r := &Ready{g: g}
	for i, in := range list {
		in.By = actorOr(in.By, "billing.post_adjustment")
		p, _, err := g.begin(ctx, in)
		if err != nil {
			return nil, err
		}
		if p == nil || !p.a.Kind.Credits() || p.a.Kind == Rebill || p.a.ToRefund.IsPositive() {
			return nil, ErrNotTogether
		}
		p.place = i
		r.list = append(r.list, p)
	}
	return r, g.proposeMemos(ctx, r.list)
}

// Document is what the n-th becomes, still without its number.
func (r *Ready) Document(n int) DocumentRef {
	return DocumentRef{Kind: MemoDoc, ID: int64(r.list[n].memo.ID)}
}

// InvoiceOpen is what will be open on the n-th's invoice once all of them are posted.
func (r *Ready) InvoiceOpen(n int) decimal.Decimal {
	invoice := r.g.invoice(r.list[n].a.InvoiceID)
	if invoice == nil {
		return decimal.Zero
	}
	return invoice.Open.Sub(invoice.spoken)
}

// PostLastTx takes the numbers and posts with the transaction's last statements: the caller has nothing to do in it any
// more but to add to these. The rows cannot be read before the commit.
func (r *Ready) PostLastTx(ctx context.Context) ([]Posted, error) {
	if err := r.g.queueMemos(ctx, r.g.tx.Last(), r.list); err != nil {
		return nil, err
	}
	done := make([]Posted, len(r.list))
	for i, p := range r.list {
		var err error
		if done[i], err = p.postMemo(ctx); err != nil {
			return nil, err
		}
	}
	return done, nil
}
