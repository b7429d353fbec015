package demo

import (
	"context"
	"fmt"
	"net/mail"
	"slices"
	"time"

	"makegood/cases/intake"
	"makegood/inbox"
	"makegood/internal/db"
)

// planOddities lets mails come that are no plain matter: each runs through the intake like any other.
func (f *filler) planOddities() {
	ago := func(hours, minutes int, do func(context.Context) error) {
		f.agenda.at(f.now.Add(-time.Duration(hours)*time.Hour-time.Duration(minutes)*time.Minute), do)
	}
	ago(50, 12, f.newsletter)
	ago(44, 3, f.outOfOffice)
	ago(27, 40, f.strangerInThread)
	ago(26, 5, f.returned)
	ago(22, 31, f.forged)
	ago(9, 17, f.unreadable)
	ago(7, 2, f.tooLarge)
	ago(5, 48, f.foreignInvoice)
	ago(3, 25, f.nobodyKnown)
	ago(2, 50, f.notTaken)
	ago(2, 11, f.nameless)
	ago(1, 34, f.twice)
	ago(0, 41, f.brokenParts)
}

// take lets a mail through the intake.
func (f *filler) take(ctx context.Context, a inbox.Arrived) error {
	var id inbox.InboundID
	at := f.Clock.Now()
	a.Source, a.InternalDate = inbox.SourceFile, &at
	err := f.DB.Do(ctx, func(tx *db.Tx) error {
		if _, err := f.Inbox.MarkSentTx(ctx, tx, at); err != nil {
			return err
		}
		var err error
		id, _, err = f.Inbox.StoreTx(ctx, tx, a)
		return err
	})
	if err != nil {
		return err
	}
	return f.intake.Handle(ctx, inbox.MessageArrived{ID: id})
}

// sent is the newest reply to a customer that has left, for others to refer to.
func (f *filler) sent(ctx context.Context, skip int) (inbox.OutgoingMessage, error) {
	list, err := f.Inbox.Outgoing(ctx, inbox.OutgoingFilter{Limit: 200})
	if err != nil {
		return inbox.OutgoingMessage{}, err
	}
	list = slices.DeleteFunc(list, func(m inbox.OutgoingMessage) bool { return m.Kind != "reply" || m.CaseID == nil })
	if len(list) <= skip {
		return inbox.OutgoingMessage{}, inbox.ErrNoMessage
	}
	return list[skip], nil
}

func (f *filler) odd(name string, from mail.Address, subject, body string) letter {
	return letter{id: fmt.Sprintf("%s.%d@%s", name, f.Clock.Now().Unix(), "mail.example"), from: from, to: mailDE, subject: subject, body: body, at: f.Clock.Now()}
}

func (f *filler) newsletter(ctx context.Context) error {
	l := f.odd("news", mail.Address{Name: "Billing Weekly", Address: "news@billing-weekly.example"}, "This week in billing", "Five things we read this week.\n\nUnsubscribe at the link below.")
	l.headers = []string{"List-Id: <weekly.billing-weekly.example>", "Precedence: list"}
	return f.take(ctx, inbox.Arrived{Raw: l.raw()})
}

func (f *filler) outOfOffice(ctx context.Context) error {
	m, err := f.sent(ctx, 2)
	if err != nil {
		return err
	}
	l := f.odd("away", mail.Address{Name: m.ToName, Address: m.ToAddress}, "Automatic reply: "+m.Subject, "I am out of the office until Monday. In urgent matters please call our switchboard.")
	l.inReplyTo, l.headers = bare(m.MessageID), []string{"Auto-Submitted: auto-replied"}
	return f.take(ctx, inbox.Arrived{Raw: l.raw()})
}

func bare(id string) string { return id[1 : len(id)-1] }

// strangerInThread answers our mail from an address that takes no part in the case.
func (f *filler) strangerInThread(ctx context.Context) error {
	m, err := f.sent(ctx, 4)
	if err != nil {
		return err
	}
	l := f.odd("forwarded", mail.Address{Name: "External accounting", Address: "office@ledgerline-services.example"}, "Re: "+m.Subject,
		"we do the books for your customer and were handed this mail. Please send us the credit memo and a statement of the account.")
	l.inReplyTo = bare(m.MessageID)
	return f.take(ctx, inbox.Arrived{Raw: l.raw()})
}

// forged claims to come from a customer, but their domain says no.
func (f *filler) forged(ctx context.Context) error {
	m, err := f.sent(ctx, 1)
	if err != nil {
		return err
	}
	l := f.odd("forged", mail.Address{Name: m.ToName, Address: m.ToAddress}, "Re: "+m.Subject, "please note that our bank details have changed. Send any refund to the new account in the attachment.")
	l.inReplyTo, l.headers = bare(m.MessageID), []string{"Authentication-Results: " + Receiver + "; spf=fail; dmarc=fail header.from=" + domainOf(m.ToAddress)}
	return f.take(ctx, inbox.Arrived{Raw: l.raw()})
}

func domainOf(address string) string {
	for i := range address {
		if address[i] == '@' {
			return address[i+1:]
		}
	}
	return address
}

// returned is the report that a mail of ours could not be delivered.
func (f *filler) returned(ctx context.Context) error {
	m, err := f.sent(ctx, 3)
	if err != nil {
		return err
	}
	raw := crlf("Delivered-To: " + mailDE + "\nReturn-Path: <>\nFrom: Mail Delivery System <MAILER-DAEMON@" + domainOf(m.ToAddress) + ">\nTo: " + mailDE +
		"\nSubject: Undelivered Mail Returned to Sender\nDate: " + f.Clock.Now().Format(time.RFC1123Z) +
		"\nMessage-ID: <returned." + fmt.Sprint(f.Clock.Now().Unix()) + "@mail.example>\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\n" +
		"Content-Type: multipart/report; report-type=delivery-status; boundary=\"b1\"\n\n--b1\nContent-Type: text/plain\n\nYour message could not be delivered.\n\n" +
		"--b1\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.mail.example\n\nFinal-Recipient: rfc822; " + m.ToAddress +
		"\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user here\n\n--b1\nContent-Type: text/rfc822-headers\n\nMessage-ID: " + m.MessageID +
		"\nFrom: " + mailDE + "\nTo: " + m.ToAddress + "\nSubject: returned\n\n--b1--\n")
	return f.take(ctx, inbox.Arrived{Raw: []byte(raw)})
}

// unreadable and brokenParts are mails that could not be processed.
func (f *filler) unreadable(ctx context.Context) error {
	return f.quarantine(ctx, "scan@"+f.customers[3].EmailDomains[0], "Scan from multifunction printer", "%PDF-1.3 \x00\x01\x02 truncated by the scanner")
}

func (f *filler) brokenParts(ctx context.Context) error {
	return f.quarantine(ctx, "erp@"+f.customers[9].EmailDomains[0], "Invoice dispute export", "--part-without-end\nContent-Type: application/xml\n\n<dispute><invoice>")
}

func (f *filler) quarantine(ctx context.Context, from, subject, body string) error {
	l := f.odd("broken", mail.Address{Address: from}, subject, body)
	return f.DB.Do(ctx, func(tx *db.Tx) error {
		id, err := f.store(ctx, tx, l)
		if err != nil {
			return err
		}
		return f.Inbox.SettleTx(ctx, tx, id, inbox.Fate{
			Kind: inbox.Quarantined, Reason: intake.ReasonFailed, Params: map[string]string{"error": "error.internal"},
			Summary: inbox.Summary{MessageID: inbox.Bracketed(l.id), Sender: from, Subject: subject, Kind: "person"},
		})
	})
}

func (f *filler) tooLarge(ctx context.Context) error {
	c := f.customers[5]
	l := f.odd("large", mail.Address{Name: c.Contacts[0].Name, Address: c.Contacts[0].Email}, "Usage logs for the whole quarter", "")
	return f.take(ctx, inbox.Arrived{Raw: l.raw(), Oversize: true, Size: 61_482_113})
}

func (f *filler) nameless(ctx context.Context) error {
	l := f.odd("nameless", mail.Address{}, "invoice wrong", "the invoice is wrong pls fix")
	return f.take(ctx, inbox.Arrived{Raw: l.raw()})
}

// foreignInvoice names an invoice that is another customer's.
func (f *filler) foreignInvoice(ctx context.Context) error {
	c, other := f.customers[11], f.customers[12]
	l := f.odd("foreign", mail.Address{Name: c.Contacts[0].Name, Address: c.Contacts[0].Email}, "Question about "+other.invoices[0].Number,
		"could you please send us the details of invoice "+other.invoices[0].Number+"? We cannot find it in our records.")
	return f.take(ctx, inbox.Arrived{Raw: l.raw()})
}

// nobodyKnown writes from an address that belongs to no customer.
func (f *filler) nobodyKnown(ctx context.Context) error {
	l := f.odd("unknown", mail.Address{Name: "Priit Kask", Address: "priit.kask@freemail.example"}, "Duplicate charge",
		"I was charged twice by your company this month, please check. My account number is "+f.customers[20].Account+".")
	return f.take(ctx, inbox.Arrived{Raw: l.raw()})
}

// twice sends one mail two times.
func (f *filler) twice(ctx context.Context) error {
	c := f.customers[30]
	i := c.invoices[len(c.invoices)-1]
	l := f.odd("twice", mail.Address{Name: c.Contacts[0].Name, Address: c.Contacts[0].Email}, "Invoice "+i.Number, "could you send us a copy of invoice "+i.Number+" once more, please?")
	if err := f.take(ctx, inbox.Arrived{Raw: l.raw()}); err != nil {
		return err
	}
	return f.take(ctx, inbox.Arrived{Raw: l.raw()})
}

// notTaken is a reply that the customer's mail server refused, and one of which nobody knows whether it arrived.
func (f *filler) notTaken(ctx context.Context) error {
	list, err := f.Inbox.Outgoing(ctx, inbox.OutgoingFilter{States: []inbox.OutgoingState{inbox.Queued}, Limit: 50})
	if err != nil {
		return err
	}
	ends := []struct {
		state inbox.OutgoingState
		cause string
	}{{inbox.Failed, "552 5.2.2 mailbox of the recipient is full"}, {inbox.Unknown, "connection lost after the message was handed over"}}
	for _, m := range list {
		if len(ends) == 0 {
			break
		}
		if _, take, err := f.Inbox.Claim(ctx, m.ID); err != nil || !take {
			if err != nil {
				return err
			}
			continue
		}
		if err := f.Inbox.Settle(ctx, inbox.Settlement{ID: m.ID, State: ends[0].state, Answer: ends[0].cause}); err != nil {
			return err
		}
		ends = ends[1:]
	}
	return nil
}
