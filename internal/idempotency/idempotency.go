// Package idempotency remembers the answer to a request that carried a key, so that the same request sent twice has one
// effect and one answer.
package idempotency

import (
	"bytes"
	"context"
	"errors"
	"time"

	"makegood/internal/db"
	"makegood/internal/errs"
)

// Errors of this package.
var (
	ErrOtherContent = errs.New(errs.Conflict, "idempotency.other_content")
	ErrInProgress   = errs.New(errs.Conflict, "idempotency.in_progress")
	ErrTooLong      = errs.New(errs.Invalid, "idempotency.key_too_long")
)

// patience is after how long a request without an answer is taken for cut off by a crash, and may be tried again.
const patience = 90 * time.Second

// Answer is what was sent back.
type Answer struct {
	Status      int
	ContentType string
	Location    string
	Body        []byte
}

// Service keeps keys and answers.
type Service struct{ db *db.DB }

// New makes the service.
func New(d *db.DB) *Service { return &Service{db: d} }

type row struct {
	RequestHash []byte
	Status      int
	ContentType string
	Location    string
	Body        []byte
	CreatedAt   time.Time
}

// Begin claims a key of an owner for a request. It gives the earlier answer when there is one, ErrOtherContent when the key
// was used for something else, and ErrInProgress while the first request still runs.
func (s *Service) Begin(ctx context.Context, owner, key string, hash []byte) (*Answer, error) {
	if len(key) > 200 {
		return nil, ErrTooLong
	}
	var answer *Answer
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, `insert into idempotency_keys (owner, key, request_hash, created_at) values ($1, $2, $3, $4)
			on conflict do nothing`, owner, key, hash, tx.Now())
		if err != nil || n == 1 {
			return err
		}
		old, err := db.One[row](ctx, tx, `select request_hash, status, content_type, location, body, created_at from idempotency_keys
			where owner = $1 and key = $2 for update`, owner, key)
		switch {
		case errors.Is(err, db.ErrNoRow):
			return ErrInProgress
		case err != nil:
			return err
		case !bytes.Equal(old.RequestHash, hash):
			return ErrOtherContent
		case old.Status != 0:
			answer = &Answer{Status: old.Status, ContentType: old.ContentType, Location: old.Location, Body: old.Body}
			return nil
		case tx.Now().Sub(old.CreatedAt) < patience:
			return ErrInProgress
		}
		_, err = tx.Exec(ctx, `update idempotency_keys set created_at = $3 where owner = $1 and key = $2`, owner, key, tx.Now())
		return err
	})
	return answer, err
}

// Finish keeps the answer. One that only says "try again later" (429 and 5xx) frees the key instead.
func (s *Service) Finish(ctx context.Context, owner, key string, a Answer) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		if a.Status == 429 || a.Status >= 500 {
			_, err := tx.Exec(ctx, `delete from idempotency_keys where owner = $1 and key = $2 and status = 0`, owner, key)
			return err
		}
		_, err := tx.Exec(ctx, `update idempotency_keys set status = $3, content_type = $4, location = $5, body = $6
			where owner = $1 and key = $2`, owner, key, a.Status, a.ContentType, a.Location, a.Body)
		return err
	})
}
