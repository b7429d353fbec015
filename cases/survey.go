package cases

import (
	"context"

	"makegood/internal/access"
	"makegood/internal/db"
)

// Surveyed is what happened to the question how a case was dealt with: asked with Mail set, or answered with Score. Before is the
// score of an answer that this one takes the place of.
type Surveyed struct {
	CaseID ID
	By     access.Actor
	Mail   int64 // of the outbox
	Score  int
	Before int
}

// RecordSurveyTx notes in a case's events that its customer was asked how it went, or answered. It moves no clock and counts up no version:
// whoever is at work on the case need not know.
func (s *Service) RecordSurveyTx(ctx context.Context, tx *db.Tx, in Surveyed) (Case, error) {
	return s.changeTx(ctx, tx, in.CaseID, in.By, func(w *work) error {
		w.quiet = true
		switch {
		case in.Score == 0:
			w.note("survey.asked", map[string]any{"outgoing": in.Mail})
		case in.Before != 0:
			w.note("survey.answered", map[string]any{"score": in.Score, "before": in.Before})
		default:
			w.note("survey.answered", map[string]any{"score": in.Score})
		}
		return nil
	})
}
