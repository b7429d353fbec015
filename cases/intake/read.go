package intake

import (
	"context"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/sorting"
	"makegood/inbox"
	"makegood/inbox/parse"
)

// letter is a message that came, taken apart: everything known of it before the transaction.
type letter struct {
	inbox.Loaded
	msg   parse.Message
	words Sorting // by fixed words
	desk  *sorting.Desk
	dmarc Verdict
	// unscannable: the virus scanner refuses to look at so much.
	unscannable bool
	gone        bool            // its bytes are lost
	house       *billing.Entity // who speaks when nobody knows for which entity; only for an oversize message
}

// read loads and parses a message. It writes nothing.
func (i *Intake) read(ctx context.Context, id inbox.InboundID) (letter, error) {
	loaded, err := i.inbox.Load(ctx, i.db, id)
	if err != nil {
		return letter{}, err
	}
	if loaded.Fate.Final() {
		return letter{Loaded: loaded}, nil
	}
	desk, err := i.sorting.Desk(ctx, i.db)
	if err != nil {
		return letter{}, err
	}
	l, err := i.understand(ctx, loaded, desk)
	if err != nil {
		return l, err
	}
	if l.Oversize {
		if l.house, err = i.firstEntity(ctx); err != nil {
			return letter{}, err
		}
	}
	return l, nil
}

// understand takes a message apart. It needs nothing but its bytes, and for one that waits for its fate what the scanner says of
// them. The desk knows what numbers look like.
func (i *Intake) understand(ctx context.Context, loaded inbox.Loaded, desk *sorting.Desk) (letter, error) {
	l := letter{Loaded: loaded, desk: desk}
	options := i.options.Parse
	options.Patterns = desk.Numbers()
	l.Content = nil
	asked := i.options.Scanner != nil && loaded.Fate == inbox.Pending && loaded.Refusal == ""
	var said scanned
	var err error
	if asked {
		if said, err = i.scanRaw(ctx, loaded.Content); err != nil {
			return l, err
		}
	}
	l.msg = parse.Parse(loaded.Content, options)
	if asked {
		if said, err = i.scanFiles(ctx, said, l.msg.Attachments); err != nil {
			return l, err
		}
		l.Infected, l.unscannable = said.found, said.tooLarge
	}
	readFiles(&l.msg, options)
	l.dmarc = DMARC(l.msg, i.options.TrustedReceivers)
	l.words = i.sorter.Sort(l.msg, aboutInvoice(l.msg))
	return l, nil
}

func (i *Intake) firstEntity(ctx context.Context) (*billing.Entity, error) {
	list, err := i.billing.Entities(ctx)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// from is the first address of From, in lower case.
func (l letter) from() parse.Address {
	for _, a := range l.msg.From {
		if strings.Contains(a.Address, "@") {
			return parse.Address{Name: a.Name, Address: strings.ToLower(a.Address)}
		}
	}
	return parse.Address{}
}

func (l letter) summary() inbox.Summary {
	if l.gone {
		return inbox.Summary{MessageID: l.MessageID, Sender: l.Sender, SenderName: l.SenderName, Subject: l.Subject, Kind: l.Kind}
	}
	from := l.from()
	s := inbox.Summary{
		MessageID: inbox.Bracketed(l.msg.MessageID), Sender: from.Address, SenderName: from.Name,
		Subject: cut(l.msg.Subject, maxSubject), Kind: string(l.msg.Kind),
	}
	if s.MessageID == "" {
		s.Delivery = deliveryOf(l.msg)
	}
	return s
}

// receivedAt is when the mail reached our server, if that says so believably. Mail of the past is of the day it says itself.
func (l letter) receivedAt() time.Time {
	if at, err := time.Parse(time.RFC3339, l.msg.Date); l.Quiet && err == nil && at.Before(l.StoredAt) {
		return at
	}
	if l.InternalDate != nil && l.InternalDate.Before(l.StoredAt) {
		return *l.InternalDate
	}
	return l.StoredAt
}

// refersTo are the Message-IDs the mail names, the nearest first.
func (l letter) refersTo() []string {
	ids := slices.Clone(l.msg.InReplyTo)
	for _, id := range slices.Backward(l.msg.References) {
		ids = append(ids, id)
	}
	if l.msg.Bounce.OriginalMessageID != "" {
		ids = append([]string{l.msg.Bounce.OriginalMessageID}, ids...)
	}
	return ids[:min(len(ids), maxReferences)]
}

// leadsBy are the addresses of ours it went to that lead to a case.
func (l letter) leadsBy() []string {
	var all []string
	for _, a := range slices.Concat(l.msg.To, l.msg.Cc) {
		all = append(all, a.Address)
	}
	return inbox.ReplyAddresses(append(all, l.msg.Headers.DeliveredTo...))
}

// others are the people the mail went to beside us.
func (l letter) others(own []string) []parse.Address {
	known := append(slices.Clone(own), l.from().Address)
	for _, a := range l.leadsBy() {
		known = append(known, strings.ToLower(a))
	}
	for _, a := range l.msg.Headers.DeliveredTo {
		known = append(known, strings.ToLower(a))
	}
	var out []parse.Address
	for _, a := range slices.Concat(l.msg.To, l.msg.Cc) {
		a.Address = strings.ToLower(a.Address)
		if !strings.Contains(a.Address, "@") || slices.Contains(known, a.Address) || len(out) == maxOthers {
			continue
		}
		known = append(known, a.Address)
		out = append(out, a)
	}
	return out
}

const (
	maxSubject    = 300 // characters
	maxClaim      = 500
	maxReferences = 50
	maxOthers     = 20
)

// subject is never empty: a mail without one goes by its first words.
func (l letter) subject() string {
	if s := strings.Join(strings.Fields(l.msg.Subject), " "); s != "" {
		return cut(s, maxSubject)
	}
	if s := strings.Join(strings.Fields(l.msg.ReplyText), " "); s != "" {
		return cut(s, 80)
	}
	return "—"
}

func cut(text string, limit int) string {
	runes := []rune(text)
	if len(runes) <= limit {
		return text
	}
	return strings.TrimSpace(string(runes[:limit-1])) + "…"
}

// baseName is the last part of a file's name: folders in it are the sender's, or meant to lead out of ours.
func baseName(name string) string {
	return name[strings.LastIndexAny(name, `/\`)+1:]
}

// message is the mail as the case keeps it.
func (l letter) message(trust cases.Trust) cases.InboundMessage {
	from := l.from()
	id := int64(l.ID)
	m := cases.InboundMessage{
		InboundID: &id, AuthorName: from.Name, AuthorAddress: from.Address, Subject: cut(l.msg.Subject, maxSubject),
		Body: l.msg.ReplyText, Language: l.msg.Language, Trust: trust, Machine: l.msg.Kind != parse.Person, Formatted: l.msg.HTML != "", At: l.receivedAt(), Past: l.Quiet,
	}
	if strings.TrimSpace(l.msg.Text) != strings.TrimSpace(l.msg.ReplyText) {
		m.FullBody = l.msg.Text
	}
	for _, a := range slices.Concat(l.msg.To, l.msg.Cc) {
		m.Recipients = append(m.Recipients, a.Address)
	}
	for _, a := range l.msg.Attachments {
		sum, _ := hex.DecodeString(a.SHA256) // written by the parser
		m.Attachments = append(m.Attachments, cases.Attachment{
			Filename: baseName(a.Filename), MediaType: a.ContentType, Size: int64(a.Size), SHA256: sum, Inline: a.Inline, ContentID: a.ContentID,
		})
	}
	return m
}
