package billing

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"makegood/billing/importer"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// UploadID names a file that was given and is not brought in yet.
type UploadID int64

// uploadsKept is how long a file that nobody went on with stays here.
const uploadsKept = 7 * 24 * time.Hour

// ImportUpload is a file while somebody settles how its columns are read. BatchID is what it was read as last.
type ImportUpload struct {
	ID          UploadID
	EntityID    EntityID
	System      string
	Kind        importer.Kind
	Filename    string
	Content     []byte
	BatchID     *ImportID
	CreatedBy   int64
	CreatedName string
	CreatedAt   time.Time
}

// What uploads refuse.
var (
	ErrNoUpload    = errs.New(errs.NotFound, "billing.import.no_upload")
	ErrEmptyUpload = errs.InvalidField("file", "billing.import.empty_file")
)

// KeepUpload keeps a file until its batch is started, for somebody who may bring files of its kind in. Files that nobody
// went on with for a week go.
func (s *Service) KeepUpload(ctx context.Context, in NewImport, content []byte) (ImportUpload, error) {
	var up ImportUpload
	if err := access.Can(in.By, mayImport(in.Kind), access.Object{EntityID: int64(in.EntityID)}); err != nil {
		return up, err
	}
	switch {
	case in.System == "":
		return up, errs.InvalidField("system", "error.required")
	case len(content) == 0:
		return up, ErrEmptyUpload
	}
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `delete from import_uploads where created_at < $1`, tx.Now().Add(-uploadsKept)); err != nil {
			return err
		}
		var err error
		up, err = db.One[ImportUpload](ctx, tx, `insert into import_uploads (entity_id, system, kind, filename, content, created_by, created_name, created_at)
			values ($1, $2, $3, $4, $5, $6, $7, $8) returning *`, in.EntityID, in.System, in.Kind, in.Filename, content, in.By.UserID, in.By.Name, tx.Now())
		return err
	})
	if err != nil {
		return up, fmt.Errorf("keep file: %w", err)
	}
	return up, nil
}

// Upload reads a file that was given, for somebody who may bring it in.
func (s *Service) Upload(ctx context.Context, by Actor, id UploadID) (ImportUpload, error) {
	up, err := db.One[ImportUpload](ctx, s.db, `select * from import_uploads where id = $1`, id)
	if up, err = found(up, err, ErrNoUpload, "read file"); err != nil {
		return up, err
	}
	return up, access.Can(by, mayImport(up.Kind), access.Object{EntityID: int64(up.EntityID)})
}

// UploadOf tells which kept file a batch was read from; 0 for none.
func (s *Service) UploadOf(ctx context.Context, id ImportID) (UploadID, error) {
	list, err := db.Values[UploadID](ctx, s.db, `select id from import_uploads where batch_id = $1`, id)
	if err != nil {
		return 0, fmt.Errorf("look for file: %w", err)
	}
	if len(list) == 0 {
		return 0, nil
	}
	return list[0], nil
}

// ExamineUpload shows how a kept file would be read: with what is given, else as the last file of its system was, else as
// its columns are called. A file of Stripe's objects has no columns and gives ErrNoColumns.
func (s *Service) ExamineUpload(ctx context.Context, up ImportUpload, o importer.Options) (importer.Examination, error) {
	if up.Kind == StripeFile {
		return importer.Examination{}, ErrNoColumns
	}
	o.Kind = up.Kind
	in, err := s.recall(ctx, NewImport{EntityID: up.EntityID, System: up.System, Kind: up.Kind, Options: o})
	if err != nil {
		return importer.Examination{}, err
	}
	return importer.Examine(bytes.NewReader(up.Content), in.Options)
}

// ErrNoColumns is returned for files that are no table.
var ErrNoColumns = errs.New(errs.Invalid, "billing.import.no_columns")

// StageUpload reads a kept file into a batch as StageImport does. The batch that it was read as before is dropped, so a
// file can be read anew until it is started.
func (s *Service) StageUpload(ctx context.Context, id UploadID, in NewImport) (ImportBatch, error) {
	up, err := s.Upload(ctx, in.By, id)
	if err != nil {
		return ImportBatch{}, err
	}
	if up.BatchID != nil {
		if err := s.drop(ctx, *up.BatchID, in.By); err != nil {
			return ImportBatch{}, err
		}
	}
	in.EntityID, in.System, in.Kind, in.Filename = up.EntityID, up.System, up.Kind, up.Filename
	batch, err := s.StageImport(ctx, in, bytes.NewReader(up.Content))
	if batch.ID == 0 {
		return batch, err
	}
	keep := s.db.Do(context.WithoutCancel(ctx), func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `update import_uploads set batch_id = $2 where id = $1`, id, batch.ID)
		return err
	})
	if err == nil {
		err = keep
	}
	return batch, err
}

// drop discards the batch that a file was read as, but keeps the file.
func (s *Service) drop(ctx context.Context, id ImportID, by Actor) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `update import_uploads set batch_id = null where batch_id = $1`, id); err != nil {
			return fmt.Errorf("part file from batch: %w", err)
		}
		return discardTx(ctx, tx, id, by)
	})
}

// forgetUpload lets a file go with the batch it became.
func forgetUpload(ctx context.Context, tx *db.Tx, id ImportID) error {
	if _, err := tx.Exec(ctx, `delete from import_uploads where batch_id = $1`, id); err != nil {
		return fmt.Errorf("let file go: %w", err)
	}
	return nil
}
