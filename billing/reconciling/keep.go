package reconciling

import (
	"context"
	"encoding/json"
	"fmt"

	"makegood/billing/reconcile"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
)

// keep writes everything a run found in one transaction, the run itself last.
func (s *Service) keep(ctx context.Context, run Run, out outcome) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		state, err := db.Value[State](ctx, tx, `select state from reconciliations where id = $1 for update`, run.ID)
		if err != nil || state.Finished() {
			return err // another worker was quicker
		}
		if err := keepFindings(ctx, tx, run, out.findings); err != nil {
			return err
		}
		proven := true
		for _, p := range out.proofs {
			proven = proven && p.Proven
			if err := keepProof(ctx, tx, run.ID, p); err != nil {
				return err
			}
		}
		if err := finish(ctx, tx, run, out, proven); err != nil {
			return err
		}
		tx.Publish(run.ID.Topic())
		return record(ctx, tx, run, run.actor(), "reconciliation.done", map[string]any{
			"from": out.period.From, "to": out.period.To, "matched": len(out.result.Matched), "found": classCounts(out.findings), "proven": proven,
		})
	})
}

func classCounts(list []Finding) map[reconcile.Class]int {
	counts := map[reconcile.Class]int{}
	for _, f := range list {
		counts[f.Class]++
	}
	return counts
}

func finish(ctx context.Context, tx *db.Tx, run Run, out outcome, proven bool) error {
	by := map[reconcile.Key]int{}
	for _, pair := range out.result.Matched {
		by[pair.Key]++
	}
	matchedBy, err := json.Marshal(by)
	if err != nil {
		return fmt.Errorf("keep counts: %w", err)
	}
	there := 0
	for _, d := range compared(out.theirs.documents, out.theirs.covers) {
		if out.period.Holds(d.Date) {
			there++
		}
	}
	_, err = tx.Exec(ctx, `update reconciliations set state = 'done', period_from = $2, period_to = $3, rows_read = $4, rows_left = $5, unreadable = $6, ours = $7,
			theirs = $8, matched = $9, matched_by = $10, proven = $11, finished_at = $12 where id = $1`,
		run.ID, out.period.From, out.period.To, out.theirs.read, out.theirs.left, len(out.theirs.unreadable), out.ours, there, len(out.result.Matched), matchedBy,
		proven, tx.Now())
	if err != nil {
		return fmt.Errorf("finish reconciliation: %w", err)
	}
	return nil
}

// keepFindings writes the findings; nil columns stay null.
func keepFindings(ctx context.Context, tx *db.Tx, run Run, list []Finding) error {
	rows := make([][]any, len(list))
	for i, f := range list {
		var parts [5][]byte
		for j, part := range []any{f.Here, f.There, f.Twin, f.Gap, f.Reason} {
			raw, err := json.Marshal(part)
			if err != nil {
				return fmt.Errorf("keep finding: %w", err)
			}
			if string(raw) != "null" {
				parts[j] = raw
			}
		}
		rows[i] = []any{
			run.ID, run.EntityID, f.Position, f.Class, f.Would, f.Why, f.MatchedBy, f.Kind, f.Number, f.Account, f.CustomerName, f.DatedOn, f.Currency,
			parts[0], parts[1], parts[2], parts[3], parts[4], f.Rows, f.DocumentKind, f.DocumentID,
		}
	}
	if len(rows) == 0 {
		return nil
	}
	err := tx.CopyFrom(ctx, "reconciliation_findings", []string{
		"reconciliation_id", "entity_id", "position", "class", "would", "why", "matched_by", "kind", "number", "account", "customer_name", "dated_on", "currency",
		"here", "there", "twin", "gap", "reason", "rows", "document_kind", "document_id",
	}, rows)
	if err != nil {
		return fmt.Errorf("keep findings: %w", err)
	}
	return nil
}

func keepProof(ctx context.Context, tx *db.Tx, id ID, p Proof) error {
	var parts [3][]byte
	for i, part := range []any{p.Here, p.There, p.Explained} {
		var err error
		if parts[i], err = json.Marshal(part); err != nil {
			return fmt.Errorf("keep proof: %w", err)
		}
	}
	_, err := tx.Exec(ctx, `insert into reconciliation_proofs (reconciliation_id, currency, here, there, stated, gap, opening_gap, explained, unexplained, proven)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, id, p.Currency, parts[0], parts[1], p.Stated, p.Gap, p.OpeningGap, parts[2], p.Unexplained, p.Proven)
	if err != nil {
		return fmt.Errorf("keep proof: %w", err)
	}
	return nil
}

// record writes an event into the entity's books.
func record(ctx context.Context, tx *db.Tx, run Run, by access.Actor, what string, data map[string]any) error {
	data["reconciliation"] = run.ID
	return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Books(int64(run.EntityID)), By: by, What: what, Data: data})
}
