package cases

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
)

// MailInput names a mail that went, or goes, out from a case.
type MailInput struct {
	By     access.Actor
	ID     ID
	Mail   inbox.OutgoingID
	Reason string // of sending it again, or of letting it go
}

// ResendMail sends a mail once more that the server refused, or of which nobody knows whether it took it. The person says why.
func (s *Service) ResendMail(ctx context.Context, in MailInput) (Case, error) {
	return s.command(ctx, On{By: in.By, ID: in.ID}, false, func(w *work) error {
		address, err := s.inbox.ResendTx(ctx, w.tx, inbox.ResendInput{ID: in.Mail, CaseID: int64(w.c.ID), Reason: in.Reason, By: in.By})
		if err != nil {
			return err
		}
		w.note("mail.resent", map[string]any{"outgoing": in.Mail, "reason": audit.Personal{Address: address, Said: strings.TrimSpace(in.Reason)}})
		return nil
	})
}

// ReleaseMail lets a mail go that was stopped because mail to its reader came back for good before. The person says why, and
// the address counts as living again.
func (s *Service) ReleaseMail(ctx context.Context, in MailInput) (Case, error) {
	return s.command(ctx, On{By: in.By, ID: in.ID}, false, func(w *work) error {
		address, err := s.inbox.ReleaseTx(ctx, w.tx, inbox.ReleaseInput{ID: in.Mail, CaseID: int64(w.c.ID), Reason: in.Reason, By: in.By})
		if err != nil {
			return err
		}
		w.note("mail.released", map[string]any{
			"outgoing": in.Mail, "address": audit.Personal{Address: address, Said: address}, "reason": audit.Personal{Address: address, Said: strings.TrimSpace(in.Reason)},
		})
		return s.billing.MarkContactTx(ctx, w.tx, address, nil)
	})
}

// CancelMail takes back a mail that is still queued or stopped, by whomever it was written. A reply is then as if it had never been
// written: its text becomes a draft of who took it back, above what they have begun to write, and the clocks run on. A
// letter stays in the conversation, marked as taken back.
func (s *Service) CancelMail(ctx context.Context, in MailInput) (Case, error) {
	return s.command(ctx, On{By: in.By, ID: in.ID}, false, func(w *work) error {
		if err := s.inbox.CancelOfTx(ctx, w.tx, in.Mail, int64(w.c.ID), in.By); err != nil {
			return err
		}
		m, err := db.One[Message](ctx, w.tx, `select `+messageColumns+` from case_messages where case_id = $1 and outgoing_message_id = $2 and kind = 'reply'`,
			w.c.ID, in.Mail)
		if errors.Is(err, db.ErrNoRow) {
			w.note("mail.cancelled", map[string]any{"outgoing": in.Mail})
			return nil
		}
		if err != nil {
			return fmt.Errorf("find reply: %w", err)
		}
		if err := w.unsay(ctx, m); err != nil {
			return err
		}
		return w.draftAgain(ctx, in.By.UserID, m)
	})
}

// draftAgain puts the text of a reply in front of the one somebody has begun to write, and its files beside those of that.
func (w *work) draftAgain(ctx context.Context, user int64, m Message) error {
	body := m.Body
	if m.OutgoingMessageID != nil {
		if err := w.filesAgain(ctx, user, *m.OutgoingMessageID); err != nil {
			return err
		}
	}
	begun, err := db.Value[string](ctx, w.tx, `select body from drafts where case_id = $1 and user_id = $2 and kind = $3`, w.c.ID, user, PublicReply)
	if err != nil && !errors.Is(err, db.ErrNoRow) {
		return fmt.Errorf("read draft: %w", err)
	}
	if strings.TrimSpace(begun) != "" {
		body += "\n\n" + begun
	}
	return keepDraft(ctx, w.tx, w.c.ID, user, PublicReply, body)
}
