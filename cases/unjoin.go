package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// Unjoin takes a joined case out again: it is open as before, put off as before and waits for the rules of assignment if it did, has its
// messages and dispute lines back, also those that were written to it meanwhile, and its clocks run on as if nothing had been. Version 0 is allowed. People and invoices stay known in both.
// The other case is what it was too, as far as nobody changed it since: what was never written to it starts no clock of it. What was done
// to the other case with what it got is undone first: that it was joined to a further one, or messages split off. A dispute line that a
// credit of the other case is for cannot go back.
func (s *Service) Unjoin(ctx context.Context, in On) (Case, error) {
	return s.command(ctx, in, false, func(w *work) error {
		into, err := s.joinedTo(ctx, w)
		if err != nil {
			return err
		}
		j, err := lastJoin(ctx, w)
		if err != nil {
			return err
		}
		theirs, err := writtenMeanwhile(ctx, w, into.c)
		if err != nil {
			return err
		}
		w.c.MergedInto = nil
		w.note(evUnmerged, map[string]any{"case": into.c.ID, "number": into.c.Number})
		if err := w.stands(ctx); err != nil {
			return err
		}
		if err := w.goesOn(ctx, j); err != nil {
			return err
		}
		if err := s.handBackDisputes(ctx, w, into, j); err != nil {
			return err
		}
		if err := s.handBack(ctx, w, into, j.Messages, theirs); err != nil {
			return err
		}
		return s.finishTx(ctx, into)
	})
}

// goesOn puts the case off again, as it was before it was joined, and has it wait for the rules of assignment if it did.
func (w *work) goesOn(ctx context.Context, j join) error {
	if j.Dealing {
		if err := w.waitsForDealing(ctx); err != nil {
			return err
		}
	}
	if j.FollowUpAt == nil {
		return nil
	}
	return w.followUpBack(ctx, followUpBefore{FollowUpAt: j.FollowUpAt, FollowUpNote: w.c.FollowUpNote, FollowUpDue: j.FollowUpDue})
}

// joinedTo locks the case that this one is joined to. It takes the right to work on that one too.
func (s *Service) joinedTo(ctx context.Context, w *work) (*work, error) {
	if w.c.MergedInto == nil {
		return nil, errs.New(errs.Conflict, "case.not_joined", "number", w.c.Number)
	}
	into, err := s.beginTx(ctx, w.tx, *w.c.MergedInto, w.by)
	if err != nil {
		return nil, err
	}
	if err := access.Can(w.by, access.WorkCases, access.Object{EntityID: into.c.entity()}); err != nil {
		return nil, ErrNoCase
	}
	if into.c.MergedInto != nil {
		return nil, notInOrder(w.c, into.c)
	}
	return into, nil
}

// notInOrder refuses to take a case out before what happened later to what it brought is undone.
func notInOrder(c, into Case) error {
	return errs.New(errs.Conflict, "case.unjoin_in_order", "number", c.Number, "into", into.Number)
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

// addressed is a message with the joined case it was written to.
type addressed struct {
	Message

	WrittenTo ID
}

// writtenMeanwhile are the messages that were written to the joined case, or to one joined to it before, while it was joined, as far as
// they are still in the other case.
func writtenMeanwhile(ctx context.Context, w *work, into Case) ([]addressed, error) {
	list, err := db.List[addressed](ctx, w.tx, `with recursive joined as (select $2::bigint as case_no union select c.id from cases c join joined on c.merged_into = case_no),
			theirs as (select (data->>'message')::bigint as message_no, max((data->>'for')::bigint) as written_to from audit_log
				where stream = $1 and what = $4 and (data->>'for')::bigint in (select case_no from joined)
					and seq > (select max(seq) from audit_log where stream = $1 and what = 'case.joined' and (data->>'case')::bigint = $2)
				group by 1)
		select `+messageColumns+`, written_to from case_messages join theirs on id = message_no where case_id = $3 and not machine order by at, id`,
		string(audit.Case(int64(into.ID))), w.c.ID, into.ID, evReceived)
	if err != nil {
		return nil, fmt.Errorf("read what was written meanwhile: %w", err)
	}
	return list, nil
}

// handBackDisputes moves the dispute lines back and sums both cases up anew.
func (s *Service) handBackDisputes(ctx context.Context, w, into *work, j join) error {
	if len(j.Disputes) == 0 {
		return nil
	}
	lines, err := disputesOf(ctx, w.tx, into.c.ID)
	if err != nil {
		return err
	}
	for _, d := range lines {
		credited := d.CreditRequestID != nil || into.c.CreditState == CreditPending || into.c.CreditState == CreditApproved
		if credited && slices.Contains(j.Disputes, d.ID) {
			return errs.New(errs.Conflict, "case.unjoin_has_credit", "number", w.c.Number, "into", into.c.Number)
		}
	}
	if !allOf(j.Disputes, lines) {
		return notInOrder(w.c, into.c)
	}
	if err := moveDisputes(ctx, w.tx, j.Disputes, w.c.ID); err != nil {
		return err
	}
	if into.c.Type == j.Became.Type && len(lines) == len(j.Disputes) {
		into.c.Type = j.Target.Type
	}
	for _, c := range []*work{w, into} {
		if err := s.reweigh(ctx, c); err != nil {
			return err
		}
	}
	if into.c.PriorityReason != j.Target.PriorityReason || into.c.Priority != j.Became.Priority || j.Target.Priority == j.Became.Priority {
		return nil
	}
	into.setPriority(j.Target.Priority, j.Target.PriorityReason)
	customer, err := s.customerOf(ctx, w.tx, into.c)
	if err != nil {
		return err
	}
	return s.repin(ctx, into, customer)
}

// allOf tells that each of the dispute lines is still among those of a case.
func allOf(ids []DisputeID, lines []DisputeLine) bool {
	found := 0
	for _, d := range lines {
		if slices.Contains(ids, d.ID) {
			found++
		}
	}
	return found == len(ids)
}

// handBack moves the messages back, and lets those written meanwhile arrive where they were written to.
func (s *Service) handBack(ctx context.Context, w, into *work, back []MessageID, theirs []addressed) error {
	for _, m := range theirs {
		back = append(back, m.ID)
	}
	if err := moveBack(ctx, w, into, back); err != nil {
		return err
	}
	if err := s.refileBack(ctx, w, back); err != nil {
		return err
	}
	into.note(evUnjoined, map[string]any{"case": w.c.ID, "number": w.c.Number, "voided": back})
	if err := into.stands(ctx); err != nil {
		return err
	}
	for _, m := range theirs {
		if m.WrittenTo == w.c.ID {
			m.WrittenTo = 0
		}
		arrived := InboundMessage{Body: m.Body, Trust: m.Trust, InboundID: m.InboundMessageID, At: m.At, For: m.WrittenTo}
		if err := w.received(w.tx.Now(), arrived, m.ID); err != nil {
			return err
		}
	}
	return nil
}

// refileBack puts mails that are filed elsewhere by now with the case their messages are in again. Those of cases joined to this one stay
// where they are: they follow it.
func (s *Service) refileBack(ctx context.Context, w *work, messages []MessageID) error {
	mails, err := db.Values[inbox.InboundID](ctx, w.tx, `with recursive joined as (select $1::bigint as case_no union select c.id from cases c join joined on c.merged_into = case_no)
		select i.id from case_messages m join inbound_messages i on i.id = m.inbound_message_id where m.id = any ($2) and i.case_id not in (select case_no from joined)
		order by i.id`, w.c.ID, messages)
	if err != nil {
		return fmt.Errorf("find mails to refile: %w", err)
	}
	for _, id := range mails {
		if err := s.inbox.RefileTx(ctx, w.tx, id, int64(w.c.ID)); err != nil {
			return err
		}
	}
	return nil
}

// moveBack moves messages out of the other case. One that is in a third by now is not torn out of it: the split that brought it there
// is undone first.
func moveBack(ctx context.Context, w, into *work, ids []MessageID) error {
	astray, err := db.Value[bool](ctx, w.tx, `select exists (select from case_messages where id = any ($1) and case_id <> $2)`, ids, into.c.ID)
	if err != nil {
		return fmt.Errorf("find messages to move back: %w", err)
	}
	if astray {
		return notInOrder(w.c, into.c)
	}
	if _, err := w.tx.Exec(ctx, `update case_messages set case_id = $1 where id = any ($2) and case_id = $3`, w.c.ID, ids, into.c.ID); err != nil {
		return fmt.Errorf("move messages back: %w", err)
	}
	return nil
}

// heardLast brings up to date when the customer wrote last, and what.
func (w *work) heardLast(ctx context.Context, st stand) error {
	w.c.LastCustomerAt, w.c.Snippet = st.lastCustomerAt, ""
	if st.lastMessage == 0 {
		return nil
	}
	body, err := db.Value[string](ctx, w.tx, `select body from case_messages where id = $1`, st.lastMessage)
	if err != nil {
		return fmt.Errorf("find the customer's last message: %w", err)
	}
	w.c.Snippet = snippet(body)
	return nil
}
