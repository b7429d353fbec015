package parse_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"makegood/inbox/parse"
)

// reply is one reply with what must remain of it.
type reply struct {
	set, key, want string
	m              parse.Message
}

func TestScoreOfReplies(t *testing.T) {
	t.Parallel()
	dir := corpus()
	if dir == "" {
		t.Log("no collected mails here")
		return
	}
	s := newScore()
	all := append(parserReplies(t, dir), talonReplies(t, dir)...)
	all = append(append(all, trimmerReplies(t, dir)...), mailReplies(t, dir)...)
	for _, r := range all {
		s.add(r.set, r.key, collapsed(r.m.ReplyText) == collapsed(r.want))
		s.add("no own line lost", r.set+" "+r.key, keepsLines(r.m.ReplyText, r.want))
	}
	s.atLeast(t, map[string]int{
		"parsers": 51, "talon": 4, "talon inline": 28, "trimmer": 29, "gitlab": 6, "discourse": 7, "no own line lost": 130,
	})
}

func keepsLines(have, want string) bool {
	have = bare(have)
	for l := range strings.Lines(want) {
		if !strings.Contains(have, bare(l)) {
			return false
		}
	}
	return true
}

func readText(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func parserReplies(t *testing.T, dir string) []reply {
	t.Helper()
	var out []reply
	dir = filepath.Join(dir, "reply-parsers")
	var set struct {
		Cases map[string]values `json:"cases"`
	}
	if err := json.Unmarshal([]byte(readText(t, filepath.Join(dir, "expected.json"))), &set); err != nil {
		t.Fatal(err)
	}
	for key, v := range set.Cases {
		path := filepath.Join(dir, key)
		if _, err := os.Stat(path); err != nil || v["strong"] != true {
			continue
		}
		want, _ := v.text("reply")
		if majority, ok := v["majority"].(map[string]any); ok {
			if r, ok := values(majority).text("reply"); ok && r != "" {
				want = r
			}
		}
		out = append(out, reply{"parsers", key, want, asMail(readText(t, path))})
	}
	return out
}

func talonReplies(t *testing.T, dir string) []reply {
	t.Helper()
	var out []reply
	dir = filepath.Join(dir, "reply-talon")
	for key, v := range expected(t, filepath.Join(dir, "expected.json")) {
		if want, ok := v.text("reply"); ok && strings.HasPrefix(key, "standard_replies") {
			out = append(out, reply{"talon", key, want, parseFile(t, filepath.Join(dir, key))})
		}
	}
	raw := []byte(readText(t, filepath.Join(dir, "inline-cases.json")))
	var list []values
	if err := json.Unmarshal(raw, &list); err != nil {
		var set struct {
			Cases []values `json:"cases"`
		}
		if err := json.Unmarshal(raw, &set); err != nil {
			t.Fatal(err)
		}
		list = set.Cases
	}
	for _, v := range list {
		want, ok := v.text("expected")
		if input, plain := v.text("input"); ok && plain && v["kind"] == "plain" {
			key, _ := v.text("test")
			out = append(out, reply{"talon inline", key, want, asMail(input)})
		}
	}
	return out
}

func trimmerReplies(t *testing.T, dir string) []reply {
	t.Helper()
	var out []reply
	dir = filepath.Join(dir, "reply-discourse-trimmer")
	files, _ := filepath.Glob(filepath.Join(dir, "emails", "*"))
	for _, f := range files {
		trimmed := filepath.Join(dir, "trimmed", filepath.Base(f))
		if _, err := os.Stat(trimmed); err == nil {
			out = append(out, reply{"trimmer", filepath.Base(f), readText(t, trimmed), asMail(readText(t, f))})
		}
	}
	return out
}

func mailReplies(t *testing.T, dir string) []reply {
	t.Helper()
	var out []reply
	for _, set := range []string{"gitlab", "discourse"} {
		folder := filepath.Join(dir, "reply-"+set)
		for key, v := range expected(t, filepath.Join(folder, "expected.json")) {
			if want, ok := v.text("reply"); ok {
				if _, err := os.Stat(filepath.Join(folder, key)); err == nil {
					out = append(out, reply{set, key, want, parseFile(t, filepath.Join(folder, key))})
				}
			}
		}
	}
	return out
}
