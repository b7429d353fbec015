package credits

import (
	"context"
	"errors"

	"makegood/internal/access"
	"makegood/internal/db"
)

// errOnlyLooked takes back what a preview had to try out.
var errOnlyLooked = errors.New("only looked")

// PreviewChange is Preview for a change of a pending or returned request of one's own: as if what it reserves were free. Nothing
// of it is stored.
func (s *Service) PreviewChange(ctx context.Context, id ID, in ProposeInput) (Preview, error) {
	if err := in.check(); err != nil {
		return Preview{}, err
	}
	var view Preview
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		req, err := s.lockTx(ctx, tx, id, in.By, access.Propose)
		if err != nil {
			return err
		}
		if err := req.mayBeChanged(ChangeInput{Proposal: in}); err != nil {
			return err
		}
		a := amendment{why: wasChanged, requester: req.RequesterID, editors: req.EditorIDs, evidence: in.Evidence}
		if err := s.billing.ReleaseIncidentCreditsTx(ctx, tx, int64(id)); err != nil {
			return err
		}
		if err := s.billing.ReleaseReservationTx(ctx, tx, int64(id)); err != nil {
			return err
		}
		p, err := s.changedTx(ctx, tx, req, in, &a)
		if err != nil {
			return err
		}
		if err := s.begin(ctx, tx, &p); err != nil {
			return err
		}
		if err := s.work(ctx, tx, &p, id); err != nil {
			return err
		}
		if view, err = s.shown(ctx, tx, p); err != nil {
			return err
		}
		return errOnlyLooked
	})
	if errors.Is(err, errOnlyLooked) {
		err = nil
	}
	return view, err
}
