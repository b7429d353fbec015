package filter

import (
	"slices"
	"strings"
	"time"

	"makegood/internal/errs"
)

// Reader is when and where a filter is read: what "today" and "an hour ago" mean.
type Reader struct {
	Now  time.Time
	Zone *time.Location // nil means UTC
}

// What a text may be at most: runes altogether, terms, and values of one term.
const (
	MaxLength = 500
	MaxTerms  = 20
	MaxValues = 50
)

// Parse reads a text. A known field with a value it cannot have is an Invalid error of the field "q" that says what it can;
// "name:value" of no known field is words. A minus before a term turns it round.
func (r Reader) Parse(text string) (Query, error) {
	if r.Zone == nil {
		r.Zone = time.UTC
	}
	if len([]rune(text)) > MaxLength {
		return Query{}, wrong("filter.too_long")
	}
	var q Query
	var words, said []string
	for _, part := range split(text) {
		t, isTerm, err := r.term(part)
		if err != nil {
			return Query{}, err
		}
		if isTerm {
			q.Terms = append(q.Terms, t)
			continue
		}
		if word := strings.TrimSpace(strings.ReplaceAll(part, `"`, " ")); word != "" {
			words = append(words, word)
			if slices.ContainsFunc(split(word), readsAsTerm) {
				word = `"` + word + `"`
			}
			said = append(said, word)
		}
	}
	if len(q.Terms) > MaxTerms {
		return Query{}, wrong("filter.too_many_terms")
	}
	q.Words, q.written = strings.Join(words, " "), strings.Join(said, " ")
	return q, nil
}

// split cuts at blanks outside quotes. A quote that is not closed ends with the text.
func split(text string) []string {
	quoted := false
	return strings.FieldsFunc(text, func(c rune) bool {
		if c == '"' {
			quoted = !quoted
		}
		return !quoted && (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\u3000' || c == '\u00a0')
	})
}

func readsAsTerm(part string) bool {
	name, value, _ := strings.Cut(part, ":")
	_, known := definitionOf(strings.ToLower(strings.TrimPrefix(name, "-")))
	return known && value != ""
}

func (r Reader) term(part string) (Term, bool, error) {
	name, value, _ := strings.Cut(part, ":")
	not := strings.HasPrefix(name, "-")
	d, known := definitionOf(strings.ToLower(strings.TrimPrefix(name, "-")))
	value = strings.TrimSpace(strings.ReplaceAll(value, `"`, ""))
	if !known || value == "" {
		return Term{}, false, nil
	}
	t := Term{Field: d.Field, Not: not, written: written(d.Field, not, value)}
	var err error
	switch d.Kind {
	case Choice:
		err = t.choose(d, value)
	case Code, Name:
		err = t.name(d, value)
	case Amount:
		err = t.amount(value)
	case Held:
		err = t.holds(value)
	case Past, Future:
		err = t.moment(r, d.Kind, value)
	}
	return t, true, err
}

func written(f Field, not bool, value string) string {
	sign := ""
	if not {
		sign = "-"
	}
	if strings.ContainsAny(value, " \t\n\r\u3000\u00a0") {
		value = `"` + value + `"`
	}
	return sign + string(f) + ":" + value
}

func (t *Term) choose(d Definition, value string) error {
	for v := range strings.SplitSeq(strings.ToLower(value), ",") {
		v = strings.ReplaceAll(strings.TrimSpace(v), "-", "_")
		if !slices.Contains(d.Choices, v) {
			return wrong("filter.no_such_choice", "field", string(d.Field), "value", v, "choices", strings.Join(d.Choices, ", "))
		}
		t.Values = append(t.Values, v)
	}
	return nil
}

// name takes one or several; a comma parts them.
func (t *Term) name(d Definition, value string) error {
	for v := range strings.SplitSeq(value, ",") {
		if v = strings.TrimSpace(v); v != "" {
			t.Values = append(t.Values, v)
		}
	}
	if len(t.Values) == 0 || len(t.Values) > MaxValues {
		return wrong("filter.no_value", "field", string(d.Field))
	}
	return nil
}

func wrong(key string, params ...string) error { return errs.InvalidField("q", key, params...) }
