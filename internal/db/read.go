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
	var list []T
	if err := readAll(ctx, r, &list, asStructs, query, args); err != nil {
		return nil, err
	}
	return list, nil
}

// One reads the only row into a struct; ErrNoRow when there is none.
func One[T any](ctx context.Context, r Reader, query string, args ...any) (T, error) {
	var one T
	err := readOne(ctx, r, &one, asStructs, query, args)
	return one, err
}

// Value reads one column of the only row; ErrNoRow when there is none.
func Value[T any](ctx context.Context, r Reader, query string, args ...any) (T, error) {
	var one T
	err := readOne(ctx, r, &one, asValues, query, args)
	return one, err
}

// Values reads one column of every row.
func Values[T any](ctx context.Context, r Reader, query string, args ...any) ([]T, error) {
	var list []T
	if err := readAll(ctx, r, &list, asValues, query, args); err != nil {
		return nil, err
	}
	return list, nil
}

// readAll reads every row into the list that is pointed to.
func readAll(ctx context.Context, r Reader, list any, as reading, query string, args []any) error {
	if p, ok := r.(planned); ok {
		return p.all(ctx, list, as, query, args)
	}
	return Explain(renewing(r, func() error {
		rows, err := r.Query(ctx, query, args...)
		if err != nil {
			return err
		}
		return appendRows(rows, list, as)
	}))
}

// readOne reads the first row into what is pointed to.
func readOne(ctx context.Context, r Reader, one any, as reading, query string, args []any) error {
	if p, ok := r.(planned); ok {
		return noRow(p.first(ctx, one, as, query, args))
	}
	return noRow(renewing(r, func() error {
		rows, err := r.Query(ctx, query, args...)
		if err != nil {
			return err
		}
		return firstRow(rows, one, as)
	}))
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
