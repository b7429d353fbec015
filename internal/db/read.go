package db

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"makegood/internal/errs"
)

// ErrNoRow is what One and Value return when nothing matches; callers turn it into their own NotFound.
var ErrNoRow = errs.New(errs.NotFound, "error.not_found")

// List reads all rows into structs by column name (created_at fills CreatedAt); columns without a field are an error.
func List[T any](ctx context.Context, r Reader, query string, args ...any) ([]T, error) {
	rows, err := r.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[T])
	if err != nil {
		return nil, Explain(err)
	}
	return list, nil
}

// One reads the only row into a struct; ErrNoRow when there is none.
func One[T any](ctx context.Context, r Reader, query string, args ...any) (T, error) {
	rows, err := r.Query(ctx, query, args...)
	if err != nil {
		var zero T
		return zero, err
	}
	one, err := pgx.CollectOneRow(rows, pgx.RowToStructByNameLax[T])
	return one, noRow(err)
}

// Value reads one column of the only row; ErrNoRow when there is none.
func Value[T any](ctx context.Context, r Reader, query string, args ...any) (T, error) {
	rows, err := r.Query(ctx, query, args...)
	if err != nil {
		var zero T
		return zero, err
	}
	one, err := pgx.CollectOneRow(rows, pgx.RowTo[T])
	return one, noRow(err)
}

// Values reads one column of every row.
func Values[T any](ctx context.Context, r Reader, query string, args ...any) ([]T, error) {
	rows, err := r.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[T])
	if err != nil {
		return nil, Explain(err)
	}
	return list, nil
}

func noRow(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNoRow
	}
	if err != nil {
		return fmt.Errorf("read row: %w", Explain(err))
	}
	return nil
}
