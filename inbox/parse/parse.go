// Package parse takes the bytes of a mail apart: text, attachments, who wrote it, whether a machine did, what is
// new in a reply and which business documents it names. It is pure, bounded, and never fails on a message.
package parse

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
)

// Parse reads a raw message. It never fails and never panics: what could not be read is named in Defects.
func Parse(raw []byte, opt Options) (m Message) {
	d := defects{}
	opt = opt.withDefaults()
	m = empty()
	defer func() {
		if r := recover(); r != nil {
			d.add("parser_failure")
			m = rescue(m, raw, opt)
		}
		m.Defects = d.list()
	}()
	if len(raw) > opt.MaxBytes {
		d.add("message_too_long")
		raw = raw[:opt.MaxBytes]
	}
	read(&m, lineEnds(raw), opt, d)
	return m
}

func read(m *Message, raw []byte, opt Options, d defects) {
	h, body := splitHeader(raw, opt.MaxHeaderBytes, d)
	w := words{hint: bodyCharset(h, body), defects: d}
	readHeaders(m, h, w)

	b := newBudget(opt, d)
	c := &content{b: b, w: w, limit: opt.MaxTextBytes}
	c.walk(readTree(h, body, b, w), "", 1)
	m.Text, m.HTML = strings.Trim(c.text.String(), "\n"), c.html.String()
	if c.attachments != nil {
		m.Attachments = c.attachments
	}
	plain := m.Text
	if strings.TrimSpace(plain) == "" && m.HTML != "" {
		plain = htmlText(m.HTML)
		m.Text = plain
	}
	f := facts{h: h, m: m, w: w, report: c.report, calendar: c.calendar, kind: mediaKind(h, w), complaint: c.complaint}
	m.Kind, m.Bounce = classify(f)
	if m.Unlisted = m.Kind; m.Kind == List {
		m.Unlisted = behind(f)
	}
	m.ReplyText = replyText(plain)
	m.Language = language(m.ReplyText, m.Subject)
	m.Refs = opt.Patterns.find(m)
}

func readHeaders(m *Message, h header, w words) {
	m.MessageID = first(parseIDs(h.all("message-id")))
	m.InReplyTo = parseIDs(h.all("in-reply-to"))
	m.References = parseIDs(h.all("references"))
	m.From = parseAddresses(h.all("from"), w)
	m.ReplyTo = parseAddresses(h.all("reply-to"), w)
	m.To = parseAddresses(h.all("to"), w)
	m.Cc = parseAddresses(h.all("cc"), w)
	m.Subject = strings.TrimSpace(tabs.ReplaceAllString(cleanLines(w.decode(h.get("subject"))), " "))
	m.Date = parseDate(h.get("date"), w.defects)
	text := func(name string) string { return w.decode(h.get(name)) }
	m.Headers = Headers{
		AutoSubmitted: text("auto-submitted"), Precedence: text("precedence"), ListID: text("list-id"), ListPost: mailto(text("list-post")),
		ContentLanguage: text("content-language"), Loop: text("x-makegood-loop"),
	}
	if h.has("return-path") {
		path := strings.Trim(w.raw(unfold(h.get("return-path"))), "<> \t\"")
		m.Headers.ReturnPath, m.Headers.NullReturnPath = tidyAddress(path), path == ""
	}
	m.Headers.AuthenticationResults = asTheyStand(h.all("authentication-results"))
	m.Headers.ARCResults, m.Headers.ARCSeals = asTheyStand(h.all("arc-authentication-results")), asTheyStand(h.all("arc-seal"))
	m.Headers.OriginalFrom, m.Headers.OriginalSender = parseAddresses(h.all("x-original-from"), w), parseAddresses(h.all("x-original-sender"), w)
	for _, name := range []string{"delivered-to", "x-original-to", "envelope-to"} {
		for _, a := range parseAddresses(h.all(name), w) {
			m.Headers.DeliveredTo = append(m.Headers.DeliveredTo, a.Address)
		}
	}
}

// asTheyStand are fields that servers write for programs, with no charset applied and no encoded word decoded: they copy what the sender says,
// and what that would turn into could be taken for the server's own words.
func asTheyStand(values []string) []string {
	out := make([]string, 0, len(values))
	for _, v := range values {
		out = append(out, clean(unfold(v)))
	}
	return out
}

// bodyCharset is the charset the message declares for its first text: what raw 8-bit headers are likely to be in.
func bodyCharset(h header, body []byte) string {
	own := parseMedia(h.get("content-type"), words{defects: defects{}}).params["charset"]
	if own == "" {
		if m := charsetParam.FindSubmatch(body[:min(len(body), 64*kib)]); m != nil {
			own = string(m[1])
		}
	}
	if name := charsetName(own); name != "" && name != "us-ascii" && name != "iso-8859-1" {
		return own
	}
	for _, f := range h { // a sender who writes one field in an encoded word writes the others in the same charset
		if m := encodedWord.FindStringSubmatch(f.value); m != nil && isDoubleByte(charsetName(wordCharset(m[1]))) {
			return m[1]
		}
	}
	return own
}

func isDoubleByte(name string) bool {
	return name == "gb18030" || name == "big5" || name == "euc-kr" || name == "euc-jp" || name == "shift_jis"
}

// tabs are what folding left of a line end.
var tabs = regexp.MustCompile(`[ \t]*\t[ \t]*`)

func mediaKind(h header, w words) media { return parseMedia(h.get("content-type"), w) }

// lineEnds helps messages whose lines end in CR alone; all others stay untouched.
func lineEnds(raw []byte) []byte {
	if bytes.IndexByte(raw, '\n') < 0 && bytes.IndexByte(raw, '\r') >= 0 {
		return bytes.ReplaceAll(raw, []byte("\r"), []byte("\n"))
	}
	return raw
}

// rescue keeps what a failed parse had found and shows the raw text, so that an agent can still read it.
func rescue(m Message, raw []byte, opt Options) Message {
	if m.Text == "" {
		text, _ := decodeText(raw[:min(len(raw), opt.MaxTextBytes)], "")
		m.Text = cleanLines(text)
	}
	m.ReplyText = m.Text
	if m.Subject == "" {
		m.Subject = fmt.Sprintf("(%d bytes)", len(raw))
	}
	return m
}
