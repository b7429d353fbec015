package demo

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
	"time"

	company "makegood/internal/demo"
)

// proof is what our mail server finds out about the sender's domain.
type proof string

const (
	proven    proof = "pass"
	forged    proof = "fail"
	unchecked proof = ""
)

// draft is a mail of a customer to be delivered.
type draft struct {
	From       mail.Address
	To         string
	Subject    string
	Text       string
	InReplyTo  string
	References []string
	Proof      proof
	At         time.Time
	File       *file
}

type file struct {
	Name, MediaType string
	Content         []byte
}

// bytes writes the mail as a mail program would.
func (d draft) bytes() ([]byte, error) {
	var out bytes.Buffer
	head := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&out, "%s: %s\r\n", name, oneLine(value))
		}
	}
	domain := d.From.Address[strings.LastIndexByte(d.From.Address, '@')+1:]
	if d.Proof != unchecked {
		head("Authentication-Results", company.Receiver+"; dmarc="+string(d.Proof)+" header.from="+domain)
	}
	head("From", d.From.String())
	head("To", "<"+d.To+">")
	head("Subject", mime.QEncoding.Encode("utf-8", oneLine(d.Subject)))
	head("Date", d.At.Format(time.RFC1123Z))
	head("Message-ID", "<"+strings.ToLower(rand.Text())+"@"+domain+">")
	head("In-Reply-To", d.InReplyTo)
	if len(d.References) > 0 {
		out.WriteString("References:")
		for _, id := range d.References {
			out.WriteString("\r\n " + oneLine(id))
		}
		out.WriteString("\r\n")
	}
	head("MIME-Version", "1.0")
	err := d.body(&out)
	return out.Bytes(), err
}

func (d draft) body(out *bytes.Buffer) error {
	if d.File == nil {
		out.WriteString("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
		return quoted(out, d.Text)
	}
	parts := multipart.NewWriter(out)
	fmt.Fprintf(out, "Content-Type: multipart/mixed; boundary=%s\r\n\r\n", parts.Boundary())
	text, err := parts.CreatePart(textproto.MIMEHeader{
		"Content-Type": {"text/plain; charset=utf-8"}, "Content-Transfer-Encoding": {"quoted-printable"},
	})
	if err != nil {
		return fmt.Errorf("write text: %w", err)
	}
	var encoded bytes.Buffer
	if err := quoted(&encoded, d.Text); err != nil {
		return err
	}
	if _, err := text.Write(encoded.Bytes()); err != nil {
		return fmt.Errorf("write text: %w", err)
	}
	name := map[string]string{"filename": d.File.Name}
	attached, err := parts.CreatePart(textproto.MIMEHeader{
		"Content-Type": {d.File.MediaType}, "Content-Transfer-Encoding": {"base64"}, "Content-Disposition": {mime.FormatMediaType("attachment", name)},
	})
	if err != nil {
		return fmt.Errorf("write attachment: %w", err)
	}
	digits := base64.StdEncoding.EncodeToString(d.File.Content)
	for len(digits) > 76 {
		_, _ = fmt.Fprintf(attached, "%s\r\n", digits[:76]) // into memory
		digits = digits[76:]
	}
	_, _ = fmt.Fprintf(attached, "%s\r\n", digits)
	return parts.Close()
}

func quoted(out *bytes.Buffer, text string) error {
	w := quotedprintable.NewWriter(out)
	if _, err := w.Write([]byte(strings.ReplaceAll(text, "\r\n", "\n"))); err != nil {
		return fmt.Errorf("write text: %w", err)
	}
	return w.Close()
}

// oneLine keeps what was typed from becoming a header of its own.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\r' || r == '\n' }), " ")
}

// answered is the subject of an answer.
func answered(subject string) string {
	if len(subject) >= 3 && strings.EqualFold(subject[:3], "re:") {
		return subject
	}
	return "Re: " + subject
}

// quote puts what is answered below the answer, as mail programs do.
func quote(text, from string, at time.Time) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return fmt.Sprintf("\n\nOn %s, %s wrote:\n> %s\n", at.Format("2 January 2006, 15:04"), from, strings.Join(lines, "\n> "))
}
