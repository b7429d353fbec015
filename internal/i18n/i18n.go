// Package i18n turns message keys into sentences in the reader's language.
package i18n

import (
	"embed"
	"fmt"
	"path"
	"strings"

	"gopkg.in/yaml.v3"

	"makegood/internal/errs"
)

//go:embed messages/*.yaml
var files embed.FS

// Fallback is the language every key has a sentence in.
const Fallback = "en"

// Catalogue holds the sentences of every language.
type Catalogue struct {
	languages map[string]map[string]string
}

// Load reads the sentences that are part of the program.
func Load() (*Catalogue, error) {
	entries, err := files.ReadDir("messages")
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	c := &Catalogue{languages: map[string]map[string]string{}}
	for _, entry := range entries {
		content, err := files.ReadFile(path.Join("messages", entry.Name()))
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", entry.Name(), err)
		}
		sentences := map[string]string{}
		if err := yaml.Unmarshal(content, &sentences); err != nil {
			return nil, fmt.Errorf("read %s: %w", entry.Name(), err)
		}
		c.languages[strings.TrimSuffix(entry.Name(), ".yaml")] = sentences
	}
	return c, nil
}

// Say gives the sentence for a key with its {params} filled in; pairs are names and values in turn. A key without a
// sentence gives the key itself, which a test makes sure never happens.
func (c *Catalogue) Say(lang, key string, pairs ...string) string {
	sentence, ok := c.languages[lang][key]
	if !ok {
		if sentence, ok = c.languages[Fallback][key]; !ok {
			return key
		}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		sentence = strings.ReplaceAll(sentence, "{"+pairs[i]+"}", pairs[i+1])
	}
	return sentence
}

// Fill is Say with the parameters as a map.
func (c *Catalogue) Fill(lang, key string, params errs.Params) string {
	pairs := make([]string, 0, 2*len(params))
	for name, value := range params {
		pairs = append(pairs, name, value)
	}
	return c.Say(lang, key, pairs...)
}

// Has tells whether a key has a sentence in the language itself.
func (c *Catalogue) Has(lang, key string) bool {
	_, ok := c.languages[lang][key]
	return ok
}
