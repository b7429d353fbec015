package intake_test

import (
	"slices"
	"testing"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases/intake"
	"makegood/inbox"
	"makegood/inbox/parse"
)

func TestDecide(t *testing.T) {
	t.Parallel()
	thread := func(ours, accepted bool) *intake.Thread {
		return &intake.Thread{CaseID: 7, Ours: ours, Accepted: accepted}
	}
	person := intake.Facts{Kind: parse.Person, Sender: anna}
	with := func(change func(*intake.Facts)) intake.Facts {
		f := person
		change(&f)
		return f
	}
	for name, c := range map[string]struct {
		facts intake.Facts
		want  intake.Decision
	}{
		"a person": {person, intake.Decision{Fate: inbox.NewCase, Reason: intake.ReasonOpened, Acknowledge: true, Trusted: true}},
		"a forged person": {
			with(func(f *intake.Facts) { f.DMARC = intake.Fail }), intake.Decision{Fate: inbox.NewCase, Reason: intake.ReasonOpened},
		},
		"several senders": {
			with(func(f *intake.Facts) { f.Several = true }), intake.Decision{Fate: inbox.NewCase, Reason: intake.ReasonOpened},
		},
		"no sender": {with(func(f *intake.Facts) { f.Sender = "" }), intake.Decision{Fate: inbox.Held, Reason: intake.ReasonNoSender}},
		"our own, even in a thread": {
			with(func(f *intake.Facts) { f.Own, f.Thread = true, thread(true, true) }), intake.Decision{Fate: inbox.Ignored, Reason: intake.ReasonOwnMail},
		},
		"a duplicate bounce": {
			with(func(f *intake.Facts) {
				f.Kind, f.Duplicate = parse.Bounced, &intake.Earlier{SameBytes: true, SameMailbox: true}
			}),
			intake.Decision{Fate: inbox.Duplicate, Reason: intake.ReasonSameBytes},
		},
		"the same bytes in another mailbox": {
			with(func(f *intake.Facts) { f.Duplicate = &intake.Earlier{SameBytes: true, CaseID: new(int64(7))} }),
			intake.Decision{Fate: inbox.Duplicate, Reason: intake.ReasonOtherMailbox, CaseID: 7},
		},
		"a participant": {
			with(func(f *intake.Facts) { f.Thread = thread(false, true) }),
			intake.Decision{Fate: inbox.Attached, Reason: intake.ReasonJoined, CaseID: 7, Trusted: true},
		},
		"a stranger with our token": {
			with(func(f *intake.Facts) { f.Thread = thread(true, false) }), intake.Decision{Fate: inbox.Held, Reason: intake.ReasonUnverified, CaseID: 7},
		},
		"a forged participant": {
			with(func(f *intake.Facts) { f.Thread, f.DMARC = thread(true, true), intake.Fail }),
			intake.Decision{Fate: inbox.Held, Reason: intake.ReasonUnverified, CaseID: 7},
		},
		"a bounce of ours": {
			with(func(f *intake.Facts) { f.Kind, f.Thread, f.Believable = parse.Bounced, thread(true, false), true }),
			intake.Decision{Fate: inbox.Bounce, Reason: intake.ReasonBounce, CaseID: 7, InConversation: true},
		},
		"a bounce of ours by anybody": {
			with(func(f *intake.Facts) { f.Kind, f.Thread = parse.Bounced, thread(true, true) }),
			intake.Decision{Fate: inbox.Bounce, Reason: intake.ReasonBounce, CaseID: 7},
		},
		"a forged bounce of ours": {
			with(func(f *intake.Facts) {
				f.Kind, f.Thread, f.Believable, f.DMARC = parse.Bounced, thread(true, false), true, intake.Fail
			}),
			intake.Decision{Fate: inbox.Held, Reason: intake.ReasonUnverified, CaseID: 7},
		},
		"an automatic reply of a participant": {
			with(func(f *intake.Facts) { f.Kind, f.Thread = parse.AutoReply, thread(true, true) }),
			intake.Decision{Fate: inbox.AutoReply, Reason: intake.ReasonAutoReply, CaseID: 7, InConversation: true},
		},
		"an automatic reply of a stranger with our token": {
			with(func(f *intake.Facts) { f.Kind, f.Thread = parse.AutoReply, thread(true, false) }),
			intake.Decision{Fate: inbox.AutoReply, Reason: intake.ReasonAutoReply, CaseID: 7},
		},
		"a forged automatic reply of a participant": {
			with(func(f *intake.Facts) { f.Kind, f.Thread, f.DMARC = parse.AutoReply, thread(true, true), intake.Fail }),
			intake.Decision{Fate: inbox.AutoReply, Reason: intake.ReasonAutoReply, CaseID: 7},
		},
		"a bounce of nothing": {
			with(func(f *intake.Facts) { f.Kind = parse.Bounced }), intake.Decision{Fate: inbox.Bounce, Reason: intake.ReasonBounce},
		},
		"an automatic reply to somebody else's mail": {
			with(func(f *intake.Facts) { f.Kind, f.Thread = parse.AutoReply, thread(false, false) }),
			intake.Decision{Fate: inbox.AutoReply, Reason: intake.ReasonAutoReply},
		},
		"a list": {with(func(f *intake.Facts) { f.Kind = parse.List }), intake.Decision{Fate: inbox.Ignored, Reason: intake.ReasonList}},
		"a participant by way of a list": {
			with(func(f *intake.Facts) { f.Kind, f.Thread = parse.List, thread(false, true) }),
			intake.Decision{Fate: inbox.AutoReply, Reason: intake.ReasonList, CaseID: 7, InConversation: true},
		},
		"an invitation": {
			with(func(f *intake.Facts) { f.Kind = parse.Calendar }), intake.Decision{Fate: inbox.AutoReply, Reason: intake.ReasonCalendar},
		},
		"a partner's system": {
			with(func(f *intake.Facts) { f.Kind, f.Partner = parse.Notification, true }),
			intake.Decision{Fate: inbox.NewCase, Reason: intake.ReasonOpened, Trusted: true},
		},
		"passed on by a group, and nobody vouches for the writer": {
			with(func(f *intake.Facts) { f.Unvouched = true }), intake.Decision{Fate: inbox.NewCase, Reason: intake.ReasonOpened},
		},
		"passed on by a group, an answer": {
			with(func(f *intake.Facts) { f.Unvouched, f.Thread = true, thread(true, true) }), intake.Decision{Fate: inbox.Held, Reason: intake.ReasonPassedOn, CaseID: 7},
		},
		"passed on by a group, of nobody named": {
			with(func(f *intake.Facts) { f.Unvouched, f.Sender = true, "" }), intake.Decision{Fate: inbox.Held, Reason: intake.ReasonUnnamed},
		},
		"passed on by a group, out of office": {
			with(func(f *intake.Facts) { f.Unvouched, f.Kind, f.Thread = true, parse.AutoReply, thread(true, true) }),
			intake.Decision{Fate: inbox.AutoReply, Reason: intake.ReasonAutoReply, CaseID: 7},
		},
		"passed on by a group, too large": {
			with(func(f *intake.Facts) { f.Unvouched, f.Oversize = true, true }), intake.Decision{Fate: inbox.Held, Reason: intake.ReasonOversize},
		},
		"too large": {
			with(func(f *intake.Facts) { f.Oversize = true }), intake.Decision{Fate: inbox.Held, Reason: intake.ReasonOversize, TellOversize: true},
		},
		"too large, from a machine": {
			with(func(f *intake.Facts) { f.Oversize, f.Kind = true, parse.AutoReply }), intake.Decision{Fate: inbox.Held, Reason: intake.ReasonOversize},
		},
	} {
		if got := intake.Decide(c.facts); got != c.want {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
}

func TestDMARC(t *testing.T) {
	t.Parallel()
	const passed = "dmarc=pass header.from=aster.example"
	for name, c := range map[string]struct {
		fields []string
		want   intake.Verdict
	}{
		"none":                     {nil, intake.Unknown},
		"pass":                     {[]string{"mx.us.example; spf=pass smtp.mailfrom=aster.example; " + passed}, intake.Pass},
		"fail with a comment":      {[]string{"MX.us.example 1; dkim=none;\r\n dmarc=fail (p=REJECT; sp=none) header.from=aster.example"}, intake.Fail},
		"spaces":                   {[]string{"mx.us.example; dmarc = fail"}, intake.Fail},
		"spaces in a pass":         {[]string{"mx.us.example; dmarc = pass header.from = Aster.Example."}, intake.Pass},
		"a version":                {[]string{"mx.us.example; dmarc/1=pass(p=NONE)header.from=aster.example"}, intake.Pass},
		"an empty return path":     {[]string{"mx.us.example; dmarc=pass smtp.mailfrom= header.from=aster.example"}, intake.Pass},
		"an address":               {[]string{"mx.us.example; dmarc=pass header.from=anna@aster.example"}, intake.Pass},
		"a domain in quotes":       {[]string{`mx.us.example; dmarc=pass reason="as \"they\"; say" header.from="aster.example"`}, intake.Pass},
		"somebody else's":          {[]string{"mx.evil.example; " + passed}, intake.Unknown},
		"a pass below none":        {[]string{"mx.us.example; dmarc=none", "mx.us.example; " + passed}, intake.Unknown},
		"a pass below an error":    {[]string{"mx.us.example; spf=pass; dmarc=temperror", "mx.us.example; " + passed}, intake.Unknown},
		"a pass beside none":       {[]string{"mx.us.example; " + passed + "; dmarc=none header.from=aster.example"}, intake.Unknown},
		"a pass beside a fail":     {[]string{"mx.us.example; " + passed + "; dmarc=fail header.from=aster.example"}, intake.Fail},
		"a pass below no word":     {[]string{"mx.us.example; spf=pass", "mx.us.example; " + passed}, intake.Pass},
		"a fail below a pass":      {[]string{"mx.us.example; " + passed, "mx.us.example; dmarc=fail"}, intake.Fail},
		"no dmarc":                 {[]string{"mx.us.example; dkim=fail; spf=fail"}, intake.Unknown},
		"temporary error":          {[]string{"mx.us.example; dmarc=temperror"}, intake.Unknown},
		"a fail within a comment":  {[]string{"mx.us.example; dmarc=pass (was; dmarc=fail) header.from=aster.example"}, intake.Pass},
		"an empty field":           {[]string{"", ";"}, intake.Unknown},
		"named within another one": {[]string{"mx.evil.example (mx.us.example); " + passed}, intake.Unknown},
		"of no domain":             {[]string{"mx.us.example; dmarc=pass"}, intake.Unknown},
		"of another's domain":      {[]string{"mx.us.example; dmarc=pass header.from=evil.example"}, intake.Fail},
		"of the domain above":      {[]string{"mx.us.example; dmarc=pass header.from=example"}, intake.Fail},
		"of a domain within":       {[]string{"mx.us.example; dmarc=pass header.from=evil.aster.example"}, intake.Fail},
		"of one that ends alike":   {[]string{"mx.us.example; dmarc=pass header.from=ster.example"}, intake.Fail},
		"of two domains":           {[]string{"mx.us.example; " + passed + " header.from=evil.example"}, intake.Fail},
		"a pass in the sender's quotes": {
			[]string{`mx.us.example; spf=pass smtp.mailfrom="; ` + passed + `; ("@evil.example; dmarc=fail header.from=aster.example`}, intake.Fail,
		},
		"a pass in quotes, and no other word":    {[]string{`mx.us.example; spf=pass smtp.mailfrom="; ` + passed + `"@evil.example`}, intake.Unknown},
		"a domain in the sender's quotes":        {[]string{`mx.us.example; dmarc=pass smtp.mailfrom="x header.from=aster.example"@evil.example`}, intake.Unknown},
		"a quotation that ends behind a mark":    {[]string{`mx.us.example; spf=pass smtp.mailfrom="\"; ` + passed + `; ("@evil.example; dmarc=fail`}, intake.Fail},
		"a comment without an end":               {[]string{"mx.us.example; spf=pass (; dmarc=fail"}, intake.Fail},
		"a comment without an end behind a pass": {[]string{"mx.us.example; " + passed + "; ("}, intake.Fail},
		"a quotation without an end":             {[]string{`mx.us.example; ` + passed + `; spf=pass smtp.mailfrom="`}, intake.Fail},
		"a bracket that a mark keeps":            {[]string{`mx.us.example; spf=pass (a \) ; ` + passed + `) ; dmarc=none`}, intake.Unknown},
	} {
		m := parse.Message{From: []parse.Address{{Address: anna}}, Headers: parse.Headers{AuthenticationResults: c.fields}}
		if got := intake.DMARC(m, []string{"mx.us.example"}); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// TestDMARCOfWhomWeRead: a receiver's pass is of the sender that we read, however the domain is written, or the mail is one that says two.
func TestDMARCOfWhomWeRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		domain string
		from   []string
		want   intake.Verdict
	}{
		"a host in the domain":      {"aster.example", []string{"anna@post.aster.example"}, intake.Pass},
		"an international name":     {"xn--mller-kva.example", []string{"anna@müller.example"}, intake.Pass},
		"one written in full":       {"MÜLLER.example", []string{"anna@xn--mller-kva.example"}, intake.Pass},
		"two senders of one domain": {"aster.example", []string{anna, "b@aster.example"}, intake.Pass},
		"two senders of two":        {"aster.example", []string{anna, mallory}, intake.Fail},
		"nobody":                    {"aster.example", nil, intake.Fail},
		"a name alone":              {"aster.example", []string{""}, intake.Fail},
	} {
		m := parse.Message{Headers: parse.Headers{AuthenticationResults: []string{"mx.us.example; dmarc=pass header.from=" + c.domain}}}
		for _, a := range c.from {
			m.From = append(m.From, parse.Address{Address: a})
		}
		if got := intake.DMARC(m, []string{"mx.us.example"}); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	me := billing.Customer{ID: 1, FamilyID: 1, Kind: billing.Direct}
	mine := billing.FoundInvoice{Invoice: billing.Invoice{ID: 11, CustomerID: 1, SoldToID: 1, Total: decimal.NewFromInt(9)}, Customer: me, Reference: "DE-2026-00001", Exact: true}
	theirs := billing.FoundInvoice{
		Invoice: billing.Invoice{ID: 12, CustomerID: 2, SoldToID: 2}, Customer: billing.Customer{ID: 2, FamilyID: 2}, Reference: "DE-2026-00002", Exact: true,
	}
	m := parse.Message{Text: "see below", Attachments: []parse.Attachment{{Filename: "rechnung.txt", Content: []byte("No. DE-2026-00001")}}}

	got := intake.Match(&me, []billing.FoundInvoice{mine, theirs}, m)
	if len(got.Links) != 1 || got.Links[0].Evidence != "attachment rechnung.txt" || got.Links[0].Confidence != 100 || !slices.Equal(got.Foreign, []string{"DE-2026-00002"}) {
		t.Errorf("got %+v", got)
	}
	if got := intake.Match(nil, []billing.FoundInvoice{mine, theirs}, m); len(got.Links) != 0 || len(got.Foreign) != 0 {
		t.Errorf("for nobody: %+v", got)
	}
	alike := theirs
	alike.Reference, alike.Exact = mine.Reference, false
	if got := intake.Match(&me, []billing.FoundInvoice{mine, alike}, m); len(got.Foreign) != 0 {
		t.Errorf("a number that is mine was called foreign: %+v", got)
	}
	var many []billing.FoundInvoice
	for id := range 4 {
		f := mine
		f.ID, f.Exact, f.ByOrder, f.Reference = billing.InvoiceID(20+id), false, true, "PO 4711"
		many = append(many, f)
	}
	if got := intake.Match(&me, many, m); len(got.Links) != 0 {
		t.Errorf("an order of many invoices linked them: %+v", got)
	}
	if got := intake.Match(&me, many[:1], m); len(got.Links) != 1 || got.Links[0].Confidence != 70 {
		t.Errorf("an order of one invoice: %+v", got)
	}
}
