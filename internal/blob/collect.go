package blob

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"makegood/internal/db"
)

// Grace is how long a file stays that nobody names: whoever keeps one has named it long before.
const Grace = 24 * time.Hour

// atOnce is how many files are looked at in one question.
const atOnce = 1000

// Collect removes files that were kept longer ago than the grace time and that no row of any table names, and tells how many.
// Tables name files by a foreign key to blobs, and by nothing else; the database itself refuses to remove what one names. A
// file that somebody begins to name meanwhile is waited for, and stays.
func (s *Store) Collect(ctx context.Context, grace time.Duration) (int, error) {
	named, err := s.named(ctx)
	if err != nil {
		return 0, err
	}
	removed := 0
	for after := []byte{}; ; {
		page, err := db.List[struct {
			SHA256 []byte `db:"sha256"`
			Named  bool
		}](ctx, s.db, `select sha256, `+named+` as named from blobs b where sha256 > $1 and `+old+` order by sha256 limit $3`, after, grace.Seconds(), atOnce)
		if err != nil {
			return removed, fmt.Errorf("look for files that nobody names: %w", err)
		}
		for _, f := range page {
			after = f.SHA256
			if f.Named {
				continue
			}
			gone, err := s.remove(ctx, f.SHA256, named, grace)
			if err != nil {
				return removed, err
			}
			if gone {
				removed++
			}
		}
		if len(page) < atOnce {
			return removed, nil
		}
	}
}

// Forget removes files now that nobody names any more, and leaves those that somebody does: for what must not be kept any longer.
func (s *Store) Forget(ctx context.Context, sums [][]byte) error {
	named, err := s.named(ctx)
	if err != nil {
		return err
	}
	for _, sum := range sums {
		if _, err := s.remove(ctx, sum, named, 0); err != nil {
			return err
		}
	}
	return nil
}

// old is the condition under which the grace time of a file is over, by the clock of the database, which also says when it was kept.
const old = `touched_at < now() - make_interval(secs => $2)`

// remove takes one file away, unless somebody named or touched it meanwhile. Its row is locked until the file outside is gone:
// whoever keeps the same bytes again waits, and then brings them along.
func (s *Store) remove(ctx context.Context, sum []byte, named string, grace time.Duration) (bool, error) {
	gone := false
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		gone = false
		outside, err := db.Value[bool](ctx, tx, `select content is null from blobs b where sha256 = $1 and `+old+` and not `+named+` for update skip locked`, sum, grace.Seconds())
		if errors.Is(err, db.ErrNoRow) {
			return nil
		}
		if err != nil {
			return err
		}
		if outside && !s.Moves() {
			return ErrNoPlace
		}
		if _, err = tx.Exec(ctx, `delete from blobs where sha256 = $1`, sum); err != nil {
			return err
		}
		if s.Moves() { // one that came back lies outside too
			err = s.outside.Delete(ctx, hex.EncodeToString(sum))
		}
		gone = err == nil
		return err
	})
	if named := new(pgconn.PgError); errors.As(err, &named) && named.Code == "23503" {
		return false, nil // somebody named it at this very moment
	}
	if err != nil {
		return false, fmt.Errorf("remove file %x: %w", sum[:8], err)
	}
	return gone, nil
}

// named is the condition under which a row of any table names the blob b.
func (s *Store) named(ctx context.Context) (string, error) {
	list, err := db.Values[string](ctx, s.db, `select format('exists (select from %s x where x.%I = b.sha256)', c.conrelid::regclass, a.attname)
		from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
		where c.contype = 'f' and c.confrelid = 'blobs'::regclass order by 1`)
	if err != nil {
		return "", fmt.Errorf("find who names files: %w", err)
	}
	if len(list) == 0 {
		return "", errors.New("no table names files: nothing is collected")
	}
	return "(" + strings.Join(list, " or ") + ")", nil
}
