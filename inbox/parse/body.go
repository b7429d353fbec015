package parse

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// content is what the walk over the parts gathers.
type content struct {
	text        strings.Builder
	html        strings.Builder
	attachments []Attachment
	report      *report // a delivery report found on the way
	complaint   bool    // an enclosed message was marked by a provider that reports complaints
	calendar    string  // METHOD of a calendar part, "PUBLISH" when it names none
	b           *budget
	w           words
	limit       int
}

// walk puts every leaf where it belongs. within is the type of the enclosing container.
func (c *content) walk(n *node, within string, depth int) {
	if len(n.children) > 0 {
		for _, child := range n.children {
			c.walk(child, n.kind, depth+1)
		}
		return
	}
	switch {
	case isTNEF(n):
		c.envelope(n)
	case isSigned(n):
		c.signed(n, within, depth)
	case strings.HasPrefix(n.kind, "message/"), n.kind == "text/rfc822-headers":
		c.message(n, within, depth)
	case n.kind == "text/calendar" || n.kind == "application/ics":
		c.calendar = calendarMethod(n)
		c.attach(n, within == "multipart/alternative")
	case isBody(n, within):
		c.body(n)
	case strings.HasPrefix(n.kind, "multipart/"):
		if within == "" {
			c.body(n)
		}
	default:
		c.attach(n, isInline(n, within))
	}
}

func isBody(n *node, within string) bool {
	if n.disposition == "attachment" {
		return false
	}
	switch n.kind {
	case "text/plain":
		return n.filename == "" || within == "multipart/alternative" || within == "" && isText(n.content)
	case "text/html":
		return n.filename == "" || within == "multipart/alternative" || within == "multipart/related"
	case "text/enriched", "text/x-amp-html", "text/watch-html":
		return within == "multipart/alternative"
	}
	return false
}

// isText tells a text that was given a name from a file that was given the type of a text.
func isText(content []byte) bool {
	return !bytes.ContainsFunc(content[:min(len(content), 4*kib)], func(r rune) bool {
		return r < ' ' && r != '\n' && r != '\r' && r != '\t' && r != '\f' && r != 0x1b
	})
}

func isInline(n *node, within string) bool {
	if strings.HasSuffix(n.kind, "-signature") {
		return true
	}
	return n.disposition == "inline" || n.disposition == "" && n.contentID != "" && within == "multipart/related"
}

func (c *content) body(n *node) {
	switch n.kind {
	case "text/html":
		c.add(&c.html, c.decodeHTML(n))
	case "text/enriched", "text/x-amp-html", "text/watch-html": // another rendering of what is there already
	default:
		raw := c.uuFiles(n.content)
		text, defect := decodeText(raw, n.params["charset"])
		c.b.defects.add(defect)
		text = cleanLines(text)
		if strings.EqualFold(n.params["format"], "flowed") {
			text = unflow(text, strings.EqualFold(n.params["delsp"], "yes"))
		}
		c.add(&c.text, text)
	}
}

func (c *content) decodeHTML(n *node) string {
	label := n.params["charset"]
	if label == "" {
		label = metaCharset(n.content)
	}
	html, defect := decodeText(n.content, label)
	c.b.defects.add(defect)
	return cleanLines(html)
}

// add appends a body part; a mail may have several, with pictures between them.
func (c *content) add(to *strings.Builder, s string) {
	if strings.TrimSpace(s) == "" {
		return
	}
	if room := c.limit - to.Len(); len(s) > room {
		c.b.defects.add("text_truncated")
		s = strings.ToValidUTF8(s[:max(room, 0)], "")
	}
	if to.Len() > 0 {
		to.WriteString("\n")
	}
	to.WriteString(s)
}

// uuFiles takes uuencoded files out of a text and keeps them as attachments.
func (c *content) uuFiles(raw []byte) []byte {
	for range 20 {
		rest, file, ok := cutUU(raw)
		if !ok {
			break
		}
		name := tidyFilename(c.w.decode(file.name))
		c.keep(Attachment{Filename: name, ContentType: typeByName(name), Content: c.b.takeBytes(file.content)})
		raw = rest
	}
	return raw
}

func (c *content) attach(n *node, inline bool) {
	c.keep(Attachment{
		Filename: nameOf(n), ContentType: clean(n.kind), Inline: inline, ContentID: n.contentID, Content: n.content,
	})
}

func (c *content) keep(a Attachment) {
	if len(c.attachments) >= c.b.opt.MaxAttachments {
		c.b.defects.add("too_many_attachments")
		return
	}
	sum := sha256.Sum256(a.Content)
	a.Size, a.SHA256 = len(a.Content), hex.EncodeToString(sum[:])
	if a.Content == nil {
		a.Content = []byte{}
	}
	c.attachments = append(c.attachments, a)
}

// message keeps an enclosed message as a file and reads delivery reports.
func (c *content) message(n *node, within string, depth int) {
	switch n.kind {
	case "message/delivery-status", "message/global-delivery-status":
		c.addReport(readDeliveryStatus(n.content, c.w))
		c.evidence(n, "delivery-status.txt")
		return
	case "message/disposition-notification", "message/feedback-report":
		c.evidence(n, strings.TrimPrefix(n.kind, "message/")+".txt")
		return
	}
	inner, _ := splitHeader(n.content, c.b.opt.MaxHeaderBytes, defects{})
	c.complaint = c.complaint || inner.has("x-hmxmroriginalrecipient")
	if within == "multipart/report" || n.kind == "text/rfc822-headers" {
		c.addReport(report{originalID: first(parseIDs(inner.all("message-id"))), originalTo: firstAddress(inner, c.w)})
	}
	if depth > c.b.opt.MaxDepth {
		c.b.defects.add("nested_too_deep")
	}
	if n.filename == "" {
		n.filename = messageName(n, inner, c.w)
	}
	c.attach(n, false)
}

// evidence keeps what a machine says about a message. It is inline: nobody has to open it, for it is told in words.
func (c *content) evidence(n *node, name string) {
	if n.filename == "" {
		n.filename = name
	}
	c.attach(n, true)
}

func messageName(n *node, inner header, w words) string {
	if n.kind == "text/rfc822-headers" {
		return "headers.txt"
	}
	if n.kind != "message/rfc822" && n.kind != "message/global" {
		return "message.txt"
	}
	if subject := tidyFilename(strings.ReplaceAll(w.decode(inner.get("subject")), "/", "-")); subject != "" {
		return subject + ".eml"
	}
	return "message.eml"
}

// nameOf gives a nameless file a name made from its type.
func nameOf(n *node) string {
	if n.filename != "" {
		return n.filename
	}
	base := "attachment"
	if n.kind == "text/calendar" {
		base = "invite"
	}
	return base + extension(n.kind)
}

func extension(kind string) string {
	switch kind {
	case "image/jpeg", "image/jpg":
		return ".jpg"
	case "text/plain":
		return ".txt"
	case "text/html":
		return ".html"
	case "text/calendar", "application/ics":
		return ".ics"
	case "message/rfc822":
		return ".eml"
	case "application/octet-stream":
		return ".bin"
	case "text/csv":
		return ".csv"
	case "image/png", "image/gif", "image/bmp", "image/tiff", "image/webp", "application/pdf", "application/zip":
		return "." + kind[strings.IndexByte(kind, '/')+1:]
	}
	return ""
}

// typeByName knows the few types that matter here; the machine's own tables would make the result depend on it.
func typeByName(name string) string {
	dot := strings.LastIndexByte(name, '.')
	switch strings.ToLower(name[dot+1:]) {
	case "csv":
		return "text/csv"
	case "txt":
		return "text/plain"
	case "htm", "html":
		return "text/html"
	case "pdf", "zip":
		return "application/" + strings.ToLower(name[dot+1:])
	case "xml":
		return "application/xml"
	case "png", "gif":
		return "image/" + strings.ToLower(name[dot+1:])
	case "jpg", "jpeg":
		return "image/jpeg"
	}
	return "application/octet-stream"
}

func calendarMethod(n *node) string {
	if m := n.params["method"]; m != "" {
		return strings.ToUpper(m)
	}
	for line := range strings.Lines(string(n.content[:min(len(n.content), 4096)])) {
		if m, ok := strings.CutPrefix(strings.ToUpper(strings.TrimSpace(line)), "METHOD:"); ok {
			return m
		}
	}
	return "PUBLISH"
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

func firstAddress(h header, w words) string {
	if to := parseAddresses(h.all("to"), w); len(to) > 0 {
		return to[0].Address
	}
	return ""
}
