package cases

import (
	"context"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
)

// Downloaded puts on record that somebody takes a mail of a case, or a file of it, out of the house. It is called before the bytes leave:
// what cannot be recorded is not handed out.
func (s *Service) Downloaded(ctx context.Context, by access.Actor, number string, id MessageID, filename string) error {
	if err := access.Can(by, access.ReadCases, access.Object{}); err != nil {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Inbox, By: by, What: "message.downloaded", Data: map[string]any{
			"case": number, "case_message_id": int64(id), "filename": filename,
		}})
	})
}
