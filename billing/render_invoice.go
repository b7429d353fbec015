package billing

import (
	"context"
	"fmt"

	"github.com/shopspring/decimal"

	"makegood/billing/document"
	"makegood/internal/db"
)

// PrintedInvoice gathers what an invoice issued here prints as it was posted, a rebill with what it replaces, the credit
// memo that took that back and what settled the new one at once. ErrNoPaper for a debit memo, which prints otherwise, and
// for any invoice that no approval stands behind: its paper was made where it was billed, and one made later would show its buyer and seller as they are
// by then.
func (s *Service) PrintedInvoice(ctx context.Context, r db.Reader, id InvoiceID) (document.Invoice, error) {
	d, err := s.InvoiceDetail(ctx, r, id)
	if err != nil {
		return document.Invoice{}, err
	}
	if d.Kind != PlainInvoice || d.Origin != Issued || d.ApprovalID == nil {
		return document.Invoice{}, ErrNoPaper
	}
	p, err := s.printedBill(ctx, r, d)
	if err != nil {
		return p, err
	}
	return p, rebilled(ctx, r, d, &p)
}

// rebilled says of a rebill which memo credited what it replaces, why, and what of that memo settled it in the moment it was
// posted: what the customer had paid on the old invoice. What came later is on no paper, for a paper is made once.
func rebilled(ctx context.Context, r db.Reader, d InvoiceDetail, p *document.Invoice) error {
	if d.ApprovalID == nil {
		return nil
	}
	memo, err := db.One[CreditMemo](ctx, r, `select * from credit_memos where approval_id = $1`, d.ApprovalID)
	if err != nil {
		return fmt.Errorf("read memo of rebill: %w", err)
	}
	p.CreditedBy, p.Reason = []document.InvoiceRef{{Number: memo.Number, Date: memo.IssuedOn}}, memo.Explanation
	open := d.Total
	for _, a := range d.Allocations {
		if a.SourceKind == FromCreditMemo && a.SourceID == int64(memo.ID) && a.PostedAt.Equal(d.PostedAt) && a.ReversesID == nil {
			p.Settled = append(p.Settled, document.Part{Kind: document.CreditMemoKind, Number: memo.Number, Date: memo.IssuedOn, Amount: d.Invoice.Amount(a.Amount)})
			open = open.Sub(a.Amount)
		}
	}
	p.Open, p.Withholding = d.Invoice.Amount(open), d.Invoice.Amount(decimal.Min(d.Withholding, open))
	return nil
}
