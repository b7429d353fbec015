package parse_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"makegood/inbox/parse"
)

// checkStorable: whatever came in, the database will take it.
func checkStorable(t *testing.T, m parse.Message) {
	t.Helper()
	out, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if !utf8.Valid(out) || strings.Contains(string(out), `\u0000`) || strings.Contains(string(out), ":null") {
		t.Errorf("not storable: %.300s", out)
	}
	for _, s := range []string{m.Text, m.HTML, m.Subject, m.ReplyText, m.Bounce.Diagnostic, m.MessageID, m.Headers.ListID, m.Headers.ReturnPath} {
		if !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\r") && s != m.Bounce.Diagnostic {
			t.Errorf("not clean: %.200q", s)
		}
	}
}

// sampled is how many of the collected mails stand for one that is read here. The scores read the others.
const sampled = 11

// TestEveryFile reads our own files, and the collected mails where they are: no failure, clean text.
func TestEveryFile(t *testing.T) {
	t.Parallel()
	testdata, _ := filepath.Glob(filepath.Join("testdata", "*.eml"))
	if len(testdata) == 0 {
		t.Fatal("no test data")
	}
	files := slices.Clone(testdata)
	for _, pattern := range []string{"mail-*", "bounce-*", "reply-*"} {
		dirs, _ := filepath.Glob(filepath.Join(corpus(), pattern))
		for _, dir := range dirs {
			_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
				if err == nil && d.Type().IsRegular() && !strings.HasSuffix(path, ".json") {
					files = append(files, path)
				}
				return nil
			})
		}
	}
	own := len(testdata)
	for i, path := range files {
		if i >= own && i%sampled != 0 {
			continue
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		m := parse.Parse(raw, parse.Options{})
		for _, d := range m.Defects {
			if d == "parser_failure" {
				t.Errorf("%s: parser failed", path)
			}
		}
		checkStorable(t, m)
	}
}

func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob(filepath.Join("testdata", "*.eml"))
	for _, path := range files {
		raw, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := parse.Parse(raw, parse.Options{MaxBytes: 1 << 20})
		for _, d := range m.Defects {
			if d == "parser_failure" {
				t.Fatal("recovered from a panic")
			}
		}
		checkStorable(t, m)
	})
}
