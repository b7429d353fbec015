package credits

import (
	"context"
	"errors"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// Post posts an approved request, all in one transaction: the document with its ledger entries, the dispute lines it
// settles or opens again, the case's event and the letter to the customer. It happens once, however often and by however
// many workers it is called. A request whose content is not what was approved, or whose posting the books refuse, is
// failed, with the reason for people to see.
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
	posted, err := s.billing.PostAdjustmentTx(ctx, tx, billing.PostAdjustment{
		CreditRequestID: int64(req.ID), ApprovalID: *req.ApprovalID, CaseID: (*int64)(req.CaseID), Adjustment: a,
		Explanation: words.forCustomer(req), By: by,
	})
	if err != nil {
		return err
	}
	now := tx.Now()
	req.State, req.EndedAt, req.Failure, req.FailureParams = Posted, &now, "", nil
	req.DocumentKind, req.DocumentID, req.DocumentNumber = posted.Document.Kind, &posted.Document.ID, posted.Document.Number
	if posted.Memo != nil {
		req.MemoID = &posted.Memo.ID
	}
	if err := moveRequest(ctx, tx, &req); err != nil {
		return err
	}
	if a.Kind == billing.Reverse {
		if err := s.restoreTx(ctx, tx, req, a.Reverses, by); err != nil {
			return err
		}
	}
	return s.announceTx(ctx, tx, req, posted, settled, by)
}

// announceTx tells everybody about a posted document: the case, the requester, and the customer by letter.
func (s *Service) announceTx(ctx context.Context, tx *db.Tx, req Request, posted billing.Posted, settled []settlement, by access.Actor) error {
	data := map[string]any{"document": posted.Document.Number, "document_kind": posted.Document.Kind}
	if posted.Memo != nil {
		data["memo"] = posted.Memo.Number
	}
	if err := s.markTx(ctx, tx, req, cases.CreditPosted, by, data); err != nil {
		return err
	}
	render := RenderDocument{Document: posted.Document}
	if req.CaseID != nil {
		if err := s.tellTx(ctx, tx, req, "notice.credit_posted", req.RequesterID); err != nil {
			return err
		}
		var err error
		if render.Key, err = s.letterTx(ctx, tx, req, posted, settled); err != nil {
			return err
		}
		if _, err := s.cases.ResolveIfSettledTx(ctx, tx, *req.CaseID, by); err != nil {
			return err
		}
	}
	if !hasDocument(posted.Document.Kind) {
		return nil
	}
	return tx.Enqueue(ctx, render)
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
