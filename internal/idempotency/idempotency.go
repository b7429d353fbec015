// Package idempotency remembers the answer to a request that carried a key, so that the same request sent twice has one
// effect and one answer.
package idempotency

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"makegood/internal/db"
	"makegood/internal/errs"
)

// Errors of this package.
var (
	ErrOtherContent = errs.New(errs.Conflict, "idempotency.other_content")
	ErrInProgress   = errs.New(errs.Conflict, "idempotency.in_progress")
	ErrCarriedOut   = errs.New(errs.Conflict, "idempotency.carried_out")
	ErrTooLong      = errs.New(errs.Invalid, "idempotency.key_too_long")
)

// patience is after how long a request without an answer is taken for cut off by a crash, and may be tried again. One that is only
// slow does nothing any more once another took its key over.
const patience = 30 * time.Second

// Answer is what was sent back. One that is Withheld is not kept: it holds a secret, or what is known of a person.
type Answer struct {
	Withheld    bool
	Status      int
	ContentType string
	Location    string
	Body        []byte
}

// Service keeps keys and answers.
type Service struct{ db *db.DB }

// New makes the service.
func New(d *db.DB) *Service { return &Service{db: d} }

// Claim is a request's right to be the one that is carried out under its key.
type Claim struct {
	owner, key string
	since      time.Time
}

type row struct {
	RequestHash []byte
	Status      int
	ContentType string
	Location    string
	Body        []byte
	CreatedAt   time.Time
	Did         []string
	Lost        bool
}

// Begin claims a key of an owner for a request. Instead of a claim it gives the earlier answer when there is one. It gives
// ErrOtherContent when the key was used for something else, ErrInProgress while the first request still runs, and ErrCarriedOut,
// with what was done, when the first request was carried out and its answer is lost: then nothing may be done again. The same request
// is one with the same hash, or one that has an older form of it, as a program before this one wrote it.
func (s *Service) Begin(ctx context.Context, owner, key string, hash []byte, older ...[]byte) (*Claim, *Answer, error) {
	if len(key) > 200 {
		return nil, nil, ErrTooLong
	}
	var claim *Claim
	var answer *Answer
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		mine := &Claim{owner, key, tx.Now().Truncate(time.Microsecond)}
		claim, answer = nil, nil
		n, err := tx.Exec(ctx, `insert into idempotency_keys (owner, key, request_hash, created_at) values ($1, $2, $3, $4)
			on conflict do nothing`, owner, key, hash, mine.since)
		if err != nil {
			return err
		}
		if n == 0 {
			if answer, err = takeOver(ctx, tx, mine, append(older, hash)); err != nil || answer != nil {
				return err
			}
		}
		claim = mine
		return nil
	})
	return claim, answer, err
}

// takeOver gives the answer of the request that came before, or its place when it was cut off before it had done anything.
func takeOver(ctx context.Context, tx *db.Tx, mine *Claim, hashes [][]byte) (*Answer, error) {
	old, err := db.One[row](ctx, tx, `select request_hash, status, content_type, location, body, created_at, did, lost from idempotency_keys
		where owner = $1 and key = $2 for update`, mine.owner, mine.key)
	switch {
	case errors.Is(err, db.ErrNoRow):
		return nil, ErrInProgress
	case err != nil:
		return nil, err
	case !slices.ContainsFunc(hashes, func(h []byte) bool { return bytes.Equal(h, old.RequestHash) }):
		return nil, ErrOtherContent
	case old.Status != 0:
		return &Answer{Status: old.Status, ContentType: old.ContentType, Location: old.Location, Body: old.Body}, nil
	case !old.Lost && tx.Now().Sub(old.CreatedAt) < patience:
		return nil, ErrInProgress
	case len(old.Did) > 0:
		return nil, errs.New(ErrCarriedOut.Kind, ErrCarriedOut.Key, "did", strings.Join(old.Did, ", "))
	}
	_, err = tx.Exec(ctx, `update idempotency_keys set created_at = $3, lost = false where owner = $1 and key = $2`, mine.owner, mine.key, mine.since)
	return nil, err
}

// Under is the context in which the claimed request is carried out: each of its transactions that does something notes it on the
// key. One that comes after somebody else took the key over is refused with ErrInProgress.
func (c *Claim) Under(ctx context.Context) context.Context {
	return db.WithMark(ctx, func(last *pgx.Batch, did []string) {
		last.Queue(`update idempotency_keys set did = did || $4::text[] where owner = $1 and key = $2 and status = 0 and created_at = $3`,
			c.owner, c.key, c.since, did).Exec(func(tag pgconn.CommandTag) error {
			if tag.RowsAffected() != 1 {
				return ErrInProgress
			}
			return nil
		})
	})
}

// Finish keeps the answer. One that is withheld, or only says "try again later" (429 and 5xx), frees the key instead, unless something was
// done. Nothing is kept of an answer that was to be forgotten before it was there.
func (s *Service) Finish(ctx context.Context, c *Claim, a Answer) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		if !a.Withheld && a.Status != 429 && a.Status < 500 {
			_, err := tx.Exec(ctx, `update idempotency_keys set status = $4, content_type = $5, location = $6, body = $7
				where owner = $1 and key = $2 and created_at = $3 and not lost`, c.owner, c.key, c.since, a.Status, a.ContentType, a.Location, a.Body)
			return err
		}
		if _, err := tx.Exec(ctx, `delete from idempotency_keys where owner = $1 and key = $2 and created_at = $3 and status = 0 and did = '{}'`,
			c.owner, c.key, c.since); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `update idempotency_keys set lost = true where owner = $1 and key = $2 and created_at = $3 and status = 0`,
			c.owner, c.key, c.since)
		return err
	})
}
