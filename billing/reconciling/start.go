package reconciling

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// maxFile bounds a file, which is kept as it came.
const maxFile = 64 << 20

// Start keeps a file and has it compared with the books by a job. The same file with the same settings is the run there is,
// whatever has become of it; fresh tells that it is a new one. To compare a file once more, see Again.
func (s *Service) Start(ctx context.Context, in NewRun, src io.Reader) (run Run, fresh bool, err error) {
	if err := access.Can(in.By, access.Reconcile, access.Object{EntityID: int64(in.EntityID)}); err != nil {
		return Run{}, false, err
	}
	if err := in.check(); err != nil {
		return Run{}, false, err
	}
	if _, err := s.billing.EntityByID(ctx, s.db, in.EntityID); err != nil {
		return Run{}, false, err
	}
	if err := s.recall(ctx, &in); err != nil {
		return Run{}, false, err
	}
	content, err := io.ReadAll(io.LimitReader(src, maxFile+1))
	if err != nil {
		return Run{}, false, fmt.Errorf("read file: %w", err)
	}
	switch {
	case len(content) > maxFile:
		return Run{}, false, errs.New(ErrFileTooLarge.Kind, ErrFileTooLarge.Key, "limit", fmt.Sprint(maxFile>>20))
	case len(content) == 0:
		return Run{}, false, errs.InvalidField("file", "error.required")
	}
	sum := sha256.Sum256(content)
	r := Run{
		EntityID: in.EntityID, Attempt: 1, Source: in.Source, Kind: in.Kind, Filename: in.Filename, SHA256: sum[:], Settings: in.Settings,
		CreatedBy: in.By.UserID, CreatedName: in.By.Name,
	}
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `insert into reconciliation_files (sha256, content, added_at) values ($1, $2, $3) on conflict do nothing`, sum[:], content, tx.Now()); err != nil {
			return fmt.Errorf("keep file: %w", err)
		}
		var err error
		run, fresh, err = open(ctx, tx, r, in.By)
		return err
	})
	return run, fresh, err
}

// recall reads the columns as the system's files were read when they were last brought in, where nobody says otherwise.
func (s *Service) recall(ctx context.Context, in *NewRun) error {
	if in.Kind == billing.StripeFile || in.Mapping.Preset != "" || len(in.Mapping.Columns) > 0 {
		return nil
	}
	remembered, err := s.billing.ImportMapping(ctx, in.Source, in.Kind)
	if err != nil || remembered == nil {
		return err
	}
	if len(in.Mapping.Defaults) > 0 {
		remembered.Defaults = in.Mapping.Defaults
	}
	in.Mapping = *remembered
	return nil
}

// Again compares the file of a finished run once more, with the same settings, after something was put right on either
// side. Asked twice it gives the same new run.
func (s *Service) Again(ctx context.Context, id ID, by access.Actor) (Run, error) {
	earlier, err := s.Run(ctx, by, id)
	if err != nil {
		return Run{}, err
	}
	if err := access.Can(by, access.Reconcile, access.Object{EntityID: int64(earlier.EntityID)}); err != nil {
		return Run{}, err
	}
	if !earlier.State.Finished() {
		return Run{}, ErrNotFinished
	}
	var run Run
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		next := earlier
		next.Attempt++
		next.CreatedBy, next.CreatedName = by.UserID, by.Name
		run, _, err = open(ctx, tx, next, by)
		return err
	})
	return run, err
}

// open writes a run and queues its work, or finds the latest there is of the same kind.
func open(ctx context.Context, tx *db.Tx, r Run, by access.Actor) (run Run, fresh bool, err error) {
	key, err := r.key()
	if err != nil {
		return Run{}, false, err
	}
	settings, err := json.Marshal(r.Settings)
	if err != nil {
		return Run{}, false, fmt.Errorf("keep settings: %w", err)
	}
	list, err := db.List[Run](ctx, tx, `insert into reconciliations (entity_id, request_key, attempt, source, kind, filename, sha256, settings, state, created_by, created_name, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting', $9, $10, $11) on conflict (request_key) do nothing returning *`,
		r.EntityID, key, r.Attempt, r.Source, r.Kind, r.Filename, r.SHA256, settings, r.CreatedBy, r.CreatedName, tx.Now())
	if err != nil {
		return Run{}, false, fmt.Errorf("open reconciliation: %w", err)
	}
	if len(list) == 0 {
		run, err = db.One[Run](ctx, tx, `select l.* from reconciliations r join reconciliations l on (l.entity_id, l.source, l.kind, l.sha256, l.settings)
			= (r.entity_id, r.source, r.kind, r.sha256, r.settings) where r.request_key = $1 and l.attempt >= r.attempt order by l.attempt desc limit 1`, key)
		if err != nil {
			return Run{}, false, fmt.Errorf("find reconciliation: %w", err)
		}
		return run, false, nil
	}
	run = list[0]
	if err := audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Books(int64(run.EntityID)), By: by, What: "reconciliation.started", Data: map[string]any{
		"reconciliation": run.ID, "source": run.Source, "kind": run.Kind, "sha256": fmt.Sprintf("%x", run.SHA256), "attempt": run.Attempt,
	}}); err != nil {
		return Run{}, false, err
	}
	return run, true, tx.Enqueue(ctx, Compare{ID: run.ID})
}

// key is what makes a run what it is. The name of the file is no part of it.
func (r Run) key() ([]byte, error) {
	settings, err := json.Marshal(r.Settings)
	if err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%d\n%s\n%s\n%x\n%d\n%s", r.EntityID, r.Source, r.Kind, r.SHA256, r.Attempt, settings))
	return sum[:], nil
}
