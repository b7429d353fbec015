package credits

import (
	"context"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

func (s *Service) draftedTx(ctx context.Context, tx *db.Tx, req Request, by access.Actor) error {
	tx.Publish(req.topics()...)
	return audit.RecordTx(ctx, tx, audit.Event{
		Stream: req.stream(), By: by, What: "credit_request.drafted",
		Data: map[string]any{"request": req.ID, "number": req.Number},
	})
}

// SubmitDraft submits a draft of one's own, worked out anew against the books as they are now.
func (s *Service) SubmitDraft(ctx context.Context, id ID, by access.Actor) (Request, error) {
	var out Request
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		req, err := s.lockTx(ctx, tx, id, by, access.Propose)
		if err != nil {
			return err
		}
		if req.RequesterID != by.UserID {
			return ErrNotYours
		}
		if req.State != Draft {
			return errs.New(ErrNotADraft.Kind, ErrNotADraft.Key, "number", req.Number, "state", string(req.State))
		}
		in, err := req.input(ctx, tx, by)
		if err != nil {
			return err
		}
		p, err := s.start(ctx, tx, in)
		if err != nil {
			return err
		}
		if err := s.lockBooksTx(ctx, tx, &p); err != nil {
			return err
		}
		out, err = s.placeTx(ctx, tx, p, req, Pending)
		return err
	})
	return out, err
}

// submitRevisedTx submits a draft as another proposal than the one it was kept with. Nobody has seen that one: it is no version.
func (s *Service) submitRevisedTx(ctx context.Context, tx *db.Tx, req Request, in ProposeInput) (Request, error) {
	a := amendment{why: wasChanged, requester: req.RequesterID, editors: req.EditorIDs, evidence: in.Evidence}
	p, err := s.changedTx(ctx, tx, req, in, &a)
	if err != nil {
		return Request{}, err
	}
	if err := s.lockBooksTx(ctx, tx, &p); err != nil {
		return Request{}, err
	}
	req.Kind, req.ReasonCode, req.RootCauseID, req.Explanation, req.CustomerNote = in.Kind, in.ReasonCode, in.RootCauseID, in.Explanation, in.CustomerNote
	req.Proposal = &p.asked
	return s.placeTx(ctx, tx, p, req, Pending)
}

// input is the proposal a stored request was made from.
func (r Request) input(ctx context.Context, tx *db.Tx, by access.Actor) (ProposeInput, error) {
	if r.Proposal == nil {
		return ProposeInput{}, ErrChanged
	}
	in := *r.Proposal
	in.By = by
	evidence, err := evidenceOf(ctx, tx, r.ID)
	if err != nil {
		return in, err
	}
	in.Evidence = asNew(evidence)
	return in, nil
}
