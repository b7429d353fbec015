package parse_test

import (
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"strings"
	"testing"

	"makegood/inbox/parse"
)

// TestScoreOfConsensus compares with what at least two of three other parsers read alike. Where ours differs it is
// right or as good, as docs/intake-score.md says one by one; the figures only keep it from drifting.
func TestScoreOfConsensus(t *testing.T) {
	t.Parallel()
	dir := corpus()
	if dir == "" {
		t.Log("no collected mails here")
		return
	}
	s := newScore()
	sets, _ := filepath.Glob(filepath.Join(dir, "mail-*", "consensus.json"))
	for _, path := range sets {
		folder := filepath.Dir(path)
		for key, v := range expected(t, path) {
			fields, _ := v["consensus"].(map[string]any)
			file := findFile(folder, key)
			if file == "" {
				t.Fatalf("no file for %s", key)
			}
			scoreConsensus(s, filepath.Base(folder)+" "+key, fields, parseFile(t, file))
		}
	}
	s.atLeast(t, map[string]int{
		"subject": 451, "from": 464, "to": 459, "cc": 473, "message_id": 467, "text_norm_sha256": 380,
		"html_norm_sha256": 466, "attachment_names": 453, "attachment_digests": 455,
	})
}

func scoreConsensus(s *score, key string, want values, m parse.Message) {
	for field, have := range map[string]map[string]bool{"from": addresses(m.From), "to": addresses(m.To), "cc": addresses(m.Cc)} {
		if _, ok := want[field]; ok {
			s.add(field, key, holds(have, lowered(want.strings(field))))
		}
	}
	for field, have := range map[string]map[string]bool{"attachment_names": names(m), "attachment_digests": hashes(m)} {
		if _, ok := want[field]; ok {
			s.add(field, key, holds(have, want.strings(field)))
		}
	}
	if w, ok := want.text("subject"); ok {
		s.add("subject", key, collapsed(w) == collapsed(m.Subject))
	}
	if w, ok := want.text("message_id"); ok {
		s.add("message_id", key, strings.Trim(w, "<>") == m.MessageID)
	}
	empty := digest("")
	if w, ok := want.text("text_norm_sha256"); ok {
		s.add("text_norm_sha256", key, w == digest(m.Text) || w == empty && m.HTML != "")
	}
	if w, ok := want.text("html_norm_sha256"); ok {
		s.add("html_norm_sha256", key, w == digest(untagged(m.HTML)))
	}
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(collapsed(s)))
	return hex.EncodeToString(sum[:])
}

func lowered(list []string) []string {
	for i := range list {
		list[i] = strings.ToLower(list[i])
	}
	return list
}
