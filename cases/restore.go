package cases

import (
	"context"
	"fmt"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/db"
)

// RestoreInput names the credit request whose credit was taken back.
type RestoreInput struct {
	CaseID          ID
	CreditRequestID int64
	By              access.Actor
}

// RestoreDisputesTx opens the dispute lines again that a credit had settled, with their holds, because the credit was
// taken back: they are as they were before it. A resolved or closed case with such a line is open again. Without any it
// changes nothing. It belongs after the books were put back, for a hold is never more than what is open.
func (s *Service) RestoreDisputesTx(ctx context.Context, tx *db.Tx, in RestoreInput) error {
	_, err := s.changeTx(ctx, tx, in.CaseID, in.By, func(w *work) error {
		lines, err := db.List[DisputeLine](ctx, tx, `select `+disputeColumns+` from dispute_lines
			where case_id = $1 and credit_request_id = $2 order by id for update`, in.CaseID, in.CreditRequestID)
		if err != nil {
			return fmt.Errorf("read dispute lines: %w", err)
		}
		if len(lines) == 0 {
			return nil
		}
		for _, d := range lines {
			if err := w.reopen(ctx, d); err != nil {
				return err
			}
		}
		if !w.c.Status.Active() {
			if err := w.move(StatusOpen, OnNobody, nil); err != nil {
				return err
			}
		}
		return s.reweigh(ctx, w)
	})
	return err
}

// reopen makes a dispute line undecided and asks for its hold.
func (w *work) reopen(ctx context.Context, d DisputeLine) error {
	event := d.eventData()
	d.Status, d.Accepted, d.Credited, d.Explanation = DisputeOpen, decimal.Zero, decimal.Zero, ""
	d.CreditRequestID, d.DecidedAt, d.DecidedBy = nil, nil, nil
	if err := updateDispute(ctx, w.tx, d); err != nil {
		return err
	}
	w.holds = append(w.holds, billing.HoldInput{
		InvoiceID: d.InvoiceID, InvoiceLineID: d.InvoiceLineID, DisputeLineID: int64(d.ID), CaseID: int64(w.c.ID),
		Amount: d.Contested, ReasonCode: d.ReasonCode, By: w.by,
	})
	w.note("dispute.reopened", event)
	return nil
}
