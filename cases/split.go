package cases

import (
	"context"
	"fmt"
	"slices"

	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// SplitInput takes messages of the customer out of a case into one of their own.
type SplitInput struct {
	On

	Messages []MessageID
	Subject  string // "" means the subject of the case
	Type     Type   // "" means that of the case; a dispute is made by contesting something there
}

// Split opens a case of its own for messages that are about another matter. It counts as opened when the first of them came, so
// that nobody waits longer for it; whoever takes part here takes part there, and the invoices are known in both. Dispute lines stay: a
// split never moves money. In this case the messages never counted. It gives the new case; Join brings it back.
func (s *Service) Split(ctx context.Context, in SplitInput) (Case, error) {
	var opened Case
	_, err := s.command(ctx, in.On, true, func(w *work) error {
		if !w.c.Status.Active() && w.c.Status != StatusResolved || w.c.MergedInto != nil {
			return errs.New(ErrClosed.Kind, ErrClosed.Key, "number", w.c.Number)
		}
		chosen, err := w.toSplit(ctx, in.Messages)
		if err != nil {
			return err
		}
		if opened, err = s.openSplit(ctx, w, in, chosen); err != nil {
			return err
		}
		ids := make([]MessageID, len(chosen))
		for n, m := range chosen {
			ids[n] = m.ID
		}
		w.note(evSplit, map[string]any{"case": opened.ID, "number": opened.Number, "voided": ids})
		return w.stands(ctx)
	})
	return opened, err
}

// toSplit are the chosen messages, the oldest first. One that the customer wrote has to stay.
func (w *work) toSplit(ctx context.Context, ids []MessageID) ([]Message, error) {
	all, err := db.List[Message](ctx, w.tx, `select `+messageColumns+` from case_messages where case_id = $1 and kind = 'inbound' and not machine order by at, id`, w.c.ID)
	if err != nil {
		return nil, fmt.Errorf("read what the customer wrote: %w", err)
	}
	var chosen []Message
	for _, m := range all {
		if slices.Contains(ids, m.ID) {
			chosen = append(chosen, m)
		}
	}
	if len(chosen) == 0 || len(chosen) == len(all) || len(chosen) != len(slices.Compact(slices.Sorted(slices.Values(ids)))) {
		return nil, errs.InvalidField("messages", "case.no_message_to_split")
	}
	return chosen, nil
}

func (s *Service) openSplit(ctx context.Context, w *work, in SplitInput, chosen []Message) (Case, error) {
	people, err := s.Participants(ctx, w.tx, w.c.ID)
	if err != nil {
		return Case{}, err
	}
	invoices, err := db.List[LinkedInvoice](ctx, w.tx, `select case_id, invoice_id, evidence, confidence, linked_at from case_invoices where case_id = $1`, w.c.ID)
	if err != nil {
		return Case{}, fmt.Errorf("read invoices: %w", err)
	}
	open := OpenInput{
		Type: in.Type, Subject: in.Subject, Language: w.c.Language, CustomerID: w.c.CustomerID, ContactID: w.c.ContactID, EntityID: w.c.EntityID,
		Source: "agent", Participants: people, Invoices: invoices, AssigneeID: w.c.AssigneeID, TeamID: w.c.TeamID, By: in.By, ReceivedAt: chosen[0].At,
	}
	if open.Subject == "" {
		open.Subject = w.c.Subject
	}
	if open.Type == "" {
		open.Type = w.c.Type
	}
	c, err := s.OpenTx(ctx, w.tx, open)
	if err != nil {
		return Case{}, err
	}
	if err := access.Can(in.By, access.WorkCases, access.Object{EntityID: c.entity()}); err != nil {
		return Case{}, err
	}
	return s.changeTx(ctx, w.tx, c.ID, in.By, func(n *work) error {
		n.note("case.split_off", map[string]any{"case": w.c.ID, "number": w.c.Number})
		for _, m := range chosen {
			if _, err := n.tx.Exec(ctx, `update case_messages set case_id = $2 where id = $1`, m.ID, n.c.ID); err != nil {
				return fmt.Errorf("move message: %w", err)
			}
			if err := s.refile(ctx, n, m); err != nil {
				return err
			}
			at, err := n.notBeforeLast(ctx, m.At)
			if err != nil {
				return err
			}
			if err := n.received(at, InboundMessage{Body: m.Body, Trust: m.Trust, InboundID: m.InboundMessageID, At: m.At}, m.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// refile puts the mail a message came by with the case, so that what answers it comes there.
func (s *Service) refile(ctx context.Context, w *work, m Message) error {
	if m.InboundMessageID == nil {
		return nil
	}
	return s.inbox.RefileTx(ctx, w.tx, inbox.InboundID(*m.InboundMessageID), int64(w.c.ID))
}
