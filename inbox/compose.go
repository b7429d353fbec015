package inbox

import (
	"bytes"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/wneessen/go-mail"
)

// Composed is a message somebody wrote on a page of ours, to be kept as if it had been mailed, so that there is one way
// to read, to keep and to prove what customers said.
type Composed struct {
	MessageID string // without brackets
	From      string
	FromName  string
	To        string
	Subject   string
	Text      string
	InReplyTo string
	At        time.Time
	Files     []Attachment
}

// Bytes writes the message as RFC 5322 has it. Nothing that was typed can become a header: control characters and line
// breaks end up as spaces, and everything beyond ASCII is encoded. An ill-formed address is an error.
func (c Composed) Bytes() ([]byte, error) {
	m := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := m.FromFormat(oneLine(c.FromName), c.From); err != nil {
		return nil, fmt.Errorf("write sender: %w", err)
	}
	if err := m.To(c.To); err != nil {
		return nil, fmt.Errorf("write receiver: %w", err)
	}
	m.SetMessageIDWithValue(c.MessageID)
	m.SetDateWithValue(c.At)
	if c.Subject = oneLine(c.Subject); c.Subject != "" {
		m.Subject(c.Subject)
	}
	if c.InReplyTo != "" {
		m.SetGenHeader(mail.HeaderInReplyTo, Bracketed(oneLine(c.InReplyTo)))
	}
	m.SetBodyString(mail.TypeTextPlain, strings.ReplaceAll(c.Text, "\r\n", "\n"))
	for _, f := range c.Files {
		if err := m.AttachReader(fileName(f.Filename), bytes.NewReader(f.Content), mail.WithFileContentType(mail.ContentType(mediaType(f.MediaType)))); err != nil {
			return nil, fmt.Errorf("attach file: %w", err)
		}
	}
	var out bytes.Buffer
	if _, err := m.WriteTo(&out); err != nil {
		return nil, fmt.Errorf("write message: %w", err)
	}
	return out.Bytes(), nil
}

// oneLine keeps what was typed from becoming a header of its own.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, ""), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}

// fileName is the last part of what a browser calls a file.
func fileName(name string) string {
	name = oneLine(name)
	if name = name[strings.LastIndexAny(name, `/\`)+1:]; name == "" || name == "." || name == ".." {
		return "file"
	}
	return strings.NewReplacer(`"`, "'").Replace(name)
}

// mediaType keeps a type of the form "a/b"; anything else is just bytes.
func mediaType(name string) string {
	kind, sub, ok := strings.Cut(name, "/")
	plain := func(s string) bool {
		return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
			return r <= ' ' || r > '~' || strings.ContainsRune(`()<>@,;:\"/[]?=`, r)
		})
	}
	if !ok || !plain(kind) || !plain(sub) {
		return "application/octet-stream"
	}
	return name
}
