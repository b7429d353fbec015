package demo

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"mime"
	"net/mail"
	"strings"
	"time"

	"makegood/cases"
)

// letter is a mail of a customer.
type letter struct {
	id        string // without brackets
	from      mail.Address
	to        string
	cc        string
	subject   string
	body      string
	quote     string // what they answer to
	inReplyTo string
	at        time.Time
	file      *file
	headers   []string // further header lines
}

// file goes with a mail.
type file struct {
	name, mediaType string
	content         []byte
}

// raw is the mail as it comes over the wire.
func (l letter) raw() []byte {
	var b bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	for _, h := range l.headers {
		line("%s", h)
	}
	if l.from.Address != "" {
		line("From: %s", l.from.String())
	}
	line("To: %s", l.to)
	if l.cc != "" {
		line("Cc: %s", l.cc)
	}
	line("Subject: %s", mime.QEncoding.Encode("utf-8", l.subject))
	line("Date: %s", l.at.Format(time.RFC1123Z))
	line("Message-ID: <%s>", l.id)
	if l.inReplyTo != "" {
		line("In-Reply-To: <%s>\r\nReferences: <%s>", l.inReplyTo, l.inReplyTo)
	}
	line("MIME-Version: 1.0")
	text := crlf(l.full())
	if l.file == nil {
		line("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n%s", text)
		return b.Bytes()
	}
	const boundary = "=_nordwall_demo"
	line("Content-Type: multipart/mixed; boundary=%q\r\n\r\n--%s", boundary, boundary)
	line("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n%s\r\n--%s", text, boundary)
	line("Content-Type: %s\r\nContent-Disposition: attachment; filename=%q\r\nContent-Transfer-Encoding: base64\r\n", l.file.mediaType, l.file.name)
	line("%s\r\n--%s--", base64.StdEncoding.EncodeToString(l.file.content), boundary)
	return b.Bytes()
}

// full is the text with what it answers to.
func (l letter) full() string {
	if l.quote == "" {
		return l.body
	}
	return l.body + "\n\nOn " + l.at.Format("Mon, 2 Jan 2006") + ", Nordwall Cloud Billing wrote:\n> " + strings.ReplaceAll(l.quote, "\n", "\n> ")
}

func crlf(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") }

// message is the mail as a case takes it.
func (l letter) message(inbound int64, language string) cases.InboundMessage {
	m := cases.InboundMessage{
		InboundID: &inbound, AuthorName: l.from.Name, AuthorAddress: l.from.Address, Recipients: []string{l.to}, Subject: l.subject,
		Body: l.body, Language: language, Trust: cases.Known, At: l.at,
	}
	if l.quote != "" {
		m.FullBody = l.full()
	}
	if l.file != nil {
		sha := sha256.Sum256(l.file.content)
		m.Attachments = []cases.Attachment{{Filename: l.file.name, MediaType: l.file.mediaType, Size: int64(len(l.file.content)), SHA256: sha[:]}}
	}
	return m
}
