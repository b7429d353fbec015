// Package starter is what the sorting knows before a company has decided its first case: texts that we made up, for each
// topic in each language that Makegood writes. It is pure.
package starter

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"makegood/cases/sorting/classify"
)

//go:embed *.yaml
var files embed.FS

// Languages are those there are texts in.
func Languages() []string { return []string{"de", "en", "ja", "pt", "zh"} }

// Examples are all texts with their topics, always in the same order. Their keys begin with "s:".
func Examples() ([]classify.Example, error) {
	var out []classify.Example
	for _, language := range Languages() {
		list, err := In(language)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// In are the texts in one language.
func In(language string) ([]classify.Example, error) {
	raw, err := files.ReadFile(language + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("read starter set: %w", err)
	}
	var topics map[string][]string
	if err := yaml.Unmarshal(raw, &topics); err != nil {
		return nil, fmt.Errorf("read starter set in %s: %w", language, err)
	}
	short, err := phrases(language)
	if err != nil {
		return nil, err
	}
	var out []classify.Example
	for _, topic := range slices.Sorted(maps.Keys(topics)) {
		for _, text := range append(topics[topic], short[topic]...) {
			sum := sha256.Sum256([]byte(topic + "\n" + text))
			out = append(out, classify.Example{Key: "s:" + hex.EncodeToString(sum[:6]), Text: text, Class: topic})
		}
	}
	return out, nil
}

// phrases are the few words by which each topic is known in a language.
func phrases(language string) (map[string][]string, error) {
	raw, err := files.ReadFile("phrases.yaml")
	if err != nil {
		return nil, fmt.Errorf("read phrases: %w", err)
	}
	var topics map[string]map[string]string
	if err := yaml.Unmarshal(raw, &topics); err != nil {
		return nil, fmt.Errorf("read phrases: %w", err)
	}
	out := map[string][]string{}
	for topic, languages := range topics {
		for phrase := range strings.SplitSeq(languages[language], "|") {
			if phrase = strings.TrimSpace(phrase); phrase != "" {
				out[topic] = append(out[topic], phrase)
			}
		}
	}
	return out, nil
}
