package cases

import (
	"context"
	"fmt"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
)

// RecordExport writes down that somebody took the evidence of a case out of the house, with the SHA-256 of its manifest. It changes
// nothing about the case, so that who may only read may do it; ErrNoCase for a case they may not see.
func (s *Service) RecordExport(ctx context.Context, by access.Actor, id ID, sha256 string) error {
	if _, err := s.CaseByID(ctx, s.db, id, by); err != nil {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		err := audit.RecordTx(ctx, tx, audit.Event{
			Stream: audit.Case(int64(id)), By: by, What: "evidence.exported", Data: map[string]any{"manifest_sha256": sha256},
		})
		if err != nil {
			return fmt.Errorf("record export: %w", err)
		}
		tx.Publish(id.Topic())
		return nil
	})
}
