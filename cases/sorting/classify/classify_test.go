package classify_test

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"makegood/cases/sorting/classify"
	"makegood/cases/sorting/starter"
	"makegood/internal/raced"
)

func own(t testing.TB) []classify.Example {
	t.Helper()
	examples, err := starter.Examples()
	if err != nil {
		t.Fatal(err)
	}
	return examples
}

// corpus is a public set of questions to a bank with 77 intents; nil where it is not at hand.
func corpus(t testing.TB) []classify.Example {
	t.Helper()
	if raced.Detector {
		t.Log("learning runs alone: the race detector has nothing to find in a large set that it does not find in our own")
		return nil
	}
	shared := os.Getenv("MAKEGOOD_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "..", "shared")
	}
	content, err := os.ReadFile(filepath.Join(shared, "corpus", "classify-banking77", "train.csv"))
	if err != nil {
		t.Logf("the corpus is not here: %v", err)
		return nil
	}
	rows, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []classify.Example
	for _, row := range rows[1:] {
		out = append(out, classify.Example{Text: row[0], Class: row[1]})
	}
	return out
}

// What was learned must be found again in texts that were not learned from: in our own few texts of 21 topics in five
// languages, and in a public set of ten thousand texts of 77 intents, where it is at hand.
func TestFindsAgainWhatItLearned(t *testing.T) {
	t.Parallel()
	for _, set := range []struct {
		name            string
		examples        []classify.Example
		least, mostOver float64
	}{{"own", own(t), 0.80, 0.06}, {"public", corpus(t), 0.90, 0.03}} {
		if set.examples == nil {
			continue
		}
		results, err := classify.CrossValidate(t.Context(), set.examples, classify.Options{})
		if err != nil {
			t.Fatal(err)
		}
		r := classify.Summarise(results)
		t.Logf("%s: %d texts, %d classes, macro-F1 %.4f, accuracy %.4f, calibration error %.4f", set.name, r.Examples, len(r.Classes), r.MacroF1, r.Accuracy, r.CalibrationError)
		if r.MacroF1 < set.least {
			t.Errorf("%s: macro-F1 %.4f is below %.2f", set.name, r.MacroF1, set.least)
		}
		if r.CalibrationError > set.mostOver {
			t.Errorf("%s: confidence is off by %.4f", set.name, r.CalibrationError)
		}
	}
}

func learn(t testing.TB, examples []classify.Example) *classify.Model {
	t.Helper()
	m, _, err := classify.Learn(t.Context(), examples, classify.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestSaysWhatTextsAreAboutAndWhy(t *testing.T) {
	t.Parallel()
	m := learn(t, own(t))
	for _, c := range []struct{ text, class, word string }{
		{"Hello, we see that the seats for March were charged twice on invoice 4711.", "duplicate_charge", "twice"},
		{"Wir haben den Vertrag fristgerecht gekündigt und bekommen trotzdem Rechnungen.", "charged_after_cancellation", ""},
		{"Auf der letzten Rechnung fehlt leider unser Rabatt.", "discount_missing", "rabatt"},
		{"Na fatura de maio falta o desconto acordado.", "discount_missing", "desconto"},
		{"消費税の税率が間違っていると思われます。", "tax_wrong", "税率"},
		{"请问退款什么时候到账？我们一直没有收到退款。", "refund_not_received", "退款"},
		{"Remittance advice: payment for the invoices below", "remittance", "remittance"},
	} {
		best := m.Best(c.text)
		if best.Class != c.class {
			t.Errorf("%q: %v, want %s", c.text, m.Guesses(c.text)[:3], c.class)
			continue
		}
		words := m.Explain(c.text, best.Class, 5)
		if c.word != "" && !slices.ContainsFunc(words, func(w classify.Word) bool { return strings.Contains(w.Text, c.word) }) {
			t.Errorf("%q: decided by %v, not by %s", c.text, words, c.word)
		}
	}
	if got := m.Guesses("12345 !!"); got[0].Confidence > 0.3 {
		t.Errorf("sure of nothing: %v", got[0])
	}
	sum := 0.0
	for _, g := range m.Guesses("We were charged twice") {
		sum += g.Confidence
	}
	if sum < 0.9999 || sum > 1.0001 {
		t.Errorf("the shares add up to %v", sum)
	}
}

func TestIsTheSameAgain(t *testing.T) {
	t.Parallel()
	examples := own(t)[:700] // of two languages
	before := learn(t, examples)
	first, sum, err := before.Encode()
	if err != nil {
		t.Fatal(err)
	}
	second, again, err := learn(t, examples).Encode()
	if err != nil || sum != again || !bytes.Equal(first, second) {
		t.Fatalf("two trainings of the same gave different models: %v", err)
	}
	m, err := classify.Decode(first, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range examples {
		if a, b := before.Best(e.Text), m.Best(e.Text); a != b {
			t.Fatalf("%q: %v before, %v after it was kept", e.Text, a, b)
		}
	}
	if n := len(m.Classes()); n != 21 || m.Features() < 1000 {
		t.Errorf("%d classes, %d features", n, m.Features())
	}
}

func TestRefusesWhatIsNoModel(t *testing.T) {
	t.Parallel()
	content, sum, err := learn(t, own(t)[:200]).Encode()
	if err != nil {
		t.Fatal(err)
	}
	broken := bytes.Clone(content)
	broken[len(broken)/2] ^= 1
	if _, err := classify.Decode(broken, sum[:]); err != classify.ErrDamaged { //nolint:errorlint // the very error
		t.Errorf("damaged: %v", err)
	}
	if _, _, err := classify.Learn(t.Context(), own(t)[:4], classify.Options{}); err != classify.ErrOneClass { //nolint:errorlint // the very error
		t.Errorf("one class: %v", err)
	}
}
