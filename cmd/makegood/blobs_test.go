package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// stored are the files that lie in a folder and those below.
func stored(t *testing.T, dir string) []string {
	t.Helper()
	var list []string
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			list = append(list, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestBlobs(t *testing.T) {
	t.Parallel()
	on := books(t)
	mail := letterFrom("1") + strings.Repeat("The same words again, until the mail is a large one.\n", 4<<10)
	if got := command(t, append([]string{"mail", "ingest", file(t, "1.eml", mail)}, on...)...); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	for _, args := range [][]string{{"blobs", "move"}, {"blobs", "move", "--blob-url", "ftp://x"}, {"blobs", "move", "--blob-url", "file:///"}} {
		if got := command(t, append(args, on...)...); got.code != 1 || !strings.Contains(got.err, "MAKEGOOD_BLOB_URL") {
			t.Errorf("%v: %+v", args, got)
		}
	}
	dir := t.TempDir()
	out := append([]string{"--blob-url", "file://" + dir}, on...)
	if got := command(t, append([]string{"blobs", "move"}, out...)...); got.code != 0 || got.out != "1 large mails put among the files\n1 files moved outside\n" {
		t.Errorf("move: %+v", got)
	}
	kept := stored(t, dir)
	if len(kept) != 1 {
		t.Fatalf("outside lie %v", kept)
	}
	if content, err := os.ReadFile(kept[0]); err != nil || string(content) != mail {
		t.Errorf("another mail lies outside: %v", err)
	}
	if got := command(t, append([]string{"blobs", "collect"}, out...)...); got.code != 0 || got.out != "0 files that nobody names removed\n" || len(stored(t, dir)) != 1 {
		t.Errorf("collect: %+v", got)
	}
	proven := func(args []string, code int, says string) {
		t.Helper()
		if got := command(t, append([]string{"verify"}, args...)...); got.code != code || !strings.Contains(got.out+got.err, says) {
			t.Errorf("verify: %+v", got)
		}
	}
	proven(out, 0, "files as stored (1)")
	proven(on, 1, "MAKEGOOD_BLOB_URL") // it lies outside, and this one was not told where

	bad := []byte(mail)
	bad[100] ^= 1
	if err := os.WriteFile(kept[0], bad, 0o600); err != nil {
		t.Fatal(err)
	}
	proven(out, 1, "altered outside the database")
	if got := command(t, append([]string{"blobs", "move", "--back"}, out...)...); got.code != 1 {
		t.Errorf("altered bytes come back: %+v", got)
	}
	if err := os.WriteFile(kept[0], []byte(mail), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := command(t, append([]string{"blobs", "move", "--back"}, out...)...); got.code != 0 || !strings.HasPrefix(got.out, "1 files are back") {
		t.Errorf("back: %+v", got)
	}
	if err := os.Remove(kept[0]); err != nil {
		t.Fatal(err)
	}
	proven(on, 0, "files as stored (1)")
}
