package credits

import (
	"context"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// Withdraw takes a draft, pending, returned or failed request back and gives back what it reserved. The requester may, and a
// supervisor or controller.
func (s *Service) Withdraw(ctx context.Context, in WithdrawInput) (Request, error) {
	var req Request
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		var err error
		if req, err = s.lockTx(ctx, tx, in.ID, in.By, access.Propose); err != nil {
			return err
		}
		if in.By.UserID != req.RequesterID && !in.By.Has(access.Supervisor, access.Controller) {
			return ErrNotYours
		}
		if req.State != Draft && req.State != Pending && req.State != Returned && req.State != Failed {
			return errs.New(ErrNotWithdrawable.Kind, ErrNotWithdrawable.Key, "number", req.Number, "state", string(req.State))
		}
		steps, err := stepsOf(ctx, tx, req.ID)
		if err != nil {
			return err
		}
		if err := s.voidTx(ctx, tx, req, steps, in.By); err != nil {
			return err
		}
		if err := s.endTx(ctx, tx, &req, Withdrawn); err != nil {
			return err
		}
		return s.markTx(ctx, tx, req, cases.CreditWithdrawn, in.By, map[string]any{"comment": trimmed(in.Comment)})
	})
	return req, err
}
