package credits

import (
	"context"
	"fmt"
	"time"

	"makegood/internal/access"
	"makegood/internal/db"
)

// lostAfter is when an approved request that is still not posted is taken up again.
const lostAfter = 10 * time.Minute

// sweep ends what waited too long, reminds of late steps and lets them climb, brings open chains up to date with who is there, and asks again for postings that got lost.
func (s *Service) sweep(ctx context.Context, _ Sweep) error {
	if err := s.expireAll(ctx); err != nil {
		return err
	}
	if err := s.rerouteAll(ctx); err != nil {
		return err
	}
	lost, err := db.Values[ID](ctx, s.db, `select id from credit_requests where state = 'approved' and approved_at < $1 order by id limit 200`,
		s.db.Now().Add(-lostAfter))
	if err != nil || len(lost) == 0 {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		for _, id := range lost {
			if err := tx.Enqueue(ctx, PostRequest{ID: id}); err != nil {
				return err
			}
		}
		return nil
	})
}

// rerouteAll looks at every pending request in a few reads, and locks only those whose chain has to change.
func (s *Service) rerouteAll(ctx context.Context) error {
	pending, err := db.List[Request](ctx, s.db, `select `+requestColumns+` from credit_requests r where state = 'pending' order by submitted_at, id`)
	if err != nil || len(pending) == 0 {
		return err
	}
	ids := make([]ID, len(pending))
	for i, req := range pending {
		ids[i] = req.ID
	}
	all, err := stepsOf(ctx, s.db, ids...)
	if err != nil {
		return err
	}
	steps := map[ID][]Step{}
	for _, step := range all {
		steps[step.CreditRequestID] = append(steps[step.CreditRequestID], step)
	}
	for _, req := range pending {
		steps[req.ID] = ofVersion(steps[req.ID], req.ContentVersion)
	}
	ro, err := s.readRoster(ctx, s.db, ids...)
	if err != nil {
		return err
	}
	orphans := false
	for _, req := range pending {
		if err := s.deadlines(ctx, ro, req, steps[req.ID]); err != nil {
			return fmt.Errorf("deadlines of %s: %w", req.Number, err)
		}
		r, err := ro.route(req, steps[req.ID], s.db.Now())
		if err != nil {
			return fmt.Errorf("reroute %s: %w", req.Number, err)
		}
		if orphans = orphans || r.orphan; r.orphan {
			s.logger.WarnContext(ctx, "nobody can decide", "request_id", int64(req.ID))
		}
		if !r.changed() {
			continue
		}
		if err := s.reroute(ctx, req.ID); err != nil {
			return fmt.Errorf("reroute %s: %w", req.Number, err)
		}
	}
	if !orphans {
		return nil
	}
	return s.db.Do(ctx, func(tx *db.Tx) error { return tx.Enqueue(ctx, CheckCoverage{}) })
}

func (s *Service) reroute(ctx context.Context, id ID) error {
	by := access.SystemActor("credits.reroute")
	return s.db.Do(ctx, func(tx *db.Tx) error {
		req, err := s.lockTx(ctx, tx, id, by, access.Decide)
		if err != nil || req.State != Pending {
			return err
		}
		ro, err := s.readRoster(ctx, tx, id)
		if err != nil {
			return err
		}
		_, _, err = s.rerouteTx(ctx, tx, ro, req, by)
		return err
	})
}
