package credits

import (
	"context"
	"errors"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// Post posts an approved request, all in one transaction: the credit memo with its ledger entries, the dispute lines it
// settles, the case's event and the letter to the customer. It happens once, however often and by however many workers
// it is called. A request whose content is not what was approved, or whose posting the books refuse, is failed, with the
// reason for people to see.
func (s *Service) Post(ctx context.Context, in PostRequest) error {
	by := access.SystemActor("credits.post_request")
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		req, err := s.lockTx(ctx, tx, in.ID, by, access.Decide)
		if err != nil || req.State != Approved {
			return err
		}
		return s.postTx(ctx, tx, req, by)
	})
	if !refused(err) || errors.Is(err, ErrNoRequest) {
		return err
	}
	s.logger.WarnContext(ctx, "posting refused", "request_id", int64(in.ID), "error", err.Error())
	return s.fail(ctx, in.ID, err, by)
}

// refused tells an answer of the rules from a fault that may pass.
func refused(err error) bool {
	switch errs.KindOf(err) {
	case errs.Conflict, errs.Invalid, errs.Forbidden, errs.NotFound:
		return true
	case errs.Internal, errs.Unauthenticated, errs.TooLarge, errs.TooMany, errs.Unavailable:
	}
	return false
}

func (s *Service) postTx(ctx context.Context, tx *db.Tx, req Request, by access.Actor) error {
	lines, err := linesOf(ctx, tx, req.ID)
	if err != nil {
		return err
	}
	a, err := req.frozen(lines)
	if err != nil {
		return err
	}
	if req.ApprovalID == nil {
		return billing.ErrNeedsApproval
	}
	words, err := readWords(ctx, tx, req)
	if err != nil {
		return err
	}
	settled, err := s.settleTx(ctx, tx, req, lines, words, by)
	if err != nil {
		return err
	}
	memo, err := s.billing.PostMemoTx(ctx, tx, billing.PostAdjustment{
		CreditRequestID: int64(req.ID), ApprovalID: *req.ApprovalID, CaseID: (*int64)(req.CaseID), Adjustment: a,
		Explanation: words.forCustomer(req), By: by,
	})
	if err != nil {
		return err
	}
	now := tx.Now()
	req.State, req.MemoID, req.EndedAt, req.Failure, req.FailureParams = Posted, &memo.ID, &now, "", nil
	req.DocumentKind, req.DocumentID, req.DocumentNumber = billing.MemoDoc, new(int64(memo.ID)), memo.Number
	if err := moveRequest(ctx, tx, &req); err != nil {
		return err
	}
	return s.announceTx(ctx, tx, req, memo, settled, by)
}

// announceTx tells everybody about a posted memo: the case, the requester, and the customer by letter.
func (s *Service) announceTx(ctx context.Context, tx *db.Tx, req Request, memo billing.CreditMemo, settled []settlement, by access.Actor) error {
	if err := s.markTx(ctx, tx, req, cases.CreditPosted, by, map[string]any{"memo": memo.Number}); err != nil {
		return err
	}
	render := RenderMemo{MemoID: memo.ID}
	if req.CaseID == nil {
		return tx.Enqueue(ctx, render)
	}
	if err := s.tellTx(ctx, tx, req, "notice.credit_posted", req.RequesterID); err != nil {
		return err
	}
	var err error
	if render.Key, err = s.letterTx(ctx, tx, req, memo, settled); err != nil {
		return err
	}
	if _, err := s.cases.ResolveIfSettledTx(ctx, tx, *req.CaseID, by); err != nil {
		return err
	}
	return tx.Enqueue(ctx, render)
}

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

// fail keeps why a posting was refused. The reservation stays, so that a retry finds what was approved.
func (s *Service) fail(ctx context.Context, id ID, why error, by access.Actor) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		req, err := s.lockTx(ctx, tx, id, by, access.Decide)
		if err != nil || req.State != Approved {
			return err
		}
		req.State = Failed
		req.Failure, req.FailureParams = reason(why)
		if err := moveRequest(ctx, tx, &req); err != nil {
			return err
		}
		if err := s.tellTx(ctx, tx, req, "notice.credit_failed", req.RequesterID); err != nil {
			return err
		}
		return s.markTx(ctx, tx, req, cases.CreditFailed, by, map[string]any{"failure": req.Failure})
	})
}

// reason is the message key of an error with its parameters; of several fields the first.
func reason(err error) (string, map[string]string) {
	var e *errs.Error
	if !errors.As(err, &e) {
		return "error.internal", nil
	}
	if len(e.Fields) > 0 {
		return e.Fields[0].Key, e.Fields[0].Params
	}
	return e.Key, e.Params
}

// Render makes a posted memo's document and lets the letter that waits for it go. It may be called again.
func (s *Service) Render(ctx context.Context, in RenderMemo) error {
	doc, err := s.billing.RenderMemo(ctx, in.MemoID)
	if err != nil || in.Key == "" {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		return s.inbox.AttachTx(ctx, tx, in.Key, inbox.Attachment{Filename: doc.Filename, MediaType: doc.MediaType, Content: doc.Content})
	})
}
