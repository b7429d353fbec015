package parse

import (
	"strconv"
	"strings"

	"makegood/inbox/parse/cms"
	"makegood/inbox/parse/tnef"
)

func isTNEF(n *node) bool {
	return strings.EqualFold(n.filename, "winmail.dat") || n.kind == "application/ms-tnef" || n.kind == "application/vnd.ms-tnef"
}

// envelope takes the files, and if the mail has no other text the text, out of Outlook's envelope. The envelope
// itself is kept beside them, inline: it is the evidence, not a file to open.
func (c *content) envelope(n *node) {
	c.keep(Attachment{Filename: nameOf(n), ContentType: clean(n.kind), Inline: true, ContentID: n.contentID, Content: n.content})
	e, err := tnef.Read(n.content)
	if err != nil {
		c.b.defects.add("tnef")
		return
	}
	page := "windows-" + strconv.Itoa(e.CodePage)
	if e.CodePage == 0 {
		page = ""
	}
	if c.text.Len() == 0 && c.html.Len() == 0 {
		c.envelopeText(e, page)
	}
	for _, f := range e.Files {
		if !c.b.takePart() {
			return
		}
		name := tidyFilename(tnefText(f.Name, f.Wide, page))
		kind := strings.ToLower(clean(f.MediaType))
		if kind == "" {
			kind = typeByName(name)
		}
		file := &node{kind: kind, filename: name, contentID: strings.Trim(clean(f.ContentID), "<> "), content: c.b.takeBytes(f.Content)}
		c.attach(file, file.contentID != "")
	}
}

func (c *content) envelopeText(e tnef.Envelope, page string) {
	switch {
	case len(e.HTML) > 0:
		c.add(&c.html, c.decodeHTML(&node{content: c.b.takeBytes(e.HTML), params: map[string]string{}}))
	case len(e.Text) > 0:
		c.add(&c.text, cleanLines(tnefText(c.b.takeBytes(e.Text), e.TextUTF8, page)))
	case len(e.RTF) > 0:
		c.keep(Attachment{Filename: "message.rtf", ContentType: "application/rtf", Content: c.b.takeBytes(e.RTF)})
	}
}

func tnefText(b []byte, utf8 bool, page string) string {
	if utf8 {
		page = "utf-8"
	}
	text, _ := decodeText(b, page)
	return clean(text)
}

func isSigned(n *node) bool {
	return n.kind == "application/pkcs7-mime" || n.kind == "application/x-pkcs7-mime"
}

// signed reads the message inside an opaque S/MIME signature. The signature is not checked here: it proves nothing
// that a case rests on. What is encrypted stays a file, with a defect that says so.
func (c *content) signed(n *node, within string, depth int) {
	inner, ok := cms.Signed(n.content)
	if !ok || depth >= c.b.opt.MaxDepth || !c.b.takePart() {
		c.b.defects.add("smime_opaque")
		c.attach(n, false)
		return
	}
	c.keep(Attachment{Filename: nameOf(n), ContentType: clean(n.kind), Inline: true, ContentID: n.contentID, Content: n.content})
	h, body := splitHeader(c.b.takeBytes(inner), c.b.opt.MaxHeaderBytes, c.b.defects)
	c.walk(readNode(h, body, c.b, c.w, depth), within, depth+1)
}
