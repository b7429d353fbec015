// Package marks reads the few marks that people set in what they write to customers: **bold**, _italic_, lists, > quotes and links. Everything else
// stays as it was typed, line by line: an amount with its sign, a date, an asterisk in a name. It is pure, and its HTML is safe.
package marks

import (
	"bytes"
	"html"
	"regexp"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	markup "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"
)

// HTML is a text with its marks as HTML of few elements; "" for one without words.
func HTML(typed string) string {
	if strings.TrimSpace(typed) == "" {
		return ""
	}
	var out bytes.Buffer
	if err := reader().Convert([]byte(prepared(typed)), &out); err != nil { // a buffer takes everything
		return "<p>" + html.EscapeString(typed) + "</p>"
	}
	return strings.TrimSpace(policy().Sanitize(out.String()))
}

// Plain is what a reader of the HTML reads: the text without its marks.
func Plain(typed string) string {
	return strings.TrimSpace(html.UnescapeString(tags.ReplaceAllString(HTML(typed), "")))
}

var tags = regexp.MustCompile(`<[^>]*>`)

// reader knows what we let through and nothing else: no headings, no code, no HTML, no pictures.
var reader = sync.OnceValue(func() goldmark.Markdown { //nolint:gochecknoglobals // made once, never changed
	return goldmark.New(
		goldmark.WithParser(parser.NewParser(
			parser.WithBlockParsers(util.Prioritized(parser.NewListParser(), 300), util.Prioritized(parser.NewListItemParser(), 400),
				util.Prioritized(parser.NewBlockquoteParser(), 800), util.Prioritized(parser.NewParagraphParser(), 1000)),
			parser.WithInlineParsers(util.Prioritized(parser.NewLinkParser(), 200), util.Prioritized(parser.NewEmphasisParser(), 500)),
		)),
		goldmark.WithExtensions(extension.NewLinkify(extension.WithLinkifyAllowedProtocols([]string{"http:", "https:"}))),
		goldmark.WithRendererOptions(markup.WithHardWraps()),
	)
})

var policy = sync.OnceValue(func() *bluemonday.Policy { //nolint:gochecknoglobals // made once, never changed
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "strong", "em", "ul", "ol", "li", "blockquote")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto")
	p.RequireNoReferrerOnFullyQualifiedLinks(true)
	p.AddTargetBlankToFullyQualifiedLinks(true)
	return p
})
