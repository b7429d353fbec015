package credits

import (
	"context"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// Retry has the posting of a failed request tried again. The approval it has stays the same.
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
