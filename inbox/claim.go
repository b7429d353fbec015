package inbox

import (
	"context"
	"errors"
	"fmt"

	"makegood/internal/db"
)

// Claimed is a mail of the outbox in the hands of one sender.
type Claimed struct {
	OutgoingMessage
	Attachments []Attachment
	// CutOff says that an earlier attempt was cut off by a crash: the server may have taken the mail already.
	CutOff bool
	// LeftOut are copies it would have gone to whose addresses are dead.
	LeftOut []string
}

// Claim takes a queued mail for sending. It answers false when there is nothing to do: sent, cancelled, not yet due or
// still waiting for its attachment, or stopped because its reader's address is dead. A mail found in the state sending was cut off; it is given with CutOff.
func (s *Service) Claim(ctx context.Context, id OutgoingID) (Claimed, bool, error) {
	var c Claimed
	take := false
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		row, err := db.One[OutgoingMessage](ctx, tx, `select * from outgoing_messages where id = $1 for update`, id)
		if errors.Is(err, db.ErrNoRow) {
			return ErrNoMessage
		}
		if err != nil {
			return err
		}
		c = Claimed{OutgoingMessage: row, CutOff: row.State == Sending}
		take = c.CutOff || row.State == Queued && !row.AwaitsAttachment && !row.NotBefore.After(tx.Now())
		if !take {
			return nil
		}
		if !c.CutOff {
			stopped, err := stopTx(ctx, tx, &c)
			if take = !stopped; err != nil || stopped {
				return err
			}
		}
		if _, err := tx.Exec(ctx, `update outgoing_messages set state = 'sending', claimed_at = $2, attempts = attempts + 1, version = version + 1
			where id = $1`, id, tx.Now()); err != nil {
			return err
		}
		c.Attachments, err = db.List[Attachment](ctx, tx, `select filename, media_type, content from outgoing_attachments
			where outgoing_message_id = $1 order by position`, id)
		return err
	})
	if err != nil {
		return Claimed{}, false, fmt.Errorf("claim mail: %w", err)
	}
	return c, take, nil
}

// Settle records how sending a claimed mail ended, with the words of the server or why it could not be asked. Queued puts
// it back for another attempt.
func (s *Service) Settle(ctx context.Context, id OutgoingID, state OutgoingState, answer string) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		caseID, err := db.Value[*int64](ctx, tx, `with settled as (
				update outgoing_messages set state = $2, error = case when $2 = 'sent' then '' else $3 end, version = version + 1,
					sent_at = case when $2 = 'sent' then $4::timestamptz else sent_at end
				where id = $1 and state in ('sending', 'unknown') returning id, case_id),
			step as (insert into outgoing_steps (outgoing_message_id, at, state, answer) select id, $4, $2, $3 from settled)
			select case_id from settled`, id, string(state), answer, tx.Now())
		if errors.Is(err, db.ErrNoRow) { // a bounce was quicker
			return nil
		}
		if err != nil {
			return fmt.Errorf("settle mail: %w", err)
		}
		tx.Publish("board")
		if caseID != nil {
			tx.Publish("case:" + caseText(caseID))
		}
		return nil
	})
}
