package reconciling

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"makegood/billing"
	"makegood/billing/reconcile"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/jobs"
)

// Work reads a run's file, compares it with the books and keeps what was found, all at once or not at all. It may be run
// again at any time; a run that is finished stays as it is. A file that cannot be read as a whole ends the run as failed.
func (s *Service) Work(ctx context.Context, id ID) error {
	run, err := readRun(ctx, s.db, id)
	if err != nil || run.State.Finished() {
		return err
	}
	entity, err := s.billing.EntityByID(ctx, s.db, run.EntityID)
	if err != nil {
		return err
	}
	outcome, err := s.compare(ctx, run, entity)
	if err != nil && jobs.Final(err) || errs.KindOf(err) == errs.TooLarge {
		return s.fail(ctx, run, err)
	}
	if err != nil {
		return err
	}
	return s.keep(ctx, run, outcome)
}

// outcome is what comparing gave.
type outcome struct {
	period   reconcile.Period
	theirs   theirs
	ours     int
	result   reconcile.Result
	findings []Finding
	proofs   []Proof
}

func (s *Service) compare(ctx context.Context, run Run, entity billing.Entity) (outcome, error) {
	content, err := db.Value[[]byte](ctx, s.db, `select content from reconciliation_files where sha256 = $1`, run.SHA256)
	if err != nil {
		return outcome{}, fmt.Errorf("read file: %w", err)
	}
	if err := s.progress(ctx, run.ID, Reading, 0); err != nil {
		return outcome{}, err
	}
	noted, err := s.noted(ctx, run)
	if err != nil {
		return outcome{}, err
	}
	var late error
	t, err := readFile(ctx, run, entity, noted, content, func(rows int) {
		if rows%progressRows == 0 && late == nil {
			late = s.progress(ctx, run.ID, Reading, rows)
		}
	})
	if err := errors.Join(err, late); err != nil {
		return outcome{}, err
	}
	if err := s.progress(ctx, run.ID, Comparing, t.read); err != nil {
		return outcome{}, err
	}
	period := t.period(run.Settings)
	if period.From.IsZero() {
		return outcome{}, ErrNoDocuments
	}
	o, err := s.readOurs(ctx, run, period, t.numbers(period))
	if err != nil {
		return outcome{}, err
	}
	if err := s.tie(ctx, run, &t, &o); err != nil {
		return outcome{}, err
	}
	here := compared(o.documents, t.covers)
	result, err := reconcile.Compare(here, compared(t.documents, t.covers), reconcile.Options{
		Period: period, DaysApart: run.Settings.DaysApart, TimingDays: run.Settings.TimingDays, MemosWait: run.Settings.MemosWait, Normal: billing.ReferenceKey,
	})
	if err != nil {
		return outcome{}, err
	}
	out := outcome{period: period, theirs: t, result: result, findings: findings(o, t, result), proofs: prove(o, t, run.Settings, result)}
	for i := range here {
		if period.Holds(here[i].Date) {
			out.ours++
		}
	}
	return out, nil
}

// progressRows is how often the reading of a file is told.
const progressRows = 2000

// numbers are those that the file names for documents of the period, which are looked for here whatever their day.
func (t theirs) numbers(p reconcile.Period) []string {
	list := []string{}
	for i := range t.documents {
		if d := &t.documents[i]; d.Number != "" && p.Holds(d.Date) {
			list = append(list, d.Number)
		}
	}
	return list
}

// placeOf is where a document stands among those of its side.
func placeOf(d *reconcile.Document) int {
	place, err := strconv.Atoi(d.Row)
	if err != nil {
		return 0
	}
	return place
}

func (s *Service) progress(ctx context.Context, id ID, state State, rows int) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		tx.Publish(id.Topic())
		_, err := tx.Exec(ctx, `update reconciliations set state = $2, rows_read = $3 where id = $1 and state not in ('done', 'failed')`, id, state, rows)
		return err
	})
}

// fail ends a run whose file cannot be compared, with why.
func (s *Service) fail(ctx context.Context, run Run, cause error) error {
	reason, err := json.Marshal(reasonFor(cause))
	if err != nil {
		return fmt.Errorf("keep reason: %w", err)
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, `update reconciliations set state = 'failed', failure = $2, finished_at = $3 where id = $1 and state not in ('done', 'failed')`,
			run.ID, reason, tx.Now())
		if err != nil || n == 0 {
			return err
		}
		tx.Publish(run.ID.Topic())
		return record(ctx, tx, run, run.actor(), "reconciliation.failed", map[string]any{"reason": errs.KeyOf(cause)})
	})
}

// reasonFor is an error as a run keeps it. The text of an internal error is not kept.
func reasonFor(err error) billing.ImportReason {
	e, ok := errors.AsType[*errs.Error](err)
	if !ok {
		return billing.ImportReason{Key: "error.internal"}
	}
	if len(e.Fields) > 0 {
		f := e.Fields[0]
		return billing.ImportReason{Field: f.Name, Key: f.Key, Params: f.Params}
	}
	return billing.ImportReason{Key: e.Key, Params: e.Params}
}
