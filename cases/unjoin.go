package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"makegood/inbox"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// Unjoin takes a joined case out again: it is open as before, has its messages and dispute lines back, also those that were written
// to it meanwhile, and its clocks run on as if nothing had been. Version 0 is allowed. People and invoices stay known in both.
// The other case is what it was too, as far as nobody changed it since: what was never written to it starts no clock of it. A dispute
// line that a credit of the other case is for cannot go back.
func (s *Service) Unjoin(ctx context.Context, in On) (Case, error) {
	return s.command(ctx, in, false, func(w *work) error {
		if w.c.MergedInto == nil {
			return errs.New(errs.Conflict, "case.not_joined", "number", w.c.Number)
		}
		into, err := s.beginTx(ctx, w.tx, *w.c.MergedInto, in.By)
		if err != nil {
			return err
		}
		j, err := lastJoin(ctx, w)
		if err != nil {
			return err
		}
		since, err := sinceJoin(ctx, w, into.c)
		if err != nil {
			return err
		}
		w.c.Status, w.c.WaitingOn, w.c.MergedInto, w.c.ClosedAt = j.From, j.WaitingOn, nil, nil
		w.c.UnansweredSince = j.UnansweredSince
		w.note(evUnmerged, map[string]any{"case": into.c.ID, "number": into.c.Number})
		if err := s.handBackDisputes(ctx, w, into, j); err != nil {
			return err
		}
		if err := s.handBack(ctx, w, into, j, since); err != nil {
			return err
		}
		return s.finishTx(ctx, into)
	})
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

// meanwhile is what moved the clocks of the other case since a case was joined to it.
type meanwhile struct {
	Before []clockRow // up to the join, and what the join itself did
	After  []clockRow
	Theirs []MessageID // written to the joined case while it was joined
}

// sinceJoin reads the other case's events. The join's own stand before "case.joined" in the stream: they count to it.
func sinceJoin(ctx context.Context, w *work, into Case) (meanwhile, error) {
	var m meanwhile
	at, err := db.Value[int64](ctx, w.tx, `select seq from audit_log where stream = $1 and what = 'case.joined' and (data->>'case')::bigint = $2 order by seq desc limit 1`,
		string(audit.Case(int64(into.ID))), w.c.ID)
	if err != nil {
		return m, fmt.Errorf("find when it was joined: %w", err)
	}
	rows, err := db.List[struct {
		clockRow

		Seq int64
	}](ctx, w.tx, `select seq, stream, at, what, data from audit_log where stream = $1 and what = any ($2) order by seq`,
		string(audit.Case(int64(into.ID))), clockEvents())
	if err != nil {
		return m, fmt.Errorf("read what happened since: %w", err)
	}
	for _, row := range rows {
		switch {
		case row.Seq < at:
			m.Before = append(m.Before, row.clockRow)
		case row.What == evReceived && row.Data.For == w.c.ID:
			m.Theirs = append(m.Theirs, MessageID(row.Data.Message))
		default:
			m.After = append(m.After, row.clockRow)
		}
	}
	return m, nil
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

// handBack moves the messages back, and lets those written meanwhile arrive where they were written to.
func (s *Service) handBack(ctx context.Context, w, into *work, j join, since meanwhile) error {
	back := slices.Concat(j.Messages, since.Theirs)
	if _, err := w.tx.Exec(ctx, `update case_messages set case_id = $1 where id = any ($2) and case_id = $3`, w.c.ID, back, into.c.ID); err != nil {
		return fmt.Errorf("move messages back: %w", err)
	}
	into.note(evUnjoined, map[string]any{"case": w.c.ID, "number": w.c.Number, "voided": back})
	into.asBefore(j, since)
	if err := into.lastSaid(ctx); err != nil {
		return err
	}
	theirs, err := db.List[Message](ctx, w.tx, `select `+messageColumns+` from case_messages where id = any ($1) and not machine order by at, id`, since.Theirs)
	if err != nil {
		return fmt.Errorf("read what was written meanwhile: %w", err)
	}
	for _, m := range theirs {
		if err := w.received(w.tx.Now(), InboundMessage{Body: m.Body, Trust: m.Trust, InboundID: m.InboundMessageID, At: m.At}, m.ID); err != nil {
			return err
		}
		if m.InboundMessageID == nil {
			continue
		}
		if err := s.inbox.RefileTx(ctx, w.tx, inbox.InboundID(*m.InboundMessageID), int64(w.c.ID)); err != nil {
			return err
		}
	}
	return nil
}

// asBefore undoes what the join and the messages that go back did to where the other case stands, unless somebody moved it since.
func (w *work) asBefore(j join, since meanwhile) {
	w.c.UnansweredSince = unanswered(slices.Concat(since.Before, since.After), slices.Concat(j.Messages, since.Theirs))
	moved := false
	for _, row := range since.After {
		moved = moved || row.What == evStatus && !slices.Contains(since.Theirs, MessageID(row.Data.Message))
	}
	if !moved {
		w.c.Status, w.c.WaitingOn = j.Target.Status, j.Target.WaitingOn
	}
}

// unanswered is since when the customer waits for an answer, messages that are gone left out.
func unanswered(rows []clockRow, gone []MessageID) *time.Time {
	undone := takenBack(rows)
	var since *time.Time
	for _, row := range rows {
		switch {
		case row.What == evReceived && !row.Data.Machine && since == nil && !slices.Contains(gone, MessageID(row.Data.Message)):
			since = new(row.At)
		case row.What == evReplied && !undone[row.Data.Message], row.What == evStatus && row.Data.To == StatusResolved:
			since = nil
		}
	}
	return since
}

// lastSaid brings up to date when the customer wrote last, and what.
func (w *work) lastSaid(ctx context.Context) error {
	last, err := db.List[Message](ctx, w.tx, `select `+messageColumns+` from case_messages
		where case_id = $1 and kind = 'inbound' and not machine order by at desc, id desc limit 1`, w.c.ID)
	if err != nil {
		return fmt.Errorf("find the customer's last message: %w", err)
	}
	w.c.LastCustomerAt = nil
	if len(last) > 0 {
		w.c.Snippet, w.c.LastCustomerAt = snippet(last[0].Body), &last[0].At
	}
	return nil
}
