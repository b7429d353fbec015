package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// JoinInput joins a case to another of the same customer that is about the same matter.
type JoinInput struct {
	On

	Into ID
}

// Join closes a case into another: its conversation, the people accepted in it and its invoices go there, its clocks end,
// and what the customer still writes to it arrives there. It is for a mail that opened a case of its own although one
// about the matter was open. A case with money of its own, dispute lines or a credit, is refused. Unjoin undoes it.
func (s *Service) Join(ctx context.Context, in JoinInput) (Case, error) {
	return s.command(ctx, in.On, true, func(w *work) error {
		into, err := s.beginTx(ctx, w.tx, in.Into, in.By)
		if err != nil {
			return err
		}
		if err := access.Can(in.By, access.WorkCases, access.Object{EntityID: into.c.entity()}); err != nil {
			return ErrNoCase
		}
		lines, err := disputesOf(ctx, w.tx, w.c.ID)
		if err != nil {
			return err
		}
		if err := mayJoin(w.c, into.c, len(lines)); err != nil {
			return err
		}
		moved, err := w.handOver(ctx, into)
		if err != nil {
			return err
		}
		w.note(evMerged, map[string]any{
			"into": into.c.ID, "number": into.c.Number, "messages": moved, "from": w.c.Status, "waiting_on": w.c.WaitingOn, "unanswered_since": w.c.UnansweredSince,
		})
		w.c.Status, w.c.WaitingOn, w.c.MergedInto, w.c.UnansweredSince = StatusClosed, OnNobody, &into.c.ID, nil
		w.c.ClosedAt = new(w.tx.Now())
		return s.finishTx(ctx, into)
	})
}

// mayJoin is the rule behind Join.
func mayJoin(c, into Case, disputes int) error {
	refuse := func(key string) error { return errs.New(errs.Conflict, key, "number", c.Number, "into", into.Number) }
	switch {
	case c.ID == into.ID || c.MergedInto != nil || into.MergedInto != nil || !c.Status.Active() || into.Status == StatusClosed:
		return refuse("case.cannot_join")
	case c.CustomerID == nil || into.CustomerID == nil || *c.CustomerID != *into.CustomerID:
		return refuse("case.join_other_customer")
	case disputes > 0 || c.CreditState != CreditNone:
		return refuse("case.join_has_money")
	}
	return nil
}

// handOver moves what is said, who says it and what it is about. The customer's last message counts in the other case as if it
// had come there now, so that it is answered in time there.
func (w *work) handOver(ctx context.Context, into *work) ([]MessageID, error) {
	moved, err := db.Values[MessageID](ctx, w.tx, `update case_messages set case_id = $2 where case_id = $1 returning id`, w.c.ID, into.c.ID)
	if err != nil {
		return nil, fmt.Errorf("move messages: %w", err)
	}
	slices.Sort(moved)
	if _, err := w.tx.Exec(ctx, `insert into case_participants (case_id, address, name, contact_id, accepted, added_at)
			select $2, address, name, contact_id, accepted, $3 from case_participants where case_id = $1
		on conflict (case_id, address) do update set accepted = case_participants.accepted or excluded.accepted`, w.c.ID, into.c.ID, w.tx.Now()); err != nil {
		return nil, fmt.Errorf("move participants: %w", err)
	}
	if _, err := w.tx.Exec(ctx, `insert into case_invoices (case_id, invoice_id, evidence, confidence, linked_at)
			select $2, invoice_id, evidence, confidence, $3 from case_invoices where case_id = $1
		on conflict (case_id, invoice_id) do nothing`, w.c.ID, into.c.ID, w.tx.Now()); err != nil {
		return nil, fmt.Errorf("move invoices: %w", err)
	}
	into.note("case.joined", map[string]any{"case": w.c.ID, "number": w.c.Number, "messages": moved})
	last, err := db.List[Message](ctx, w.tx, `select `+messageColumns+` from case_messages
		where id = any ($1) and kind = 'inbound' and not machine order by at desc, id desc limit 1`, moved)
	if err != nil || len(last) == 0 {
		return moved, err
	}
	m := last[0]
	return moved, into.received(w.tx.Now(), InboundMessage{Body: m.Body, Trust: m.Trust, InboundID: m.InboundMessageID, At: m.At}, m.ID)
}

// Unjoin takes a joined case out again: it is open as before, has its messages back, and its clocks run on as if nothing had
// been. Version 0 is allowed. People and invoices stay known in both. The other case stays open for whatever it was told meanwhile.
func (s *Service) Unjoin(ctx context.Context, in On) (Case, error) {
	return s.command(ctx, in, false, func(w *work) error {
		if w.c.MergedInto == nil {
			return errs.New(errs.Conflict, "case.not_joined", "number", w.c.Number)
		}
		into, err := s.beginTx(ctx, w.tx, *w.c.MergedInto, in.By)
		if err != nil {
			return err
		}
		joined, err := lastJoin(ctx, w)
		if err != nil {
			return err
		}
		if _, err := w.tx.Exec(ctx, `update case_messages set case_id = $1 where id = any ($2) and case_id = $3`, w.c.ID, joined.Messages, into.c.ID); err != nil {
			return fmt.Errorf("move messages back: %w", err)
		}
		w.c.Status, w.c.WaitingOn, w.c.MergedInto, w.c.ClosedAt = joined.From, joined.WaitingOn, nil, nil
		w.c.UnansweredSince = joined.UnansweredSince
		w.note(evUnmerged, map[string]any{"case": into.c.ID, "number": into.c.Number})
		into.note("case.unjoined", map[string]any{"case": w.c.ID, "number": w.c.Number})
		return s.finishTx(ctx, into)
	})
}

// join is what was written down when a case was joined.
type join struct {
	Messages        []MessageID `json:"messages"`
	From            Status      `json:"from"`
	WaitingOn       WaitingOn   `json:"waiting_on"`
	UnansweredSince *time.Time  `json:"unanswered_since"`
}

func lastJoin(ctx context.Context, w *work) (join, error) {
	row, err := db.One[struct{ Data join }](ctx, w.tx, `select data from audit_log where stream = $1 and what = $2 order by seq desc limit 1`,
		string(audit.Case(int64(w.c.ID))), evMerged)
	if errors.Is(err, db.ErrNoRow) {
		return join{}, errs.New(errs.Conflict, "case.not_joined", "number", w.c.Number)
	}
	if err != nil {
		return join{}, fmt.Errorf("find what was joined: %w", err)
	}
	return row.Data, nil
}
