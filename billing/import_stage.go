package billing

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"

	"makegood/billing/importer"
	"makegood/billing/importer/stripe"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// stagedAtOnce is how many rows are written in one transaction while a file is read.
const stagedAtOnce = 500

// StageImport reads a file into a batch and plans it: each record is new, unchanged, in conflict or refused, and nothing
// is brought in. A file that cannot be read as a whole leaves a failed batch without rows.
func (s *Service) StageImport(ctx context.Context, in NewImport, src io.Reader) (ImportBatch, error) {
	if err := access.Can(in.By, mayImport(in.Kind), access.Object{EntityID: int64(in.EntityID)}); err != nil {
		return ImportBatch{}, err
	}
	entity, err := s.EntityByID(ctx, s.db, in.EntityID)
	if err != nil {
		return ImportBatch{}, err
	}
	if in.System == "" {
		return ImportBatch{}, errs.InvalidField("system", "error.required")
	}
	if in, err = s.recall(ctx, in); err != nil {
		return ImportBatch{}, err
	}
	stage := staging{s: s, in: in, entity: entity, sum: sha256.New()}
	if stage.batch, err = s.insertImport(ctx, in); err != nil {
		return ImportBatch{}, err
	}
	read, err := stage.read(ctx, io.TeeReader(src, stage.sum))
	if err == nil {
		err = stage.flush(ctx)
	}
	if err != nil {
		return stage.batch, errors.Join(err, s.failImport(context.WithoutCancel(ctx), stage.batch.ID, err))
	}
	if err := s.closeStage(ctx, stage, read); err != nil {
		return stage.batch, err
	}
	if err := s.planImport(ctx, stage.batch.ID); err != nil {
		return stage.batch, err
	}
	return s.Import(ctx, in.By, stage.batch.ID)
}

// mayImport is the right to bring in files of a kind: payments as whoever records them, all else as whoever issues.
func mayImport(kind importer.Kind) access.Action {
	if kind == importer.Payments {
		return access.RecordPayment
	}
	return access.IssueInvoice
}

// recall fills in the mapping that was remembered for the system where none is given.
func (s *Service) recall(ctx context.Context, in NewImport) (NewImport, error) {
	m := in.Options.Mapping
	if in.Kind == StripeFile || m.Preset != "" || len(m.Columns) > 0 {
		return in, nil
	}
	remembered, err := s.ImportMapping(ctx, in.System, in.Kind)
	if err != nil || remembered == nil {
		return in, err
	}
	defaults := remembered.Defaults
	if len(m.Defaults) > 0 {
		defaults = m.Defaults
	}
	in.Options.Mapping = *remembered
	in.Options.Mapping.Defaults = defaults
	return in, nil
}

// staging is a file on its way into the rows of a batch.
type staging struct {
	s        *Service
	in       NewImport
	entity   Entity
	batch    ImportBatch
	sum      hash.Hash
	position int64
	pending  [][]any
}

func (g *staging) read(ctx context.Context, src io.Reader) (importer.Summary, error) {
	sink := importer.Sink{
		Record: func(r importer.Record) error { return g.record(ctx, r) },
		Reject: func(r importer.Rejection) error { return g.reject(ctx, r) },
	}
	if g.in.Kind == StripeFile {
		return stripe.Read(ctx, src, stripe.Options{Zone: g.entity.Zone(), MaxBytes: g.in.MaxBytes}, sink)
	}
	o := g.in.Options
	o.Kind = g.in.Kind
	if o.Mapping.Zone == "" {
		o.Mapping.Zone = g.entity.TimeZone
	}
	sum, err := importer.Read(ctx, src, o, sink)
	if err == nil {
		_, err = io.Copy(io.Discard, src) // the hash is of all of it
	}
	return sum, err
}

func (g *staging) record(ctx context.Context, r importer.Record) error {
	content, err := r.ContentHash()
	if err != nil {
		return err
	}
	raw := r.Raw
	r.Raw = nil
	record, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("keep record %s: %w", r.External, err)
	}
	state, reasons := RowNew, []byte("[]")
	if phaseOf(r) == 9 {
		state = RowLeft
		if reasons, err = json.Marshal([]ImportReason{{Row: firstRow(r.Rows), Key: ErrNotBroughtIn.Key}}); err != nil {
			return fmt.Errorf("keep reason: %w", err)
		}
	}
	return g.add(ctx, []any{phaseOf(r), r.Rows, r.Kind, r.External, state, record, content[:], orEmptyJSON(raw), reasons})
}

func (g *staging) reject(ctx context.Context, r importer.Rejection) error {
	state := RowRejected
	if r.Left {
		state = RowLeft
	}
	reasons, err := json.Marshal([]ImportReason{reasonOf(r)})
	if err != nil {
		return fmt.Errorf("keep reason: %w", err)
	}
	return g.add(ctx, []any{9, []int{r.Row}, g.in.Kind, r.Ref, state, nil, []byte{}, orEmptyJSON(r.Raw), reasons})
}

func reasonOf(r importer.Rejection) ImportReason {
	return ImportReason{Row: r.Row, Column: r.Column, Field: string(r.Field), Key: r.Key, Params: r.Params, Got: r.Got, Expected: r.Expected}
}

func firstRow(rows []int) int {
	if len(rows) == 0 {
		return 0
	}
	return rows[0]
}

func orEmptyJSON(raw json.RawMessage) []byte {
	if len(raw) == 0 {
		return []byte("{}")
	}
	return bytes.ToValidUTF8(raw, []byte("\uFFFD"))
}

func (g *staging) add(ctx context.Context, row []any) error {
	g.position++
	g.pending = append(g.pending, append([]any{g.batch.ID, g.position, g.in.System}, row...))
	if len(g.pending) < stagedAtOnce {
		return nil
	}
	return g.flush(ctx)
}

func (g *staging) flush(ctx context.Context) error {
	rows := g.pending
	g.pending = nil
	if len(rows) == 0 {
		return nil
	}
	return g.s.db.Do(ctx, func(tx *db.Tx) error {
		if err := tx.CopyFrom(ctx, "import_rows", []string{
			"batch_id", "position", "system", "phase", "rows", "kind", "external_id", "state", "content", "content_hash", "raw", "reasons",
		}, rows); err != nil {
			return fmt.Errorf("keep rows: %w", err)
		}
		tx.Publish(g.batch.ID.Topic())
		_, err := tx.Exec(ctx, `update import_batches set rows_read = $2 where id = $1`, g.batch.ID, g.position)
		return err
	})
}

// closeStage notes what the file turned out to be, and takes back the records of documents whose later rows were refused.
func (s *Service) closeStage(ctx context.Context, g staging, read importer.Summary) error {
	mapping := g.in.Options.Mapping
	return s.db.Do(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `update import_batches set rows_read = $2, headers = $3, sha256 = $4 where id = $1`,
			g.batch.ID, read.Rows, orNoText(read.Headers), g.sum.Sum(nil)); err != nil {
			return fmt.Errorf("close batch: %w", err)
		}
		if _, err := tx.Exec(ctx, `update import_rows r set state = 'rejected', reasons = l.reasons from import_rows l
			where r.batch_id = $1 and r.state = 'new' and l.batch_id = $1 and l.state = 'rejected' and l.external_id = r.external_id
				and l.reasons -> 0 ->> 'key' = 'billing.import.rows_apart'`, g.batch.ID); err != nil {
			return fmt.Errorf("take back documents torn apart: %w", err)
		}
		if !g.in.Remember || g.in.Kind == StripeFile {
			return nil
		}
		return rememberMapping(ctx, tx, g.in, mapping)
	})
}

func orNoText(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
