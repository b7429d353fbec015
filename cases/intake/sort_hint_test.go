package intake_test

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"makegood/cases/intake"
	"makegood/inbox/parse"
	"makegood/internal/raced"
)

// TestHintsNeverHideAMatch builds texts out of pieces of the expressions' own words, in both cases, and asks expression and hint.
func TestHintsNeverHideAMatch(t *testing.T) {
	t.Parallel()
	expressions := intake.Expressions()
	expressions = append(expressions, `(?i)stra(?:ß|ss)e`, `(?is)x?y*(?:a|bc)d{2,3}`, `(?i)\bk\b|s+`, `(?i)[a-c]z`, `(?is)(?:ab|)c`)
	rng := rand.New(rand.NewPCG(1, 2))
	separators := regexp.MustCompile(`[()|?*+{}\[\]\\]`)
	matched, spared := 0, 0
	for _, e := range expressions {
		re, possible := regexp.MustCompile(e), intake.Hint(e)
		pieces := separators.Split(strings.TrimPrefix(e, "(?is)"), -1)
		for range raced.Runs(400) {
			var b strings.Builder
			for range 1 + rng.IntN(6) {
				piece := pieces[rng.IntN(len(pieces))]
				switch rng.IntN(4) {
				case 0:
					piece = strings.ToUpper(piece)
				case 1:
					piece = strings.NewReplacer("s", "ſ", "k", "\u212a").Replace(piece)
				}
				b.WriteString(piece + []string{"", " ", "d", "z", "c"}[rng.IntN(5)])
			}
			text := b.String()
			switch {
			case re.MatchString(text):
				matched++
				if !possible(text) {
					t.Fatalf("%q matches %.80s…, and the hint says it cannot", text, e)
				}
			case !possible(text):
				spared++
			}
		}
	}
	if matched < 100 || spared < 100 {
		t.Errorf("only %d texts matched and %d were spared", matched, spared)
	}
}

func BenchmarkSorter(b *testing.B) {
	s := intake.NewSorter()
	m := question()
	for b.Loop() {
		s.Sort(m, false)
	}
}

func question() parse.Message {
	return parse.Message{Subject: "A question about our account", ReplyText: "Could you please tell us which bank account we should pay to from now on, and whom to ask about it? " +
		"Our records still show the one you used before the summer, and our treasury wants it confirmed before the next run."}
}
