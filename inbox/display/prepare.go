package display

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"

	"makegood/inbox/parse"
)

// prepare gives pictures the addresses they are fetched by through us, and takes out links that would lead to a place of ours. What
// must not stay at all is left to the list.
func prepare(m parse.Message, o Options) (string, int, error) {
	root, err := html.Parse(strings.NewReader(m.HTML))
	if err != nil {
		return "", 0, err
	}
	w := walk{options: o, files: m.Attachments}
	var drop []*html.Node
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if s := attribute(n, "style"); len(s) > maxStyle || strings.ContainsAny(s, `\@<`) { // nobody writes a colour in escapes who means one
			set(n, "style", "")
		}
		switch n.Data {
		case "head", "title":
			drop = append(drop, n)
		case "img":
			if !w.picture(n) {
				drop = append(drop, n)
			}
		case "a":
			link(n)
		}
	}
	for _, n := range drop {
		if n.Parent != nil {
			n.Parent.RemoveChild(n)
		}
	}
	var b strings.Builder
	if err := html.Render(&b, root); err != nil {
		return "", 0, err
	}
	return b.String(), w.remote, nil
}

type walk struct {
	options Options
	files   []parse.Attachment
	remote  int
}

// picture points an image at us; false takes it out.
func (w *walk) picture(n *html.Node) bool {
	src := strings.TrimSpace(attribute(n, "src"))
	to := ""
	switch scheme, rest, _ := strings.Cut(src, ":"); strings.ToLower(scheme) {
	case "cid":
		to = w.inline(rest)
	case "http", "https":
		w.remote++
		if w.options.Remote != nil {
			to = w.options.Remote(src)
		}
	default:
		if strings.HasPrefix(src, "//") { // of no scheme: a browser would take that of the page
			w.remote++
			if w.options.Remote != nil {
				to = w.options.Remote("https:" + src)
			}
		}
	}
	set(n, "src", to)
	return to != ""
}

// inline finds the file that a cid: address names (RFC 2392).
func (w *walk) inline(id string) string {
	if w.options.Inline == nil {
		return ""
	}
	if plain, err := url.PathUnescape(id); err == nil {
		id = plain
	}
	for place, f := range w.files {
		if f.ContentID != "" && strings.Trim(f.ContentID, "<> ") == strings.Trim(id, "<> ") {
			return w.options.Inline(place)
		}
	}
	return ""
}

// link keeps only whole addresses: anything else would be an address of ours.
func link(n *html.Node) {
	href := strings.TrimSpace(attribute(n, "href"))
	u, err := url.Parse(href)
	if err != nil || u.Scheme == "" || u.Host == "" && u.Scheme != "mailto" {
		href = ""
	}
	set(n, "href", href)
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Namespace == "" && a.Key == name {
			return a.Val
		}
	}
	return ""
}

// set replaces an attribute, or takes it out when it has no value.
func set(n *html.Node, name, value string) {
	kept := n.Attr[:0]
	for _, a := range n.Attr {
		if a.Key != name {
			kept = append(kept, a)
		}
	}
	if value != "" {
		kept = append(kept, html.Attribute{Key: name, Val: value})
	}
	n.Attr = kept
}
