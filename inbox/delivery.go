package inbox

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// OutgoingStep is something that happened to a mail on its way out. Answer holds the words of the server; Reason and the
// user stand there when a person intervened.
type OutgoingStep struct {
	ID                int64
	OutgoingMessageID OutgoingID
	At                time.Time
	State             OutgoingState
	Answer            string
	Reason            string
	UserID            *int64
	UserName          string
}

// maxReason bounds what a person writes down as a reason.
const maxReason = 500

// ResendInput sends a mail once more that failed, or of which nobody knows whether it arrived. CaseID is 0 for mail without a case.
type ResendInput struct {
	ID     OutgoingID
	CaseID int64
	Reason string
	By     access.Actor
}

// ResendTx puts a mail in the state unknown or failed back into the outbox, under the same Message-ID, so that a reader who did get
// the first copy sees that they are one. It gives their address. Somebody says why, which is kept. A mail in another state is refused with
// ErrNotInDoubt: what bounced reached the reader's server, and is written anew.
func (s *Service) ResendTx(ctx context.Context, tx *db.Tx, in ResendInput) (address string, err error) {
	reason, err := reasonOf(in.Reason)
	if err != nil {
		return "", err
	}
	address, err = db.Value[string](ctx, tx, `update outgoing_messages set state = 'queued', not_before = $3, error = '', version = version + 1
		where id = $1 and case_id is not distinct from nullif($2::bigint, 0) and state in ('unknown', 'failed') returning lower(to_address)`, in.ID, in.CaseID, tx.Now())
	if errors.Is(err, db.ErrNoRow) {
		return "", s.refusedTx(ctx, tx, in.ID, in.CaseID, ErrNotInDoubt)
	}
	if err != nil {
		return "", fmt.Errorf("send mail again: %w", err)
	}
	if err := noteStep(ctx, tx, in.ID, OutgoingStep{State: Queued, Reason: reason, UserID: new(in.By.UserID), UserName: in.By.Name}); err != nil {
		return "", err
	}
	tx.Publish("board", "intake")
	return address, tx.Enqueue(ctx, SendMessage{ID: in.ID})
}

// CancelTx takes back a mail that has not been handed to a server yet; ErrSent when it is too late.
func (s *Service) CancelTx(ctx context.Context, tx *db.Tx, id OutgoingID, by access.Actor) error {
	n, err := tx.Exec(ctx, `update outgoing_messages set state = 'cancelled', version = version + 1 where id = $1 and state in ('queued', 'stopped')`, id)
	if err != nil {
		return fmt.Errorf("take back mail: %w", err)
	}
	if n == 0 {
		return ErrSent
	}
	return noteStep(ctx, tx, id, OutgoingStep{State: Cancelled, UserID: new(by.UserID), UserName: by.Name})
}

// CancelOfTx is CancelTx for a mail of a case; ErrNoMessage when the case has no such mail.
func (s *Service) CancelOfTx(ctx context.Context, tx *db.Tx, id OutgoingID, caseID int64, by access.Actor) error {
	if err := s.refusedTx(ctx, tx, id, caseID, nil); err != nil {
		return err
	}
	return s.CancelTx(ctx, tx, id, by)
}

// refusedTx is why a mail of a case could not be changed: there is none, or the reason given.
func (s *Service) refusedTx(ctx context.Context, tx *db.Tx, id OutgoingID, caseID int64, otherwise error) error {
	_, err := db.Value[OutgoingID](ctx, tx, `select id from outgoing_messages where id = $1 and case_id is not distinct from nullif($2::bigint, 0)`, id, caseID)
	if errors.Is(err, db.ErrNoRow) {
		return ErrNoMessage
	}
	if err != nil {
		return fmt.Errorf("read mail: %w", err)
	}
	return otherwise
}

// Steps tells what happened to mails on their way, the oldest first.
func (s *Service) Steps(ctx context.Context, r db.Reader, ids []OutgoingID) ([]OutgoingStep, error) {
	list, err := db.List[OutgoingStep](ctx, r, `select * from outgoing_steps where outgoing_message_id = any ($1) order by id`, ids)
	if err != nil {
		return nil, fmt.Errorf("read what happened to mail: %w", err)
	}
	return list, nil
}

func noteStep(ctx context.Context, tx *db.Tx, id OutgoingID, step OutgoingStep) error {
	_, err := tx.Exec(ctx, `insert into outgoing_steps (outgoing_message_id, at, state, answer, reason, user_id, user_name)
		values ($1, $2, $3, $4, $5, $6, $7)`, id, tx.Now(), string(step.State), step.Answer, step.Reason, step.UserID, step.UserName)
	if err != nil {
		return fmt.Errorf("note what happened to mail: %w", err)
	}
	return nil
}

// reasonOf checks what a person writes down when they intervene.
func reasonOf(text string) (string, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return "", errs.InvalidField("reason", "inbox.needs_reason")
	case len([]rune(text)) > maxReason:
		return "", errs.InvalidField("reason", "inbox.long_reason")
	}
	return text, nil
}
