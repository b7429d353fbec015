package parse_test

import (
	"strings"
	"testing"

	"makegood/inbox/parse"
)

func TestHiddenFiles(t *testing.T) {
	t.Parallel()
	part := func(kind, name, id string) string {
		return "--b\r\nContent-Type: " + kind + "; name=\"" + name + "\"\r\nContent-Disposition: inline; filename=\"" + name + "\"\r\nContent-ID: <" + id + ">\r\n\r\nx\r\n"
	}
	raw := "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>See <img src=\"cid:logo@a.example\"> <img src=\"cid:two%20words@a.example\"></p>\r\n" +
		part("image/png", "logo.png", "logo@a.example") + part("image/png", "words.png", "two words@a.example") + part("image/png", "photo.png", "photo@a.example") +
		part("application/pdf", "invoice.pdf", "pdf@a.example") + part("text/csv", "list.csv", "csv@a.example") +
		part("application/pkcs7-signature", "smime.p7s", "s@a.example") + "--b--\r\n"
	m := parse.Parse([]byte(raw), parse.Options{})
	var shown []string
	for _, a := range m.Attachments {
		if !a.Inline {
			t.Errorf("%s is not inline", a.Filename)
		}
		if !m.Hidden(a) {
			shown = append(shown, a.Filename)
		}
	}
	if got := strings.Join(shown, " "); len(m.Attachments) != 6 || got != "photo.png invoice.pdf list.csv" {
		t.Errorf("of %d files, sent are %s", len(m.Attachments), got)
	}
}
