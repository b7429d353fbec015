package intake

import (
	"context"
	"fmt"

	"makegood/billing"
	"makegood/cases"
	"makegood/inbox"
	"makegood/inbox/parse"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// ReasonPortal explains the fate of what a customer wrote on the portal, signed in.
const ReasonPortal = "intake.from_portal"

// CustomerText is what a customer who is signed in wrote: their address is proven.
type CustomerText struct {
	Address  string
	Name     string
	Contact  *billing.Contact
	Customer *billing.Customer // nil for somebody who only takes part in a case
	Entity   billing.Entity    // whose customer they are
	Text     string
	Files    []inbox.Attachment
	Form     string // names the page it was written on: one sent twice is one message
}

func (t CustomerText) check() error {
	w := WebMessage{Address: t.Address, Text: t.Text, Files: t.Files}
	w.tidy()
	return w.check()
}

// Contest is a customer's dispute of lines of an invoice, each amount including tax.
type Contest struct {
	CustomerText
	Invoice billing.Invoice
	Claims  []cases.NewDispute
}

// ContestTx opens a case from a dispute on the portal, with its lines and holds, and acknowledges it. What was written is kept
// as a message like mail. The caller has made sure that the invoice concerns the customer and the amounts are open to
// contest.
func (i *Intake) ContestTx(ctx context.Context, tx *db.Tx, in Contest) (cases.Case, error) {
	h, err := i.writtenTx(ctx, tx, in.CustomerText, "Invoice "+in.Invoice.Number)
	if err != nil {
		return cases.Case{}, err
	}
	message := h.message(cases.Verified)
	c, err := i.cases.OpenTx(ctx, tx, cases.OpenInput{
		Type: cases.Dispute, Subject: h.subject(), Language: in.Contact.Language, CustomerID: &in.Customer.ID, ContactID: &in.Contact.ID,
		EntityID: &in.Invoice.EntityID, Source: "web", Message: &message, Disputes: in.Claims, Acknowledge: h.acknowledgement(Decision{Acknowledge: true}), By: customerActor(in.CustomerText),
		Participants: []cases.Participant{{Address: in.Address, Name: in.Name, ContactID: &in.Contact.ID, Accepted: true}},
		Invoices:     []cases.LinkedInvoice{{InvoiceID: in.Invoice.ID, Evidence: "ticked on the portal", Confidence: 100}},
	})
	if err != nil {
		return cases.Case{}, fmt.Errorf("open case: %w", err)
	}
	return c, h.portalFateTx(ctx, inbox.NewCase, c.ID)
}

// ReplyTx adds what a customer wrote on the portal to a case of theirs, or opens one that follows when it is closed for
// good. It answers the case the message went to.
func (i *Intake) ReplyTx(ctx context.Context, tx *db.Tx, id cases.ID, in CustomerText) (cases.ID, error) {
	h, err := i.writtenTx(ctx, tx, in, "")
	if err != nil {
		return 0, err
	}
	if h.participants, err = i.cases.Participants(ctx, tx, id); err != nil {
		return 0, fmt.Errorf("read participants: %w", err)
	}
	if err := h.takesPartTx(ctx, id, in); err != nil {
		return 0, err
	}
	fate := inbox.Fate{Kind: inbox.Attached, CaseID: new(int64(id))}
	if err := h.joinTx(ctx, Decision{CaseID: id, Trusted: true}, &fate); err != nil {
		return 0, err
	}
	to := cases.ID(*fate.CaseID)
	return to, h.portalFateTx(ctx, fate.Kind, to)
}

// takesPartTx: a contact of the case's customer who writes in it gets the answers too.
func (h *handling) takesPartTx(ctx context.Context, id cases.ID, in CustomerText) error {
	for _, p := range h.participants {
		if p.Address == in.Address && p.Accepted {
			return nil
		}
	}
	p := cases.Participant{Address: in.Address, Name: in.Name, Accepted: true}
	if in.Contact != nil {
		p.ContactID = &in.Contact.ID
	}
	if err := h.cases.AddParticipantTx(ctx, h.tx, id, p, customerActor(in)); err != nil {
		return fmt.Errorf("add participant: %w", err)
	}
	return nil
}

// writtenTx keeps what was written as a message and reads it like mail. Its job finds the fate given already.
func (i *Intake) writtenTx(ctx context.Context, tx *db.Tx, in CustomerText, subject string) (*handling, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	w := WebMessage{Entity: in.Entity, Address: in.Address, Name: in.Name, Text: in.Text, Files: in.Files, Form: "portal:" + in.Form}
	w.tidy()
	raw, err := w.compose(tx.Now())
	if err != nil {
		return nil, err
	}
	id, _, err := i.inbox.StoreTx(ctx, tx, inbox.Arrived{Source: inbox.SourceWeb, Raw: raw})
	if err != nil {
		return nil, err
	}
	l := letter{msg: parse.Parse(raw, i.options.Parse), dmarc: Pass}
	if l.Inbound, err = i.inbox.LockTx(ctx, tx, id); err != nil {
		return nil, fmt.Errorf("read message: %w", err)
	}
	for n := range l.msg.Attachments {
		a := &l.msg.Attachments[n]
		a.ContentType = mediaType(a.ContentType, a.Content)
	}
	if l.msg.Subject == "" {
		l.msg.Subject = subject
	}
	l.words = i.sorter.Sort(l.msg, aboutInvoice(l.msg))
	if l.desk, err = i.sorting.Desk(ctx, tx); err != nil {
		return nil, fmt.Errorf("read sorting: %w", err)
	}
	h := &handling{Intake: i, letter: l, tx: tx}
	h.sight, err = i.inbox.SeeTx(ctx, tx, inbox.Identity{ID: id, SHA256: l.SHA256, MessageID: l.msg.MessageID})
	if err != nil {
		return nil, err
	}
	if len(h.sight.Earlier) > 0 { // the same form, sent twice
		return nil, errs.New(errs.Conflict, "intake.sent_already")
	}
	h.sort()
	return h, nil
}

func (h *handling) portalFateTx(ctx context.Context, kind inbox.FateKind, id cases.ID) error {
	return h.inbox.SettleTx(ctx, h.tx, h.ID, inbox.Fate{Kind: kind, Reason: ReasonPortal, CaseID: new(int64(id)), Summary: h.summary()})
}

func customerActor(in CustomerText) access.Actor {
	return access.Actor{Kind: access.Customer, Name: in.Name, Address: in.Address}
}
