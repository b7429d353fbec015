package layout

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"
)

// inContext renders a component, and the children given here, under another context than the caller's.
func inContext(inner context.Context, component templ.Component) templ.Component {
	return templ.ComponentFunc(func(outer context.Context, w io.Writer) error {
		children := templ.GetChildren(outer)
		under := templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
			return children.Render(inner, w)
		})
		return component.Render(templ.WithChildren(inner, under), w)
	})
}

func topicList(topics []string) string { return strings.Join(topics, " ") }

func tabTitle(title string) string {
	if title == "" {
		return "Makegood"
	}
	return title + " · Makegood"
}
