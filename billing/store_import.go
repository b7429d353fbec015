package billing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"makegood/internal/db"
	"makegood/internal/errs"
)

// Topic is what live screens listen on for a batch.
func (id ImportID) Topic() string { return fmt.Sprintf("import:%d", id) }

func (s *Service) insertImport(ctx context.Context, in NewImport) (ImportBatch, error) {
	mapping, err := json.Marshal(in.Options.Mapping)
	if err != nil {
		return ImportBatch{}, fmt.Errorf("keep mapping: %w", err)
	}
	var b ImportBatch
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		var err error
		b, err = db.One[ImportBatch](ctx, tx, `insert into import_batches (entity_id, system, kind, filename, mapping, all_or_nothing, state,
				created_by, created_name, created_at) values ($1, $2, $3, $4, $5, $6, 'reading', $7, $8, $9) returning *`,
			in.EntityID, in.System, in.Kind, in.Filename, mapping, in.AllOrNothing, in.By.UserID, in.By.Name, tx.Now())
		tx.Did(fmt.Sprintf("import.opened %d", b.ID))
		return err
	})
	if err != nil {
		return b, fmt.Errorf("open batch: %w", err)
	}
	return b, nil
}

// failImport ends a batch that cannot be brought in, with why. What was read of it and not brought in is dropped.
func (s *Service) failImport(ctx context.Context, id ImportID, cause error) error {
	reason, err := json.Marshal(reasonFor(cause))
	if err != nil {
		return fmt.Errorf("keep reason: %w", err)
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `delete from import_rows r using import_batches b where r.batch_id = $1 and b.id = r.batch_id and b.state = 'reading'`, id); err != nil {
			return fmt.Errorf("drop rows: %w", err)
		}
		tx.Publish(id.Topic())
		_, err := tx.Exec(ctx, `update import_batches set state = 'failed', failure = $2, finished_at = $3 where id = $1`, id, reason, tx.Now())
		return err
	})
}

// reasonFor is an error as a row keeps it. The text of an internal error is not kept.
func reasonFor(err error) ImportReason {
	e, ok := errors.AsType[*errs.Error](err)
	if !ok {
		return ImportReason{Key: "error.internal"}
	}
	if len(e.Fields) > 0 {
		f := e.Fields[0]
		return ImportReason{Field: f.Name, Key: f.Key, Params: f.Params}
	}
	return ImportReason{Key: e.Key, Params: e.Params}
}

// lockImport locks a batch until the transaction ends, so that it is worked by one at a time.
func lockImport(ctx context.Context, tx *db.Tx, id ImportID) (ImportBatch, error) {
	b, err := db.One[ImportBatch](ctx, tx, `select * from import_batches where id = $1 for update`, id)
	return found(b, err, ErrNoImport, "lock batch")
}

func setImportState(ctx context.Context, tx *db.Tx, id ImportID, state ImportState) error {
	tx.Publish(id.Topic())
	if _, err := tx.Exec(ctx, `update import_batches set state = $2, done_rows = (select count(*) from import_rows where batch_id = $1 and state = 'done'),
			finished_at = case when $2 in ('done', 'discarded') then $3::timestamptz end where id = $1`, id, state, tx.Now()); err != nil {
		return fmt.Errorf("set state of batch: %w", err)
	}
	return nil
}

// setRow writes what became of a row.
func setRow(ctx context.Context, tx *db.Tx, r ImportRow) error {
	reasons, err := json.Marshal(r.Reasons)
	if err != nil {
		return fmt.Errorf("keep reasons: %w", err)
	}
	if r.Reasons == nil {
		reasons = []byte("[]")
	}
	var adjustment []byte
	if r.Adjustment != nil {
		if adjustment, err = json.Marshal(r.Adjustment); err != nil {
			return fmt.Errorf("keep adjustment: %w", err)
		}
	}
	if _, err := tx.Exec(ctx, `update import_rows set state = $2, reasons = $3, adjustment = $4, digest = $5, document_kind = $6, document_id = $7, document_number = $8
		where id = $1`, r.ID, r.State, reasons, adjustment, r.Digest, r.DocumentKind, r.DocumentID, r.DocumentNumber); err != nil {
		return fmt.Errorf("write row %d: %w", r.ID, err)
	}
	return nil
}

const importRowColumns = `id, batch_id, position, phase, rows, system, kind, external_id, state, content, reasons, adjustment, digest,
	document_kind, document_id, document_number`
