package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"makegood/billing"
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
	if err == nil || !passable(err) {
		return err
	}
	s.logger.ErrorContext(ctx, "put case under changed clocks", "case", id, "change", change, "error", err)
	return s.passOver(ctx, change, id)
}

// passable tells an error of one case from what passes by itself, and from the end of the job.
func passable(err error) bool {
	return errs.KindOf(err) != errs.Unavailable && !db.PassesByItself(err) && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
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

// moveLate moves the open cases that are not under the terms that are for them: those that were being opened meanwhile, and those that could
// not follow then.
func (s *Service) moveLate(ctx context.Context) error {
	for last := ID(0); ; {
		list, err := db.List[Case](ctx, s.db, `select `+caseColumns+` from cases where status in ('new','open','waiting') and id > $1 order by id limit $2`, last, movedAtOnce)
		if err != nil {
			return fmt.Errorf("read open cases: %w", err)
		}
		if err := s.moveBehind(ctx, list); err != nil {
			return err
		}
		if len(list) < movedAtOnce {
			return nil
		}
		last = list[len(list)-1].ID
	}
}

// moveBehind moves those of a page of cases that other terms are for.
func (s *Service) moveBehind(ctx context.Context, list []Case) error {
	policies, err := activePolicies(ctx, s.db)
	if err != nil {
		return err
	}
	customers, err := customersOfCases(ctx, s.db, list)
	if err != nil {
		return err
	}
	for _, c := range list {
		var customer billing.Customer
		if c.CustomerID != nil {
			customer = customers[*c.CustomerID]
		}
		if same(policies.match(c, customer), c.PolicyID) {
			continue
		}
		err := s.db.Do(ctx, func(tx *db.Tx) error {
			_, err := s.moveTx(ctx, tx, c.ID)
			return err
		})
		if err != nil && !passable(err) {
			return err
		}
		if err != nil {
			s.logger.ErrorContext(ctx, "put case left behind under changed clocks", "case", c.ID, "error", err)
		}
	}
	return nil
}
