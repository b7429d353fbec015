package credits

import (
	"context"
	"errors"
	"fmt"
	"time"

	"makegood/internal/access"
	"makegood/internal/db"
)

// lostAfter is when an approved request that is still not posted is taken up again.
const lostAfter = 10 * time.Minute

// sweep ends what waited too long, reminds of late steps and lets them climb, brings open chains up to date with who is there, and asks
// again for postings that got lost. Each is done whatever becomes of the others.
func (s *Service) sweep(ctx context.Context, _ Sweep) error {
	return errors.Join(s.expireAll(ctx), s.rerouteAll(ctx), s.postLost(ctx))
}

func (s *Service) postLost(ctx context.Context) error {
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
	steps, ids, err := stepsOfEach(ctx, s.db, pending)
	if err != nil {
		return err
	}
	ro, err := s.readRoster(ctx, s.db, ids...)
	if err != nil {
		return err
	}
	orphans, failed := false, error(nil)
	for _, req := range pending {
		orphan, err := s.lookAt(ctx, ro, req, steps[req.ID])
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("look at %s: %w", req.Number, err))
		}
		orphans = orphans || orphan
	}
	if !orphans {
		return failed
	}
	return errors.Join(failed, s.db.Do(ctx, func(tx *db.Tx) error { return tx.Enqueue(ctx, CheckCoverage{}) }))
}

// lookAt does what is due for one pending request, and tells whether nobody can decide it.
func (s *Service) lookAt(ctx context.Context, ro roster, req Request, steps []Step) (orphan bool, err error) {
	late := s.deadlines(ctx, ro, req, steps)
	r, err := ro.route(req, steps, s.db.Now())
	if err != nil {
		return false, errors.Join(late, err)
	}
	if r.orphan {
		s.logger.WarnContext(ctx, "nobody can decide", "request_id", int64(req.ID))
	}
	if r.changed() {
		err = s.reroute(ctx, req.ID)
	}
	return r.orphan, errors.Join(late, err)
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
