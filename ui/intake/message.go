package intake

import (
	"context"
	"encoding/hex"
	"slices"
	"strings"
	"unicode/utf8"

	"makegood/billing"
	"makegood/cases"
	mailroom "makegood/cases/intake"
	"makegood/inbox"
	"makegood/inbox/parse"
	"makegood/internal/access"
	"makegood/internal/blob"
	"makegood/internal/i18n"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

const (
	maxText       = 20_000 // bytes of a mail shown at once
	maxReferences = 12
	maxOthers     = 5
)

// letter is a message taken apart, with what the checks found out about it.
type letter struct {
	inbox.Inbound
	parse.Message

	from     parse.Address
	gone     bool // its bytes are lost
	dmarc    mailroom.Verdict
	customer *billing.Customer
	hit      *inbox.ThreadHit
	thread   *cases.Case // nil while there is none, or none the reader may see
	people   []cases.Participant
}

// open reads a message that somebody may see.
func (s *Screen) open(ctx context.Context, id int64, by access.Actor) (*letter, []byte, error) {
	if _, err := s.Inbox.Readable(ctx, s.Reports.Reader(), inbox.InboundID(id), by); err != nil {
		return nil, nil, err
	}
	m, err := s.Inbox.Load(ctx, s.Reports.Reader(), inbox.InboundID(id))
	if blob.IsGone(err) {
		row, err := s.Inbox.Message(ctx, s.Reports.Reader(), inbox.InboundID(id))
		from := parse.Address{Name: row.SenderName, Address: row.Sender}
		return &letter{Inbound: row, Message: parse.Message{Subject: row.Subject, From: []parse.Address{from}, Kind: parse.Kind(row.Kind)}, from: from, gone: true}, nil, err
	}
	if err != nil {
		return nil, nil, err
	}
	l := &letter{Inbound: m.Inbound, Message: parse.Parse(m.Content, parse.Options{})}
	for _, a := range l.Message.From {
		if strings.Contains(a.Address, "@") {
			l.from = parse.Address{Name: a.Name, Address: strings.ToLower(a.Address)}
			break
		}
	}
	l.dmarc = mailroom.DMARC(l.Message, s.TrustedReceivers)
	return l, m.Content, nil
}

// message reads one message with all that is known about it.
func (s *Screen) message(ctx context.Context, r reader, q selection) (*messageView, error) {
	l, raw, err := s.open(ctx, q.id, r.by)
	if err != nil {
		return nil, err
	}
	checks, err := s.check(ctx, r, l)
	if err != nil {
		return nil, err
	}
	path := "/intake/" + text(q.id)
	v := &messageView{
		ID: text(q.id), Tab: q.tab, Subject: l.Message.Subject, Name: l.from.Name, Address: l.from.Address, To: recipients(l.Message), At: receivedAt(l.Inbound),
		Notice: r.notice(l.Inbound), Checks: checks, Files: files(path, l.Attachments), References: references(l.Refs), Marks: marks(l.Message),
		RawURL: path + "/eml", Raw: i18n.F("{size}, sha256 {fingerprint}", "size", size(int64(len(raw))), "fingerprint", fingerprint(l.SHA256)), May: r.may,
		BackURL: q.at("/intake"), Forged: l.dmarc == mailroom.Fail, Waiting: !l.Fate.Final() && l.Fate != inbox.Pending,
	}
	if l.Message.HTML != "" {
		v.LookURL = path + "/mail"
	}
	v.Wordless = l.gone || l.Refusal != ""
	if l.gone {
		v.RawURL, v.Notice = "", lostNotice(v.Notice)
	}
	if v.Infected = l.Infected != ""; v.Infected {
		v.Files, v.LookURL = nil, ""
	}
	v.AcknowledgeNewCase = l.Message.Kind == parse.Person && l.from.Address != "" && len(l.Message.From) == 1 && l.dmarc != mailroom.Fail
	v.Text, v.Cut = shorten(l.ReplyText)
	if strings.TrimSpace(l.Message.Text) != strings.TrimSpace(l.ReplyText) {
		v.WholeText, _ = shorten(l.Message.Text)
	}
	if v.Text == "" {
		v.Text, v.WholeText = v.WholeText, ""
	}
	if v.About, err = s.about(ctx, l.Inbound); err != nil {
		return nil, err
	}
	return v, s.destinations(ctx, r, l, v)
}

// destinations are the case the message names, or the one it is in; else the open ones of its sender's customer.
func (s *Screen) destinations(ctx context.Context, r reader, l *letter, v *messageView) error {
	c := l.thread
	if l.CaseID != nil {
		joined, err := s.Cases.CaseByID(ctx, s.Reports.Reader(), cases.ID(*l.CaseID), r.by)
		if err != nil {
			return nil //nolint:nilerr // a case the reader may not see is not shown
		}
		c = &joined
	}
	if c != nil {
		going, err := s.destination(ctx, l, *c)
		if err != nil {
			return err
		}
		going.Done = l.Fate.Final()
		v.Going = going
	}
	if !v.Waiting || v.Infected || v.Wordless || v.Going != nil || l.customer == nil {
		return nil
	}
	page, err := s.Cases.Queue(ctx, cases.Filter{View: cases.ViewAllOpen, CustomerID: l.customer.ID, Limit: maxOthers}, r.by)
	if err != nil {
		return err
	}
	for _, row := range page.Rows {
		v.Others = append(v.Others, caseView{Number: row.Number, Href: "/cases/" + row.Number, Subject: row.Subject, Customer: row.CustomerName})
	}
	return nil
}

func (s *Screen) destination(ctx context.Context, l *letter, c cases.Case) (*caseView, error) {
	v := &caseView{Number: c.Number, Href: "/cases/" + c.Number, Subject: c.Subject}
	if c.CustomerID != nil {
		customer, err := s.Billing.CustomerByID(ctx, s.Reports.Reader(), *c.CustomerID)
		if err != nil {
			return nil, err
		}
		v.Customer, v.Tier, v.TierName = customer.Name, string(customer.Tier), desk.TierName(customer.Tier)
	}
	if c.Disputed.IsPositive() {
		v.Disputed = new(c.InDispute())
	}
	if l.thread == nil || l.thread.ID != c.ID {
		var err error
		if l.people, err = s.Cases.Participants(ctx, s.Reports.Reader(), c.ID); err != nil {
			return nil, err
		}
	}
	for _, p := range l.people {
		if p.Accepted {
			v.Takes = append(v.Takes, orElse(p.Name, p.Address))
		}
	}
	return v, nil
}

// notice says first why a message waits, or what became of it.
func (r reader) notice(m inbox.Inbound) noticeView {
	n := noticeView{ID: text(int64(m.ID)), Lead: fateName(m.Fate) + ".", Text: r.reason(m)}
	switch m.Fate {
	case inbox.Held:
		n.Tone, n.Icon, n.Lead = "stop", "hand-stop", i18n.T("Held.")
		n.Text += " " + i18n.T("Nothing of a case has been sent to them.")
	case inbox.Quarantined:
		n.Tone, n.Icon = "bad", "bug"
		n.Text += " " + i18n.T("Nothing is lost: the mail is kept as it came.")
	case inbox.Pending:
		n.Icon = "hourglass"
		if m.FateReason == "" {
			n.Text = i18n.T("It is being looked at.")
		}
	case inbox.NewCase, inbox.Attached:
		n.Tone, n.Icon = "ok", "circle-check"
	case inbox.Duplicate, inbox.AutoReply, inbox.Bounce, inbox.Ignored:
		n.Icon = tag(m).Icon
	}
	return n
}

// lostNotice is the notice of a mail whose bytes are lost: why it waits says less than that.
func lostNotice(n noticeView) noticeView {
	n.Tone, n.Icon, n.Lead = "bad", "bug", i18n.T("Lost.")
	n.Text = i18n.T("What was stored of this mail is gone, or is not what came. What stands here was noted when it came. It can be discarded.")
	return n
}

func recipients(m parse.Message) string {
	var to []string
	for _, a := range slices.Concat(m.To, m.Cc) {
		to = append(to, a.Address)
	}
	if len(to) > 4 {
		to = append(to[:4], "…")
	}
	return strings.Join(to, ", ")
}

func files(path string, list []parse.Attachment) []kit.FileView {
	var out []kit.FileView
	for i, a := range list {
		name := a.Filename
		if name == "" {
			name = i18n.T("without a name")
		}
		out = append(out, kit.FileView{Name: name, Size: size(int64(a.Size)), Href: path + "/files/" + text(int64(i)), Icon: fileIcon(a.ContentType)})
	}
	return out
}

func fileIcon(mediaType string) string {
	switch {
	case strings.HasPrefix(mediaType, "image/"):
		return "photo"
	case mediaType == "application/pdf":
		return "file-type-pdf"
	case strings.Contains(mediaType, "sheet"), strings.Contains(mediaType, "excel"), mediaType == "text/csv":
		return "file-spreadsheet"
	}
	return "paperclip"
}

func references(refs parse.Refs) []string {
	all := slices.Concat(refs.Invoices, refs.Accounts, refs.PurchaseOrders)
	return all[:min(len(all), maxReferences)]
}

// marks are what an agent should know about the mail's form.
func marks(m parse.Message) []kit.TagView {
	var out []kit.TagView
	if m.Kind != parse.Person {
		out = append(out, kit.TagView{Text: i18n.T("Written by a machine"), Tone: "line", Icon: "robot", Title: string(m.Kind)})
	}
	if m.HTML != "" {
		out = append(out, kit.TagView{Text: i18n.T("Shown as text, nothing remote loaded"), Tone: "line", Icon: "photo-off"})
	}
	if len(m.Defects) > 0 {
		out = append(out, kit.TagView{Text: strings.ReplaceAll(strings.Join(m.Defects, ", "), "_", " "), Tone: "line", Icon: "bug", Title: i18n.T("What could not be read")})
	}
	return out
}

func shorten(body string) (string, bool) {
	body = strings.TrimSpace(body)
	if len(body) <= maxText {
		return body, false
	}
	end := maxText
	for !utf8.RuneStart(body[end]) {
		end--
	}
	return body[:end] + "…", true
}

func fingerprint(sum []byte) string {
	digits := hex.EncodeToString(sum)
	if len(digits) < 8 {
		return digits
	}
	return digits[:4] + "…" + digits[len(digits)-4:]
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
