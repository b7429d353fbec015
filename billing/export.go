package billing

import (
	"context"
	"fmt"
	"time"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
)

// RecordExport writes down that somebody took the audit package of a legal entity's books out of the house: of which days, and the
// SHA-256 of its manifest.
func (s *Service) RecordExport(ctx context.Context, by access.Actor, id EntityID, subject, sha256 string) error {
	if err := access.Can(by, access.ReadAudit, access.Object{EntityID: int64(id)}); err != nil {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		err := audit.RecordTx(ctx, tx, audit.Event{
			Stream: audit.Books(int64(id)), By: by, What: "evidence.exported", Data: map[string]any{"subject": subject, "manifest_sha256": sha256},
		})
		if err != nil {
			return fmt.Errorf("record export: %w", err)
		}
		return nil
	})
}

// RecordTakeover writes down that somebody took an extract of a legal entity's books for another system: the journal or the
// credit memos of a month.
func (s *Service) RecordTakeover(ctx context.Context, by access.Actor, id EntityID, what string, month time.Time) error {
	if err := access.Can(by, access.ReadBooks, access.Object{EntityID: int64(id)}); err != nil {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		err := audit.RecordTx(ctx, tx, audit.Event{
			Stream: audit.Books(int64(id)), By: by, What: "books.exported", Data: map[string]any{"what": what, "month": month.Format("2006-01")},
		})
		if err != nil {
			return fmt.Errorf("record export: %w", err)
		}
		return nil
	})
}
