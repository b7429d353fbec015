package letters_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"testing"

	"go.yaml.in/yaml/v3"

	"makegood/cases/letters"
)

func sentences(t *testing.T, lang string) map[string]string {
	t.Helper()
	content, err := os.ReadFile("words/" + lang + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Months    []string
		Sentences map[string]string
	}
	if err := yaml.Unmarshal(content, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Months) != 12 {
		t.Errorf("%s has %d months", lang, len(file.Months))
	}
	return file.Sentences
}

func TestLanguagesSayTheSame(t *testing.T) {
	t.Parallel()
	variable := regexp.MustCompile(`\{\w+\}`)
	variables := func(s string) []string {
		return slices.Compact(slices.Sorted(slices.Values(variable.FindAllString(s, -1))))
	}
	english := sentences(t, "en")
	for _, lang := range letters.Languages()[1:] {
		other := sentences(t, lang)
		if got, want := slices.Sorted(maps.Keys(other)), slices.Sorted(maps.Keys(english)); !slices.Equal(got, want) {
			t.Errorf("%s has the sentences %v, English %v", lang, got, want)
		}
		for key, sentence := range other {
			if !slices.Equal(variables(sentence), variables(english[key])) {
				t.Errorf("%s: %s has other variables: %s", lang, key, sentence)
			}
		}
	}
}
