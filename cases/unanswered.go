package cases

import (
	"context"
	"time"

	"makegood/internal/access"
	"makegood/internal/db"
)

// ReopenableFor is how long a resolved case can be opened again before it is closed for good.
func (s *Service) ReopenableFor() time.Duration { return s.options.CloseAfter }

// MayCloseTx refuses, as resolving would, while a case has work left: a dispute line undecided, a credit on its way, no root cause, a required
// point of its checklist.
func (s *Service) MayCloseTx(ctx context.Context, tx *db.Tx, id ID) error {
	w, err := s.beginTx(ctx, tx, id, access.SystemActor("awaiting"))
	if err != nil {
		return err
	}
	lines, err := disputesOf(ctx, tx, id)
	if err != nil {
		return err
	}
	undone, err := w.undone(ctx)
	if err != nil {
		return err
	}
	return mayResolve(w.c, lines, undone)
}

// CloseUnansweredTx resolves a case whose customer has not answered what we asked them at a moment. Like any resolved one it is opened again by
// their mail until it is closed. It refuses what MayCloseTx refuses.
func (s *Service) CloseUnansweredTx(ctx context.Context, tx *db.Tx, id ID, asked time.Time) (Case, error) {
	return s.changeTx(ctx, tx, id, access.SystemActor("awaiting"), func(w *work) error {
		return s.resolve(ctx, w, "", map[string]any{"why": "unanswered", "asked_at": asked})
	})
}

// RecordUnansweredTx notes that a customer has not answered, and why nothing was done about it by itself.
func (s *Service) RecordUnansweredTx(ctx context.Context, tx *db.Tx, id ID, asked time.Time, why string) error {
	_, err := s.changeTx(ctx, tx, id, access.SystemActor("awaiting"), func(w *work) error {
		w.quiet = true
		w.note("customer.unanswered", map[string]any{"asked_at": asked, "why": why})
		return nil
	})
	return err
}

// TakeUpAgainTx opens a case again for its customer, who says that it is not settled, and tells whoever works on it. One that is open stays as
// it is; one that was joined to another is refused.
func (s *Service) TakeUpAgainTx(ctx context.Context, tx *db.Tx, id ID, by access.Actor) (Case, error) {
	return s.changeTx(ctx, tx, id, by, func(w *work) error {
		if w.c.Status.Active() {
			return nil
		}
		if err := w.move(StatusOpen, OnNobody, map[string]any{"why": "customer"}); err != nil || w.c.AssigneeID == nil {
			return err
		}
		return insertNotice(ctx, tx, Notice{UserID: *w.c.AssigneeID, CaseID: &w.c.ID, Key: "notice.taken_up_again", Params: map[string]string{"number": w.c.Number}})
	})
}
