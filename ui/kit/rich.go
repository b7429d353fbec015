package kit

import (
	"context"
	"fmt"
	"html"
	"io"
	"strings"

	"github.com/a-h/templ"

	"makegood/internal/i18n"
)

// Part is an element inside a sentence; made by Element.
type Part struct{ name, opening string }

// Element is an element that stands inside a sentence, with its attributes as names and values in turn.
func Element(name string, attributes ...string) Part {
	var b strings.Builder
	b.WriteString("<" + name)
	for i := 0; i+1 < len(attributes); i += 2 {
		b.WriteString(" " + attributes[i] + `="` + html.EscapeString(attributes[i+1]) + `"`)
	}
	b.WriteString(">")
	return Part{name: name, opening: b.String()}
}

// Rich is a sentence with elements in it: "Entered under {a}Absences{/a}." with "a", Element("a", "href", "/absences"). Pairs
// are the names of places and what stands there: an Element, a component or text. The order is each language's own.
func Rich(english string, pairs ...any) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		filled := make([]any, 0, 2*len(pairs))
		for i := 0; i+1 < len(pairs); i += 2 {
			switch value := pairs[i+1].(type) {
			case Part:
				name := fmt.Sprint(pairs[i])
				filled = append(filled, name, value.opening, "/"+name, "</"+value.name+">")
			case templ.Component:
				text, err := templ.ToGoHTML(ctx, value)
				if err != nil {
					return err
				}
				filled = append(filled, pairs[i], string(text))
			default:
				filled = append(filled, pairs[i], html.EscapeString(fmt.Sprint(value)))
			}
		}
		_, err := io.WriteString(w, i18n.Mark(html.EscapeString(english), filled...))
		return err
	})
}
