package jobs

import (
	"context"
	"fmt"
	"time"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// ErrNotGivenUp is what Again answers to a job that is worked on, or that nobody knows.
var ErrNotGivenUp = errs.New(errs.NotFound, "job.not_given_up")

// Given is a job that failed so often that nobody tries it again by himself. Args are what it was asked to do: numbers of records, no content.
type Given struct {
	ID       int64
	Kind     string
	Args     string
	Attempts int
	At       time.Time
	Error    string // why it failed the last time
}

// GivenUp lists the jobs that were given up, the latest first.
func GivenUp(ctx context.Context, r db.Reader, limit int) ([]Given, error) {
	list, err := db.List[Given](ctx, r, `select id, kind, args::text as args, attempt as attempts, coalesce(finalized_at, scheduled_at) as at,
			coalesce(errors[cardinality(errors)] ->> 'error', '') as error
		from river_job where state = 'discarded' order by id desc limit $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("list jobs that were given up: %w", err)
	}
	return list, nil
}

// Again has a job that was given up worked once more, at once; ErrNotGivenUp for any other. Who said so is on record.
func Again(ctx context.Context, d *db.DB, by access.Actor, id int64) error {
	return d.Do(ctx, func(tx *db.Tx) error {
		kind, err := db.Values[string](ctx, tx, `select kind from river_job where id = $1 and state = 'discarded' for update`, id)
		if err != nil {
			return fmt.Errorf("read job: %w", err)
		}
		if len(kind) == 0 {
			return errs.New(ErrNotGivenUp.Kind, ErrNotGivenUp.Key, "id", fmt.Sprint(id))
		}
		if err := tx.TryAgain(ctx, id); err != nil {
			return err
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: by, What: "job.tried_again", Data: map[string]any{"job": id, "kind": kind[0]}})
	})
}
