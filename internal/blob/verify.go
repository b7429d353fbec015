package blob

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"makegood/internal/db"
)

// Fault is a file that is not as it was stored.
type Fault struct {
	File   string // hash
	Detail string
}

// Verify reads every file, wherever it lies, and tells of those that are altered or lost, at most a hundred, and how many it
// read. A place outside that does not answer is an error, not a fault.
func (s *Store) Verify(ctx context.Context) (faults []Fault, read int, err error) {
	here, err := db.Values[[]byte](ctx, s.db, `select sha256 from blobs where content is not null and sha256(content) <> sha256 order by 1 limit 100`)
	if err != nil {
		return nil, 0, fmt.Errorf("read files: %w", err)
	}
	for _, sum := range here {
		faults = append(faults, Fault{File: hex.EncodeToString(sum), Detail: "altered in the database"})
	}
	if read, err = db.Value[int](ctx, s.db, `select count(*) from blobs where content is not null`); err != nil {
		return nil, 0, fmt.Errorf("count files: %w", err)
	}
	for after := []byte{}; len(faults) < 100; {
		page, err := db.List[movable](ctx, s.db, `select sha256, size from blobs where content is null and sha256 > $1 order by sha256 limit $2`, after, atOnce)
		if err != nil || len(page) == 0 {
			return faults, read, err
		}
		for _, f := range page {
			after, read = f.SHA256, read+1
			detail, err := s.examine(ctx, f)
			if err != nil {
				return faults, read, err
			}
			if detail != "" {
				faults = append(faults, Fault{File: hex.EncodeToString(f.SHA256), Detail: detail})
			}
		}
	}
	return faults, read, nil
}

// examine says what is wrong with a file outside; "" when nothing is.
func (s *Store) examine(ctx context.Context, f movable) (string, error) {
	content, err := s.fetch(ctx, f.SHA256, f.Size)
	switch {
	case err == nil && Check(content, f.SHA256) == nil:
		return "", nil
	case err == nil:
		return "altered outside the database", nil
	case errors.Is(err, ErrLost):
		return "not where it was put", nil
	}
	return "", err
}

// Elsewhere tells whether files lie outside while this process was not told where: it could not read them.
func (s *Store) Elsewhere(ctx context.Context) (bool, error) {
	if s.Moves() {
		return false, nil
	}
	return db.Value[bool](ctx, s.db, `select exists (select from blobs where content is null)`)
}
