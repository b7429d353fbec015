package cases

import (
	"context"
	"errors"
	"fmt"
	"time"

	"makegood/inbox"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// UndoReply takes back a reply of the actor's own that has not left: the mail is cancelled, the text becomes a draft again, the
// status goes back to what it was, and the clocks run as if nothing had been sent. After the window it refuses.
func (s *Service) UndoReply(ctx context.Context, in UndoReplyInput) (Case, error) {
	return s.command(ctx, On{By: in.By, ID: in.ID}, false, func(w *work) error {
		m, err := ownReply(ctx, w, in)
		if err != nil {
			return err
		}
		if !w.tx.Now().Before(m.At.Add(s.options.UndoWindow)) {
			return errs.New(ErrUndoTooLate.Kind, ErrUndoTooLate.Key)
		}
		err = s.inbox.CancelTx(ctx, w.tx, inbox.OutgoingID(*m.OutgoingMessageID), in.By)
		if errors.Is(err, inbox.ErrSent) {
			return errs.Wrap(err, ErrUndoTooLate.Kind, ErrUndoTooLate.Key)
		}
		if err != nil {
			return fmt.Errorf("cancel mail: %w", err)
		}
		if err := w.unsay(ctx, m); err != nil {
			return err
		}
		return keepDraft(ctx, w.tx, w.c.ID, in.By.UserID, PublicReply, m.Body)
	})
}

// unsay takes a reply out of the conversation, as if it had never been written.
func (w *work) unsay(ctx context.Context, m Message) error {
	if err := w.restore(ctx, m); err != nil {
		return err
	}
	if _, err := w.tx.Exec(ctx, `delete from case_messages where id = $1`, m.ID); err != nil {
		return fmt.Errorf("take back message: %w", err)
	}
	return nil
}

func ownReply(ctx context.Context, w *work, in UndoReplyInput) (Message, error) {
	m, err := db.One[Message](ctx, w.tx, `select `+messageColumns+` from case_messages where id = $1 and case_id = $2 and kind = 'reply'`,
		in.MessageID, w.c.ID)
	if errors.Is(err, db.ErrNoRow) || err == nil && (m.AuthorID == nil || *m.AuthorID != in.By.UserID || m.OutgoingMessageID == nil) {
		return m, ErrNoMessage
	}
	return m, err
}

// restore brings back what the reply changed, unless something else has changed it since.
func (w *work) restore(ctx context.Context, m Message) error {
	sent, err := db.One[struct {
		Seq  int64
		Data struct {
			From            Status     `json:"from"`
			WaitingOn       WaitingOn  `json:"waiting_on"`
			LastReplyAt     *time.Time `json:"last_reply_at"`
			UnansweredSince *time.Time `json:"unanswered_since"`
			ResolvedAt      *time.Time `json:"resolved_at"`
		}
	}](ctx, w.tx, `select seq, data from audit_log where stream = $1 and what = $2 and (data->>'message')::bigint = $3`,
		string(audit.Case(int64(w.c.ID))), evReplied, m.ID)
	if err != nil {
		return fmt.Errorf("find what was sent: %w", err)
	}
	answered, err := db.Value[bool](ctx, w.tx, `select exists (select 1 from case_messages where case_id = $1 and kind = 'reply' and id > $2)`, w.c.ID, m.ID)
	if err != nil {
		return fmt.Errorf("find later replies: %w", err)
	}
	if answered { // what the case is now rests on the later one
		w.note(evUndone, map[string]any{"message": m.ID, "status": w.c.Status, "waiting_on": w.c.WaitingOn})
		return nil
	}
	moved, err := db.Values[int64](ctx, w.tx, `select seq from audit_log where stream = $1 and what = $2 and seq > $3
		and coalesce((data->>'with')::bigint, 0) <> $4`, string(audit.Case(int64(w.c.ID))), evStatus, sent.Seq, m.ID)
	if err != nil {
		return fmt.Errorf("find later moves: %w", err)
	}
	if len(moved) == 0 {
		w.c.Status, w.c.WaitingOn = sent.Data.From, sent.Data.WaitingOn
		w.c.ResolvedAt = sent.Data.ResolvedAt
	}
	w.c.LastReplyAt = sent.Data.LastReplyAt
	if w.c.UnansweredSince == nil || sent.Data.UnansweredSince != nil {
		w.c.UnansweredSince = sent.Data.UnansweredSince
	}
	w.note(evUndone, map[string]any{"message": m.ID, "status": w.c.Status, "waiting_on": w.c.WaitingOn})
	return nil
}
