package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/gorm"

	"makegood/internal/errs"
)

// attempts is how often Do tries a transaction that PostgreSQL ended for a deadlock or a serialisation failure, or whose connection had
// ended before.
const attempts = 4

// Job is work to be done after the commit; River keeps it. Kind is "package.verb".
type Job interface{ Kind() string }

// UniqueJob is a Job of which a second identical one is not inserted while the first is still to be worked.
type UniqueJob interface{ Unique() bool }

// QueuedJob is a Job of a queue of its own, with workers of its own.
type QueuedJob interface{ Queue() string }

// Tx is one transaction. It is used by one goroutine and never kept after Do returns.
type Tx struct {
	db     *DB
	conn   *sql.Conn
	pgx    pgx.Tx
	now    time.Time
	topics map[string]bool
	ending ending
}

// Do runs work in one transaction: it commits when work returns nil and rolls back otherwise. It runs work again
// from the start after a deadlock, a serialisation failure, a migration underneath or another server's taking over, so work must have no effect outside the transaction.
func (d *DB) Do(ctx context.Context, work func(tx *Tx) error) error {
	var err error
	for range attempts {
		if err = d.once(ctx, pgx.TxOptions{}, work); !renews(d, err) && !retryable(err) {
			return Explain(err)
		}
	}
	return errs.Wrap(err, errs.Unavailable, "error.busy")
}

// Snapshot runs reads that all see the database as it stood at one moment, whatever is written meanwhile. They run again from the
// start after a migration underneath, so they must have no effect outside; a write is refused.
func (d *DB) Snapshot(ctx context.Context, read func(r Reader) error) error {
	var err error
	for range attempts {
		err = d.once(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx *Tx) error { return read(tx) })
		if demoted(err) || !renews(d, err) && !errors.Is(err, errNotBegun) { // a write is refused by every server
			break
		}
	}
	return Explain(err)
}

func (d *DB) once(ctx context.Context, options pgx.TxOptions, work func(tx *Tx) error) error {
	conn, err := d.sql.Conn(ctx)
	if err != nil {
		return errs.Wrap(err, errs.Unavailable, "error.database_away")
	}
	defer func() { _ = conn.Close() }()
	var raw *pgx.Conn
	if err := conn.Raw(func(c any) error {
		raw = c.(*stdlib.Conn).Conn()
		return nil
	}); err != nil {
		return fmt.Errorf("take connection: %w", err)
	}
	pgxTx, err := raw.BeginTx(ctx, options)
	switch {
	case err != nil && ctx.Err() == nil && errs.KindOf(Explain(err)) == errs.Unavailable:
		return errors.Join(errNotBegun, err)
	case err != nil:
		return fmt.Errorf("begin: %w", err)
	}
	// A rollback after a commit does nothing; it must run even when ctx has ended.
	defer func() { _ = pgxTx.Rollback(context.WithoutCancel(ctx)) }()
	tx := &Tx{db: d, conn: conn, pgx: pgxTx, now: d.Now(), topics: map[string]bool{}}
	if err := work(tx); err != nil {
		return err
	}
	if err := tx.end(ctx); err != nil {
		return err
	}
	return pgxTx.Commit(ctx)
}

// Now is the moment of this transaction: the same at every call.
func (tx *Tx) Now() time.Time { return tx.now }

// Query reads inside the transaction. Close the rows before the next call.
func (tx *Tx) Query(ctx context.Context, query string, args ...any) (pgx.Rows, error) {
	rows, err := tx.pgx.Query(ctx, query, args...)
	return rows, Explain(err)
}

// QueryRow reads one row inside the transaction.
func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) pgx.Row {
	return tx.pgx.QueryRow(ctx, query, args...)
}

// Exec runs a statement and tells how many rows it touched.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	tag, err := tx.pgx.Exec(ctx, query, args...)
	return tag.RowsAffected(), Explain(err)
}

// Batch sends several statements in one round trip; each result is read by the functions queued on the batch.
func (tx *Tx) Batch(ctx context.Context, batch *pgx.Batch) error {
	return Explain(tx.pgx.SendBatch(ctx, batch).Close())
}

// CopyFrom inserts many rows at once.
func (tx *Tx) CopyFrom(ctx context.Context, table string, columns []string, rows [][]any) error {
	_, err := tx.pgx.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromRows(rows))
	return Explain(err)
}

// Gorm is GORM on this transaction.
func (tx *Tx) Gorm(ctx context.Context) *gorm.DB {
	session := tx.db.gorm.Session(&gorm.Session{NewDB: true, Context: ctx, SkipDefaultTransaction: true})
	session.Statement.ConnPool = tx.conn
	return session
}

// Enqueue inserts a job at the end of this transaction; it is worked right after the commit.
func (tx *Tx) Enqueue(_ context.Context, job Job) error {
	tx.schedule(job, time.Time{})
	return nil
}

// EnqueueAt inserts a job at the end of this transaction that is worked at the given moment, or right away when that has passed. One
// so near that River's scheduler might only see it late is handed to the workers at once, who leave it alone until then.
func (tx *Tx) EnqueueAt(_ context.Context, job Job, at time.Time) error {
	if !at.After(tx.now) {
		at = time.Time{}
	}
	tx.schedule(job, at)
	return nil
}

// Savepoint runs work so that its failure undoes only what it did; the transaction goes on.
func (tx *Tx) Savepoint(ctx context.Context, work func(tx *Tx) error) error {
	inner, err := tx.pgx.Begin(ctx)
	if err != nil {
		return fmt.Errorf("savepoint: %w", err)
	}
	sub := &Tx{db: tx.db, conn: tx.conn, pgx: inner, now: tx.now, topics: tx.topics}
	err = work(sub)
	if err == nil {
		tx.ending.add(&sub.ending)
	}
	if err != nil {
		if back := inner.Rollback(ctx); back != nil {
			return fmt.Errorf("roll back to savepoint: %w", back)
		}
		return Explain(err)
	}
	return Explain(inner.Commit(ctx))
}

// lent is the transaction as River sees it: it may use it, not end it.
type lent struct{ pgx.Tx }

func (lent) Commit(context.Context) error   { return errLent }
func (lent) Rollback(context.Context) error { return errLent }

var errLent = fmt.Errorf("the transaction is only lent")
