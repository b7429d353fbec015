// Package display makes of a mail's HTML a page that is safe to look at: only what is on a list stays, nothing is loaded from
// elsewhere unless it goes through us, and links say where they lead. The mail itself is kept as it came. It is the first of three
// walls: the page is shown in a sandboxed frame, under a policy that allows no script.
package display

import (
	"crypto/sha256"
	"encoding/base64"
	"html"
	"regexp"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"

	"makegood/inbox/parse"
)

// maxHTML is how much HTML is shown; larger mails are shown as text.
const maxHTML = 1 << 20

// maxStyle is how long the styles of one element may be: to read long ones of many brackets takes a time that grows with their square.
const maxStyle = 2000

// Options say where pictures come from. Addresses given must begin with Prefix.
type Options struct {
	// Inline gives the address of a file of the mail by its place among them.
	Inline func(place int) string
	// Remote gives the address a picture from elsewhere is fetched by; nil leaves such pictures out.
	Remote func(address string) string
}

// Prefix is what addresses of pictures begin with. No other picture stays.
const Prefix = "/mail-pictures/"

// Page is a mail to look at.
type Page struct {
	HTML   string // the whole document
	Remote int    // how many pictures from elsewhere the mail has
}

// Render makes the page. A mail without HTML is shown as text.
func Render(m parse.Message, o Options) Page {
	if m.HTML == "" || len(m.HTML) > maxHTML {
		return Page{HTML: document("<pre>" + html.EscapeString(m.Text) + "</pre>")}
	}
	prepared, remote, err := prepare(m, o)
	if err != nil { // nested deeper than a browser would
		return Page{HTML: document("<pre>" + html.EscapeString(m.Text) + "</pre>")}
	}
	return Page{HTML: document(policy().Sanitize(prepared)), Remote: remote}
}

// style is all of our own that the page needs; mails are written for white paper.
const style = `:root{color-scheme:light}body{margin:0;padding:12px;background:#fff;color:#1b1f24;font:14px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}` +
	`pre{white-space:pre-wrap;font:inherit;margin:0}img{max-width:100%;height:auto}table{max-width:100%}blockquote{margin:.5em 0 .5em .25em;padding-left:.75em;border-left:2px solid #c8ccd2}a{color:#1257a8}`

func document(body string) string {
	return `<!doctype html><html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Mail</title><style>` + style +
		`</style></head><body>` + body + `</body></html>`
}

// Policy is the content security policy of the page: no script, no form, no frame; pictures from us; our one style and those that
// the list left on elements. The sandbox gives it an origin of its own, so that nothing of the reader's is in its reach.
func Policy() string {
	sum := sha256.Sum256([]byte(style))
	return "default-src 'none'; img-src 'self'; style-src 'none'; style-src-elem 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; " +
		"style-src-attr 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox " + Sandbox
}

// Sandbox is what the frame may do: open a link in a window of its own.
const Sandbox = "allow-popups allow-popups-to-escape-sandbox"

// policy is the list of what may stay.
var policy = sync.OnceValue(func() *bluemonday.Policy { //nolint:gochecknoglobals // made once, never changed
	p := bluemonday.NewPolicy()
	p.AllowElements(
		"p", "br", "div", "span", "center", "blockquote", "pre", "code", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd",
		"b", "strong", "i", "em", "u", "s", "strike", "del", "ins", "small", "big", "sub", "sup", "tt", "font", "abbr", "cite", "q", "address",
		"table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption", "colgroup", "col", "section", "article", "header", "footer", "main",
	)
	p.AllowAttrs("href").Matching(regexp.MustCompile(`^(?i:https?://|mailto:)`)).OnElements("a")
	p.AllowAttrs("src").Matching(regexp.MustCompile(`^` + Prefix + `[A-Za-z0-9_.-]+$`)).OnElements("img")
	p.AllowAttrs("alt", "title").Matching(bluemonday.Paragraph).OnElements("img")
	p.AllowURLSchemes("http", "https", "mailto")
	p.AllowRelativeURLs(true) // pictures of ours; links that are relative were taken out before and do not match
	p.RequireNoFollowOnLinks(true)
	p.RequireNoReferrerOnLinks(true)
	p.AddTargetBlankToFullyQualifiedLinks(true)
	size := regexp.MustCompile(`^[0-9]{1,4}(px|%)?$`)
	p.AllowAttrs("width", "height").Matching(size).OnElements("img", "table", "td", "th", "col")
	p.AllowAttrs("colspan", "rowspan", "cellpadding", "cellspacing", "border", "start").Matching(regexp.MustCompile(`^[0-9]{1,3}$`)).OnElements("table", "td", "th", "ol")
	p.AllowAttrs("align", "valign").Matching(regexp.MustCompile(`^(?i:left|right|center|justify|top|middle|bottom|baseline)$`)).
		OnElements("table", "tr", "td", "th", "p", "div", "h1", "h2", "h3", "h4", "img", "col")
	p.AllowAttrs("bgcolor", "color").Matching(regexp.MustCompile(`^(#[0-9A-Fa-f]{3,8}|[A-Za-z]{1,20})$`)).OnElements("table", "tr", "td", "th", "font")
	p.AllowAttrs("dir").Matching(bluemonday.Direction).Globally()
	p.AllowAttrs("lang").Matching(regexp.MustCompile(`^[A-Za-z-]{2,20}$`)).Globally()
	// No addresses, no expressions, nothing that takes an element out of its place.
	plain := regexp.MustCompile(`^[A-Za-z0-9#%., ()+-]{1,80}$`)
	p.AllowStyles(
		"color", "background-color", "font-size", "font-weight", "font-style", "text-align", "text-decoration", "vertical-align", "white-space",
		"line-height", "padding", "padding-left", "padding-right", "padding-top", "padding-bottom", "border", "border-left", "border-right",
		"border-top", "border-bottom", "border-collapse", "border-color", "border-style", "border-width", "width", "max-width",
	).MatchingHandler(func(value string) bool {
		lower := strings.ToLower(value)
		return plain.MatchString(value) && !strings.Contains(lower, "url") && !strings.Contains(lower, "expression") && !strings.Contains(lower, "var(") && !strings.Contains(lower, "image")
	}).Globally()
	return p
})
