package parse

import (
	"bytes"
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

var (
	charsetParam = regexp.MustCompile(`(?i)charset\s*=\s*["']?([A-Za-z0-9_.:-]{2,40})`)
	manyBlank    = regexp.MustCompile(`\n[ \t]*\n(?:[ \t]*\n)+`)
)

func metaCharset(content []byte) string {
	start := content[:min(len(content), 4*kib)]
	if i := bytes.Index(bytes.ToLower(start), []byte("<meta")); i >= 0 {
		if m := charsetParam.FindSubmatch(start[i:]); m != nil {
			return string(m[1])
		}
	}
	return ""
}

// TextOfHTML is HTML as plain text, as the text of a mail that has no other is made.
func TextOfHTML(source string) string { return htmlText(source) }

// htmlText renders HTML as plain text: blocks become lines, a quotation gets the mark it has in plain mail, so
// that replies are recognised alike in both.
func htmlText(source string) string {
	r := &renderer{}
	z := html.NewTokenizer(strings.NewReader(source))
	z.SetMaxBuf(mib)
	for {
		switch z.Next() {
		case html.ErrorToken:
			return r.finish()
		case html.TextToken:
			if r.skip == "" {
				r.text(string(z.Text()))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, hasAttr := z.TagName()
			r.open(string(name), attributes(z, hasAttr))
		case html.EndTagToken:
			name, _ := z.TagName()
			r.close(string(name))
		case html.CommentToken, html.DoctypeToken: // nobody reads these
		}
	}
}

func attributes(z *html.Tokenizer, more bool) map[string]string {
	out := map[string]string{}
	for more && len(out) < 40 {
		var k, v []byte
		k, v, more = z.TagAttr()
		out[string(k)] = string(v)
	}
	return out
}

type renderer struct {
	lines []string
	line  strings.Builder
	quote int
	pre   int
	skip  string // element whose content is not shown
	gap   bool   // white space is due before the next word
	strong
}

// strong remembers which stretches of the line are emphasised: **so** they show in plain text.
type strong struct {
	open  int // depth of <b> and <strong>
	start int
	spans [][2]int
}

func (r *renderer) startStrong() {
	if r.strong.open++; r.strong.open == 1 {
		r.start = r.line.Len()
	}
}

func (r *renderer) endStrong() {
	if r.strong.open--; r.strong.open == 0 {
		r.spans = append(r.spans, [2]int{r.start, r.line.Len()})
	}
	r.strong.open = max(r.strong.open, 0)
}

// emphasised is the line with its marks. A line emphasised as a whole is a heading or a taste, and stays as it is,
// and so do stretches that run over lines.
func (r *renderer) emphasised() string {
	line, out, at := r.line.String(), "", 0
	for _, s := range r.spans {
		if s[0] < at || s[1] > len(line) {
			continue
		}
		text := strings.TrimSpace(line[s[0]:s[1]])
		if text == "" || text == strings.TrimSpace(line) || strings.Contains(text, "*") {
			continue
		}
		from := s[0] + strings.Index(line[s[0]:], text)
		out += line[at:from] + "**" + text + "**"
		at = from + len(text)
	}
	r.spans, r.start = nil, 0
	return out + line[at:]
}

func (r *renderer) open(name string, attr map[string]string) {
	if r.skip != "" {
		return
	}
	switch name {
	case "script", "style", "head", "title", "noscript", "template":
		if name != "head" {
			r.skip = name
		}
	case "br":
		r.newLine()
	case "blockquote":
		r.block()
		r.quote++
	case "hr":
		r.block()
		r.line.WriteString("________________________________")
		r.block()
	case "li":
		r.block()
		r.line.WriteString("- ")
	case "pre":
		r.block()
		r.pre++
	case "td", "th":
		r.gap = true
	case "b", "strong":
		r.startStrong()
	case "img":
		if alt := strings.TrimSpace(attr["alt"]); alt != "" && len(alt) < 200 {
			r.text(alt)
		}
	default:
		if isBlock(name) {
			r.block()
		}
		if name == "p" {
			r.paragraph()
		}
	}
}

func (r *renderer) close(name string) {
	if r.skip != "" {
		if name == r.skip {
			r.skip = ""
		}
		return
	}
	switch name {
	case "blockquote":
		r.block()
		r.quote = max(r.quote-1, 0)
	case "pre":
		r.block()
		r.pre = max(r.pre-1, 0)
	case "b", "strong":
		r.endStrong()
	case "p", "h1", "h2", "h3", "table", "ul", "ol":
		r.block()
		r.paragraph()
	default:
		if isBlock(name) {
			r.block()
		}
	}
}

func isBlock(name string) bool {
	switch name {
	case "p", "div", "tr", "table", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "center", "section", "article",
		"header", "footer", "address", "dl", "dt", "dd", "form", "body", "html", "fieldset":
		return true
	}
	return false
}

func (r *renderer) text(s string) {
	s = html.UnescapeString(clean(s))
	if r.pre > 0 {
		for i, l := range strings.Split(strings.ReplaceAll(s, "\r", ""), "\n") {
			if i > 0 {
				r.newLine()
			}
			r.line.WriteString(l)
		}
		return
	}
	for i, word := range strings.FieldsFunc(s, isHTMLSpace) {
		if (i > 0 || r.gap || isHTMLSpace(rune(s[0]))) && r.line.Len() > 0 {
			r.line.WriteByte(' ')
		}
		r.gap = false
		r.line.WriteString(word)
	}
	if s != "" && isHTMLSpace(rune(s[len(s)-1])) {
		r.gap = true
	}
}

// isHTMLSpace leaves the no-break space alone: it is content.
func isHTMLSpace(c rune) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' }

func (r *renderer) newLine() {
	text := strings.TrimRight(r.emphasised(), " ")
	if r.quote > 0 {
		text = strings.TrimRight(strings.Repeat(">", min(r.quote, 50))+" "+text, " ")
	}
	r.lines = append(r.lines, text)
	r.line.Reset()
	r.gap = false
}

func (r *renderer) block() {
	if strings.TrimSpace(r.line.String()) != "" {
		r.newLine()
	}
	r.line.Reset()
	r.gap, r.spans, r.start = false, nil, 0
}

func (r *renderer) paragraph() {
	if n := len(r.lines); n > 0 && strings.Trim(r.lines[n-1], "> ") != "" {
		r.newLine()
	}
}

func (r *renderer) finish() string {
	r.block()
	return strings.Trim(manyBlank.ReplaceAllString(strings.Join(r.lines, "\n"), "\n\n"), "\n ")
}
