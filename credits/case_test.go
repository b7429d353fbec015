package credits_test

import (
	"strings"
	"testing"
	"time"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/clock"
	"makegood/credits"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
)

// dispute opens a case from a customer's mail that contests amounts of the first lines of an invoice.
func (k *desk) dispute(invoice billing.InvoiceDetail, contested ...string) (cases.Case, []cases.DisputeLine) {
	k.t.Helper()
	var c cases.Case
	k.do(func(tx *db.Tx) error {
		k.policy(tx)
		contact, err := k.billing.LearnContactTx(k.t.Context(), tx, invoice.CustomerID, "Sabine Köhler", "sabine@c-1.example")
		k.must(err)
		inbound, _, err := k.inbox.StoreTx(k.t.Context(), tx, inbox.Arrived{Source: inbox.SourceFile, Raw: []byte("Subject: Invoice\r\n\r\nWrong.")})
		k.must(err)
		id := int64(inbound)
		in := cases.OpenInput{
			Type: cases.Dispute, Subject: "Your invoice is wrong", Language: "de", CustomerID: &invoice.CustomerID, ContactID: &contact.ID, Source: "mail",
			By: access.SystemActor("intake"), Message: &cases.InboundMessage{
				InboundID: &id, AuthorName: "Sabine Köhler", AuthorAddress: "sabine@c-1.example", Subject: "Your invoice is wrong", Body: "Wrong.",
			},
		}
		for i, amount := range contested {
			in.Disputes = append(in.Disputes, cases.NewDispute{
				InvoiceID: invoice.ID, InvoiceLineID: &invoice.Lines[i].ID, Contested: d(amount), ReasonCode: "wrong_price", Claim: "Wrong price",
			})
		}
		if c, err = k.cases.OpenTx(k.t.Context(), tx, in); err != nil {
			return err
		}
		number := int64(c.ID)
		return k.inbox.SettleTx(k.t.Context(), tx, inbound, inbox.Fate{Kind: inbox.NewCase, CaseID: &number, Summary: inbox.Summary{MessageID: "<one@c-1.example>"}})
	})
	lines, err := k.cases.Disputes(k.t.Context(), k.db, c.ID)
	k.must(err)
	return c, lines
}

func (k *desk) policy(tx *db.Tx) {
	calendar := clock.Calendar{Name: "Berlin", Zone: "Europe/Berlin", Weekly: map[time.Weekday][]clock.Span{}}
	for day := time.Monday; day <= time.Friday; day++ {
		calendar.Weekly[day] = []clock.Span{{From: 9 * 60, To: 18 * 60}}
	}
	id, err := k.cases.SaveCalendarTx(k.t.Context(), tx, calendar)
	k.must(err)
	four, err := clock.ParseTarget("4h")
	k.must(err)
	each := map[clock.Priority]clock.Target{clock.P1: four, clock.P2: four, clock.P3: four, clock.P4: four}
	_, err = k.cases.SavePolicyTx(k.t.Context(), tx, cases.Policy{Name: "Standard", CalendarID: id, Active: true, Definition: clock.Policy{
		Name: "Standard", Calendar: "Berlin", ReopenWithin: clock.WithinDays(7), Targets: map[clock.Kind]map[clock.Priority]clock.Target{
			clock.ApprovalStep: each, clock.Posting: each,
		},
	}})
	k.must(err)
}

func (k *desk) caseProposal(c cases.Case, lines []cases.DisputeLine, invoice billing.InvoiceDetail, nets ...string) credits.ProposeInput {
	in := k.proposal(invoice, nets...)
	in.CaseID, in.Evidence = &c.ID, nil
	cause := value[int64](k.t, k.db, `select id from root_causes`)
	in.RootCauseID = &cause
	for i := range lines {
		in.Lines[i].DisputeLineID = &lines[i].ID
	}
	return in
}

func TestCreditOfACase(t *testing.T) {
	t.Parallel()
	k := setup(t)
	invoice := k.invoice(k.customer, "1000", "500")
	c, lines := k.dispute(invoice, "595", "119")
	in := k.caseProposal(c, lines, invoice, "500", "50")

	view, err := k.credits.Preview(t.Context(), in)
	k.must(err)
	if len(view.Evidence) != 1 || !view.Evidence[0].Met {
		t.Errorf("the customer's own mail is evidence: %v", view.Evidence)
	}
	equal(t, "disputed before", "714", view.Before.Disputed)
	equal(t, "disputed after", "0", view.After.Disputed)

	req := k.submit(in)
	if got := k.caseOf(c.ID); got.CreditState != cases.CreditPending || got.WaitingOn != cases.OnApprover {
		t.Errorf("the case is %s, waits on %q", got.CreditState, got.WaitingOn)
	}
	item := expectWaiting(t, k, k.senior, 1)[0]
	if item.CaseNumber != c.Number || item.EvidenceCount != 1 || item.StepDueAt == nil || item.Tier != billing.Gold || item.RequesterName != "Mara Lindqvist" {
		t.Errorf("%+v", item)
	}
	if _, err := k.credits.Submit(t.Context(), in); fieldOf(err) != "lines.0.dispute_line_id" {
		t.Errorf("a second request for the same dispute line: %v", err)
	}
	k.approve(req.ID, k.senior)
	k.work()
	if got := k.read(req.ID); got.State != credits.Posted {
		t.Fatalf("%s %s", got.State, got.Failure)
	}
	settled, err := k.cases.Disputes(t.Context(), k.db, c.ID)
	k.must(err)
	if settled[0].Status != cases.DisputeAccepted || settled[1].Status != cases.DisputePartlyAccepted {
		t.Errorf("dispute lines %s, %s", settled[0].Status, settled[1].Status)
	}
	equal(t, "credited on the second", "59.50", settled[1].Credited)
	equal(t, "held", "0", k.detail(invoice.ID).Open.Held)
	if got := k.caseOf(c.ID); got.CreditState != cases.CreditPosted {
		t.Errorf("the case is %s", got.CreditState)
	}
	expectLetter(t, k, c, req)
	expectEvents(t, k, audit.Case(int64(c.ID)), "credit.pending", "step.opened", "credit_step.approved", "credit.approved", "credit.posted", "letter.queued")
	k.sound()
}

// The letter about a credit leads to where the rest is paid, without what is still in dispute.
func TestTheLetterLeadsToWhereTheUndisputedRestIsPaid(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.run(`insert into collection_policies (entity_id, level_days, payment_link)
		select id, '{1}', 'https://pay.example/?i={reference}&a={amount}&c={currency}' from legal_entities`)
	invoice := k.invoice(k.customer, "1000", "500")
	c, lines := k.dispute(invoice, "595", "119")
	req := k.submit(k.caseProposal(c, lines[:1], invoice, "500"))
	k.approve(req.ID, k.senior)
	k.work()
	if got := k.read(req.ID); got.State != credits.Posted {
		t.Fatalf("%s %s", got.State, got.Failure)
	}
	equal(t, "held", "119", k.detail(invoice.ID).Open.Held)
	want := "https://pay.example/?i=" + invoice.Number + "&a=1071.00&c=EUR"
	if mail := k.letter("credit_posted"); !strings.Contains(mail.TextBody, "1.190,00") || !strings.Contains(mail.TextBody, "1.071,00") || !strings.Contains(mail.TextBody, want) {
		t.Errorf("the letter does not lead to %s:\n%s", want, mail.TextBody)
	}
}

// TestTheLetterDoesNotAskForWhatWasContestedThisMorning: of a line of which only a part is credited, the rest is asked for on another day.
func TestTheLetterDoesNotAskForWhatWasContestedThisMorning(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.run(`insert into collection_policies (entity_id, level_days, payment_link) select id, '{1}', 'https://pay.example/?i={reference}&a={amount}' from legal_entities`)
	invoice := k.invoice(k.customer, "1000", "500")
	c, lines := k.dispute(invoice, "595", "119")
	req := k.submit(k.caseProposal(c, lines[:1], invoice, "300"))
	k.approve(req.ID, k.senior)
	k.work()
	// 1,785 billed, 357 credited, 238 of the line not credited, 119 still in dispute.
	if mail := k.letter("credit_posted"); !strings.Contains(mail.TextBody, "&a=1071.00") {
		t.Errorf("the letter asks for something else than 1,071.00:\n%s", mail.TextBody)
	}
}

func (k *desk) caseOf(id cases.ID) cases.Case {
	k.t.Helper()
	c, err := k.cases.CaseByID(k.t.Context(), k.db, id, k.control)
	k.must(err)
	return c
}

func expectLetter(t *testing.T, k *desk, c cases.Case, req credits.Request) {
	t.Helper()
	mail, err := db.One[inbox.OutgoingMessage](t.Context(), k.db, `select * from outgoing_messages where kind = 'credit_posted'`)
	k.must(err)
	if mail.Key != "credit_posted:1" || mail.ToAddress != "sabine@c-1.example" || mail.Language != "de" || mail.AwaitsAttachment || !mail.Automatic ||
		mail.InReplyTo != "<one@c-1.example>" || mail.FromAddress != "billing@nordlicht.example" {
		t.Errorf("%+v", mail)
	}
	for _, want := range []string{c.Number, "654,50", k.read(req.ID).MemoNumber, "We charged last year's price."} {
		if !strings.Contains(mail.TextBody+mail.Subject, want) {
			t.Errorf("the letter does not say %q:\n%s", want, mail.TextBody)
		}
	}
	for _, secret := range []string{"price list of April", "Jonas", "Brandt", "L2"} {
		if strings.Contains(mail.TextBody+mail.HTMLBody, secret) {
			t.Errorf("the letter tells %q", secret)
		}
	}
	if n := value[int](t, k.db, `select count(*) from outgoing_attachments where media_type = 'application/pdf'`); n != 1 {
		t.Errorf("%d documents attached", n)
	}
	messages, err := k.cases.Messages(t.Context(), k.db, c.ID)
	k.must(err)
	if last := messages[len(messages)-1]; last.Kind != cases.Letter {
		t.Errorf("the conversation ends with a %s", last.Kind)
	}
}

func TestProposalMustFitItsCase(t *testing.T) {
	t.Parallel()
	k := setup(t)
	invoice := k.invoice(k.customer, "1000")
	foreign := k.invoice(k.partner, "1000")
	c, lines := k.dispute(invoice, "119")
	in := k.caseProposal(c, nil, foreign, "100")
	if _, err := k.credits.Submit(t.Context(), in); fieldOf(err) != "invoice_id" {
		t.Errorf("an invoice of another customer: %v", err)
	}
	in = k.caseProposal(c, nil, invoice, "100")
	wrong := lines[0].ID + 1
	in.Lines[0].DisputeLineID = &wrong
	if _, err := k.credits.Submit(t.Context(), in); fieldOf(err) != "lines.0.dispute_line_id" {
		t.Errorf("a dispute line of another case: %v", err)
	}
	in = k.caseProposal(c, lines, invoice, "200")
	view, err := k.credits.Preview(t.Context(), in)
	k.must(err)
	if !warned(view.Warnings, "credits.warning.over_disputed") {
		t.Errorf("238.00 for 119.00 in dispute: %v", view.Warnings)
	}
}

// A reason that was retired goes with what was claimed by it before, and with nothing new.
func TestARetiredReasonGoesWithWhatWasClaimedByIt(t *testing.T) {
	t.Parallel()
	k := setup(t)
	invoice := k.invoice(k.customer, "500")
	c, lines := k.dispute(invoice, "119")
	k.run(`update reason_codes set active = false where code = 'wrong_price'`)
	if _, err := k.credits.Submit(t.Context(), k.proposal(k.invoice(k.customer, "500"), "10")); !hasField(err, "reason_code") {
		t.Errorf("something new by a retired reason: %v", err)
	}
	k.submit(k.caseProposal(c, lines, invoice, "100"))
}
