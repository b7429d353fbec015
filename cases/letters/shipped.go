package letters

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// clause is a paragraph of a letter we ship: a sentence, what follows it, and the variable without which it is left out.
type clause struct {
	Sentence string            `yaml:"sentence"`
	With     map[string]string `yaml:"with"` // placeholder of the sentence to variable, where the two have other names
	Then     string            `yaml:"then"`
	When     string            `yaml:"when"`
	Instead  string            `yaml:"instead"` // the sentence where the variable is empty
}

func loadClauses() (map[Kind][]clause, error) {
	content, err := files.ReadFile("words/clauses.yaml")
	if err != nil {
		return nil, fmt.Errorf("read clauses: %w", err)
	}
	var clauses map[Kind][]clause
	if err := yaml.Unmarshal(content, &clauses); err != nil {
		return nil, fmt.Errorf("parse clauses: %w", err)
	}
	return clauses, nil
}

// Shipped is the letter we ship as a wording, to begin one's own from. Written by it a letter has the very text that Write gives.
func Shipped(kind Kind, lang string) (Wording, error) {
	parts, err := shared()
	if err != nil {
		return Wording{}, fmt.Errorf("load letters: %w", err)
	}
	w := parts.words[Language(lang)]
	list := parts.clauses[kind]
	if kind != Reply { // greeting and closing of a reply are the agent's
		list = append([]clause{{Then: "{{.greeting}}"}}, list...)
		list = append(list, clause{Sentence: "closing", Then: "\n{{.signature}}"})
		if !ofNoCase(kind) {
			list = append(list, clause{Sentence: "hint"})
		}
	}
	var b strings.Builder
	for _, c := range list {
		b.WriteString(c.source(w))
	}
	own := Wording{Body: strings.TrimSpace(b.String())}
	switch kind {
	case ContactProof:
		own.Subject = variablesIn(w.Sentences[ContactProofVars{}.title()], nil)
	case PortalCode:
		own.Subject = variablesIn(w.Sentences[PortalCodeVars{}.title()], nil)
	case Statement:
		own.Subject = variablesIn(w.Sentences[StatementVars{}.title()], nil)
	case Acknowledgement, Reply, CreditPosted, DebitPosted, RefundPosted, Nudge, AutoClose, Oversize, Survey:
	}
	return own, nil
}

// source is the clause as it stands in a wording, with an empty line behind it.
func (c clause) source(w *words) string {
	text := variablesIn(w.Sentences[c.Sentence], c.With) + c.Then + "\n\n"
	if c.When == "" {
		return text
	}
	if c.Instead != "" {
		text += "{{else}}\n" + variablesIn(w.Sentences[c.Instead], c.With) + "\n\n"
	}
	return "{{if ." + c.When + "}}\n" + text + "{{end}}\n"
}

// variablesIn writes {date} of a sentence as {{.date}} of a wording.
func variablesIn(sentence string, with map[string]string) string {
	return placeholder.ReplaceAllStringFunc(sentence, func(found string) string {
		name := strings.Trim(found, "{}")
		if other, ok := with[name]; ok {
			name = other
		}
		return "{{." + name + "}}"
	})
}
