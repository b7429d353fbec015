package parse_test

import (
	"encoding/json"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"
	"unicode/utf8"

	"makegood/inbox/parse"
	"makegood/internal/raced"
)

// corpus is the folder of collected mails beside the repository, "" when it is not there.
func corpus() string {
	shared := os.Getenv("MAKEGOOD_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	dir := filepath.Join(shared, "corpus")
	if _, err := os.Stat(dir); err != nil || raced.Detector { // reading a mail runs alone
		return ""
	}
	return dir
}

// values is an expected result as other projects state it: plain JSON of many shapes.
type values map[string]any

func (v values) text(key string) (string, bool) { s, ok := v[key].(string); return s, ok }

func (v values) list(key string) []any { l, _ := v[key].([]any); return l }

func (v values) strings(key string) []string {
	var out []string
	for _, x := range v.list(key) {
		if s, ok := x.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

func (v values) objects(key string) []values {
	var out []values
	for _, x := range v.list(key) {
		if m, ok := x.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

func expected(t *testing.T, path string) map[string]values {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]values
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return out
}

// score counts what is right of what is asked, a measure each.
type score struct {
	right, of map[string]int
	misses    map[string][]string
}

func newScore() *score {
	return &score{right: map[string]int{}, of: map[string]int{}, misses: map[string][]string{}}
}

func (s *score) add(measure, key string, ok bool) {
	s.of[measure]++
	if ok {
		s.right[measure]++
		return
	}
	s.misses[measure] = append(s.misses[measure], key)
}

// atLeast holds the score against what was reached before.
func (s *score) atLeast(t *testing.T, floors map[string]int) {
	t.Helper()
	for measure, floor := range floors {
		if s.right[measure] < floor {
			sort.Strings(s.misses[measure])
			t.Errorf("%s: %d of %d right, %d were: %v", measure, s.right[measure], s.of[measure], floor, s.misses[measure])
		}
	}
	for measure := range s.of {
		t.Logf("%-24s %4d of %4d", measure, s.right[measure], s.of[measure])
	}
}

func parseFile(t *testing.T, path string) parse.Message {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return parse.Parse(raw, parse.Options{})
}

// findFile gives the file of an expectation, whose key may lack the extension or the folder.
func findFile(dir, key string) string {
	path := filepath.Join(dir, key)
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
		return path
	}
	for _, pattern := range []string{path + "*", filepath.Join(dir, "*", key+"*")} {
		found, _ := filepath.Glob(pattern)
		for _, f := range found {
			if ext := filepath.Ext(f); ext != ".json" && ext != ".yml" && ext != ".xml" {
				return f
			}
		}
	}
	return ""
}

var (
	notShown = regexp.MustCompile(`(?is)<(?:script|style).*?</(?:script|style)>|<!--.*?-->`)
	anyTag   = regexp.MustCompile(`<[^>]+>`)
)

func noBreak(s string) string { return strings.ReplaceAll(s, "\u00a0", " ") }

// collapsed compares texts with one blank for each run of white space, bare without any.
func collapsed(s string) string { return strings.Join(strings.Fields(noBreak(s)), " ") }

func bare(s string) string { return strings.Join(strings.Fields(noBreak(s)), "") }

func untagged(s string) string {
	return html.UnescapeString(anyTag.ReplaceAllString(notShown.ReplaceAllString(s, ""), " "))
}

func holds[T comparable](have map[T]bool, want []T) bool {
	for _, w := range want {
		if !have[w] {
			return false
		}
	}
	return true
}

func hashes(m parse.Message) map[string]bool {
	out := map[string]bool{}
	for _, a := range m.Attachments {
		out[a.SHA256] = true
	}
	return out
}

func names(m parse.Message) map[string]bool {
	out := map[string]bool{}
	for _, a := range m.Attachments {
		out[a.Filename] = true
	}
	return out
}

func addresses(list []parse.Address) map[string]bool {
	out := map[string]bool{}
	for _, a := range list {
		out[strings.ToLower(a.Address)] = true
	}
	return out
}

// asMail puts a bare text into a mail.
func asMail(text string) parse.Message {
	head := "From: a@example.com\r\nTo: b@example.com\r\nSubject: x\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
	return parse.Parse([]byte(head+strings.ToValidUTF8(text, string(utf8.RuneError))), parse.Options{})
}
