package inbox

import (
	"context"
	"fmt"
	"time"

	"makegood/internal/db"
)

// MarkInfectedTx keeps the name of what a virus scanner found in a message; "" when it finds nothing any more.
func (s *Service) MarkInfectedTx(ctx context.Context, tx *db.Tx, id InboundID, found string) error {
	if _, err := tx.Exec(ctx, `update inbound_messages set infected = $2 where id = $1`, id, found); err != nil {
		return fmt.Errorf("mark infected message: %w", err)
	}
	return nil
}

// NoteWaiting says of a message without a fate why it has none yet. One that has its fate is left as it is.
func (s *Service) NoteWaiting(ctx context.Context, id InboundID, reason string) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, `update inbound_messages set fate_reason = $2 where id = $1 and fate = 'pending' and fate_reason <> $2`, id, reason)
		if err != nil {
			return fmt.Errorf("note why message waits: %w", err)
		}
		if n > 0 {
			tx.Publish("intake", "board")
		}
		return nil
	})
}

// Waiting is how many messages have no fate for one reason, and since when the oldest waits.
type Waiting struct {
	Count int
	Since *time.Time
}

// WaitingFor counts the messages without a fate that wait for a reason.
func (s *Service) WaitingFor(ctx context.Context, reason string) (Waiting, error) {
	w, err := db.One[Waiting](ctx, s.db, `select count(*) as count, min(stored_at) as since from inbound_messages where fate = 'pending' and fate_reason = $1`, reason)
	if err != nil {
		return Waiting{}, fmt.Errorf("count waiting messages: %w", err)
	}
	return w, nil
}
