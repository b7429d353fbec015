package intake_test

import (
	"bytes"
	"encoding/base64"
	"testing"

	"makegood/inbox"
)

func TestFilesAreWhatTheirBytesSay(t *testing.T) {
	t.Parallel()
	const (
		pdf  = "%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"
		png  = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
		page = "<!DOCTYPE html><html><script>alert(1)</script></html>"
		svg  = `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"></svg>`
	)
	d := setup(t)
	for name, at := range map[string]struct{ declared, content, want string }{
		"a PDF that says so":           {"application/pdf", pdf, "application/pdf"},
		"a PDF without a type":         {"application/octet-stream", pdf, "application/pdf"},
		"a picture that says it is":    {"image/png", png, "image/png"},
		"a page that says it is one":   {"text/html", page, "text/html"},
		"a page in a picture's name":   {"image/png", page, "text/html"},
		"a drawing in a photo's name":  {"image/jpeg", svg, "image/svg+xml"},
		"a text that says it is a CSV": {"text/csv", "invoice\n1\n", "text/csv"},
		"a text in a page's name":      {"text/html", "just words", "text/plain"},
		"unknown bytes with a name":    {"application/x-ledger", "\x00\x01\x02\x03", "application/x-ledger"},
		"unknown bytes as a script":    {"application/javascript", "\x00\x01\x02\x03", "application/octet-stream"},
		"a type that is none":          {"nonsense", "\x00\x01\x02\x03", "application/octet-stream"},
	} {
		raw := post{from: anna, subject: name, id: base64.RawURLEncoding.EncodeToString([]byte(name)) + "@aster.example", text: "--b\r\nContent-Type: text/plain\r\n\r\nSee the file.\r\n--b\r\nContent-Type: " + at.declared +
			"\r\nContent-Disposition: attachment; filename=\"f\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString([]byte(at.content)) + "\r\n--b--\r\n"}.raw()
		raw = bytes.Replace(raw, []byte("text/plain; charset=utf-8"), []byte(`multipart/mixed; boundary="b"`), 1)
		m := d.handle(d.store(d.box, raw))
		if m.Fate != inbox.NewCase {
			t.Errorf("%s: %s", name, m.Fate)
			continue
		}
		if got := value[string](t, d.db, `select coalesce((select media_type from case_attachments a join case_messages m on m.id = a.case_message_id where m.case_id = $1), 'none')`, *m.CaseID); got != at.want {
			t.Errorf("%s is kept as %s, want %s", name, got, at.want)
		}
	}
}
