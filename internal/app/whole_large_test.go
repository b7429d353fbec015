package app_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"makegood/inbox"
	"makegood/inbox/parse"
	"makegood/internal/db"
	"makegood/internal/scenario"
)

// TestTooMuchByMail brings what is too much to the real door: a mail of 60 MB, one of ten thousand parts and one that answers with eight
// kilobytes of References lie on the mail server and are fetched by IMAP.
func TestTooMuchByMail(t *testing.T) {
	t.Parallel()
	h := prepare(t, scenario.Options{}, 0)
	line := openGate(t, h.office.IMAPAddr())
	box := p2(h.app.Inbox.ActiveMailboxes(t.Context()))(t)[0]
	must(t, h.app.DB.Do(t.Context(), func(tx *db.Tx) error {
		return h.app.Inbox.SetMailboxServerTx(t.Context(), tx, box.ID, line.address(), "none")
	}))
	must(t, h.app.Start(t.Context()))

	t.Run("sixty megabytes", func(t *testing.T) { sixtyMegabytes(t, h, line) })
	t.Run("ten thousand parts", func(t *testing.T) {
		must(t, h.post("finn@ferro.example", mail("finn@ferro.example", "parts@ferro.example", "Parts",
			strings.Repeat("--b\nContent-Type: text/plain\n\nA part.\n", 10_000)+"--b--", `Content-Type: multipart/mixed; boundary="b"`)))
		h.awaitFates("new_case", 1)
		acknowledgementOf(t, h, "finn@ferro.example")
		if n := count(t, h.app.DB, `select count(*) from case_attachments`); n > 500 {
			t.Errorf("%d attachments", n)
		}
	})
	t.Run("eight kilobytes of References", func(t *testing.T) { manyReferences(t, h) })
	h.reconciled(4)
	h.sound()
}

// sixtyMegabytes: it is held with its headers, its sender is told, and next to nothing of it was fetched.
func sixtyMegabytes(t *testing.T, h *house, line *gate) {
	t.Helper()
	const size = 60 << 20
	var raw bytes.Buffer
	raw.Grow(size + 1<<20)
	raw.Write(mail("Ada Lumen <"+ada+">", "scans@lumen.example", "Scans", "See the scans.\n--b\nContent-Type: application/pdf; name=scan.pdf\nContent-Transfer-Encoding: base64\n", `Content-Type: multipart/mixed; boundary="b"`))
	for row := strings.Repeat("A", 76) + "\r\n"; raw.Len() < size; {
		raw.WriteString(row)
	}
	raw.WriteString("--b--\r\n")
	before := line.brought.Load()
	must(t, h.office.Deliver(ada, []string{scenario.SupportAddress}, raw.Bytes()))
	letter := h.awaitMail(func(m parse.Message) bool { return m.To[0].Address == ada })
	brought := line.brought.Load() - before
	m, err := db.One[inbox.Inbound](t.Context(), h.app.DB, `select * from inbound_messages where sender = $1`, ada)
	must(t, err)
	if m.Fate != inbox.Held || m.FateReason != "intake.oversize" || !m.Oversize || m.Size < int64(raw.Len()) || m.Subject != "Scans" || m.FateParams["size"] != strconv.FormatInt(m.Size, 10) {
		t.Errorf("%s for %s, %d bytes: %+v", m.Fate, m.FateReason, m.Size, m.FateParams)
	}
	kept := p2(h.app.Inbox.Raw(t.Context(), h.app.DB, m.ID))(t)
	if !bytes.Contains(kept, []byte("Message-ID: <scans@lumen.example>")) || bytes.Contains(kept, []byte("AAAA")) {
		t.Errorf("kept are %d bytes, not its headers", len(kept))
	}
	if brought > 1<<20 {
		t.Errorf("%d bytes came through the line for a mail that is not taken in", brought)
	}
	if !strings.Contains(letter.Text, "30") || letter.InReplyTo[0] != "scans@lumen.example" || letter.Kind != parse.AutoReply {
		t.Errorf("the sender is told: %s", letter.Text)
	}
	if n := count(t, h.app.DB, `select count(*) from cases`); n != 0 {
		t.Errorf("%d cases", n)
	}
}

// manyReferences: a mail with no end of References begins a case, one that names ours at their end goes on with it, and what answers them
// has headers as mail servers take them.
func manyReferences(t *testing.T, h *house) {
	t.Helper()
	var refs strings.Builder
	for n := 0; refs.Len() < 8<<10; n++ {
		fmt.Fprintf(&refs, "<%d.%s@visitors.example>\r\n ", n, strings.Repeat("x", 40))
	}
	must(t, h.post("carl@lumen.example", mail("carl@lumen.example", "refs@lumen.example", "References", "When is it due?", "References: "+strings.TrimSpace(refs.String()))))
	letter := acknowledgementOf(t, h, "carl@lumen.example")
	must(t, h.post("carl@lumen.example", mail("carl@lumen.example", "more@lumen.example", "Re: References", "And?", "References: "+refs.String()+"<"+letter.MessageID+">")))
	h.awaitFates("attached", 1)
	stored := p2(h.office.Messages(customers, 0, 0))(t)
	for _, m := range stored {
		head, _, _ := bytes.Cut(m.Raw, []byte("\r\n\r\n"))
		for row := range bytes.Lines(head) {
			if len(row) > 1000 {
				t.Errorf("a header line of %d bytes: %.80s", len(row), row)
			}
		}
	}
}

// acknowledgementOf waits for the acknowledgement of somebody.
func acknowledgementOf(t *testing.T, h *house, who string) parse.Message {
	t.Helper()
	return h.awaitMail(func(m parse.Message) bool { return m.To[0].Address == who })
}

// sizeAttacks bring too much through the pages of customers, over a real connection.
func sizeAttacks() []attack {
	return []attack{
		{"sixty megabytes through the contact form", func(t *testing.T, s *siege) {
			t.Helper()
			fields := map[string]string{"email": "ada@lumen.example", "name": "Ada", "text": "What I typed with care."}
			s.tooLarge(t, pass{}, "/contact", fields)
			if n := count(t, s.app.DB, `select count(*) from inbound_messages where source = 'web'`); n != 0 {
				t.Errorf("%d messages were kept", n)
			}
		}},
		{"sixty megabytes through the portal", func(t *testing.T, s *siege) {
			t.Helper()
			who := s.customer(t)
			before := count(t, s.app.DB, `select count(*) from case_messages`)
			s.tooLarge(t, who, "/portal/requests/"+s.number+"/messages", map[string]string{"text": "What I typed with care."})
			s.tooLarge(t, who, "/portal/invoices/"+s.LumenBill.Number+"/dispute", map[string]string{"line": "1", "amount_1": "1.00", "words_1": "What I typed with care."})
			if n := count(t, s.app.DB, `select count(*) from case_messages`); n != before {
				t.Errorf("%d messages were kept", n-before)
			}
		}},
	}
}

// tooLarge sends a form with a file of 60 MB as a browser does. The answer is the form with a sentence and what was typed.
func (s *siege) tooLarge(t *testing.T, who pass, path string, fields map[string]string) {
	t.Helper()
	var head bytes.Buffer
	form := multipart.NewWriter(&head)
	if who.portal != "" {
		page := s.ask(t, pass{}, http.MethodGet, strings.TrimSuffix(strings.TrimSuffix(path, "/messages"), "/dispute"), "", "Cookie", "mg_portal="+who.portal).Body.String()
		_, rest, _ := strings.Cut(page, `name="csrf_token" value="`)
		secret, _, _ := strings.Cut(rest, `"`)
		must(t, form.WriteField("csrf_token", secret))
	}
	for name, value := range fields {
		must(t, form.WriteField(name, value))
	}
	_, err := form.CreateFormFile("files", "scan.pdf")
	must(t, err)
	end := "\r\n--" + form.Boundary() + "--\r\n"
	const size = 60 << 20
	body := io.MultiReader(&head, io.LimitReader(letterA{}, size), strings.NewReader(end))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+s.app.Addr()+path, body)
	must(t, err)
	request.ContentLength = int64(head.Len()) + size + int64(len(end))
	request.Header.Set("Content-Type", form.FormDataContentType())
	request.AddCookie(&http.Cookie{Name: "mg_portal", Value: who.portal})
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Errorf("%s: the connection breaks: %v", path, err)
		return
	}
	defer func() { _ = response.Body.Close() }()
	page := string(p2(io.ReadAll(response.Body))(t))
	if response.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("%s: %d", path, response.StatusCode)
	}
	for _, want := range []string{"All files together may have 20 MB.", "What I typed with care."} {
		if !strings.Contains(page, want) {
			t.Errorf("%s answers without %q: %.2000s", path, want, page)
		}
	}
}

// letterA is a file of any length.
type letterA struct{}

// Read fills the buffer.
func (letterA) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'A'
	}
	return len(p), nil
}
