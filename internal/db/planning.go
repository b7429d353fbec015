package db

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// PostgreSQL plans a statement with arguments anew each time for as long as it believes that the arguments make a difference. For a
// statement over ten tables that takes two milliseconds, often more than the reading. Two kinds of statements need none of it.

const (
	keyed   = `select set_config('plan_cache_mode', 'force_generic_plan', true)`
	ordered = `select set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true)`
)

// planned is a reader whose statements are planned in a way of their own: they go with the setting that says so, in one round trip.
type planned struct {
	*DB

	setting string
}

// Keyed reads with plans that are made once a connection and hold for all arguments. It is for statements that find what they read by
// key or in a small index; not for those whose way depends on an argument: a word that is rare or common, a moment since which little or
// much has happened, a condition that an empty argument switches off. Its reads with Query and QueryRow are as those of the DB.
func (d *DB) Keyed() Reader { return planned{d, keyed} }

// Ordered is Keyed for a page of a list in the order of an index: PostgreSQL walks along the index until the page is full, and does
// not gather and sort what it takes for little. It is only for lists that are short as a whole, or of which nearly all is wanted.
func (d *DB) Ordered() Reader { return planned{d, ordered} }

// KeyedBatch is Batch for statements as Keyed has them.
func (d *DB) KeyedBatch(ctx context.Context, batch *pgx.Batch) error {
	planned := &pgx.Batch{}
	planned.Queue(keyed)
	planned.QueuedQueries = append(planned.QueuedQueries, batch.QueuedQueries...)
	return d.Batch(ctx, planned)
}

// all reads every row of a statement, after the setting for it.
func (p planned) all(ctx context.Context, list any, as reading, query string, args []any) error {
	batch := &pgx.Batch{}
	batch.Queue(p.setting)
	queue(batch, list, as, query, args)
	return p.Batch(ctx, batch)
}

// first is all for the first row.
func (p planned) first(ctx context.Context, one any, as reading, query string, args []any) error {
	batch := &pgx.Batch{}
	batch.Queue(p.setting)
	batch.Queue(query, args...).Query(func(rows pgx.Rows) error { return firstRow(rows, one, as) })
	return p.Batch(ctx, batch)
}
