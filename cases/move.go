package cases

import (
	"context"
	"maps"
	"strings"
	"time"

	"makegood/internal/access"
	"makegood/internal/errs"
)

// SetStatus moves a case along the table of moves: waiting for somebody, back to work, resolved, closed, reopened.
// Resolving asks for what a resolved case must have.
func (s *Service) SetStatus(ctx context.Context, in StatusInput) (Case, error) {
	return s.command(ctx, in.On, true, func(w *work) error {
		if err := w.foundCause(ctx, in.RootCause); err != nil {
			return err
		}
		if in.To == StatusResolved {
			return s.resolve(ctx, w, in.Resolution, nil)
		}
		return w.move(in.To, in.WaitingOn, comment(in.Comment))
	})
}

// foundCause sets what was really wrong as somebody says who does something else to the case too; nil says nothing about it. A cause that
// is retired stays where it is, and is not set anew.
func (w *work) foundCause(ctx context.Context, cause *int64) error {
	if cause == nil || same(w.c.RootCauseID, cause) {
		return nil
	}
	known, err := knownCause(ctx, w.tx, cause)
	if err != nil {
		return err
	}
	if !known {
		return errs.InvalidField("root_cause", "case.no_such_cause")
	}
	w.setCause(cause)
	return nil
}

// setCause notes what was really wrong, and what was said of it before.
func (w *work) setCause(cause *int64) {
	w.note("root_cause.set", map[string]any{"from": w.c.RootCauseID, "root_cause": cause})
	w.c.RootCauseID = cause
}

func comment(text string) map[string]any {
	if text = strings.TrimSpace(text); text == "" {
		return nil
	}
	return map[string]any{"comment": text}
}

// move changes the status, now.
func (w *work) move(to Status, on WaitingOn, data map[string]any) error {
	return w.moveAt(w.tx.Now(), to, on, data)
}

// moveAt changes the status at a moment that may lie a little back, never before the last event of the case.
func (w *work) moveAt(at time.Time, to Status, on WaitingOn, data map[string]any) error {
	if err := checkMove(w.c, to, on); err != nil {
		return err
	}
	if to != StatusWaiting {
		on = OnNobody
	}
	event := map[string]any{"from": w.c.Status, "to": to, "waiting_on": on, "was_waiting_on": w.c.WaitingOn}
	maps.Copy(event, data)
	w.c.Status, w.c.WaitingOn = to, on
	switch to {
	case StatusResolved:
		w.c.ResolvedAt = &at
	case StatusClosed:
		w.c.ClosedAt = &at
	case StatusOpen:
		w.c.ResolvedAt, w.c.ClosedAt = nil, nil
	case StatusNew, StatusWaiting:
	}
	w.noteAt(at, evStatus, event)
	return nil
}

// resolve checks what a resolved case must have: every dispute line decided, a root cause for a dispute, no credit on
// its way, the required points of its checklist ticked; people say first what the company must
// know of it. A customer's message still unanswered does not hold it up: the agent decides.
func (s *Service) resolve(ctx context.Context, w *work, resolution string, data map[string]any) error {
	lines, err := disputesOf(ctx, w.tx, w.c.ID)
	if err != nil {
		return err
	}
	undone, err := w.undone(ctx)
	if err != nil {
		return err
	}
	if err := checkMove(w.c, StatusResolved, OnNobody); err != nil {
		return err
	}
	if err := mayResolve(w.c, lines, undone); err != nil {
		return err
	}
	if w.by.Kind == access.Person {
		unsaid, err := unsaidOf(ctx, w.tx, []ID{w.c.ID})
		if err != nil {
			return err
		}
		if err := allSaid(w.c, unsaid[w.c.ID]); err != nil {
			return err
		}
	}
	return w.resolve(resolution, data)
}

// resolve is what it changes, once mayResolve has said yes.
func (w *work) resolve(resolution string, data map[string]any) error {
	if resolution != "" {
		w.c.Resolution = resolution
	}
	event := map[string]any{"resolution": w.c.Resolution}
	if w.c.RootCauseID != nil {
		event["root_cause"] = *w.c.RootCauseID
	}
	maps.Copy(event, data)
	w.c.UnansweredSince = nil
	return w.move(StatusResolved, OnNobody, event)
}

// mayResolve is the rule behind resolve; undone names what is left of the checklist, for the sentence.
func mayResolve(c Case, lines []DisputeLine, undone string) error {
	refuse := func(e *errs.Error) error { return errs.New(e.Kind, e.Key, "number", c.Number) }
	if c.CreditState == CreditPending || c.CreditState == CreditApproved {
		return refuse(ErrUnpostedCredit)
	}
	for _, d := range lines {
		if !d.Status.Decided() {
			return refuse(ErrUndecidedDispute)
		}
	}
	if c.RootCauseID == nil && (c.Type == Dispute || len(lines) > 0) && !allWithdrawn(lines) {
		return refuse(ErrNoRootCause)
	}
	if c.UndonePoints > 0 {
		return errs.New(ErrUndonePoints.Kind, ErrUndonePoints.Key, "number", c.Number, "points", undone)
	}
	return nil
}

// allWithdrawn tells that the customer took every line back: there is nothing that was wrong.
func allWithdrawn(lines []DisputeLine) bool {
	for _, d := range lines {
		if d.Status != DisputeWithdrawn {
			return false
		}
	}
	return len(lines) > 0
}
