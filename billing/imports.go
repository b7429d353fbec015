package billing

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"makegood/billing/importer"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// ImportCounts tells how many rows of a batch stand where.
type ImportCounts map[ImportRowState]int64

// Import reads a batch, for somebody who may see the books.
func (s *Service) Import(ctx context.Context, by Actor, id ImportID) (ImportBatch, error) {
	b, err := db.One[ImportBatch](ctx, s.db, `select * from import_batches where id = $1`, id)
	if b, err = found(b, err, ErrNoImport, "read batch"); err != nil {
		return b, err
	}
	return b, access.Can(by, access.ReadBooks, access.Object{EntityID: int64(b.EntityID)})
}

// Imports lists the newest batches first; after is the id of the last one seen.
func (s *Service) Imports(ctx context.Context, by Actor, after string, limit int) (Page[ImportBatch], error) {
	if err := access.Can(by, access.ReadBooks, access.Object{}); err != nil {
		return Page[ImportBatch]{}, err
	}
	var c conditions
	if id, err := strconv.ParseInt(after, 10, 64); err == nil {
		c.add("id < ?", id)
	}
	if len(by.EntityIDs) > 0 && by.Kind != access.System {
		c.add("entity_id = any (?)", by.EntityIDs)
	}
	limit = limitOf(limit)
	rows, err := db.List[ImportBatch](ctx, s.db, fmt.Sprintf(`select * from import_batches%s order by id desc limit %d`, c.where(), limit+1), c.args...)
	if err != nil {
		return Page[ImportBatch]{}, fmt.Errorf("list batches: %w", err)
	}
	return pageOf(rows, limit, func(b ImportBatch) string { return strconv.FormatInt(int64(b.ID), 10) }), nil
}

type stateCount struct {
	State ImportRowState
	Count int64
}

// ImportCounts counts the rows of a batch by what became of them.
func (s *Service) ImportCounts(ctx context.Context, by Actor, id ImportID) (ImportCounts, error) {
	if _, err := s.Import(ctx, by, id); err != nil {
		return nil, err
	}
	list, err := db.List[stateCount](ctx, s.db, `select state, count(*) as count from import_rows where batch_id = $1 group by state`, id)
	if err != nil {
		return nil, fmt.Errorf("count rows: %w", err)
	}
	counts := ImportCounts{}
	for _, c := range list {
		counts[c.State] = c.Count
	}
	return counts, nil
}

// ImportRows lists the rows of a batch in the order of the file, those in some states or all; after is the position of
// the last one seen.
func (s *Service) ImportRows(ctx context.Context, by Actor, id ImportID, filter ImportRowFilter) (Page[ImportRow], error) {
	if _, err := s.Import(ctx, by, id); err != nil {
		return Page[ImportRow]{}, err
	}
	var c conditions
	c.add("batch_id = ?", id)
	if len(filter.States) > 0 {
		c.add("state = any (?)", filter.States)
	}
	if position, err := strconv.ParseInt(filter.After, 10, 64); err == nil {
		c.add("position > ?", position)
	}
	limit := limitOf(filter.Limit)
	rows, err := db.List[ImportRow](ctx, s.db, fmt.Sprintf(`select `+importRowColumns+` from import_rows%s order by position limit %d`, c.where(), limit+1), c.args...)
	if err != nil {
		return Page[ImportRow]{}, fmt.Errorf("list rows: %w", err)
	}
	return pageOf(rows, limit, func(r ImportRow) string { return strconv.FormatInt(r.Position, 10) }), nil
}

// ImportRowFilter chooses rows of a batch.
type ImportRowFilter struct {
	States []string
	After  string
	Limit  int
}

type rejectedRow struct {
	Position int64
	Rows     []int
	State    ImportRowState
	Reasons  []ImportReason
	Raw      *json.RawMessage
}

// WriteRejectedRows writes the rows that were rejected, failed or are in conflict as CSV, with the reasons in words, to
// be mended and brought in again. Say gives the sentence of a message key.
func (s *Service) WriteRejectedRows(ctx context.Context, by Actor, id ImportID, w io.Writer, say func(key string, params errs.Params) string) error {
	batch, err := s.Import(ctx, by, id)
	if err != nil {
		return err
	}
	headers := batch.Headers
	if len(headers) == 0 {
		headers = []string{"object"}
	}
	var out []importer.RejectedRow
	for after := int64(0); ; {
		rows, err := db.List[rejectedRow](ctx, s.db, `select position, rows, state, reasons, raw from import_rows
			where batch_id = $1 and state in ('rejected', 'failed', 'conflict') and position > $2 order by position limit 1000`, id, after)
		if err != nil {
			return fmt.Errorf("read rejected rows: %w", err)
		}
		if len(rows) == 0 {
			return importer.WriteRejected(w, headers, out)
		}
		after = rows[len(rows)-1].Position
		for _, r := range rows {
			out = append(out, r.written(say)...)
		}
	}
}

// written gives a line for each row of the file that a rejected record was read from.
func (r rejectedRow) written(say func(string, errs.Params) string) []importer.RejectedRow {
	var reasons []string
	for _, reason := range r.Reasons {
		text := say(reason.Key, reason.Params)
		if reason.Column != "" {
			text = reason.Column + ": " + text
		}
		if reason.Expected != "" {
			text += " (" + reason.Expected + ")"
		}
		reasons = append(reasons, text)
	}
	raw := json.RawMessage("{}")
	if r.Raw != nil {
		raw = *r.Raw
	}
	var list []map[string]string
	if json.Unmarshal(raw, &list) != nil {
		var one map[string]string
		if json.Unmarshal(raw, &one) != nil {
			one = map[string]string{"object": string(raw)}
		}
		list = []map[string]string{one}
	}
	out := make([]importer.RejectedRow, len(list))
	for i, cells := range list {
		out[i] = importer.RejectedRow{Cells: cells, Reasons: reasons}
		if i < len(r.Rows) {
			out[i].Row = r.Rows[i]
		}
	}
	return out
}
