package cases

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// work is one change of one case in one transaction: the case as it is locked and changed, and what happened.
type work struct {
	tx     *db.Tx
	c      Case
	was    Case
	by     access.Actor
	events []audit.Event
	topics []string
	// holds are placed and released last: that locks the books of the legal entity for all others.
	holds    []billing.HoldInput
	releases []release
	quiet    bool // nothing a person has to know of: the version stays
	timed    bool // an event moved a clock
	// escalated tells that this change is itself the effect of a breach: clocks it breaches do not escalate again.
	escalated bool
}

// release names a dispute line whose hold ends, and why.
type release struct {
	dispute DisputeID
	reason  string
}

// note records that something happened now.
func (w *work) note(what string, data map[string]any) { w.noteAt(w.tx.Now(), what, data) }

// noteAt records that something happened at a moment that may lie a little back.
func (w *work) noteAt(at time.Time, what string, data map[string]any) {
	w.events = append(w.events, audit.Event{Stream: audit.Case(int64(w.c.ID)), By: w.by, What: what, Data: data, At: at})
	w.timed = w.timed || slices.Contains(clockEvents(), what)
}

// tell publishes a topic beside those of the case itself.
func (w *work) tell(topics ...string) { w.topics = append(w.topics, topics...) }

// beginTx locks a case for a change.
func (s *Service) beginTx(ctx context.Context, tx *db.Tx, id ID, by access.Actor) (*work, error) {
	c, err := lockCase(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	return &work{tx: tx, c: c, was: c, by: by}, nil
}

// finishTx records what happened, brings the clocks up to date, writes the case and announces it.
func (s *Service) finishTx(ctx context.Context, w *work) error {
	if !w.c.Status.Active() {
		w.followUpEnds("done")
	}
	if err := w.followType(ctx); err != nil {
		return err
	}
	if len(w.events) == 0 && w.c == w.was {
		return nil
	}
	if err := audit.RecordTx(ctx, w.tx, w.events...); err != nil {
		return fmt.Errorf("record: %w", err)
	}
	if w.timed {
		if err := s.retimeTx(ctx, w); err != nil {
			return err
		}
	}
	if !w.quiet {
		w.c.Version++
	}
	if err := w.write(ctx); err != nil {
		return err
	}
	w.tx.Publish(append(w.topics, "queue", "board", w.c.ID.Topic())...)
	return s.moveHolds(ctx, w)
}

// write writes the case and tells those who watch it, in one round trip.
func (w *work) write(ctx context.Context) error {
	var told []int64
	b := &batch{}
	if w.c != w.was {
		queueUpdateCase(b, w.c)
	}
	if n, ok := newsOf(w.c, w.by, w.events); ok {
		queueNews(b, w.tx.Now(), []news{n}, &told)
	}
	if b.Len() == 0 {
		return nil
	}
	if err := w.tx.Batch(ctx, b); err != nil {
		return fmt.Errorf("write case: %w", err)
	}
	publishNews(w.tx, told)
	return nil
}

func (s *Service) moveHolds(ctx context.Context, w *work) error {
	if err := s.billing.ReleaseHoldsTx(ctx, w.tx, w.releasing()); err != nil {
		return fmt.Errorf("release holds: %w", err)
	}
	if len(w.holds) == 0 {
		return nil
	}
	if err := s.billing.PlaceHoldsTx(ctx, w.tx, w.holds); err != nil {
		return fmt.Errorf("place holds: %w", err)
	}
	return nil
}

func (w *work) releasing() []billing.ReleaseInput {
	list := make([]billing.ReleaseInput, len(w.releases))
	for i, r := range w.releases {
		list[i] = billing.ReleaseInput{DisputeLineID: int64(r.dispute), Reason: r.reason}
	}
	return list
}

// changeTx is a step: it locks the case, lets verb change it, and finishes.
func (s *Service) changeTx(ctx context.Context, tx *db.Tx, id ID, by access.Actor, verb func(w *work) error) (Case, error) {
	w, err := s.beginTx(ctx, tx, id, by)
	if err != nil {
		return Case{}, err
	}
	if err := verb(w); err != nil {
		return Case{}, err
	}
	if err := s.finishTx(ctx, w); err != nil {
		return Case{}, err
	}
	return w.c, nil
}

// command is a change by a person: it asks for the right, and refuses a version that is not the present one. Version 0
// passes only where the verb contradicts nothing.
func (s *Service) command(ctx context.Context, on On, versioned bool, verb func(w *work) error) (Case, error) {
	if err := access.Can(on.By, access.WorkCases, access.Object{}); err != nil {
		return Case{}, err
	}
	var c Case
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		var err error
		c, err = s.commandTx(ctx, tx, on, versioned, verb)
		return err
	})
	return c, err
}

// commandTx is command within a transaction that holds more than the case.
func (s *Service) commandTx(ctx context.Context, tx *db.Tx, on On, versioned bool, verb func(w *work) error) (Case, error) {
	return s.changeTx(ctx, tx, on.ID, on.By, func(w *work) error {
		if err := access.Can(on.By, access.WorkCases, access.Object{EntityID: w.c.entity()}); err != nil {
			return err
		}
		if on.Version != w.c.Version && (versioned || on.Version != 0) {
			return stale(ctx, tx, w.c)
		}
		return verb(w)
	})
}

// stale says which change the caller has not seen.
func stale(ctx context.Context, tx *db.Tx, c Case) error {
	last, err := db.One[audit.Row](ctx, tx, `select at, coalesce(nullif(actor_name, ''), actor_kind) as actor_name, what from audit_log where stream = $1 and what not like 'clock.%' order by seq desc limit 1`,
		string(audit.Case(int64(c.ID))))
	if err != nil {
		return fmt.Errorf("find the other change: %w", err)
	}
	return errs.New(ErrStaleVersion.Kind, ErrStaleVersion.Key, "number", c.Number, "version", strconv.Itoa(c.Version),
		"by", last.ActorName, "what", last.What, "at", last.At.UTC().Format(time.RFC3339))
}

// userID is the person acting, nil for the system.
func userID(by access.Actor) *int64 {
	if by.UserID == 0 {
		return nil
	}
	return new(by.UserID)
}
