package parse_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"makegood/inbox/parse"
	"makegood/internal/raced"
)

func defect(t *testing.T, m parse.Message, name string) {
	t.Helper()
	if !slices.Contains(m.Defects, name) {
		t.Errorf("defects %v lack %s", m.Defects, name)
	}
}

func multipart(parts ...string) []byte {
	var b strings.Builder
	b.WriteString("From: a@b.example\r\nSubject: many\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n")
	for _, p := range parts {
		b.WriteString("--b\r\n" + p + "\r\n")
	}
	b.WriteString("--b--\r\n")
	return []byte(b.String())
}

func file(i int) string {
	return fmt.Sprintf("Content-Type: application/pdf; name=f%d.pdf\r\n\r\n%s", i, strings.Repeat("x", 100))
}

func many(n int) []string {
	var parts []string
	for i := range n {
		parts = append(parts, file(i))
	}
	return parts
}

func TestBoundOfMessage(t *testing.T) {
	t.Parallel()
	m := parse.Parse([]byte("Subject: x\n\n"+strings.Repeat("long ", 1000)), parse.Options{MaxBytes: 100})
	defect(t, m, "message_too_long")
	if len(m.Text) > 100 {
		t.Errorf("text of %d bytes", len(m.Text))
	}
}

func TestBoundOfParts(t *testing.T) {
	t.Parallel()
	m := parse.Parse(multipart(many(60)...), parse.Options{MaxParts: 10})
	defect(t, m, "too_many_parts")
	if n := len(m.Attachments); n > 10 || n < 5 {
		t.Errorf("%d attachments", n)
	}
}

func TestBoundOfAttachments(t *testing.T) {
	t.Parallel()
	m := parse.Parse(multipart(many(20)...), parse.Options{MaxAttachments: 3})
	defect(t, m, "too_many_attachments")
	equal(t, "attachments", len(m.Attachments), 3)
}

func TestBoundOfDecodedSize(t *testing.T) {
	t.Parallel()
	m := parse.Parse(multipart(many(20)...), parse.Options{MaxDecoded: 550})
	defect(t, m, "decoded_size_exceeded")
	total := 0
	for _, a := range m.Attachments {
		total += a.Size
	}
	if total > 550 {
		t.Errorf("%d bytes decoded", total)
	}
}

func TestBoundOfHeader(t *testing.T) {
	t.Parallel()
	raw := "Subject: kept\n" + strings.Repeat("X-Filler: "+strings.Repeat("y", 90)+"\n", 100) + "\nthe body\n"
	m := parse.Parse([]byte(raw), parse.Options{MaxHeaderBytes: 1000})
	defect(t, m, "header_too_long")
	equal(t, "subject", m.Subject, "kept")
	equal(t, "text", m.Text, "the body")
}

func TestBoundOfText(t *testing.T) {
	t.Parallel()
	m := parse.Parse([]byte("Subject: x\n\n"+strings.Repeat("ü", 1000)), parse.Options{MaxTextBytes: 101})
	defect(t, m, "text_truncated")
	equal(t, "text", m.Text, strings.Repeat("ü", 50))
}

func nested(depth int) []byte {
	var b strings.Builder
	b.WriteString("Subject: deep\n")
	for i := range depth {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	b.WriteString("Content-Type: text/plain\n\nthe bottom\n")
	return []byte(b.String())
}

func TestBoundOfDepth(t *testing.T) {
	t.Parallel()
	equal(t, "within the bound", parse.Parse(nested(4), parse.Options{MaxDepth: 5}).Text, "the bottom")
	defect(t, parse.Parse(nested(9), parse.Options{MaxDepth: 5}), "nested_too_deep")
}

// Hostile input must end in time whatever it nests or repeats.
func TestHostileInputEnds(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string][]byte{
		"endless nesting":  nested(10_000),
		"endless parts":    multipart(many(10_000)...),
		"empty delimiters": []byte("Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n", 100_000)),
		"one boundary":     []byte("Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\nContent-Type: multipart/mixed; boundary=b\n\n", 5_000)),
		"address list":     []byte("To: " + strings.Repeat("(", 10_000) + strings.Repeat("a@b,", 5_000) + "\n\nx"),
		"encoded words":    []byte("Subject: " + strings.Repeat("=?utf-8?Q?=C3", 4_000) + "?=\n\nx"),
		"attributions":     []byte("Subject: x\n\n" + strings.Repeat("On 1.1.2026 somebody\n", raced.Runs(10_000))),
		"header lines":     []byte("Subject: x\n\n" + strings.Repeat("From: a\n\n", 10_000)),
		"open tags":        []byte("Content-Type: text/html\n\n" + strings.Repeat("<blockquote>x", raced.Runs(5_000))),
		"uuencode":         []byte("Subject: x\n\n" + strings.Repeat("begin 644 a\n", raced.Runs(5_000))),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkStorable(t, parse.Parse(raw, parse.Options{}))
		})
	}
}
