package billing

import (
	"context"
	"errors"
	"fmt"

	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/jobs"
)

// broughtAtOnce is how many records come in with one transaction, unless all must.
const broughtAtOnce = 100

// BringIn is the job that brings a planned or approved batch in. Approved tells the second from the first, which may have
// been worked a moment ago: a queue that takes each job once would else drop it.
type BringIn struct {
	ImportID ImportID `json:"import_id"`
	Approved bool     `json:"approved,omitempty"`
}

// Kind names the job.
func (BringIn) Kind() string { return "billing.bring_in" }

// Unique keeps a batch from being queued twice.
func (BringIn) Unique() bool { return true }

// RegisterImports tells the job runner what imports need worked.
func (s *Service) RegisterImports(r *jobs.Registry) {
	jobs.Handle(r, func(ctx context.Context, job BringIn) error { return s.RunImport(ctx, job.ImportID) })
}

// StartImport has a planned batch brought in by a job, for somebody who may. One that takes all or nothing is refused
// with ErrImportRejected while any row is rejected, failed or in conflict.
func (s *Service) StartImport(ctx context.Context, id ImportID, by Actor) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		batch, err := lockImport(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := access.Can(by, mayImport(batch.Kind), access.Object{EntityID: int64(batch.EntityID)}); err != nil {
			return err
		}
		if batch.State != ImportPlanned {
			return errs.New(ErrImportState.Kind, ErrImportState.Key, "state", string(batch.State))
		}
		if batch.AllOrNothing {
			bad, err := db.Value[int64](ctx, tx, `select count(*) from import_rows where batch_id = $1 and state in ('rejected', 'failed', 'conflict')`, id)
			if err != nil {
				return fmt.Errorf("count bad rows: %w", err)
			}
			if bad > 0 {
				return errs.New(ErrImportRejected.Kind, ErrImportRejected.Key, "rows", fmt.Sprint(bad))
			}
		}
		if err := setImportState(ctx, tx, id, ImportRunning); err != nil {
			return err
		}
		if err := forgetUpload(ctx, tx, id); err != nil {
			return err
		}
		return tx.Enqueue(ctx, BringIn{ImportID: id})
	})
}

// RunImport brings a batch in as far as it can go: all but its credits, then those once they are approved. It may be run
// again at any time, and goes on where it was.
func (s *Service) RunImport(ctx context.Context, id ImportID) error {
	for {
		more, err := s.bringSome(ctx, id)
		if failure, ok := errors.AsType[*keptOutError](err); ok {
			return s.keepOut(ctx, id, failure.row)
		}
		if err != nil || !more {
			return err
		}
	}
}

// keptOutError is a row that keeps a whole batch out.
type keptOutError struct{ row ImportRow }

func (f *keptOutError) Error() string { return "a row keeps the batch out" }

// keepOut ends a batch of all or nothing, of which nothing came in.
func (s *Service) keepOut(ctx context.Context, id ImportID, row ImportRow) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		batch, err := lockImport(ctx, tx, id)
		if err != nil || batch.State != ImportRunning {
			return err
		}
		if err := setRow(ctx, tx, row); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update import_batches set failure = (select reasons -> 0 from import_rows where id = $2) where id = $1`, id, row.ID); err != nil {
			return fmt.Errorf("end batch: %w", err)
		}
		return setImportState(ctx, tx, id, ImportFailed)
	})
}

// bringSome brings in the next records of a batch, and tells whether there may be more.
func (s *Service) bringSome(ctx context.Context, id ImportID) (bool, error) {
	more := false
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		more = false
		batch, err := lockImport(ctx, tx, id)
		if err != nil || batch.State != ImportRunning && batch.State != ImportApproved {
			return err
		}
		entity, err := s.EntityByID(ctx, tx, batch.EntityID)
		if err != nil {
			return err
		}
		run := bringing{s: s, tx: tx, batch: batch, entity: entity}
		for {
			n, err := run.next(ctx)
			if err != nil {
				return err
			}
			if n == 0 {
				return run.close(ctx)
			}
			if more = !batch.AllOrNothing; more {
				return setImportState(ctx, tx, id, batch.State)
			}
		}
	})
	return more, err
}

type bringing struct {
	s      *Service
	tx     *db.Tx
	batch  ImportBatch
	entity Entity
}

// next brings in the next run of records of one phase, and tells how many there were.
func (b bringing) next(ctx context.Context) (int, error) {
	want := RowNew
	if b.batch.State == ImportApproved {
		want = RowApproved
	}
	rows, err := db.List[ImportRow](ctx, b.tx, `select `+importRowColumns+` from import_rows where batch_id = $1 and state = $2
			and phase = (select min(phase) from import_rows where batch_id = $1 and state = $2)
		order by position limit $3`, b.batch.ID, want, broughtAtOnce)
	if err != nil {
		return 0, fmt.Errorf("read rows: %w", err)
	}
	if len(rows) == 0 {
		return 0, nil
	}
	if rows, err = b.stillNew(ctx, rows); err != nil || len(rows) == 0 {
		return 1, err // looked at, so there may be more
	}
	k, err := lookUp(ctx, b.tx, b.batch, b.entity, rows, false)
	if err != nil {
		return 0, err
	}
	if done, err := b.invoicesTogether(ctx, k, rows); err != nil || done {
		return len(rows), err
	}
	for i := range rows {
		if i > 0 { // the one before may have changed what this one stands on
			if k, err = lookUp(ctx, b.tx, b.batch, b.entity, rows[i:i+1], false); err != nil {
				return 0, err
			}
		}
		if err := b.one(ctx, k, &rows[i]); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}

// stillNew leaves out what another batch brought in since this one was planned.
func (b bringing) stillNew(ctx context.Context, rows []ImportRow) ([]ImportRow, error) {
	if b.batch.State == ImportApproved {
		return rows, nil
	}
	ids := make([]ImportRowID, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	if err := compareEarlier(ctx, b.tx, b.batch.ID, ids); err != nil {
		return nil, err
	}
	rows, err := db.List[ImportRow](ctx, b.tx, `select `+importRowColumns+` from import_rows where id = any ($1) and state = 'new' order by position`, ids)
	if err != nil {
		return nil, fmt.Errorf("read rows: %w", err)
	}
	return rows, nil
}

// one brings in one record. Its failure undoes only what it did, unless all or nothing is to come in.
func (b bringing) one(ctx context.Context, k known, row *ImportRow) error {
	err := b.tx.Savepoint(ctx, func(tx *db.Tx) error { return b.s.bring(ctx, tx, k, row) })
	if db.Unfit(err) { // of this row alone, whatever it is: the rest comes in
		err = errs.Wrap(err, errs.Invalid, "billing.import.row_unfit")
	}
	if err != nil && errs.KindOf(err) == errs.Internal || errs.KindOf(err) == errs.Unavailable {
		return fmt.Errorf("bring in row %d: %w", row.Position, err)
	}
	if err != nil {
		row.Adjustment, row.Digest = nil, nil
		row.fail(err)
		if b.batch.AllOrNothing && b.batch.State == ImportRunning {
			return &keptOutError{row: *row}
		}
	}
	return setRow(ctx, b.tx, *row)
}

// bring does what a record asks for.
func (s *Service) bring(ctx context.Context, tx *db.Tx, k known, row *ImportRow) error {
	c := row.Content
	switch {
	case row.State == RowApproved:
		return s.postApproved(ctx, tx, k, row)
	case c.Customer != nil:
		return k.bringCustomer(ctx, tx, row)
	case c.Rate != nil:
		return k.bringRate(ctx, tx, row)
	case c.Invoice != nil:
		order, err := k.invoiceOrder(*row)
		if err != nil {
			return err
		}
		return s.bringInvoice(ctx, tx, k, order, row)
	case c.Balance != nil && c.Balance.Open.IsNegative():
		if _, err := k.openingCredit(*row); err != nil {
			return err
		}
		return row.await(ctx, tx)
	case c.Balance != nil:
		order, err := k.balanceOrder(*row)
		if err != nil {
			return err
		}
		return s.bringInvoice(ctx, tx, k, order, row)
	case c.Payment != nil:
		return s.bringPayment(ctx, tx, k, row)
	case c.CreditNote != nil:
		return s.prepareNote(ctx, tx, k, row)
	}
	return ErrNotBroughtIn
}

func (s *Service) bringInvoice(ctx context.Context, tx *db.Tx, k known, order invoiceOrder, row *ImportRow) error {
	issued, err := s.issueTx(ctx, tx, []invoiceOrder{order})
	if err != nil {
		return err
	}
	row.became("invoice", int64(issued[0].ID), issued[0].Number)
	return k.keepDisputed(ctx, tx, row, issued[0])
}

// await leaves a record that is no document for approval by its own content.
func (r *ImportRow) await(ctx context.Context, tx *db.Tx) error {
	digest, err := db.Value[[]byte](ctx, tx, `select content_hash from import_rows where id = $1`, r.ID)
	if err != nil {
		return fmt.Errorf("read content hash: %w", err)
	}
	r.State, r.Digest, r.Reasons = RowWaiting, digest, nil
	return nil
}

// invoicesTogether brings a run of invoices in with a handful of statements, which is much faster than one by one. If
// any of them is not taken, none is, and each is tried for itself.
func (b bringing) invoicesTogether(ctx context.Context, k known, rows []ImportRow) (bool, error) {
	orders := make([]invoiceOrder, 0, len(rows))
	for _, row := range rows {
		if row.Content.Invoice == nil || row.State != RowNew {
			return false, nil
		}
		order, err := k.invoiceOrder(row)
		if err != nil {
			return false, nil //nolint:nilerr // told of the row itself, one by one
		}
		orders = append(orders, order)
	}
	var issued []Invoice
	err := b.tx.Savepoint(ctx, func(tx *db.Tx) error {
		var err error
		issued, err = b.s.issueTx(ctx, tx, orders)
		return err
	})
	if err != nil {
		return false, nil //nolint:nilerr // told of the row itself, one by one
	}
	for i := range rows {
		rows[i].became("invoice", int64(issued[i].ID), issued[i].Number)
		if err := k.keepDisputed(ctx, b.tx, &rows[i], issued[i]); err != nil {
			return true, err
		}
		if err := setRow(ctx, b.tx, rows[i]); err != nil {
			return true, err
		}
	}
	return true, nil
}

// close ends a run: the batch is done, or waits for the approval of its credits.
func (b bringing) close(ctx context.Context) error {
	state := ImportDone
	waiting, err := db.Value[bool](ctx, b.tx, `select exists (select from import_rows where batch_id = $1 and state = 'waiting')`, b.batch.ID)
	if err != nil {
		return fmt.Errorf("look for waiting rows: %w", err)
	}
	if waiting {
		state = ImportWaiting
	}
	return setImportState(ctx, b.tx, b.batch.ID, state)
}
