// Package i18n turns message keys into sentences in the reader's language.
package i18n

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"makegood/internal/errs"
)

//go:embed messages/*.yaml screens/*/*.yaml
var files embed.FS

// Fallback is the language every key has a sentence in.
const Fallback = "en"

// Catalogue holds the sentences of every language.
type Catalogue struct {
	languages map[string]map[string]string
	screens   map[string]map[string]string // English to each language
}

// Load reads the sentences that are part of the program.
func Load() (*Catalogue, error) {
	entries, err := files.ReadDir("messages")
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	c := &Catalogue{languages: map[string]map[string]string{}, screens: map[string]map[string]string{}}
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
	if err := c.loadScreens(); err != nil {
		return nil, err
	}
	return c, nil
}

// loadScreens reads what the screens say: a folder a language, and in it files that share the sentences out.
func (c *Catalogue) loadScreens() error {
	names, err := fs.Glob(files, "screens/*/*.yaml")
	if err != nil {
		return fmt.Errorf("find the screens' sentences: %w", err)
	}
	for _, name := range names {
		content, err := files.ReadFile(name)
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		sentences := map[string]string{}
		if err := yaml.Unmarshal(content, &sentences); err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		lang := path.Base(path.Dir(name))
		if c.screens[lang] == nil {
			c.screens[lang] = map[string]string{}
		}
		maps.Copy(c.screens[lang], sentences)
	}
	return nil
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
