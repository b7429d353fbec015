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
		moved, err := s.move(ctx)
		if err != nil || !moved {
			return n, err
		}
	}
	return limit, nil
}

// MoveBack brings all files from outside into the database, each once in the order of their hashes, says after each how many those were,
// and tells how many in the end. Those that are lost or altered do not keep back the others: they stay as they are, and are told together
// at the end. Files stay outside too: what lies there can be deleted once the database has all of it.
func (s *Store) MoveBack(ctx context.Context, said func(brought int)) (int, error) {
	if !s.Moves() {
		return 0, ErrNoPlace
	}
	var faults []error
	brought := 0
	for after := []byte{}; ; {
		sum, err := s.bringBack(ctx, after)
		switch {
		case errors.Is(err, ErrLost) || errors.Is(err, ErrAltered):
			faults = append(faults, err)
		case err != nil:
			return brought, errors.Join(append(faults, err)...)
		case sum == nil:
			return brought, errors.Join(faults...)
		default:
			brought++
			said(brought)
		}
		after = sum
	}
}

// bringBack brings the next file after a hash into the database, and gives its own hash, also with an error about it; nil when there is
// none.
func (s *Store) bringBack(ctx context.Context, after []byte) (sum []byte, err error) {
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		sum = nil
		f, err := db.One[movable](ctx, tx, `select sha256, size, content from blobs where content is null and sha256 > $1 order by sha256 limit 1
			for no key update skip locked`, after)
		if errors.Is(err, db.ErrNoRow) {
			return nil
		}
		if err != nil {
			return err
		}
		sum = f.SHA256
		content, err := s.fetch(ctx, f.SHA256, f.Size)
		if err == nil {
			err = Check(content, f.SHA256)
		}
		if err != nil {
			return fmt.Errorf("bring back file %x: %w", f.SHA256, err)
		}
		_, err = tx.Exec(ctx, `update blobs set content = $2 where sha256 = $1`, f.SHA256, content)
		return err
	})
	return sum, err
}

// large are the files that are worth moving, as their index has it.
const large = `select sha256, size, content from blobs where octet_length(content) >= 65536 order by touched_at limit 1 for no key update skip locked`

type movable struct {
	SHA256  []byte `db:"sha256"`
	Size    int64
	Content []byte
}

// move takes one file outside. It answers false when there is none. One whose bytes are altered stays where it is, with an error; it counts
// as touched, and the files that were touched longest ago go first, so that the next call begins with the others.
func (s *Store) move(ctx context.Context) (moved bool, err error) {
	var altered error
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		moved, altered = false, nil
		f, err := db.One[movable](ctx, tx, large)
		if errors.Is(err, db.ErrNoRow) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := Check(f.Content, f.SHA256); err != nil {
			altered = fmt.Errorf("move file %x: %w", f.SHA256, err)
			_, err = tx.Exec(ctx, `update blobs set touched_at = now() where sha256 = $1`, f.SHA256)
			return err
		}
		if err := s.outside.Put(ctx, hex.EncodeToString(f.SHA256), f.Content); err != nil {
			return fmt.Errorf("move file %x: %w", f.SHA256, err)
		}
		_, err = tx.Exec(ctx, `update blobs set content = null where sha256 = $1`, f.SHA256)
		moved = err == nil
		return err
	})
	if err != nil {
		return false, err
	}
	return moved, altered
}
