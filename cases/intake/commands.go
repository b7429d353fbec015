package intake

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"makegood/cases"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/blob"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// ReleaseInput lets a held or quarantined message into a case. CaseID is left out for a new one.
type ReleaseInput struct {
	By     access.Actor
	ID     inbox.InboundID
	CaseID cases.ID
	Apart  bool // its sender takes no part in the case: the message is filed, and nobody there is answered
}

// DiscardInput sets a held or quarantined message aside for a reason people can read.
type DiscardInput struct {
	By     access.Actor
	ID     inbox.InboundID
	Reason string
}

// Retry handles a held or quarantined message again, as if it had just come, and answers it with what became of it.
func (i *Intake) Retry(ctx context.Context, id inbox.InboundID, by access.Actor) (inbox.Inbound, error) {
	err := i.decide(ctx, id, by, func(h *handling) (audit.Event, error) {
		return audit.Event{What: "message.retried", Data: map[string]any{"from": string(h.Fate)}}, h.inbox.ReopenTx(ctx, h.tx, id)
	})
	if err != nil {
		return inbox.Inbound{}, err
	}
	if err := i.Handle(ctx, inbox.MessageArrived{ID: id}); err != nil {
		i.logger.WarnContext(ctx, "message not handled again yet", "message", int64(id), "error", err.Error()) // its job tries on
	}
	return i.inbox.Message(ctx, i.db, id)
}

// ReleaseToCase adds a held or quarantined message to a case. Its sender takes part in the case from now on, unless they are kept
// apart: then the message is kept for those inside, and changes nothing.
func (i *Intake) ReleaseToCase(ctx context.Context, in ReleaseInput) error {
	return i.decide(ctx, in.ID, in.By, func(h *handling) (audit.Event, error) {
		event := audit.Event{What: "message.released", Data: map[string]any{"from": string(h.Fate), "case_id": int64(in.CaseID), "apart": in.Apart}}
		if err := h.mayGo(); err != nil {
			return event, err
		}
		c, err := h.goesToTx(ctx, in)
		if err != nil {
			return event, err
		}
		if err := h.seeTx(ctx); err != nil {
			return event, err
		}
		event.Data["case_id"] = int64(c.ID)
		_, err = h.cases.ReceiveTx(ctx, h.tx, c.ID, h.released(in, c))
		if errors.Is(err, cases.ErrClosed) && !in.Apart { // it goes on in another case, as it would have from somebody known
			event.Data["follows"] = int64(c.ID)
			next, err := h.openReleasedTx(ctx, in, &c.ID)
			event.Data["case_id"] = int64(next.ID)
			return event, err
		}
		if err != nil {
			return event, fmt.Errorf("add message to case: %w", err)
		}
		if !in.Apart {
			if err := h.letInTx(ctx, in, c); err != nil {
				return event, err
			}
		}
		return event, h.inbox.SettleTx(ctx, h.tx, in.ID, inbox.Fate{
			Kind: inbox.Attached, Reason: ReasonReleasedToCase, Params: map[string]string{"by": in.By.Name, "number": c.Number},
			CaseID: new(int64(c.ID)), Summary: h.summary(),
		})
	})
}

// mayGo refuses to let a message into a case that is dangerous, or of which there is nothing but its place on the server.
func (h *handling) mayGo() error {
	switch {
	case h.Infected != "":
		return ErrInfected
	case h.Refusal != "":
		return ErrNoBytes
	}
	return nil
}

// goesToTx is the case that was named, or the one it was joined to, for somebody who may see both.
func (h *handling) goesToTx(ctx context.Context, in ReleaseInput) (cases.Case, error) {
	c, err := h.cases.CaseByID(ctx, h.tx, in.CaseID, in.By)
	for err == nil && c.MergedInto != nil {
		c, err = h.cases.CaseByID(ctx, h.tx, *c.MergedInto, in.By)
	}
	return c, err
}

// seeTx asks what the inbox knows of a message that a person decides about.
func (h *handling) seeTx(ctx context.Context) error {
	sight, err := h.inbox.SeeTx(ctx, h.tx, h.identity())
	if err != nil {
		return err
	}
	h.see(sight)
	return nil
}

// released is a message that a person lets into a case, as the case keeps it.
func (h *handling) released(in ReleaseInput, c cases.Case) cases.InboundMessage {
	trust := cases.Known
	if h.dmarc == Fail || h.unproven() || in.Apart {
		trust = cases.Unverified
	}
	m := h.message(trust)
	if m.Apart = in.Apart; c.ID != in.CaseID {
		m.For = in.CaseID
	}
	return m
}

// letInTx lets the sender of a released message take part, and does for it what is done for any that joins a case.
func (h *handling) letInTx(ctx context.Context, in ReleaseInput, c cases.Case) error {
	if from := h.from(); from.Address != "" {
		p := cases.Participant{Address: from.Address, Name: from.Name, Accepted: true}
		if err := h.cases.AddParticipantTx(ctx, h.tx, c.ID, p, in.By); err != nil {
			return fmt.Errorf("accept sender: %w", err)
		}
	}
	var err error
	if h.participants, err = h.cases.Participants(ctx, h.tx, c.ID); err != nil {
		return fmt.Errorf("read participants: %w", err)
	}
	if err := h.copyTx(ctx, c.ID); err != nil {
		return err
	}
	return h.linkMoreTx(ctx, c)
}

// ReleaseAsNewCase opens a case with a held or quarantined message. The sender is acknowledged as usual.
func (i *Intake) ReleaseAsNewCase(ctx context.Context, in ReleaseInput) (cases.Case, error) {
	var c cases.Case
	err := i.decide(ctx, in.ID, in.By, func(h *handling) (audit.Event, error) {
		event := audit.Event{What: "message.released", Data: map[string]any{"from": string(h.Fate)}}
		if err := h.mayGo(); err != nil {
			return event, err
		}
		var err error
		c, err = h.openReleasedTx(ctx, in, nil)
		event.Data["case_id"] = int64(c.ID)
		return event, err
	})
	return c, err
}

// openReleasedTx opens a case with a message that somebody let through, one that follows another or not.
func (h *handling) openReleasedTx(ctx context.Context, in ReleaseInput, follows *cases.ID) (cases.Case, error) {
	if err := h.seeTx(ctx); err != nil {
		return cases.Case{}, err
	}
	h.sort()
	f := Facts{Kind: h.msg.Kind, Sender: h.from().Address, Several: len(h.msg.From) > 1, Quiet: h.Quiet, DMARC: h.dmarc, Unvouched: h.unvouched()}
	proven := !h.unproven()
	c, err := h.openTx(ctx, Decision{Acknowledge: proven && f.answerable(), Trusted: proven && f.trusted()}, follows)
	if err != nil {
		return c, err
	}
	return c, h.inbox.SettleTx(ctx, h.tx, in.ID, inbox.Fate{
		Kind: inbox.NewCase, Reason: ReasonReleasedNewCase, Params: map[string]string{"by": in.By.Name, "number": c.Number},
		CaseID: new(int64(c.ID)), Summary: h.summary(),
	})
}

// Discard sets a held or quarantined message aside. It stays stored, with the reason, which is required. One whose bytes are lost
// can be set aside too.
func (i *Intake) Discard(ctx context.Context, in DiscardInput) error {
	reason := strings.TrimSpace(in.Reason)
	if reason == "" {
		return errs.InvalidField("reason", "error.required")
	}
	if err := access.Can(in.By, access.WorkIntake, access.Object{}); err != nil {
		return err
	}
	l, err := i.readOrRow(ctx, in.ID)
	if err != nil {
		return err
	}
	return i.decideOn(ctx, l, in.By, func(h *handling) (audit.Event, error) {
		return audit.Event{What: "message.discarded", Data: map[string]any{"from": string(h.Fate), "reason": reason}},
			h.inbox.SettleTx(ctx, h.tx, in.ID, inbox.Fate{
				Kind: inbox.Ignored, Reason: ReasonDiscarded, Params: map[string]string{"reason": cut(reason, maxClaim), "by": in.By.Name},
				Summary: h.summary(),
			})
	})
}

// decide is a person's decision about a held or quarantined message: right, lock, deed and evidence in one transaction.
func (i *Intake) decide(ctx context.Context, id inbox.InboundID, by access.Actor, deed func(h *handling) (audit.Event, error)) error {
	if err := access.Can(by, access.WorkIntake, access.Object{}); err != nil {
		return err
	}
	l, err := i.read(ctx, id)
	if err != nil {
		return err
	}
	return i.decideOn(ctx, l, by, deed)
}

// readOrRow is read, or where the bytes of the message are lost what its row says of it.
func (i *Intake) readOrRow(ctx context.Context, id inbox.InboundID) (letter, error) {
	l, err := i.read(ctx, id)
	if !blob.IsGone(err) {
		return l, err
	}
	m, err := i.inbox.Message(ctx, i.db, id)
	return letter{Loaded: inbox.Loaded{Inbound: m}, gone: true}, err
}

func (i *Intake) decideOn(ctx context.Context, l letter, by access.Actor, deed func(h *handling) (audit.Event, error)) error {
	id := l.ID
	return i.db.Do(ctx, func(tx *db.Tx) error {
		now, err := i.inbox.LockTx(ctx, tx, id)
		if err != nil {
			return err
		}
		if _, err := i.inbox.Readable(ctx, tx, id, by); err != nil {
			return err
		}
		if now.Fate != inbox.Held && now.Fate != inbox.Quarantined {
			return inbox.ErrFated
		}
		l.Inbound = now
		h := &handling{Intake: i, letter: l, tx: tx}
		sight, err := i.inbox.SeeTx(ctx, tx, h.identity())
		if err != nil {
			return err
		}
		h.see(sight)
		event, err := deed(h)
		if err != nil {
			return err
		}
		event.Stream, event.By = audit.Inbox, by
		event.Data["message_id"] = int64(id)
		return audit.RecordTx(ctx, tx, event)
	})
}
