package demo

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/clock"
	"makegood/cases/intake"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
)

// story is one case from its first mail on.
type story struct {
	*filler

	scene  scene
	topic  string
	number int

	customer *customer
	contact  billing.Contact
	invoice  *invoice
	matter   matter
	voice    voice
	lines    []wanted // what is in dispute; none for a question
	whole    bool     // the whole invoice is, not single lines

	id      cases.ID
	opened  time.Time
	first   cases.Priority // as it was opened
	agent   member
	subject string
	lastID  string // Message-ID of the customer's last mail
	mails   int
}

// wanted is an invoice line with what the customer wants back of it.
type wanted struct {
	line  billing.InvoiceLine
	net   decimal.Decimal
	gross decimal.Decimal
}

// disputed tells whether the topic is a reason to dispute an invoice.
func (s *story) disputed() bool {
	switch s.topic {
	case "general", "invoice_missing", "remittance", "cancellation", "refund", "goodwill":
		return false
	}
	return true
}

func (s *story) caseType() cases.Type {
	switch s.topic {
	case "general", "invoice_missing":
		return cases.Inquiry
	case "remittance":
		return cases.Remittance
	case "cancellation":
		return cases.Cancellation
	case "refund":
		return cases.Refund
	case "goodwill":
		return cases.Concession
	}
	return cases.Dispute
}

// open lets the customer write, and the case begin.
func (s *story) open(ctx context.Context) error {
	if found, err := s.cast(ctx); err != nil || !found {
		return err
	}
	s.opened = s.Clock.Now()
	s.voice = voiceOf(s.customer.Language)
	s.matter = s.words()
	said, ok := s.voice.claims[s.topic]
	if !ok {
		return fmt.Errorf("nothing to say about %s in %s", s.topic, s.customer.Language)
	}
	s.subject = s.matter.fill(said.subject)
	mail := s.mail(s.matter.fill(said.bodies[s.rng.IntN(len(said.bodies))]))
	mail.file = s.proof()
	c, err := s.begin(ctx, mail)
	if err != nil {
		return fmt.Errorf("open case %s: %w", s, err)
	}
	s.id, s.first = c.ID, c.Priority
	s.customer.inCase = true
	// Nobody pays in full what is in dispute, or what somebody may get back.
	s.invoice.contested = s.disputed() || s.scene.plot == credited || s.scene.plot == onApprover || s.scene.plot == drafted
	s.script()
	return nil
}

// mail is what the customer's contact writes now.
func (s *story) mail(text string) letter {
	s.mails++
	l := letter{
		id: fmt.Sprintf("%d.%d.%d@%s", s.Clock.Now().Unix(), s.number, s.mails, s.customer.EmailDomains[0]), to: s.support(),
		subject: s.subject, at: s.Clock.Now(),
		body: s.voice.greeting[s.number%len(s.voice.greeting)] + "\n\n" + text + "\n\n" + s.matter.fill(s.voice.closing),
	}
	l.from.Name, l.from.Address = s.contact.Name, s.contact.Email
	s.lastID = l.id
	return l
}

func (s *story) support() string { return s.entities[s.customer.code].SupportAddress }

// proof is a file that goes with some claims.
func (s *story) proof() *file {
	if s.invoice == nil || s.topic != "usage_wrong" && s.topic != "not_delivered" {
		return nil
	}
	if s.topic == "not_delivered" {
		return &file{"ticket.txt", "text/plain", []byte("Ticket 48213: installation moved to next month\r\nStatus: open\r\n")}
	}
	var text strings.Builder
	text.WriteString("day,measured\r\n")
	for day := 1; day <= 28; day++ {
		fmt.Fprintf(&text, "%s-%02d,%d\r\n", s.invoice.ServiceFrom.Format("2006-01"), day, 20+(day*s.number)%37)
	}
	return &file{"usage.csv", "text/csv", []byte(text.String())}
}

// begin stores the mail and opens the case, as intake would.
func (s *story) begin(ctx context.Context, l letter) (cases.Case, error) {
	var c cases.Case
	err := s.DB.Do(ctx, func(tx *db.Tx) error {
		inbound, err := s.store(ctx, tx, l)
		if err != nil {
			return err
		}
		message := l.message(int64(inbound), s.customer.Language)
		in := cases.OpenInput{
			Type: s.caseType(), Subject: l.subject, Topic: s.topic, Language: s.customer.Language, CustomerID: &s.customer.ID,
			ContactID: &s.contact.ID, EntityID: &s.customer.EntityID, Source: "mail", Message: &message, By: access.SystemActor("intake"),
			Participants: []cases.Participant{{Address: s.contact.Email, Name: s.contact.Name, ContactID: &s.contact.ID, Accepted: true}},
			Disputes:     s.claims(),
		}
		if s.handedOut() {
			in.AssigneeID, in.TeamID = &s.agent.ID, s.agent.TeamID
		}
		if s.invoice != nil {
			in.Invoices = []cases.LinkedInvoice{{InvoiceID: s.invoice.ID, Evidence: "subject", Confidence: 100}}
		}
		if c, err = s.Cases.OpenTx(ctx, tx, in); err != nil {
			return err
		}
		reference := inbox.Bracketed(l.id)
		if _, err := s.Cases.AcknowledgeTx(ctx, tx, cases.AcknowledgeInput{CaseID: c.ID, InReplyTo: reference, References: []string{reference}}); err != nil {
			return err
		}
		return s.fate(ctx, tx, inbound, l, fateOf(inbox.NewCase, intake.ReasonOpened, c.ID))
	})
	return c, err
}

// handedOut tells that the case came to its agent by itself, as most do.
func (s *story) handedOut() bool {
	return s.scene.plot != fresh && s.number%5 < 3
}

func (s *story) claims() []cases.NewDispute {
	if !s.disputed() {
		return nil
	}
	claim := s.voice.claims[s.topic].subject
	if s.whole {
		total := decimal.Zero
		for _, w := range s.lines {
			total = total.Add(w.gross)
		}
		return []cases.NewDispute{{InvoiceID: s.invoice.ID, Contested: total, ReasonCode: s.topic, Claim: s.matter.fill(claim)}}
	}
	var list []cases.NewDispute
	for _, w := range s.lines {
		line := w.line.ID
		list = append(list, cases.NewDispute{InvoiceID: s.invoice.ID, InvoiceLineID: &line, Contested: w.gross, ReasonCode: s.topic, Claim: s.matter.fill(claim)})
	}
	return list
}

// store keeps a mail's bytes.
func (f *filler) store(ctx context.Context, tx *db.Tx, l letter) (inbox.InboundID, error) {
	at := l.at
	id, _, err := f.Inbox.StoreTx(ctx, tx, inbox.Arrived{Source: inbox.SourceFile, Raw: l.raw(), InternalDate: &at})
	return id, err
}

// fate says what became of a letter of the story.
func (f *filler) fate(ctx context.Context, tx *db.Tx, id inbox.InboundID, l letter, fate inbox.Fate) error {
	fate.Summary = inbox.Summary{
		MessageID: inbox.Bracketed(l.id), Sender: l.from.Address, SenderName: l.from.Name, Subject: l.subject, Kind: "person",
	}
	return f.Inbox.SettleTx(ctx, tx, id, fate)
}

// fateOf is a fate that led to a case.
func fateOf(kind inbox.FateKind, reason string, of cases.ID) inbox.Fate {
	id := int64(of)
	return inbox.Fate{Kind: kind, Reason: reason, CaseID: &id}
}

// target is what the customer was promised for a clock of this case, as it was opened.
func (s *story) target(kind clock.Kind) time.Duration {
	p := promisedTo(s.customer.Tier)
	at := int(s.first[1] - '1')
	switch kind {
	case clock.FirstResponse:
		return p.first[at]
	case clock.NextResponse:
		return p.next[at]
	case clock.ApprovalStep:
		return p.approval[at]
	case clock.Resolution, clock.Posting, clock.Statutory:
	}
	return p.resolution[at]
}

// later is a moment after some percent of a target have been used up by the calendar that counts for this customer.
func (s *story) later(from time.Time, target time.Duration, percent int) time.Time {
	calendar := s.calendars[officeOf(s.customer.code)]
	if s.customer.Tier == billing.Platinum {
		calendar = s.calendars[calendarAlways]
	}
	due, _, err := calendar.Due(from, target*time.Duration(percent)/100, nil)
	if err != nil {
		return from.Add(target)
	}
	return due
}

// percent is how much of a target people take: mostly well within it, now and then too much.
func (s *story) percent() int {
	if s.rng.IntN(100) < 7 {
		return 105 + s.rng.IntN(40)
	}
	return 15 + s.rng.IntN(70)
}
