package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// MoveClocks puts the cases that are open under the terms that hold now. Late looks once more, for cases that were being opened while a
// change was made.
type MoveClocks struct {
	ID   ClockChangeID `json:"id"`
	Late bool          `json:"late"`
}

// Kind names the job.
func (MoveClocks) Kind() string { return "cases.move_clocks" }

// Takes is how long ten thousands of cases may take.
func (MoveClocks) Takes() time.Duration { return 30 * time.Minute }

// Unique says that a change is carried out once at a time.
func (MoveClocks) Unique() bool { return true }

const (
	// clockChangesTopic is the live topic of how far changes are.
	clockChangesTopic = "clock-changes"

	movedAtOnce = 100
	// lateOpening is longer than any transaction that opens a case may take.
	lateOpening = 2 * time.Minute
)

// moveClocks goes through the cases, each in a transaction of its own together with how far the change is: cut off, it goes on where it was.
func (s *Service) moveClocks(ctx context.Context, job MoveClocks) error {
	if job.Late {
		return s.moveLate(ctx)
	}
	for {
		change, err := db.One[struct {
			LastCase   ID
			FinishedAt *time.Time
		}](ctx, s.db, `select last_case, finished_at from clock_changes where id = $1`, job.ID)
		if err != nil {
			return fmt.Errorf("read change of clocks: %w", err)
		}
		if change.FinishedAt != nil {
			return nil
		}
		ids, err := db.Values[ID](ctx, s.db, `select id from cases where status in ('new','open','waiting') and id > $1 order by id limit $2`, change.LastCase, movedAtOnce)
		if err != nil {
			return fmt.Errorf("find cases to move: %w", err)
		}
		for _, id := range ids {
			if err := s.moveOrPass(ctx, job.ID, id); err != nil {
				return err
			}
		}
		if len(ids) < movedAtOnce {
			return s.movedAll(ctx, job.ID)
		}
	}
}

func (s *Service) moveOne(ctx context.Context, change ClockChangeID, id ID) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		moved, err := s.moveTx(ctx, tx, id)
		if err != nil {
			return err
		}
		tx.Publish(clockChangesTopic)
		_, err = tx.Exec(ctx, `update clock_changes set done = done + 1, moved = moved + $3, last_case = $2 where id = $1`, change, id, map[bool]int{true: 1}[moved])
		return err
	})
}

// moveOrPass moves one case. One that cannot follow keeps its old terms and holds up no other; what passes by itself ends the job, which is
// tried again.
func (s *Service) moveOrPass(ctx context.Context, change ClockChangeID, id ID) error {
	err := s.moveOne(ctx, change, id)
	if err == nil || errs.KindOf(err) == errs.Unavailable || db.PassesByItself(err) {
		return err
	}
	s.logger.ErrorContext(ctx, "put case under changed clocks", "case", id, "change", change, "error", err)
	return s.passOver(ctx, change, id)
}

func (s *Service) passOver(ctx context.Context, change ClockChangeID, id ID) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `update clock_changes set done = done + 1, last_case = $2 where id = $1`, change, id)
		return err
	})
}

// moveTx puts one case under the terms that hold now, and tells whether they are other ones. It counts as nothing a person has done.
func (s *Service) moveTx(ctx context.Context, tx *db.Tx, id ID) (moved bool, err error) {
	_, err = s.changeTx(ctx, tx, id, access.SystemActor("clocks"), func(w *work) error {
		w.quiet = true
		if !slices.Contains([]Status{StatusNew, StatusOpen, StatusWaiting}, w.c.Status) {
			return nil
		}
		customer, err := s.customerOf(ctx, tx, w.c)
		if err != nil {
			return err
		}
		err = s.repin(ctx, w, customer)
		moved = w.timed
		return err
	})
	return moved, err
}

func (s *Service) movedAll(ctx context.Context, id ClockChangeID) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `update clock_changes set finished_at = $2 where id = $1`, id, tx.Now()); err != nil {
			return fmt.Errorf("finish change of clocks: %w", err)
		}
		tx.Publish(clockChangesTopic)
		return tx.EnqueueAt(ctx, MoveClocks{ID: id, Late: true}, tx.Now().Add(lateOpening))
	})
}

// moveLate moves the open cases that are still under a version out of use.
func (s *Service) moveLate(ctx context.Context) error {
	ids, err := db.Values[ID](ctx, s.db, `select c.id from cases c join sla_policies p on p.id = c.policy_id
		where c.status in ('new','open','waiting') and not p.active order by c.id`)
	if err != nil {
		return fmt.Errorf("find cases left behind: %w", err)
	}
	var all []error
	for _, id := range ids {
		all = append(all, s.db.Do(ctx, func(tx *db.Tx) error {
			_, err := s.moveTx(ctx, tx, id)
			return err
		}))
	}
	return errors.Join(all...)
}
