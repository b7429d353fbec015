package credits

import (
	"context"
	"errors"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/db"
)

// settlement is what a request means for one dispute line.
type settlement struct {
	dispute  cases.DisputeLine
	line     string // what the customer knows it by
	credited decimal.Decimal
}

// settles is what a posting means for the dispute lines of its case: those its lines are tied to.
func (p *posting) settles(disputes []cases.DisputeLine) []settlement {
	var list []settlement
	for _, d := range disputes {
		one := settlement{dispute: d, line: p.words.InvoiceNumber}
		tied := false
		for _, l := range p.lines {
			if l.DisputeLineID != nil && *l.DisputeLineID == d.ID {
				tied, one.credited = true, one.credited.Add(l.Net).Add(l.TaxShare)
				if d.InvoiceLineID != nil {
					one.line = l.Description
				}
			}
		}
		if tied {
			list = append(list, one)
		}
	}
	return list
}

// decisions are what the settled lines are decided as: no more than they asked for.
func (p *posting) decisions(by access.Actor) []cases.SettleInput {
	var list []cases.SettleInput
	for _, one := range p.settled {
		request, most := int64(p.req.ID), decimal.Min(one.credited, one.dispute.Contested)
		list = append(list, cases.SettleInput{
			DisputeLineID: one.dispute.ID, Accepted: most, Credited: most, Explanation: p.words.forCustomer(p.req),
			CreditRequestID: &request, RootCauseID: p.req.RootCauseID, By: by,
		})
	}
	return list
}

// restoreTx gives back what a request that was just taken back had done to its case: the dispute lines it settled are
// open again with their holds, and it backs no promise any more. The books are as before it already.
func (s *Service) restoreTx(ctx context.Context, tx *db.Tx, req Request, reversed billing.DocumentRef, by access.Actor) error {
	original, err := oneRequest(ctx, tx, `where document_kind = $1 and document_id = $2`, reversed.Kind, reversed.ID)
	if reversed.Kind == billing.RefundDoc && errors.Is(err, ErrNoRequest) {
		return nil // a credit brought the refund with it; the credit stands, and so does what it settled
	}
	if err != nil {
		return err
	}
	if original.CaseID == nil {
		return nil
	}
	if err := s.cases.RestoreDisputesTx(ctx, tx, cases.RestoreInput{
		CaseID: *original.CaseID, CreditRequestID: int64(original.ID), By: by,
	}); err != nil {
		return err
	}
	return s.markTx(ctx, tx, original, cases.CreditReversed, by, map[string]any{"taken_back_by": req.DocumentNumber})
}
