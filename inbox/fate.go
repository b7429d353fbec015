package inbox

import (
	"context"
	"errors"

	"makegood/internal/db"
)

// Fate is what became of a message, and the short facts about it that lists show.
type Fate struct {
	Kind       FateKind
	Reason     string // a message key
	Params     map[string]string
	CaseID     *int64
	OriginalID *InboundID
	Summary    Summary
}

// Summary is what parsing found out about a message, for lists and for threading.
type Summary struct {
	MessageID  string
	Sender     string
	SenderName string
	Subject    string
	Kind       string
}

// LockTx locks a message until the commit, so that two workers cannot both decide its fate.
func (s *Service) LockTx(ctx context.Context, tx *db.Tx, id InboundID) (Inbound, error) {
	m, err := db.One[Inbound](ctx, tx, `select * from inbound_messages where id = $1 for update`, id)
	if errors.Is(err, db.ErrNoRow) {
		return Inbound{}, ErrNoMessage
	}
	return m, err
}

// SettleTx gives a message its fate. The caller holds it by LockTx. A message that has an end already (not pending, held
// or quarantined) is refused with ErrFated.
func (s *Service) SettleTx(ctx context.Context, tx *db.Tx, id InboundID, f Fate) error {
	if f.Params == nil {
		f.Params = map[string]string{}
	}
	n, err := tx.Exec(ctx, `update inbound_messages set fate = $2, fate_reason = $3, fate_params = $4, case_id = $5, original_id = $6,
			message_id = $7, sender = $8, sender_name = $9, subject = $10, kind = $11, fated_at = $12, attempts = attempts + 1, version = version + 1
		where id = $1 and fate in ('pending', 'held', 'quarantined')`,
		id, string(f.Kind), f.Reason, f.Params, f.CaseID, f.OriginalID,
		f.Summary.MessageID, f.Summary.Sender, f.Summary.SenderName, f.Summary.Subject, f.Summary.Kind, tx.Now())
	if err != nil {
		return err
	}
	if n == 0 {
		return ErrFated
	}
	tx.Publish("intake", "board")
	return nil
}
