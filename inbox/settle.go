package inbox

import (
	"context"
	"errors"
	"fmt"

	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// Ending is how a mail ended of which the server said no, or said nothing, by the word of a person who found out.
type Ending string

// The endings.
const (
	Reached   Ending = "arrived"   // its reader has it
	GivenUp   Ending = "given_up"  // it is not needed any more
	Otherwise Ending = "otherwise" // its reader was told by another way
)

// SettleInput ends a mail that is in the state unknown or failed.
type SettleInput struct {
	ID     OutgoingID
	As     Ending
	Reason string
	By     access.Actor
}

// SettleOutgoingTx ends a mail of which nobody knows whether it arrived, or that failed, by the word of a person who says why, which is
// kept: what arrived counts as sent, the others as taken back. It gives the mail as it is then. ErrNotInDoubt when there is nothing to
// settle; what the server refused cannot have arrived.
func (s *Service) SettleOutgoingTx(ctx context.Context, tx *db.Tx, in SettleInput) (OutgoingMessage, error) {
	reason, err := reasonOf(in.Reason)
	if err != nil {
		return OutgoingMessage{}, err
	}
	to := Cancelled
	switch in.As {
	case Reached:
		to = Sent
	case GivenUp, Otherwise:
	default:
		return OutgoingMessage{}, errs.InvalidField("as", "inbox.bad_ending")
	}
	m, err := db.One[OutgoingMessage](ctx, tx, `update outgoing_messages set state = $2, error = '', version = version + 1,
			sent_at = case when $2 = 'sent' then coalesce(sent_at, claimed_at, $3) else sent_at end
		where id = $1 and (state = 'unknown' or state = 'failed' and $2 <> 'sent') returning *`, in.ID, string(to), tx.Now())
	if errors.Is(err, db.ErrNoRow) {
		return OutgoingMessage{}, ErrNotInDoubt
	}
	if err != nil {
		return OutgoingMessage{}, fmt.Errorf("settle mail: %w", err)
	}
	tx.Publish("board", "intake", "case:"+caseText(m.CaseID))
	return m, noteStep(ctx, tx, in.ID, OutgoingStep{State: to, Reason: reason, UserID: new(in.By.UserID), UserName: in.By.Name})
}

// ReadableOutgoing reads a mail of ours for somebody who may see the mail of its legal entity; else it is not there: ErrNoMessage.
func (s *Service) ReadableOutgoing(ctx context.Context, r db.Reader, id OutgoingID, by access.Actor) (OutgoingMessage, error) {
	c := conditions{}
	c.add("m.id = ?", id)
	c.within(outgoingScope, Scope(by))
	m, err := db.One[OutgoingMessage](ctx, r, `select m.* from outgoing_messages m`+c.where(), c.args...)
	if errors.Is(err, db.ErrNoRow) {
		return OutgoingMessage{}, ErrNoMessage
	}
	if err != nil {
		return OutgoingMessage{}, fmt.Errorf("read mail: %w", err)
	}
	return m, nil
}
