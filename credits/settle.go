package credits

import (
	"context"

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

// settleTx decides the dispute lines a request is for, and releases their holds.
func (s *Service) settleTx(ctx context.Context, tx *db.Tx, req Request, lines []Line, w words, by access.Actor) ([]settlement, error) {
	if req.CaseID == nil {
		return nil, nil
	}
	disputes, err := s.cases.Disputes(ctx, tx, *req.CaseID)
	if err != nil {
		return nil, err
	}
	var list []settlement
	for _, d := range disputes {
		one := settlement{dispute: d, line: w.InvoiceNumber}
		tied := false
		for _, l := range lines {
			if l.DisputeLineID != nil && *l.DisputeLineID == d.ID {
				tied, one.credited = true, one.credited.Add(l.Net).Add(l.TaxShare)
				if d.InvoiceLineID != nil {
					one.line = l.Description
				}
			}
		}
		if !tied {
			continue
		}
		request, most := int64(req.ID), decimal.Min(one.credited, d.Contested)
		if err := s.cases.SettleDisputeTx(ctx, tx, cases.SettleInput{
			DisputeLineID: d.ID, Accepted: most, Credited: most, Explanation: w.forCustomer(req),
			CreditRequestID: &request, RootCauseID: req.RootCauseID, By: by,
		}); err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

// restoreTx gives back what a request that was just taken back had done to its case: the dispute lines it settled are
// open again with their holds, and it backs no promise any more. The books are as before it already.
func (s *Service) restoreTx(ctx context.Context, tx *db.Tx, req Request, reversed billing.DocumentRef, by access.Actor) error {
	original, err := oneRequest(ctx, tx, `where document_kind = $1 and document_id = $2`, reversed.Kind, reversed.ID)
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
