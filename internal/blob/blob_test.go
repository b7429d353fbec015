package blob_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"makegood/internal/blob"
	"makegood/internal/db"
	"makegood/internal/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// house is a store with a folder outside, and a mail that names files.
type house struct {
	t     *testing.T
	db    *db.DB
	dir   string
	store *blob.Store
	named int
}

func open(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, dir: t.TempDir()}
	h.db = dbtest.New(t)
	h.store = blob.New(h.db, h.outside("file://"+h.dir))
	h.do(func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `insert into outgoing_messages (id, key, kind, automatic, message_id, from_address, to_address, subject, text_body, not_before, created_at)
			values (1, 'k', 'reply', false, '<1@us.example>', 'us@us.example', 'you@you.example', 's', 't', now(), now())`)
		return err
	})
	return h
}

func (h *house) outside(address string) blob.Outside {
	h.t.Helper()
	o, err := blob.Open(address)
	h.must(err)
	return o
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) do(work func(tx *db.Tx) error) {
	h.t.Helper()
	h.must(h.db.Do(h.t.Context(), work))
}

// keep keeps a file and, if it is to be named, names it as an attachment.
func (h *house) keep(content []byte, name bool) []byte {
	h.t.Helper()
	var sum []byte
	h.named++
	n := h.named
	h.do(func(tx *db.Tx) error {
		batch := &pgx.Batch{}
		sum = blob.QueueKeep(batch, content)
		if name {
			batch.Queue(`insert into outgoing_attachments (outgoing_message_id, position, filename, media_type, blob, size) values (1, $1, 'f', 'x/y', $2, $3)`, n, sum, len(content))
		}
		return tx.Batch(h.t.Context(), batch)
	})
	return sum
}

func (h *house) value(query string, args ...any) int {
	h.t.Helper()
	n, err := db.Value[int](h.t.Context(), h.db, `select count(*) from `+query, args...)
	h.must(err)
	return n
}

func (h *house) content(sum []byte) []byte {
	h.t.Helper()
	content, err := h.store.Content(h.t.Context(), h.db, sum)
	h.must(err)
	return content
}

func (h *house) path(sum []byte) string {
	key := hex.EncodeToString(sum)
	return filepath.Join(h.dir, key[:2], key)
}

func (h *house) faults() []blob.Fault {
	h.t.Helper()
	faults, _, err := h.store.Verify(h.t.Context())
	h.must(err)
	return faults
}

// large is a file that is worth moving.
func large(n int) []byte { return bytes.Repeat([]byte{byte(n), 'x', 'y', 'z'}, blob.MovedFrom/4) }

func TestTheSameBytesAreKeptOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	a, b := h.keep([]byte("the memo"), true), h.keep([]byte("the memo"), true)
	if !bytes.Equal(a, b) || h.value(`blobs`) != 1 || h.value(`outgoing_attachments where blob = $1`, a) != 2 {
		t.Errorf("%x and %x, %d kept", a, b, h.value(`blobs`))
	}
	if got := h.content(h.keep(nil, true)); len(got) != 0 {
		t.Errorf("an empty file has %d bytes", len(got))
	}
	if got := h.content(a); string(got) != "the memo" {
		t.Errorf("reads %q", got)
	}
	unknown := sha256.Sum256([]byte("other"))
	if _, err := h.store.Content(t.Context(), h.db, unknown[:]); !errors.Is(err, blob.ErrLost) {
		t.Errorf("what was never kept: %v", err)
	}
}

func TestLargeFilesMoveOutAndBack(t *testing.T) {
	t.Parallel()
	h := open(t)
	small, big := h.keep([]byte("small"), true), h.keep(large(1), true)
	moved, err := h.store.MoveOut(t.Context(), 10)
	h.must(err)
	if moved != 1 || h.value(`blobs where content is null and sha256 = $1`, big) != 1 || h.value(`blobs where content is not null and sha256 = $1`, small) != 1 {
		t.Errorf("%d moved", moved)
	}
	if !bytes.Equal(h.content(big), large(1)) || len(h.faults()) != 0 {
		t.Error("it does not read the same outside")
	}
	if again, err := h.store.MoveOut(t.Context(), 10); err != nil || again != 0 {
		t.Errorf("a second time %d moved, %v", again, err)
	}
	h.keep(large(1), true) // kept once more: the bytes come back until they are moved again
	if h.value(`blobs where content is not null and sha256 = $1`, big) != 1 {
		t.Error("what is kept again does not bring its bytes")
	}
	_, err = h.store.MoveOut(t.Context(), 10)
	h.must(err)
	said := 0
	if back, err := h.store.MoveBack(t.Context(), func(n int) { said += n }); err != nil || back != 1 || said != 1 {
		t.Errorf("%d came back, %d said, %v", back, said, err)
	}
	h.must(os.RemoveAll(h.path(big)))
	if !bytes.Equal(h.content(big), large(1)) {
		t.Error("it does not read the same inside")
	}
}

func TestAlteredAndLostFilesAreNotHandedOut(t *testing.T) {
	t.Parallel()
	h := open(t)
	altered, lost, longer, fine := h.keep(large(1), true), h.keep(large(2), true), h.keep(large(3), true), h.keep(large(4), true)
	_, err := h.store.MoveOut(t.Context(), 10)
	h.must(err)
	bad := large(1)
	bad[7] ^= 1
	h.must(os.WriteFile(h.path(altered), bad, 0o600))
	h.must(os.Remove(h.path(lost)))
	h.must(os.WriteFile(h.path(longer), append(large(3), 'x'), 0o600))
	for sum, want := range map[*[]byte]error{&altered: blob.ErrAltered, &lost: blob.ErrLost, &longer: blob.ErrAltered, &fine: nil} {
		if _, err := h.store.Content(t.Context(), h.db, *sum); !errors.Is(err, want) {
			t.Errorf("%x: %v, want %v", (*sum)[:4], err, want)
		}
	}
	if got := h.faults(); len(got) != 3 {
		t.Errorf("verify sees %+v", got)
	}
	inside := h.keep([]byte("inside"), true)
	dbtest.AsOwner(t, h.db, fmt.Sprintf(`update blobs set content = 'insidf' where sha256 = '\x%x'`, inside))
	if _, err := h.store.Content(t.Context(), h.db, inside); !errors.Is(err, blob.ErrAltered) || len(h.faults()) != 4 {
		t.Errorf("altered in the database: %v, %+v", err, h.faults())
	}
	if _, err := blob.New(h.db, nil).Content(t.Context(), h.db, fine); !errors.Is(err, blob.ErrNoPlace) {
		t.Errorf("without a place: %v", err)
	}
	if elsewhere, err := blob.New(h.db, nil).Elsewhere(t.Context()); err != nil || !elsewhere {
		t.Errorf("nobody notices that the place is not set: %v", err)
	}
}

// TestFaultsDoNotKeepBackTheOthers: one lost and one altered file stay outside, and are told together when the good ones are back.
func TestFaultsDoNotKeepBackTheOthers(t *testing.T) {
	t.Parallel()
	h := open(t)
	var sums [][]byte
	for n := range 4 {
		sums = append(sums, h.keep(large(n), true))
	}
	_, err := h.store.MoveOut(t.Context(), 10)
	h.must(err)
	slices.SortFunc(sums, bytes.Compare) // the faulty ones come first
	h.must(os.Remove(h.path(sums[0])))
	h.must(os.WriteFile(h.path(sums[1]), large(9), 0o600))
	back, err := h.store.MoveBack(t.Context(), func(int) {})
	if back != 2 || !errors.Is(err, blob.ErrLost) || !errors.Is(err, blob.ErrAltered) {
		t.Errorf("%d came back, %v", back, err)
	}
	for n, sum := range sums {
		if told, inside := strings.Contains(fmt.Sprint(err), hex.EncodeToString(sum)), h.value(`blobs where sha256 = $1 and content is not null`, sum) == 1; told != (n < 2) || inside == told {
			t.Errorf("file %d told %v, inside %v", n, told, inside)
		}
	}
}

func TestBytesOfAKeptFileDoNotChange(t *testing.T) {
	t.Parallel()
	h := open(t)
	sum := h.keep([]byte("four"), true)
	for _, statement := range []string{
		`update blobs set content = 'five' where sha256 = $1`, `update blobs set size = 5, content = 'fiver' where sha256 = $1`,
		`update blobs set sha256 = sha256('five') where sha256 = $1`, `delete from blobs where sha256 = $1`,
	} {
		if err := h.db.Do(t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(t.Context(), statement, sum); return err }); err == nil {
			t.Errorf("%s is allowed", statement)
		}
	}
	h.do(func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update blobs set content = null where sha256 = $1`, sum)
		return err
	})
	if err := h.db.Do(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update blobs set content = 'five' where sha256 = $1`, sum)
		return err
	}); err == nil {
		t.Error("other bytes may come back")
	}
}

func TestOnlyWhatNobodyNamesIsCollected(t *testing.T) {
	t.Parallel()
	h := open(t)
	named, orphan := h.keep(large(1), true), h.keep(large(2), false)
	namedInside, orphanInside := h.keep([]byte("a"), true), h.keep([]byte("b"), false)
	_, err := h.store.MoveOut(t.Context(), 10)
	h.must(err)
	collect := func(want int) {
		t.Helper()
		if n, err := h.store.Collect(t.Context(), blob.Grace); err != nil || n != want {
			t.Errorf("%d collected, %v; want %d", n, err, want)
		}
	}
	collect(0) // the grace time
	h.do(func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update blobs set touched_at = touched_at - make_interval(secs => $1)`, (blob.Grace + time.Minute).Seconds())
		return err
	})
	fresh := h.keep([]byte("c"), false)
	collect(2)
	for sum, want := range map[*[]byte]int{&named: 1, &namedInside: 1, &fresh: 1, &orphan: 0, &orphanInside: 0} {
		if n := h.value(`blobs where sha256 = $1`, *sum); n != want {
			t.Errorf("%x: %d", (*sum)[:4], n)
		}
	}
	if _, err := os.Stat(h.path(orphan)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file outside stays: %v", err)
	}
	if !bytes.Equal(h.content(named), large(1)) {
		t.Error("a named file is gone")
	}
	collect(0)
}

// TestCopiesAtOnce has several processes keep, name, move and collect the same few files without any grace time. Nothing that a row
// names may be lost, at any moment.
func TestCopiesAtOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	const copies, rounds, files = 3, 25, 4
	var all sync.WaitGroup
	failed := make(chan error, 100)
	work := func(do func(ctx context.Context, round int) error) {
		all.Go(func() {
			for round := range rounds {
				if err := do(t.Context(), round); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	for c := range copies {
		store := blob.New(h.db, h.outside("file://"+h.dir))
		work(func(ctx context.Context, _ int) error { _, err := store.MoveOut(ctx, 3); return err })
		work(func(ctx context.Context, _ int) error { _, err := store.Collect(ctx, -time.Hour); return err })
		work(func(ctx context.Context, round int) error {
			content, position := large(round%files), 1000*(c+1)+round
			var sum []byte
			if err := h.db.Do(ctx, func(tx *db.Tx) error {
				batch := &pgx.Batch{}
				sum = blob.QueueKeep(batch, content)
				batch.Queue(`insert into outgoing_attachments (outgoing_message_id, position, filename, media_type, blob, size) values (1, $1, 'f', 'x/y', $2, $3)`, position, sum, len(content))
				return tx.Batch(ctx, batch)
			}); err != nil {
				return err
			}
			got, err := store.Content(ctx, h.db, sum)
			if err != nil || !bytes.Equal(got, content) {
				return fmt.Errorf("round %d reads %d bytes: %w", round, len(got), err)
			}
			return h.db.Do(ctx, func(tx *db.Tx) error {
				_, err := tx.Exec(ctx, `delete from outgoing_attachments where position = $1`, position)
				return err
			})
		})
	}
	all.Wait()
	close(failed)
	for err := range failed {
		t.Error(err)
	}
	if faults := h.faults(); len(faults) != 0 {
		t.Errorf("%+v", faults)
	}
}

func TestAPlaceThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	h := open(t)
	sum := h.keep(large(1), true)
	h.must(os.RemoveAll(h.dir))
	h.must(os.WriteFile(h.dir, []byte("no folder"), 0o600))
	if n, err := h.store.MoveOut(t.Context(), 10); !errors.Is(err, blob.ErrAway) || n != 0 {
		t.Errorf("%d moved, %v", n, err)
	}
	if !bytes.Equal(h.content(sum), large(1)) {
		t.Error("what could not be moved is lost")
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t-key"
	for _, bad := range []string{
		"s3://key:" + secret + "@bucket", "s3://key:" + secret + "%zz@bucket", "file://key:" + secret + "@host/x", "file:" + secret, "ftp://key:" + secret + "@x/y?" + secret, secret,
		"s3://b?endpoint=https://key:" + secret + "@%zz", "s3://b?endpoint=key:" + secret + "@minio:9000", "s3://b?endpoint=https://minio.example:" + secret,
		"s3://b?endpoint=https%3A%2F%2Fmin" + secret + "%2520io", "s3://b:" + secret + "/x", "s3://b?endpoint=https://" + secret + "_@minio.example", "s3://b?endpoint=https://" + secret + "_",
	} {
		if o, err := blob.Open(bad); err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v, %v", bad, o, err)
		}
	}
	for _, bad := range []string{"file://", "file:///", "file://host/x", "ftp://x/y", "s3://", "s3://key:secret@bucket", "s3://b?endpoint=minio:9000", "%zz"} {
		if o, err := blob.Open(bad); err == nil {
			t.Errorf("%s is taken: %v", bad, o)
		}
	}
}
