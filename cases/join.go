package cases

import (
	"context"
	"fmt"
	"slices"
	"time"

	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// JoinInput joins a case to another of the same customer that is about the same matter. WithDisputes says that its dispute lines go
// along: they never do unasked.
type JoinInput struct {
	On

	Into         ID
	WithDisputes bool
}

// Join closes a case into another: its conversation, the people accepted in it and its invoices go there, its clocks end,
// and what the customer still writes to it arrives there. It is for a mail that opened a case of its own although one
// about the matter was open. A case with dispute lines is refused unless they are meant to go along, each with its hold and as a line
// of its own; one with a credit of its own is always refused. Unjoin undoes it.
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
		if err := in.may(w.c, into.c, len(lines)); err != nil {
			return err
		}
		j := join{From: w.c.Status, WaitingOn: w.c.WaitingOn, UnansweredSince: w.c.UnansweredSince, Target: standingOf(into.c)}
		j.FollowUpAt, j.FollowUpDue = w.c.FollowUpAt, w.c.FollowUpDue
		if j.Dealing, err = w.leavesDealing(ctx); err != nil {
			return err
		}
		if j.Messages, err = w.handOver(ctx, into); err != nil {
			return err
		}
		if j.Disputes, err = s.handOverDisputes(ctx, w, into, lines); err != nil {
			return err
		}
		j.Became = standingOf(into.c)
		into.note("case.joined", map[string]any{"case": w.c.ID, "number": w.c.Number, "messages": j.Messages, "disputes": j.Disputes})
		w.note(evMerged, j.eventData(into.c))
		w.c.Status, w.c.WaitingOn, w.c.MergedInto, w.c.UnansweredSince = StatusClosed, OnNobody, &into.c.ID, nil
		w.c.ClosedAt = new(w.tx.Now())
		w.followUpRests()
		return s.finishTx(ctx, into)
	})
}

// may is the rule behind Join.
func (in JoinInput) may(c, into Case, disputes int) error {
	refuse := func(key string) error { return errs.New(errs.Conflict, key, "number", c.Number, "into", into.Number) }
	switch {
	case c.ID == into.ID || c.MergedInto != nil || into.MergedInto != nil || !c.Status.Active() || into.Status == StatusClosed:
		return refuse("case.cannot_join")
	case c.CustomerID == nil || into.CustomerID == nil || *c.CustomerID != *into.CustomerID:
		return refuse("case.join_other_customer")
	case c.CreditState != CreditNone:
		return refuse("case.join_has_credit")
	case disputes > 0 && !in.WithDisputes:
		return refuse("case.join_has_money")
	}
	return nil
}

// join is what was written down when a case was joined: what went along, what the case was, and what the other was before and after.
type join struct {
	Messages        []MessageID `json:"messages"`
	Disputes        []DisputeID `json:"disputes"`
	From            Status      `json:"from"`
	WaitingOn       WaitingOn   `json:"waiting_on"`
	UnansweredSince *time.Time  `json:"unanswered_since"`
	FollowUpAt      *time.Time  `json:"follow_up_at"` // the note of it stays in the case, where it can be erased
	FollowUpDue     bool        `json:"follow_up_due"`
	Dealing         bool        `json:"dealing"` // it waited for the rules of assignment
	Target          standing    `json:"target"`
	Became          standing    `json:"became"`
}

func (j join) eventData(into Case) map[string]any {
	return map[string]any{
		"into": into.ID, "number": into.Number, "messages": j.Messages, "disputes": j.Disputes, "from": j.From, "waiting_on": j.WaitingOn,
		"unanswered_since": j.UnansweredSince, "follow_up_at": j.FollowUpAt, "follow_up_due": j.FollowUpDue, "dealing": j.Dealing, "target": j.Target, "became": j.Became,
	}
}

// standing is what joining another case may change about a case, beside its sums.
type standing struct {
	Type           Type      `json:"type"`
	Status         Status    `json:"status"`
	WaitingOn      WaitingOn `json:"waiting_on"`
	Priority       Priority  `json:"priority"`
	PriorityReason string    `json:"priority_reason"`
}

func standingOf(c Case) standing {
	return standing{Type: c.Type, Status: c.Status, WaitingOn: c.WaitingOn, Priority: c.Priority, PriorityReason: c.PriorityReason}
}

// handOver moves what is said, who says it and what it is about. The customer's last message counts in the other case as if it
// had come there now, so that it is answered in time there.
func (w *work) handOver(ctx context.Context, into *work) ([]MessageID, error) {
	moved, err := db.Values[MessageID](ctx, w.tx, `update case_messages set case_id = $2 where case_id = $1 returning id`, w.c.ID, into.c.ID)
	if err != nil {
		return nil, fmt.Errorf("move messages: %w", err)
	}
	slices.Sort(moved)
	if _, err := w.tx.Exec(ctx, `insert into case_participants (case_id, address, name, contact_id, accepted, added_at, accepted_at)
			select $2, address, name, contact_id, accepted, $3, case when accepted then coalesce(accepted_at, $4) end from case_participants where case_id = $1
		on conflict (case_id, address) do update set accepted = case_participants.accepted or excluded.accepted, accepted_at = case
			when not case_participants.accepted then excluded.accepted_at
			when not excluded.accepted or case_participants.accepted_at is null then case_participants.accepted_at
			else least(case_participants.accepted_at, excluded.accepted_at) end`, w.c.ID, into.c.ID, w.tx.Now(), w.c.OpenedAt); err != nil {
		return nil, fmt.Errorf("move participants: %w", err)
	}
	if _, err := w.tx.Exec(ctx, `insert into case_watchers (case_id, user_id, since) select $2, user_id, $3 from case_watchers where case_id = $1
		on conflict do nothing`, w.c.ID, into.c.ID, w.tx.Now()); err != nil {
		return nil, fmt.Errorf("take watchers along: %w", err)
	}
	if _, err := w.tx.Exec(ctx, `insert into case_invoices (case_id, invoice_id, evidence, confidence, linked_at)
			select $2, invoice_id, evidence, confidence, $3 from case_invoices where case_id = $1
		on conflict (case_id, invoice_id) do nothing`, w.c.ID, into.c.ID, w.tx.Now()); err != nil {
		return nil, fmt.Errorf("move invoices: %w", err)
	}
	last, err := db.List[Message](ctx, w.tx, `select `+messageColumns+` from case_messages
		where id = any ($1) and kind = 'inbound' and not machine order by at desc, id desc limit 1`, moved)
	if err != nil || len(last) == 0 {
		return moved, err
	}
	m := last[0]
	return moved, into.received(w.tx.Now(), InboundMessage{Body: m.Body, Trust: m.Trust, InboundID: m.InboundMessageID, At: m.At}, m.ID)
}

// handOverDisputes moves the dispute lines as they are; their holds stay where they are. What is in dispute is summed up anew in both.
func (s *Service) handOverDisputes(ctx context.Context, w, into *work, lines []DisputeLine) ([]DisputeID, error) {
	if len(lines) == 0 {
		return []DisputeID{}, nil
	}
	moved := make([]DisputeID, len(lines))
	for n, d := range lines {
		moved[n] = d.ID
	}
	if err := moveDisputes(ctx, w.tx, moved, into.c.ID); err != nil {
		return nil, err
	}
	if into.c.Type == Inquiry {
		into.c.Type = Dispute
	}
	if err := s.reweigh(ctx, into); err != nil {
		return nil, err
	}
	_, err := s.weigh(ctx, w.tx, &w.c, nil)
	return moved, err
}

func moveDisputes(ctx context.Context, tx *db.Tx, ids []DisputeID, to ID) error {
	if _, err := tx.Exec(ctx, `update dispute_lines set case_id = $2, version = version + 1 where id = any ($1)`, ids, to); err != nil {
		return fmt.Errorf("move dispute lines: %w", err)
	}
	return nil
}
