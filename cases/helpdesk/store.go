package helpdesk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

const importColumns = `id, format, system, entity_id, filename, date_order, all_or_nothing, state, counts, failure, created_by, created_name, created_at, touched_at, finished_at`

func insertImport(ctx context.Context, tx *db.Tx, in Input, filename string, state State, counts Counts) (Import, error) {
	content, err := json.Marshal(counts)
	if err != nil {
		return Import{}, fmt.Errorf("keep counts: %w", err)
	}
	imp, err := db.One[Import](ctx, tx, `insert into case_imports (format, system, entity_id, filename, date_order, all_or_nothing, state, counts, created_by, created_name, created_at, touched_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11) returning `+importColumns,
		in.Format, in.System, in.EntityID, filename, in.DateOrder, in.AllOrNothing, state, content, in.By.UserID, in.By.Name, tx.Now())
	if err != nil {
		return imp, fmt.Errorf("keep import: %w", err)
	}
	return imp, nil
}

func lockImport(ctx context.Context, tx *db.Tx, id ImportID) (Import, error) {
	return oneImport(ctx, tx, id, " for update")
}

func oneImport(ctx context.Context, r db.Reader, id ImportID, lock string) (Import, error) {
	imp, err := db.One[Import](ctx, r, `select `+importColumns+` from case_imports where id = $1`+lock, id)
	if errors.Is(err, db.ErrNoRow) {
		return imp, ErrNoImport
	}
	if err != nil {
		return imp, fmt.Errorf("read import: %w", err)
	}
	return imp, nil
}

func setState(ctx context.Context, tx *db.Tx, id ImportID, state State) error {
	if _, err := tx.Exec(ctx, `update case_imports set state = $2, touched_at = $3,
			finished_at = case when $2 in ('done', 'failed', 'discarded') then $3::timestamptz end where id = $1`, id, state, tx.Now()); err != nil {
		return fmt.Errorf("move import: %w", err)
	}
	tx.Publish(id.Topic())
	return nil
}

func touch(ctx context.Context, tx *db.Tx, id ImportID) error {
	if _, err := tx.Exec(ctx, `update case_imports set touched_at = $2 where id = $1`, id, tx.Now()); err != nil {
		return fmt.Errorf("touch import: %w", err)
	}
	return nil
}

func endImport(ctx context.Context, tx *db.Tx, id ImportID, state State, counts Counts, why *Failure) (Import, error) {
	content, err := json.Marshal(counts)
	if err != nil {
		return Import{}, fmt.Errorf("keep counts: %w", err)
	}
	var failure []byte
	if why != nil {
		if failure, err = json.Marshal(why); err != nil {
			return Import{}, fmt.Errorf("keep failure: %w", err)
		}
	}
	imp, err := db.One[Import](ctx, tx, `update case_imports set state = $2, counts = $3, failure = $4, touched_at = $5, finished_at = $5 where id = $1 returning `+importColumns,
		id, state, content, failure, tx.Now())
	if err != nil {
		return imp, fmt.Errorf("end import: %w", err)
	}
	return imp, nil
}

// keepRefusals keeps why cases were not taken, in place of what was kept before.
func keepRefusals(ctx context.Context, tx *db.Tx, id ImportID, list []Refusal) error {
	if _, err := tx.Exec(ctx, `delete from case_import_refusals where case_import_id = $1`, id); err != nil {
		return fmt.Errorf("forget refusals: %w", err)
	}
	rows := make([][]any, len(list))
	for n, r := range list {
		if r.Params == nil {
			r.Params = errs.Params{}
		}
		params, err := json.Marshal(r.Params)
		if err != nil {
			return fmt.Errorf("keep refusal: %w", err)
		}
		rows[n] = []any{id, n + 1, line(r.File), r.Row, line(r.Number), r.Key, params}
	}
	if len(rows) == 0 {
		return nil
	}
	if err := tx.CopyFrom(ctx, "case_import_refusals", []string{"case_import_id", "position", "file", "row", "number", "key", "params"}, rows); err != nil {
		return fmt.Errorf("keep refusals: %w", err)
	}
	return nil
}

func dropFiles(ctx context.Context, tx *db.Tx, id ImportID) error {
	if _, err := tx.Exec(ctx, `delete from case_import_files where case_import_id = $1`, id); err != nil {
		return fmt.Errorf("drop files: %w", err)
	}
	return nil
}

// record notes in the stream of administration what became of an import.
func record(ctx context.Context, tx *db.Tx, by access.Actor, what string, imp Import) error {
	return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: by, What: what, Data: map[string]any{
		"import": int64(imp.ID), "format": imp.Format, "system": imp.System, "entity": imp.EntityID, "file": imp.Filename,
		"read": imp.Counts.Read, "brought": imp.Counts.Brought, "refused": imp.Counts.Refused,
	}})
}
