package i18n_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// spoken are the languages besides English; each has every sentence.
var spoken = []string{"de", "ja", "pt", "zh-Hans"}

// TestEveryLanguageIsWhole: each language has a sentence for every key, with the same places to fill in, so that nobody reads two
// languages on one page or misses an amount that the English sentence tells.
func TestEveryLanguageIsWhole(t *testing.T) {
	t.Parallel()
	english := sentencesOf(t, "messages/en.yaml")
	if len(english) < 1000 {
		t.Fatalf("found only %d English sentences", len(english))
	}
	for _, lang := range spoken {
		other := sentencesOf(t, "messages/"+lang+".yaml")
		for key, sentence := range english {
			switch said := other[key]; {
			case strings.TrimSpace(said) == "":
				t.Errorf("%s: no sentence for %s", lang, key)
			case !slices.Equal(placesIn(said), placesIn(sentence)):
				t.Errorf("%s: %s fills in %v, in English %v", lang, key, placesIn(said), placesIn(sentence))
			}
		}
		for key := range other {
			if english[key] == "" {
				t.Errorf("%s: %s is in no other language", lang, key)
			}
		}
	}
}

// TestLanguagesAreTheOnesThere: a language that somebody adds or takes away is one that the other tests look at or miss.
func TestLanguagesAreTheOnesThere(t *testing.T) {
	t.Parallel()
	for room, want := range map[string][]string{"messages": append([]string{"en"}, spoken...), "glossary": spoken} {
		paths, err := filepath.Glob(room + "/*.yaml")
		if err != nil {
			t.Fatal(err)
		}
		found := make([]string, 0, len(paths))
		for _, path := range paths {
			found = append(found, strings.TrimSuffix(filepath.Base(path), ".yaml"))
		}
		slices.Sort(found)
		want = slices.Sorted(slices.Values(want))
		if !slices.Equal(found, want) {
			t.Errorf("%s has %v, want %v", room, found, want)
		}
	}
}

// TestGlossariesCanBeRead: each term has one word of the language, and the terms that no sentence does without are among them.
func TestGlossariesCanBeRead(t *testing.T) {
	t.Parallel()
	for _, lang := range spoken {
		terms := sentencesOf(t, "glossary/"+lang+".yaml")
		for term, word := range terms {
			if strings.TrimSpace(word) == "" {
				t.Errorf("%s: no word for %s", lang, term)
			}
		}
		for _, term := range []string{"credit memo", "legal entity", "root cause", "write-off"} {
			if terms[term] == "" {
				t.Errorf("%s: the glossary lacks %s", lang, term)
			}
		}
	}
}

func sentencesOf(t *testing.T, path string) map[string]string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var sentences map[string]string
	if err := yaml.Unmarshal(content, &sentences); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return sentences
}

var place = regexp.MustCompile(`\{[a-z_]+\}`)

func placesIn(sentence string) []string {
	found := place.FindAllString(sentence, -1)
	slices.Sort(found)
	return found
}
