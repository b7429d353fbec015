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

// List reads all rows into structs by column name (created_at fills CreatedAt); expressions without a field are an error.
func List[T any](ctx context.Context, r Reader, query string, args ...any) ([]T, error) {
	return collect(ctx, r, toStruct[T], query, args)
}

func collect[T any](ctx context.Context, r Reader, read func() pgx.RowToFunc[T], query string, args []any) ([]T, error) {
	list, err := renewing(r, func() ([]T, error) {
		rows, err := r.Query(ctx, query, args...)
		if err != nil {
			return nil, err
		}
		return pgx.CollectRows(rows, read())
	})
	if err != nil {
		return nil, Explain(err)
	}
	return list, nil
}

func collectOne[T any](ctx context.Context, r Reader, read func() pgx.RowToFunc[T], query string, args []any) (T, error) {
	one, err := renewing(r, func() (T, error) {
		rows, err := r.Query(ctx, query, args...)
		if err != nil {
			var zero T
			return zero, err
		}
		return pgx.CollectOneRow(rows, read())
	})
	return one, noRow(err)
}

func toValue[T any]() pgx.RowToFunc[T] { return pgx.RowTo[T] }

// One reads the only row into a struct; ErrNoRow when there is none.
func One[T any](ctx context.Context, r Reader, query string, args ...any) (T, error) {
	return collectOne(ctx, r, toStruct[T], query, args)
}

// Value reads one column of the only row; ErrNoRow when there is none.
func Value[T any](ctx context.Context, r Reader, query string, args ...any) (T, error) {
	return collectOne(ctx, r, toValue[T], query, args)
}

// Values reads one column of every row.
func Values[T any](ctx context.Context, r Reader, query string, args ...any) ([]T, error) {
	return collect(ctx, r, toValue[T], query, args)
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
