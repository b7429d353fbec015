package cms_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"makegood/inbox/parse/cms"
)

func file(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSigned(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"definite.der", "streamed.der"} {
		got, ok := cms.Signed(file(t, name))
		if !ok || !strings.Contains(string(got), "Invoice INV-2041 is signed for.") {
			t.Errorf("%s: %v %q", name, ok, got)
		}
	}
}

func TestNotSigned(t *testing.T) {
	t.Parallel()
	whole := file(t, "streamed.der")
	for name, b := range map[string][]byte{
		"empty": nil, "encrypted": file(t, "encrypted.der"), "cut": whole[:40], "text": []byte("0\x80 no signature at all"),
		"deep": bytes.Repeat([]byte{0x30, 0x80}, 1<<20), "huge length": {0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 1},
	} {
		if got, ok := cms.Signed(b); ok {
			t.Errorf("%s gave %q", name, got)
		}
	}
}

func FuzzSigned(f *testing.F) {
	for _, name := range []string{"definite.der", "streamed.der", "encrypted.der"} {
		f.Add(file(f, name))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if got, ok := cms.Signed(b); ok && len(got) > len(b) {
			t.Errorf("%d bytes out of %d", len(got), len(b))
		}
	})
}
