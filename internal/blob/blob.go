// Package blob keeps files by the SHA-256 of their content, each once. New ones lie in the database, written with whatever
// names them; large ones may then be moved outside, to a folder or an S3 bucket. It knows no domain: whatever table has a
// foreign key to blobs names files.
package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"makegood/internal/db"
	"makegood/internal/errs"
)

// MovedFrom is the size from which files are moved outside; smaller ones are quicker, safer and cheaper in the database. The
// indexes of what is to be moved, and the questions that use them, have the same number.
const MovedFrom = 64 << 10

// What can be wrong with a file that is kept.
var (
	// ErrAltered: the bytes are not those that were stored.
	ErrAltered = errs.New(errs.Internal, "blob.altered")
	// ErrLost: the file is not where it was put.
	ErrLost = errs.New(errs.Internal, "blob.lost")
	// ErrNoPlace: the file lies outside, and this process was not told where that is.
	ErrNoPlace = errs.New(errs.Unavailable, "blob.no_place")
	// ErrAway: the place outside does not answer.
	ErrAway = errs.New(errs.Unavailable, "blob.away")
)

// IsGone tells whether an error says that the bytes are lost: no other attempt will find them as they were.
func IsGone(err error) bool { return errors.Is(err, ErrLost) || errors.Is(err, ErrAltered) }

// Outside is a place for files beside the database. Keys are hexadecimal hashes. Get answers ErrLost for a file that is not
// there, Delete nothing. Put returns when the file would survive a power cut there.
type Outside interface {
	Put(ctx context.Context, key string, content []byte) error
	Get(ctx context.Context, key string, limit int64) ([]byte, error)
	Delete(ctx context.Context, key string) error
}

// Store is safe for concurrent use, also by several processes.
type Store struct {
	db      *db.DB
	outside Outside
}

// New makes a store; outside is nil where all files stay in the database.
func New(d *db.DB, outside Outside) *Store { return &Store{db: d, outside: outside} }

// Moves tells whether large files leave the database.
func (s *Store) Moves() bool { return s != nil && s.outside != nil }

const keeping = `insert into blobs (sha256, size, content, touched_at) values ($1, $2, $3, now())
	on conflict (sha256) do update set touched_at = now(), content = coalesce(blobs.content, excluded.content)`

// QueueKeep adds to a batch what keeps a file, and gives the hash to name it by in the same transaction. A file that lay
// outside comes back for a while: whether it is still there is not known until it was read.
func QueueKeep(batch *pgx.Batch, content []byte) []byte {
	sum := sha256.Sum256(content)
	if content == nil {
		content = []byte{}
	}
	batch.Queue(keeping, sum[:], len(content), content)
	return sum[:]
}

// row is a file as the database knows it.
type row struct {
	Size    int64
	Content []byte
}

// Content reads a file and proves that its bytes are those that were stored.
func (s *Store) Content(ctx context.Context, r db.Reader, sum []byte) ([]byte, error) {
	found, err := db.One[row](ctx, r, `select size, content from blobs where sha256 = $1`, sum)
	if errors.Is(err, db.ErrNoRow) {
		return nil, ErrLost
	}
	if err != nil {
		return nil, fmt.Errorf("read file: %w", err)
	}
	if found.Content == nil {
		if found.Content, err = s.fetch(ctx, sum, found.Size); err != nil {
			return nil, err
		}
	}
	return found.Content, Check(found.Content, sum)
}

func (s *Store) fetch(ctx context.Context, sum []byte, size int64) ([]byte, error) {
	if !s.Moves() {
		return nil, ErrNoPlace
	}
	content, err := s.outside.Get(ctx, hex.EncodeToString(sum), size)
	if err != nil {
		return nil, fmt.Errorf("fetch file: %w", err)
	}
	return content, nil
}

// Lying is where the bytes of something lie whose SHA256 is written beside it: Content in its own row, or else Blob among the files.
type Lying struct {
	Content, Blob []byte
	SHA256        []byte `db:"sha256"`
}

// Bytes gives them wherever they lie, proven to be those that came; ErrAltered when they are not, or when another file is named.
func (s *Store) Bytes(ctx context.Context, r db.Reader, of Lying) ([]byte, error) {
	if of.Blob == nil {
		return of.Content, Check(of.Content, of.SHA256)
	}
	if !bytes.Equal(of.Blob, of.SHA256) {
		return nil, ErrAltered
	}
	return s.Content(ctx, r, of.Blob)
}

// Check refuses with ErrAltered bytes that do not have the hash they were stored by.
func Check(content, sum []byte) error {
	if is := sha256.Sum256(content); !bytes.Equal(is[:], sum) {
		return ErrAltered
	}
	return nil
}
