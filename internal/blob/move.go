package blob

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"makegood/internal/db"
	"makegood/internal/jobs"
)

// Move has large files moved outside.
type Move struct{}

// Kind names the job.
func (Move) Kind() string { return "blob.move" }

// Unique keeps one waiting.
func (Move) Unique() bool { return true }

// Takes is how long the job may take.
func (Move) Takes() time.Duration { return 10 * time.Minute }

// Collect has files removed that nobody names any more.
type Collect struct{}

// Kind names the job.
func (Collect) Kind() string { return "blob.collect" }

// Takes is how long the job may take.
func (Collect) Takes() time.Duration { return 10 * time.Minute }

const (
	moveEvery    = time.Minute
	collectEvery = 6 * time.Hour
	// perJob bounds what one job moves: the next one goes on.
	perJob = 500
)

// Register has files moved, and those nobody names collected.
func (s *Store) Register(r *jobs.Registry) {
	jobs.Handle(r, func(ctx context.Context, _ Collect) error {
		_, err := s.Collect(ctx, Grace)
		return err
	})
	jobs.Repeat(r, collectEvery, Collect{})
	jobs.Handle(r, func(ctx context.Context, _ Move) error {
		if !s.Moves() {
			return nil
		}
		_, err := s.MoveOut(ctx, perJob)
		return err
	})
	if s.Moves() {
		jobs.Repeat(r, moveEvery, Move{})
	}
}

// MoveOut moves files of 64 KB and more from the database to the place outside, at most limit of them, and tells how many it
// moved. Each is locked while it moves, so that two processes never move the same one, and none is collected meanwhile; the
// database lets go of its bytes when they lie safely outside.
func (s *Store) MoveOut(ctx context.Context, limit int) (int, error) {
	if !s.Moves() {
		return 0, ErrNoPlace
	}
	for n := range limit {
		moved, err := s.move(ctx, large)
		if err != nil || !moved {
			return n, err
		}
	}
	return limit, nil
}

// MoveBack brings files from outside into the database, at most limit of them, and tells how many it brought. They stay
// outside too: what lies there can be deleted once the database has all of it.
func (s *Store) MoveBack(ctx context.Context, limit int) (int, error) {
	if !s.Moves() {
		return 0, ErrNoPlace
	}
	for n := range limit {
		moved, err := s.move(ctx, `select sha256, size, content from blobs where content is null limit 1 for no key update skip locked`)
		if err != nil || !moved {
			return n, err
		}
	}
	return limit, nil
}

// large are the files that are worth moving, as their index has it.
const large = `select sha256, size, content from blobs where octet_length(content) >= 65536 order by touched_at limit 1 for no key update skip locked`

type movable struct {
	SHA256  []byte `db:"sha256"`
	Size    int64
	Content []byte
}

// move takes one file to where it is not. It answers false when there is none. One whose bytes are altered stays where it is and
// is asked for last from then on, so that it does not keep back the others.
func (s *Store) move(ctx context.Context, one string) (moved bool, err error) {
	var altered error
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		moved, altered = false, nil
		f, err := db.One[movable](ctx, tx, one)
		if errors.Is(err, db.ErrNoRow) {
			return nil
		}
		if err != nil {
			return err
		}
		content, err := s.carry(ctx, f)
		if errors.Is(err, ErrAltered) {
			altered = fmt.Errorf("move file %x: %w", f.SHA256, err)
			_, err = tx.Exec(ctx, `update blobs set touched_at = now() where sha256 = $1`, f.SHA256)
			return err
		}
		if err != nil {
			return fmt.Errorf("move file %x: %w", f.SHA256, err)
		}
		_, err = tx.Exec(ctx, `update blobs set content = $2 where sha256 = $1`, f.SHA256, content)
		moved = err == nil
		return err
	})
	if err != nil {
		return false, err
	}
	return moved, altered
}

// carry puts a file outside, or fetches it from there, and gives what the database is to hold of it then.
func (s *Store) carry(ctx context.Context, f movable) ([]byte, error) {
	if f.Content == nil {
		content, err := s.fetch(ctx, f.SHA256, f.Size)
		if err != nil {
			return nil, err
		}
		return content, Check(content, f.SHA256)
	}
	if err := Check(f.Content, f.SHA256); err != nil {
		return nil, err
	}
	return nil, s.outside.Put(ctx, hex.EncodeToString(f.SHA256), f.Content)
}
