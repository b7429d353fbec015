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

// Forget asks for the answers to be forgotten of every request that has begun: they tell what was taken away since. What was done under
// a key stays known, so that it is not done again.
type Forget struct{}

// Kind names the job.
func (Forget) Kind() string { return "idempotency.forget" }

// Register has old keys forgotten once an hour, and answers when it is asked for.
func (s *Service) Register(r *jobs.Registry) {
	jobs.Handle(r, s.sweep)
	jobs.Handle(r, s.forget)
	jobs.Repeat(r, time.Hour, Sweep{})
}

func (s *Service) sweep(ctx context.Context, _ Sweep) error {
	return s.bitByBit(ctx, `delete from idempotency_keys where (owner, key) in (select owner, key from idempotency_keys where created_at < $1 limit $2)`, s.db.Now().Add(-Kept))
}

// forget leaves of a request that did something what it did, of one that is under way that its answer is not to be kept, and of others
// nothing: they may be sent again.
func (s *Service) forget(ctx context.Context, _ Forget) error {
	now := s.db.Now()
	if err := s.bitByBit(ctx, `update idempotency_keys set status = 0, content_type = '', location = '', body = null, lost = true
		where (owner, key) in (select owner, key from idempotency_keys where created_at <= $1 and not lost and (status = 0 or did <> '{}') limit $2)`, now); err != nil {
		return err
	}
	return s.bitByBit(ctx, `delete from idempotency_keys where (owner, key) in (select owner, key from idempotency_keys where created_at <= $1 and status <> 0 and did = '{}' limit $2)`, now)
}

// bitByBit has a statement over the keys up to a moment work on a bounded number at a time, so that it never holds many rows.
func (s *Service) bitByBit(ctx context.Context, statement string, until time.Time) error {
	const atOnce = 1000
	for {
		var n int64
		err := s.db.Do(ctx, func(tx *db.Tx) error {
			var err error
			n, err = tx.Exec(ctx, statement, until, atOnce)
			return err
		})
		if err != nil {
			return fmt.Errorf("forget keys: %w", err)
		}
		if n < atOnce {
			return nil
		}
	}
}
