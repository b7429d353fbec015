package parse

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/textproto"
	"regexp"
	"sort"
	"strings"

	"github.com/jhillyerd/enmime/v2"
)

// node is one part of a message: a container with children, or a leaf with its decoded bytes.
type node struct {
	kind        string // media type in lower case, "text/plain" when none is given
	params      map[string]string
	disposition string
	filename    string
	contentID   string
	encoding    string
	header      header
	content     []byte // leaf: after transfer decoding
	children    []*node
}

// readTree is the one place that knows the MIME library, and it is asked for one level at a time: its reader for
// nested containers takes time exponential in the depth when the innermost is cut off. All decoding is ours.
func readTree(h header, body []byte, b *budget, w words) *node {
	b.takePart()
	return readNode(h, body, b, w, 0)
}

func readNode(h header, body []byte, b *budget, w words, depth int) *node {
	n := leafNode(h, w)
	if !strings.HasPrefix(n.kind, "multipart/") {
		fillLeaf(n, body, b)
		return n
	}
	if name := n.params["boundary"]; name == "" || !bytes.Contains(body, []byte("--"+name)) {
		rescueBoundary(n, body, b)
	}
	if depth >= b.opt.MaxDepth {
		b.defects.add("nested_too_deep")
		fillLeaf(n, body, b)
		return n
	}
	for _, p := range splitParts(n, body, b) {
		if !b.takePart() {
			break
		}
		ph := fromMIME(p.Header)
		if n.kind == "multipart/digest" && len(ph) == 0 {
			ph = header{{"content-type", "message/rfc822"}}
		}
		n.children = append(n.children, readNode(ph, p.Content, b, w, depth+1))
	}
	if len(n.children) == 0 {
		b.defects.add("malformed_multipart")
		n.kind = "text/plain"
		fillLeaf(n, withoutDelimiters(body, n.params["boundary"]), b)
	}
	return n
}

// withoutDelimiters takes the lines of a boundary out of a container that has no part.
func withoutDelimiters(body []byte, boundary string) []byte {
	if boundary == "" || !bytes.Contains(body, []byte("--"+boundary)) {
		return body
	}
	var out []byte
	for line := range bytes.Lines(body) {
		if !bytes.HasPrefix(line, []byte("--"+boundary)) {
			out = append(out, line...)
		}
	}
	return out
}

// splitParts splits one container at its boundary; what it contains stays unread.
func splitParts(n *node, body []byte, b *budget) []*enmime.Part {
	boundary := strings.ReplaceAll(n.params["boundary"], `"`, "")
	if boundary == "" {
		return nil
	}
	boundary, body = apartFromLookalikes(boundary, body)
	leaf := func(value string) (string, map[string]string, []string, error) {
		if value == top {
			return "multipart/mixed", map[string]string{"boundary": boundary}, nil, nil
		}
		return "application/octet-stream", map[string]string{}, nil, nil
	}
	parser := enmime.NewParser(
		enmime.RawContent(true), enmime.SkipMalformedParts(true), enmime.MaxStoredPartErrors(1),
		enmime.SetCustomParseMediaType(leaf),
	)
	body = b.limitDelimiters(boundary, body)
	root, err := parser.ReadParts(io.MultiReader(strings.NewReader("Content-Type: "+top+"\r\n\r\n"), bytes.NewReader(body)))
	if err != nil {
		b.defects.add("malformed_part")
		return nil
	}
	if len(root.Errors) > 0 && root.Errors[0].Severe {
		b.defects.add("malformed_part")
	}
	var parts []*enmime.Part
	for p := root.FirstChild; p != nil; p = p.NextSibling {
		parts = append(parts, p)
	}
	return parts
}

// apartFromLookalikes renames the boundary when the body has indented lines that look like it. The library would take
// them for delimiters and cut the text there.
func apartFromLookalikes(boundary string, body []byte) (string, []byte) {
	old := []byte("--" + boundary)
	if !bytes.Contains(body, append([]byte(" "), old...)) && !bytes.Contains(body, append([]byte("\t"), old...)) {
		return boundary, body
	}
	sum := sha256.Sum256(body)
	renamed := "apart" + hex.EncodeToString(sum[:])
	out := make([]byte, 0, len(body)+len(body)/8)
	for line := range bytes.Lines(body) {
		if rest, ok := bytes.CutPrefix(line, old); ok && (len(bytes.TrimSpace(rest)) == 0 || bytes.HasPrefix(rest, []byte("--"))) {
			out = append(append(out, "--"+renamed...), rest...)
			continue
		}
		out = append(out, line...)
	}
	return renamed, out
}

// top marks the one container the library is to split.
const top = "multipart/mixed; level=top"

func fromMIME(m textproto.MIMEHeader) header {
	var h header
	for name, values := range m {
		for _, v := range values {
			h = append(h, field{strings.ToLower(name), v})
		}
	}
	sort.SliceStable(h, func(i, j int) bool { return h[i].name < h[j].name })
	return h
}

func leafNode(h header, w words) *node {
	n := &node{header: h, encoding: h.get("content-transfer-encoding")}
	ct := parseMedia(h.get("content-type"), w)
	cd := parseMedia(h.get("content-disposition"), w)
	n.kind, n.params, n.disposition = ct.kind, ct.params, cd.kind
	if !strings.Contains(n.kind, "/") {
		n.kind = wholeKind(n.kind)
	}
	for _, name := range []string{cd.params["filename"], ct.params["name"], cd.params["name"], ct.params["filename"]} {
		if n.filename = tidyFilename(name); n.filename != "" {
			break
		}
	}
	n.contentID = strings.Trim(clean(unfold(h.get("content-id"))), "<> ")
	return n
}

// wholeKind makes a media type of half a one.
func wholeKind(half string) string {
	for _, p := range []string{"application", "image", "audio", "video"} {
		if strings.HasPrefix(half, p) {
			return "application/octet-stream"
		}
	}
	return "text/plain"
}

func fillLeaf(n *node, content []byte, b *budget) {
	if !strings.HasPrefix(n.kind, "message/") || strings.Contains(strings.ToLower(n.encoding), "base64") ||
		strings.Contains(strings.ToLower(n.encoding), "quoted") {
		content = decodeTransfer(content, n.encoding, b.defects)
	}
	if travelsAsLines(n.encoding) && isLines(n.kind, content) {
		content = bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n"))
	}
	n.content = b.takeBytes(content)
}

// travelsAsLines says whether a transfer encoding leaves line ends to the way the mail took: CRLF on the wire, LF in
// most mailboxes. The same file must have one hash however it came.
func travelsAsLines(encoding string) bool {
	encoding = strings.ToLower(encoding)
	return !strings.Contains(encoding, "base64") && !strings.Contains(encoding, "binary") && !strings.Contains(encoding, "uu")
}

func isLines(kind string, content []byte) bool {
	return strings.HasPrefix(kind, "text/") || strings.HasPrefix(kind, "message/") || isASCII(content) && bytes.IndexByte(content, 0) < 0
}

// rescueBoundary finds the boundary of a multipart that declares none, or one that does not occur: it is the first
// line of dashes and more that a field of a part follows.
func rescueBoundary(n *node, body []byte, b *budget) {
	b.defects.add("missing_boundary")
	rest := body
	for range 200 {
		var line []byte
		if line, rest = cutLine(rest); rest == nil {
			return
		}
		next, _ := cutLine(rest)
		if name, ok := bytes.CutPrefix(line, []byte("--")); ok && len(name) > 3 && bytes.HasPrefix(bytes.ToLower(next), []byte("content-")) {
			n.params["boundary"] = strings.TrimSpace(string(name))
			return
		}
	}
}

var windowsPath = regexp.MustCompile(`^[A-Za-z]:\\|^\\\\`)

// tidyFilename makes a name safe to show and to store; it is never used as a path.
func tidyFilename(s string) string {
	s = clean(s)
	if i := strings.LastIndexByte(s, '/'); i >= 0 && i+1 < len(s) {
		s = s[i+1:]
	}
	if windowsPath.MatchString(s) && !strings.HasSuffix(s, `\`) {
		s = s[strings.LastIndexByte(s, '\\')+1:]
	}
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' }), " ")
	if r := []rune(s); len(r) > 255 {
		s = string(r[len(r)-255:])
	}
	return s
}
