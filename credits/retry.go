package credits

import (
	"context"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// MayRetry tells whether somebody may have a failed request posted again: its requester, a supervisor or a controller, and no assistant.
func (r Request) MayRetry(by access.Actor) bool {
	return r.State == Failed && !by.Assistant && (by.UserID == r.RequesterID || by.Has(access.Supervisor, access.Controller)) && access.May(by, access.Propose)
}

// Retry has the posting of a failed request tried again, by its requester, a supervisor or a controller. The approval it has stays the same,
// and must still stand: where it is older than the policy lets a request wait, or who signed no longer has the authority, the request expires
// instead and says why; what it asks for is then proposed and decided anew.
func (s *Service) Retry(ctx context.Context, by access.Actor, id ID) (Request, error) {
	var req Request
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		var err error
		if req, err = s.lockTx(ctx, tx, id, by, access.Propose); err != nil {
			return err
		}
		if req.State != Failed {
			return errs.New(ErrNotFailed.Kind, ErrNotFailed.Key, "number", req.Number, "state", string(req.State))
		}
		if !req.MayRetry(by) {
			return ErrNotYours
		}
		if err := s.stillStandsTx(ctx, tx, req); refused(err) {
			return s.lapseTx(ctx, tx, &req, err, by)
		} else if err != nil {
			return err
		}
		req.State, req.Failure, req.FailureParams = Approved, "", nil
		if err := moveRequest(ctx, tx, &req); err != nil {
			return err
		}
		if err := s.markTx(ctx, tx, req, cases.CreditApproved, by, map[string]any{"retry": true}); err != nil {
			return err
		}
		return tx.Enqueue(ctx, PostRequest{ID: req.ID})
	})
	return req, err
}

// lapseTx ends a request whose approval no longer stands; it keeps why.
func (s *Service) lapseTx(ctx context.Context, tx *db.Tx, req *Request, why error, by access.Actor) error {
	was := req.State
	req.Failure, req.FailureParams = reason(why)
	if err := s.endTx(ctx, tx, req, Expired); err != nil {
		return err
	}
	if err := s.tellTx(ctx, tx, *req, "notice.credit_expired", req.RequesterID); err != nil {
		return err
	}
	return s.markTx(ctx, tx, *req, cases.CreditExpired, by, map[string]any{"was": was, "failure": req.Failure})
}
