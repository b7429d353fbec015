package blob_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"net/http/httptest"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"makegood/internal/blob"
)

// TestFilesInABucket has the store speak S3 to a server that does.
func TestFilesInABucket(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "KEYOFTHISTEST")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret-of-this-test")
	backend := s3mem.New()
	server := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(server.Close)
	h := open(t)
	h.must(backend.CreateBucket("files"))
	h.store = blob.New(h.db, h.outside("s3://files/makegood?region=eu-central-1&endpoint="+server.URL))

	kept, lost, altered := h.keep(large(1), true), h.keep(large(2), true), h.keep(large(3), true)
	orphan := h.keep(large(4), false)
	if n, err := h.store.MoveOut(t.Context(), 10); err != nil || n != 4 {
		t.Fatalf("%d moved, %v", n, err)
	}
	if !bytes.Equal(h.content(kept), large(1)) || len(h.faults()) != 0 {
		t.Error("it does not read the same in the bucket")
	}
	if n, err := h.store.Collect(t.Context(), -1); err != nil || n != 1 || h.value(`blobs where sha256 = $1`, orphan) != 0 {
		t.Errorf("%d collected, %v", n, err)
	}
	_, err := backend.DeleteObject("files", key(lost))
	h.must(err)
	bad := large(3)
	bad[0] ^= 1
	_, err = backend.PutObject("files", key(altered), map[string]string{}, bytes.NewReader(bad), int64(len(bad)), nil)
	h.must(err)
	for sum, want := range map[*[]byte]error{&lost: blob.ErrLost, &altered: blob.ErrAltered} {
		if _, err := h.store.Content(t.Context(), h.db, *sum); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
	if got := h.faults(); len(got) != 2 {
		t.Errorf("verify sees %+v", got)
	}
	server.Close()
	if _, err := h.store.Content(t.Context(), h.db, kept); !errors.Is(err, blob.ErrAway) {
		t.Errorf("a bucket that does not answer: %v", err)
	}
	if _, _, err := h.store.Verify(t.Context()); !errors.Is(err, blob.ErrAway) {
		t.Errorf("verify of a bucket that does not answer: %v", err)
	}
}

func key(sum []byte) string {
	digits := hex.EncodeToString(sum)
	return "makegood/" + digits[:2] + "/" + digits
}
