package inbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"makegood/internal/db"
)

// ReaderRefused tells that the mail server refused a reader of a mail of ours for good when it was to be handed over. It is worked
// above, where cases and contacts are known.
type ReaderRefused struct {
	ID      OutgoingID `json:"id"`
	Address string     `json:"address"` // lower case
	Status  string     `json:"status"`  // RFC 3463
	Answer  string     `json:"answer"`  // the words of the server
}

// Kind names the job.
func (ReaderRefused) Kind() string { return "inbox.reader_refused" }

// Unique keeps it from being told again while it waits: a mail that is tried again asks every reader again.
func (ReaderRefused) Unique() bool { return true }

// TellRefused has it told above whom the server refused.
func (s *Service) TellRefused(ctx context.Context, list []ReaderRefused) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		for _, refused := range list {
			if err := tx.Enqueue(ctx, refused); err != nil {
				return err
			}
		}
		return nil
	})
}

// DeferredKey is in the answer of each step by which the mail server did not take a mail for now.
const DeferredKey = "send.deferred"

// DeferredBefore tells whether the mail server did not take a mail for now at some moment before, and nobody has had it sent since.
func (s *Service) DeferredBefore(ctx context.Context, id OutgoingID, at time.Time) (bool, error) {
	before, err := db.Value[bool](ctx, s.db, `select exists (select from outgoing_steps step where outgoing_message_id = $1 and at <= $2
		and state = 'queued' and strpos(answer, $3) > 0
		and not exists (select from outgoing_steps later where later.outgoing_message_id = $1 and later.id > step.id and later.user_id is not null))`, id, at, DeferredKey)
	if err != nil {
		return false, fmt.Errorf("read since when mail waits: %w", err)
	}
	return before, nil
}

// OutgoingByID reads a mail of ours; ErrNoMessage when there is none.
func (s *Service) OutgoingByID(ctx context.Context, r db.Reader, id OutgoingID) (OutgoingMessage, error) {
	m, err := db.One[OutgoingMessage](ctx, r, `select * from outgoing_messages where id = $1`, id)
	if errors.Is(err, db.ErrNoRow) {
		return OutgoingMessage{}, ErrNoMessage
	}
	if err != nil {
		return OutgoingMessage{}, fmt.Errorf("read mail: %w", err)
	}
	return m, nil
}
