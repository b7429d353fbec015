package hint_test

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"makegood/inbox/parse/hint"
	"makegood/internal/raced"
)

// TestHintsNeverHideAMatch builds texts out of pieces of the expressions' own words, in both cases, and asks expression and hint.
func TestHintsNeverHideAMatch(t *testing.T) {
	t.Parallel()
	expressions := append(vocabulary(), `(?i)stra(?:ß|ss)e`, `(?is)x?y*(?:a|bc)d{2,3}`, `(?i)\bk\b|s+`, `(?i)[a-c]z`, `(?is)(?:ab|)c`)
	rng := rand.New(rand.NewPCG(1, 2))
	separators := regexp.MustCompile(`[()|?*+{}\[\]\\]`)
	matched, spared := 0, 0
	for _, e := range expressions {
		re, possible := regexp.MustCompile(e), asked(t, e)
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
	if matched < 50 || spared < 50 {
		t.Errorf("only %d texts matched and %d were spared", matched, spared)
	}
}

// vocabulary is like the expressions that mail is sorted and read by.
func vocabulary() []string {
	const notYet = `not (?:yet )?(?:been |be )?|n't |never|nicht|noch kein|keine|pas |não|ainda|いません|未|没有`
	return []string{
		`(?is)(?:charg|bill|invoic|berechn|abgebucht|rechnung|prélev|請求|收费|账单)[^.!?。]{0,60}?(?:twice|double|doppelt|zweimal|zwei Mal|deux fois|二重|２回|重复)|` +
			`(?:twice|double|doppelt)[^.!?。]{0,60}?(?:charg|bill|invoic|berechn)|duplicate (?:invoice|charge)|double[- ](?:charge|billing)`,
		`(?is)(?:refund|erstattung|rückzahlung|返金|退款)[^.!?。]{0,60}?(?:` + notYet + `)|where is (?:my|our) refund`,
		`(?is)sla[- ](?:credit|breach)|service[- ]credit|SLA.{0,20}(?:違反|赔偿)|\bcancel|zu (?:viel|hoch)(?:en|er|e)? (?:berechnet|preis)?`,
		`(?i)\b((?:INV|RE|RG|FAC)\d{4,12})\b`, `(?i)(?:\binvoices?|\bfactur[ae]s?|請求書)(?:[ \t-]*(?:numbers?|no)\b\.?)?[ \t]*((?:[A-Z]{1,6}[-/]?)*\d+)`,
	}
}

func asked(t *testing.T, expression string) func(text string) bool {
	t.Helper()
	h, err := hint.Of(expression)
	if err != nil {
		t.Fatal(err)
	}
	return func(text string) bool { return h.Possible(hint.Fold(text)) }
}

func TestWhatAHintNeeds(t *testing.T) {
	t.Parallel()
	possible := asked(t, vocabulary()[0])
	for text, want := range map[string]bool{
		"You CHARGED us twice": true, "Twice you sent the Bill": true, "a double-charge": true, "You charged us": false, "We asked twice": false, "": false,
	} {
		if possible(text) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
	if _, err := hint.Of("("); err == nil {
		t.Error("an expression that is none")
	}
	if h, err := hint.Of(`.*`); err != nil || !h.Possible("") {
		t.Error("an expression that matches everything")
	}
}
