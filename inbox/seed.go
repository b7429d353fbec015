package inbox

import (
	"context"
	"fmt"
	"time"

	"makegood/internal/db"
)

// MarkSentTx records every mail that was queued until a moment as sent when it was due, and gives how many. It is for a
// past that is written without a sender: nobody got these mails. Mails that wait for their attachment stay queued.
func (s *Service) MarkSentTx(ctx context.Context, tx *db.Tx, until time.Time) (int64, error) {
	n, err := tx.Exec(ctx, `update outgoing_messages set state = 'sent', attempts = 1, claimed_at = not_before, sent_at = not_before + interval '1 second',
		version = version + 1 where state = 'queued' and not awaits_attachment and not_before <= $1`, until)
	if err != nil {
		return 0, fmt.Errorf("mark mail as sent: %w", err)
	}
	return n, nil
}
