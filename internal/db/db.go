// Package db owns the connection pool and the one transaction that everything true together hangs on: rows
// written by GORM or by SQL, River jobs, announcements and the moment it happened.
package db

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	gormlogger "gorm.io/gorm/logger"
)

// Clock tells the present moment. The program uses the system's; tests and the demo's history use their own.
type Clock func() time.Time

// Options says how to open a database.
type Options struct {
	URL string
	// SessionURL leads to the same database without a pooler. With it URL may lead through one that lends a connection for a
	// transaction only; what needs a session goes by SessionURL. Empty means that URL does for everything.
	SessionURL string

	MaxConns int32         // 0 means 24
	Clock    Clock         // nil means the system's clock
	Logger   *slog.Logger  // nil means silent
	Timeout  time.Duration // of one statement; 0 means 30 s
	// DropJobs leaves out the jobs that commands enqueue: used only while the demo writes its past.
	DropJobs bool
	// Tracer sees every statement and batch; nil means nobody.
	Tracer pgx.QueryTracer
}

// DB is one PostgreSQL database. It is safe for concurrent use.
type DB struct {
	pool     *pgxpool.Pool
	sessions *pgxpool.Pool // the same as pool where no pooler stands between
	sql      *sql.DB
	gorm     *gorm.DB
	inserter *river.Client[pgx.Tx]
	clock    Clock
	logger   *slog.Logger
	dropJobs bool
}

// Reader is what both a DB and a Tx can do: read with SQL or with GORM.
type Reader interface {
	Query(ctx context.Context, query string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, query string, args ...any) pgx.Row
	Gorm(ctx context.Context) *gorm.DB
	Now() time.Time
}

// Open connects to the database. It does not touch the schema.
func Open(ctx context.Context, o Options) (*DB, error) {
	pool, err := openPool(ctx, o)
	if err != nil {
		return nil, err
	}
	sessions := pool
	if o.SessionURL != "" {
		if sessions, err = openSessions(ctx, o, pool); err != nil {
			pool.Close()
			return nil, err
		}
	}
	d, err := wrap(pool, o)
	if err != nil {
		pool.Close()
		sessions.Close()
		return nil, err
	}
	d.sessions = sessions
	return d, nil
}

func wrap(pool *pgxpool.Pool, o Options) (*DB, error) {
	sqlDB := stdlib.OpenDBFromPool(pool)
	sqlDB.SetMaxIdleConns(0) // the pool keeps the idle ones
	g, err := gorm.Open(postgres.New(postgres.Config{Conn: sqlDB}), &gorm.Config{
		SkipDefaultTransaction: true,
		DisableAutomaticPing:   true,
		Logger:                 gormlogger.Discard,
		NowFunc:                func() time.Time { return time.Time{} },
	})
	if err != nil {
		return nil, fmt.Errorf("open gorm: %w", err)
	}
	inserter, err := river.NewClient(riverpgxv5.New(nil), &river.Config{})
	if err != nil {
		return nil, fmt.Errorf("open job inserter: %w", err)
	}
	d := &DB{pool: pool, sessions: pool, sql: sqlDB, gorm: g, inserter: inserter, clock: o.Clock, logger: o.Logger, dropJobs: o.DropJobs}
	if d.clock == nil {
		d.clock = time.Now //nolint:forbidigo // the one place where the system's clock enters
	}
	if d.logger == nil {
		d.logger = slog.New(slog.DiscardHandler)
	}
	return d, nil
}

// Close releases every connection.
func (d *DB) Close() {
	_ = d.sql.Close()
	d.pool.Close()
	d.sessions.Close()
}

// Now is the present moment in UTC, in whole microseconds as PostgreSQL keeps them.
func (d *DB) Now() time.Time { return d.clock().UTC().Truncate(time.Microsecond) }

// Pool is the pgx pool itself.
func (d *DB) Pool() *pgxpool.Pool { return d.pool }

// Sessions is a pool whose connections are sessions of PostgreSQL for as long as they are held, for the job runner and what listens
// or holds a lock beyond a transaction. It is Pool itself unless that leads through a pooler.
func (d *DB) Sessions() *pgxpool.Pool { return d.sessions }

// Query runs a read outside any transaction.
func (d *DB) Query(ctx context.Context, query string, args ...any) (pgx.Rows, error) {
	rows, err := d.pool.Query(ctx, query, args...)
	return rows, Explain(err)
}

// QueryRow runs a read of one row outside any transaction.
func (d *DB) QueryRow(ctx context.Context, query string, args ...any) pgx.Row {
	return d.pool.QueryRow(ctx, query, args...)
}

// Batch sends several statements in one round trip; they are a transaction of their own, without a begin and an end to wait for.
// It is for what needs no rule of ours between them.
func (d *DB) Batch(ctx context.Context, batch *pgx.Batch) error {
	return Explain(renewing(d, func() error { return d.pool.SendBatch(ctx, unsent(batch)).Close() }))
}

// unsent is the batch as nobody has sent it: sending notes in a batch what each statement is called on that connection, and
// another connection does not know the name.
func unsent(batch *pgx.Batch) *pgx.Batch {
	fresh := &pgx.Batch{}
	for _, q := range batch.QueuedQueries {
		fresh.Queue(q.SQL, q.Arguments...).Fn = q.Fn
	}
	return fresh
}

// Gorm is GORM outside any transaction, for reads.
func (d *DB) Gorm(ctx context.Context) *gorm.DB { return d.gorm.WithContext(ctx) }

// Ping tells whether the database answers.
func (d *DB) Ping(ctx context.Context) error { return d.pool.Ping(ctx) }

var (
	_ Reader = (*DB)(nil)
	_ Reader = (*Tx)(nil)
)
