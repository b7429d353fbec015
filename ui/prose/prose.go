// Package prose shows what people of the desk write in Markdown: as HTML of few elements, without pictures, styles or anything that runs.
package prose

import (
	"bytes"
	"regexp"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// HTML is a text in Markdown as safe HTML. HTML that is written in it is left out; links lead to the web, to mail, or to a page of ours.
func HTML(markdown string) string {
	if strings.TrimSpace(markdown) == "" {
		return ""
	}
	var out bytes.Buffer
	if err := reader().Convert([]byte(markdown), &out); err != nil { // a buffer takes everything
		return ""
	}
	return policy().Sanitize(out.String())
}

// reader reads CommonMark with bare addresses as links. A heading becomes a bold line: where the text stands on a page is not its to say.
var reader = sync.OnceValue(func() goldmark.Markdown { //nolint:gochecknoglobals // made once, never changed
	return goldmark.New(goldmark.WithExtensions(extension.Linkify), goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(headings{}, 100))))
})

var policy = sync.OnceValue(func() *bluemonday.Policy { //nolint:gochecknoglobals // made once, never changed
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "strong", "em", "ul", "ol", "li", "code", "pre", "blockquote", "hr")
	p.AllowAttrs("start").Matching(regexp.MustCompile(`^[0-9]{1,4}$`)).OnElements("ol")
	p.AllowAttrs("href").Matching(regexp.MustCompile(`^(?i:https?://|mailto:)|^/[A-Za-z0-9]`)).OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto")
	p.AllowRelativeURLs(true)
	p.RequireNoReferrerOnFullyQualifiedLinks(true)
	p.AddTargetBlankToFullyQualifiedLinks(true)
	return p
})

// headings turns headings into paragraphs in bold.
type headings struct{}

// Transform does so throughout a document.
func (headings) Transform(doc *ast.Document, _ text.Reader, _ parser.Context) {
	var found []*ast.Heading
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if h, ok := n.(*ast.Heading); ok && entering {
			found = append(found, h)
		}
		return ast.WalkContinue, nil
	})
	for _, h := range found {
		bold := ast.NewEmphasis(2)
		for child := h.FirstChild(); child != nil; {
			next := child.NextSibling()
			bold.AppendChild(bold, child)
			child = next
		}
		p := ast.NewParagraph()
		p.AppendChild(p, bold)
		h.Parent().ReplaceChild(h.Parent(), h, p)
	}
}
