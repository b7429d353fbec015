package i18n_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// TestCustomersPagesSpeakEveryLanguage: what a customer reads has a sentence in each language, with the same places to fill in.
func TestCustomersPagesSpeakEveryLanguage(t *testing.T) {
	t.Parallel()
	read := func(lang string) map[string]string {
		content, err := os.ReadFile("messages/" + lang + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		var sentences map[string]string
		if err := yaml.Unmarshal(content, &sentences); err != nil {
			t.Fatal(err)
		}
		return sentences
	}
	places := func(sentence string) []string {
		found := regexp.MustCompile(`\{[a-z_]+\}`).FindAllString(sentence, -1)
		slices.Sort(found)
		return found
	}
	english := read("en")
	for _, lang := range []string{"de", "zh-Hans", "ja", "pt"} {
		other := read(lang)
		for key, sentence := range english {
			area, _, _ := strings.Cut(key, ".")
			if !slices.Contains([]string{"portal", "contact", "survey"}, area) {
				continue
			}
			switch said, there := other[key]; {
			case !there || strings.TrimSpace(said) == "":
				t.Errorf("%s: no sentence for %s", lang, key)
			case !slices.Equal(places(said), places(sentence)):
				t.Errorf("%s: %s fills in %v, in English %v", lang, key, places(said), places(sentence))
			}
		}
		for key := range other {
			if english[key] == "" {
				t.Errorf("%s: %s is in no other language", lang, key)
			}
		}
	}
}
