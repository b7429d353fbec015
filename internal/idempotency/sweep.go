package idempotency

import (
	"context"
	"fmt"
	"time"

	"makegood/internal/db"
	"makegood/internal/jobs"
)

// Kept is how long an answer can be had again under its key. A request sent again later is a new one.
const Kept = 7 * 24 * time.Hour

// Sweep asks for keys that are too old to be forgotten.
type Sweep struct{}

// Kind names the job.
func (Sweep) Kind() string { return "idempotency.sweep" }

// Register has old keys forgotten once an hour.
func (s *Service) Register(r *jobs.Registry) {
	jobs.Handle(r, s.sweep)
	jobs.Repeat(r, time.Hour, Sweep{})
}

// sweep forgets a bounded number of keys at a time, so that it never holds many rows.
func (s *Service) sweep(ctx context.Context, _ Sweep) error {
	const atOnce = 1000
	for {
		var n int64
		err := s.db.Do(ctx, func(tx *db.Tx) error {
			var err error
			n, err = tx.Exec(ctx, `delete from idempotency_keys where (owner, key) in (select owner, key from idempotency_keys where created_at < $1 limit $2)`, tx.Now().Add(-Kept), atOnce)
			return err
		})
		if err != nil {
			return fmt.Errorf("forget old keys: %w", err)
		}
		if n < atOnce {
			return nil
		}
	}
}
