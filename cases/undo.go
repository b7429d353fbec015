package cases

import (
	"context"
	"errors"
	"fmt"

	"makegood/inbox"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// UndoReply takes back a reply of the actor's own that has not left: the mail is cancelled, the text becomes a draft again, above what they have
// begun to write since, status and follow-up go back to what they were, and the clocks run as if nothing had been sent. The tags that a macro put on stay, and so does whom
// it gave the case to. After the window it refuses.
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
		return w.draftAgain(ctx, in.By.UserID, m)
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

// restore brings the case back to where it stands without the reply. One that was written in a case that has been joined to this
// one since stays: the other's history cannot be changed from here.
func (w *work) restore(ctx context.Context, m Message) error {
	sent, err := db.List[beforeReply](ctx, w.tx, `select (a.data->>'follow_up_at')::timestamptz as follow_up_at, coalesce(a.data->>'follow_up_note', '') as follow_up_note,
			coalesce((a.data->>'follow_up_due')::boolean, false) as follow_up_due,
			not a.data ? 'follow_up_at' or exists (select from audit_log l where l.stream = a.stream and l.what in ('follow_up.set', 'follow_up.ended') and l.at > a.at) as since
		from audit_log a where a.stream = $1 and a.what = $2 and (a.data->>'message')::bigint = $3`, string(audit.Case(int64(w.c.ID))), evReplied, m.ID)
	if err != nil {
		return fmt.Errorf("find what was sent: %w", err)
	}
	if len(sent) == 0 {
		return errs.New(ErrUndoTooLate.Kind, ErrUndoTooLate.Key)
	}
	undone := map[string]any{"message": m.ID}
	w.note(evUndone, undone)
	if err := w.stands(ctx); err != nil {
		return err
	}
	undone["status"], undone["waiting_on"] = w.c.Status, w.c.WaitingOn
	if sent[0].Since || !w.c.Status.Active() {
		return nil
	}
	return w.followUpBack(ctx, sent[0].followUpBefore)
}

// beforeReply is the follow-up before a reply, and whether somebody put the case off, or ended that, since.
type beforeReply struct {
	followUpBefore
	Since bool
}
