package inbox

import (
	"context"
	"errors"
	"fmt"

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
	Delivery   []byte // by what another delivery of it is known although it has no MessageID
}

// LockTx locks a message until the commit, so that two workers cannot both decide its fate.
func (s *Service) LockTx(ctx context.Context, tx *db.Tx, id InboundID) (Inbound, error) {
	m, err := db.One[Inbound](ctx, tx, `select * from inbound_messages where id = $1 for update`, id)
	if errors.Is(err, db.ErrNoRow) {
		return Inbound{}, ErrNoMessage
	}
	return m, err
}

// LockAllTx is LockTx for several, the oldest first. Those that do not exist are left out.
func (s *Service) LockAllTx(ctx context.Context, tx *db.Tx, ids []InboundID) ([]Inbound, error) {
	list, err := db.List[Inbound](ctx, tx, `select * from inbound_messages where id = any ($1) order by id for update`, ids)
	if err != nil {
		return nil, fmt.Errorf("lock messages: %w", err)
	}
	return list, nil
}

// SettleTx gives a message its fate. The caller holds it by LockTx. A message that has an end already (not pending, held
// or quarantined) is refused with ErrFated.
func (s *Service) SettleTx(ctx context.Context, tx *db.Tx, id InboundID, f Fate) error {
	return s.SettleAllTx(ctx, tx, map[InboundID]Fate{id: f})
}

// SettleAllTx is SettleTx for several messages at once.
func (s *Service) SettleAllTx(ctx context.Context, tx *db.Tx, fates map[InboundID]Fate) error {
	columns := make([][]any, 12)
	for id, f := range fates {
		if f.Params == nil {
			f.Params = map[string]string{}
		}
		for n, value := range []any{
			int64(id), string(f.Kind), f.Reason, f.Params, f.CaseID, f.OriginalID, f.Summary.MessageID, f.Summary.Sender, f.Summary.SenderName,
			f.Summary.Subject, f.Summary.Kind, f.Summary.Delivery,
		} {
			columns[n] = append(columns[n], value)
		}
	}
	args := []any{tx.Now()}
	for _, column := range columns {
		args = append(args, column)
	}
	n, err := tx.Exec(ctx, `update inbound_messages m set fate = u.fate, fate_reason = u.reason, fate_params = u.params, case_id = u.case_id,
			original_id = u.original, message_id = u.name, sender = u.sender, sender_name = u.sender_name, subject = u.subject, kind = u.kind,
			delivery = coalesce(u.delivery, m.delivery),
			fated_at = $1, attempts = m.attempts + 1, version = m.version + 1
		from unnest($2::bigint[], $3::text[], $4::text[], $5::jsonb[], $6::bigint[], $7::bigint[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::bytea[])
			u (id, fate, reason, params, case_id, original, name, sender, sender_name, subject, kind, delivery)
		where m.id = u.id and m.fate in ('pending', 'held', 'quarantined')`, args...)
	if err != nil {
		return fmt.Errorf("settle messages: %w", err)
	}
	if int(n) != len(fates) {
		return ErrFated
	}
	tx.Publish("intake", "board")
	return nil
}

// RefileTx puts a message that was attached to one case, or began it, with another, so that what answers it finds that one.
func (s *Service) RefileTx(ctx context.Context, tx *db.Tx, id InboundID, caseID int64) error {
	if _, err := tx.Exec(ctx, `update inbound_messages set case_id = $2, version = version + 1 where id = $1 and fate in ('attached', 'new_case')`, id, caseID); err != nil {
		return fmt.Errorf("refile message: %w", err)
	}
	return nil
}
