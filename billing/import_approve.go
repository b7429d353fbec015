package billing

import (
	"context"
	"fmt"
	"slices"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// ApproveImport signs off the credits of a batch: each gets an approval of exactly its content, without which the
// database takes none. It refuses with ErrOwnImport whoever brought the file, with ErrSignedImport whoever signed already, and
// whose authority does not reach to what the file gives a customer family (SignImportsBy). Where that authority takes several
// signatures, each but the last is kept and the credits go on waiting. A job posts them after the last.
func (s *Service) ApproveImport(ctx context.Context, id ImportID, by Actor) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		batch, err := s.lockForDecision(ctx, tx, id, by)
		if err != nil {
			return err
		}
		if last, err := s.signTx(ctx, tx, batch, by); err != nil || !last {
			return err
		}
		n, err := tx.Exec(ctx, `with approved as (
				insert into adjustment_approvals (import_row_id, digest, requester_id, decider_ids, own_limit, approved_at)
				select id, digest, $2, array[$3::bigint], false, $4 from import_rows where batch_id = $1 and state = 'waiting' returning import_row_id)
			update import_rows r set state = 'approved' from approved a where r.id = a.import_row_id`, id, batch.CreatedBy, by.UserID, tx.Now())
		if err != nil {
			return fmt.Errorf("approve rows: %w", err)
		}
		if _, err := tx.Exec(ctx, `update import_batches set approved_by = $2, approved_name = $3, approved_at = $4 where id = $1`,
			id, by.UserID, by.Name, tx.Now()); err != nil {
			return fmt.Errorf("approve batch: %w", err)
		}
		if err := setImportState(ctx, tx, id, ImportApproved); err != nil {
			return err
		}
		if err := tx.Enqueue(ctx, BringIn{ImportID: id, Approved: true}); err != nil {
			return err
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Books(int64(batch.EntityID)), By: by, What: "import.approved", Data: map[string]any{
			"import_id": id, "file": batch.Filename, "credits": n, "requested_by": batch.CreatedBy, "signed_by": append(slices.Clone(batch.Signers), by.UserID),
		}})
	})
}

// RefuseImport leaves the credits of a batch out for good; what else it brought stays.
func (s *Service) RefuseImport(ctx context.Context, id ImportID, reason string, by Actor) error {
	if reason == "" {
		return errs.InvalidField("reason", "error.required")
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		batch, err := s.lockForDecision(ctx, tx, id, by)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update import_rows set state = 'left', adjustment = null, digest = null,
				reasons = jsonb_build_array(jsonb_build_object('key', 'billing.import.refused', 'row', rows[1], 'params', jsonb_build_object('reason', $2::text)))
			where batch_id = $1 and state = 'waiting'`, id, reason); err != nil {
			return fmt.Errorf("refuse rows: %w", err)
		}
		if err := setImportState(ctx, tx, id, ImportDone); err != nil {
			return err
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Books(int64(batch.EntityID)), By: by, What: "import.refused", Data: map[string]any{
			"import_id": id, "file": batch.Filename, "reason": reason,
		}})
	})
}

func (s *Service) lockForDecision(ctx context.Context, tx *db.Tx, id ImportID, by Actor) (ImportBatch, error) {
	batch, err := lockImport(ctx, tx, id)
	if err != nil {
		return batch, err
	}
	if err := access.Can(by, access.SignImports, access.Object{EntityID: int64(batch.EntityID)}); err != nil {
		return batch, err
	}
	if err := access.Proven(by); err != nil {
		return batch, err
	}
	switch {
	case by.Kind != access.Person:
		return batch, access.ErrForbidden
	case by.UserID == batch.CreatedBy:
		return batch, ErrOwnImport
	case batch.State != ImportWaiting:
		return batch, errs.New(ErrImportState.Kind, ErrImportState.Key, "state", string(batch.State))
	}
	return batch, nil
}

// DiscardImport drops a batch of which nothing came in, and the file it was read from. One that is done is dropped only where nobody
// decided on its credits.
func (s *Service) DiscardImport(ctx context.Context, id ImportID, by Actor) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		if err := discardTx(ctx, tx, id, by); err != nil {
			return err
		}
		return forgetUpload(ctx, tx, id)
	})
}

func discardTx(ctx context.Context, tx *db.Tx, id ImportID, by Actor) error {
	batch, err := lockImport(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := access.Can(by, mayImport(batch.Kind), access.Object{EntityID: int64(batch.EntityID)}); err != nil {
		return err
	}
	nothing := batch.State == ImportPlanned || batch.State == ImportReading || batch.State == ImportFailed
	if batch.State == ImportDone && batch.ApprovedBy == nil {
		if nothing, err = db.Value[bool](ctx, tx, `select not exists (select from import_rows where batch_id = $1
			and (state in ('new', 'waiting', 'approved', 'done') or reasons -> 0 ->> 'key' = 'billing.import.refused'))`, id); err != nil {
			return fmt.Errorf("look what came in: %w", err)
		}
	}
	if !nothing {
		return errs.New(ErrImportState.Kind, ErrImportState.Key, "state", string(batch.State))
	}
	if _, err := tx.Exec(ctx, `delete from import_rows where batch_id = $1`, id); err != nil {
		return fmt.Errorf("drop rows: %w", err)
	}
	if err := setImportState(ctx, tx, id, ImportDiscarded); err != nil {
		return err
	}
	return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Books(int64(batch.EntityID)), By: by, What: "import.discarded", Data: map[string]any{
		"import": batch.ID, "kind": batch.Kind, "file": batch.Filename, "state": batch.State,
	}})
}
