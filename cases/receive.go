package cases

import (
	"context"
	"strings"
	"time"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// ReceiveTx adds a further message of a customer. It ends waiting for the customer and reopens a resolved case; a closed
// one refuses it with ErrClosed, and the caller opens a case that follows. Machine mail, mail of the past, and what is kept apart change
// nothing.
func (s *Service) ReceiveTx(ctx context.Context, tx *db.Tx, id ID, m InboundMessage) (Case, error) {
	by := access.Actor{Kind: access.Customer, Name: m.AuthorName}
	return s.changeTx(ctx, tx, id, by, func(w *work) error {
		if m.At.IsZero() || m.At.After(tx.Now()) {
			m.At = tx.Now()
		}
		if w.c.Status == StatusClosed && !m.Machine && !m.Past {
			return errs.New(ErrClosed.Kind, ErrClosed.Key, "number", w.c.Number)
		}
		messageID, err := insertMessage(ctx, tx, m.row(id))
		if err != nil {
			return err
		}
		if m.Past {
			w.quiet = true
			w.note("message.filed", m.eventData(messageID))
			return nil
		}
		if m.aside() {
			w.quiet = true
			w.note(evReceived, m.eventData(messageID))
			return nil
		}
		at, err := w.notBeforeLast(ctx, m.At)
		if err != nil {
			return err
		}
		return w.received(at, m, messageID)
	})
}

// FileReplyTx keeps, with a case, a mail that we wrote to its customer in the past and by another program. It changes nothing else:
// no clock stops for it, and a closed case stays closed.
func (s *Service) FileReplyTx(ctx context.Context, tx *db.Tx, id ID, m InboundMessage) (Case, error) {
	return s.changeTx(ctx, tx, id, access.SystemActor("intake"), func(w *work) error {
		w.quiet = true
		row := m.row(id)
		row.Kind, row.AuthorKind, row.Trust = PublicReply, ByPerson, TrustNone
		messageID, err := insertMessage(ctx, tx, row)
		if err != nil {
			return err
		}
		w.note("reply.filed", m.eventData(messageID))
		return nil
	})
}

func (w *work) received(at time.Time, m InboundMessage, id MessageID) error {
	w.noteAt(at, evReceived, m.eventData(id))
	w.c.Snippet, w.c.LastCustomerAt = snippet(m.Body), &at
	w.followUpEnds("customer")
	if w.c.UnansweredSince == nil {
		w.c.UnansweredSince = &at
	}
	if w.c.AssigneeID != nil {
		w.tell(userTopic(*w.c.AssigneeID))
	}
	waited := w.c.Status == StatusWaiting && w.c.WaitingOn == OnCustomer
	if waited || w.c.Status == StatusResolved {
		return w.moveAt(at, StatusOpen, OnNobody, map[string]any{"message": id})
	}
	return nil
}

// notBeforeLast puts a moment after the last event that moved a clock, so that the events' order is that of their moments.
func (w *work) notBeforeLast(ctx context.Context, at time.Time) (time.Time, error) {
	if !at.Before(w.tx.Now()) {
		return w.tx.Now(), nil
	}
	last, err := lastEventAt(ctx, w.tx, w.c.ID)
	if err != nil {
		return at, err
	}
	if at.Before(last) {
		return last, nil
	}
	return at, nil
}

// LinkInvoiceTx ties an invoice to a case; the stronger evidence stays.
func (s *Service) LinkInvoiceTx(ctx context.Context, tx *db.Tx, id ID, l LinkedInvoice, by access.Actor) error {
	_, err := s.changeTx(ctx, tx, id, by, func(w *work) error { return s.linkInvoice(ctx, w, l) })
	return err
}

// AddWarningTx tells the agents of a case something they should know.
func (s *Service) AddWarningTx(ctx context.Context, tx *db.Tx, id ID, warning Warning) error {
	_, err := s.changeTx(ctx, tx, id, access.SystemActor("intake"), func(w *work) error {
		w.quiet = true
		w.note("warning.added", map[string]any{"key": warning.Key})
		return runBatch(ctx, tx, func(b *batch) { queueWarnings(b, w.c, tx.Now(), []Warning{warning}) })
	})
	return err
}

// AddParticipantTx adds somebody to a case. One who is there already is accepted if p is, never the reverse.
func (s *Service) AddParticipantTx(ctx context.Context, tx *db.Tx, id ID, p Participant, by access.Actor) error {
	_, err := s.changeTx(ctx, tx, id, by, func(w *work) error {
		w.quiet = true
		w.note("participant.added", map[string]any{"accepted": p.Accepted, "address": audit.Personal{Address: strings.ToLower(p.Address), Said: strings.ToLower(p.Address)}})
		return runBatch(ctx, tx, func(b *batch) { queueParticipants(b, w.c, tx.Now(), []Participant{p}) })
	})
	return err
}
