package intake_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/shopspring/decimal"

	"makegood/cases"
	"makegood/cases/intake"
	"makegood/inbox"
	"makegood/internal/db"
	"makegood/internal/dbtest"
)

func TestNewCase(t *testing.T) {
	t.Parallel()

	t.Run("a contact's dispute is tied to customer, invoice and amount, and acknowledged once", func(t *testing.T) {
		t.Parallel()
		d := setup(t)
		m := d.deliver(post{
			from: "Anna Berg <Anna@Aster.example>", subject: "Rechnung " + d.astersInvoice.Number, id: "1@aster.example", headers: []string{dmarc("pass")},
			text: "Guten Tag,\r\n\r\ndie Position ist doppelt berechnet, bitte schreiben Sie uns 119,00 EUR gut.\r\n\r\nViele Grüße\r\nAnna Berg",
		})
		d.want(m, inbox.NewCase, intake.ReasonOpened)
		c := d.caseOf(m)
		if c.Type != cases.Dispute || c.CustomerID == nil || *c.CustomerID != d.aster || c.Language != "de" || c.ContactID == nil {
			t.Errorf("opened %+v", c)
		}
		if !c.Disputed.Equal(decimal.NewFromInt(119)) {
			t.Errorf("disputed %s", c.Disputed)
		}
		lines, err := d.cases.Disputes(t.Context(), d.db, c.ID)
		d.must(err)
		if len(lines) != 1 || lines[0].InvoiceID != d.astersInvoice.ID || lines[0].InvoiceLineID != nil || lines[0].ReasonCode != "duplicate_charge" {
			t.Errorf("dispute lines %+v", lines)
		}
		links, err := d.cases.Invoices(t.Context(), d.db, c.ID)
		d.must(err)
		if len(links) != 1 || links[0].Evidence != "subject" || links[0].Confidence != 100 {
			t.Errorf("links %+v", links)
		}
		messages, err := d.cases.Messages(t.Context(), d.db, c.ID)
		d.must(err)
		if messages[0].Trust != cases.Verified || messages[0].AuthorAddress != anna {
			t.Errorf("message %+v", messages[0])
		}
		if n := len(d.acknowledgements(c)); n != 1 {
			t.Errorf("%d acknowledgements", n)
		}
	})

	t.Run("a job run again does nothing", func(t *testing.T) {
		t.Parallel()
		d := setup(t)
		m := d.deliver(post{from: anna, subject: "A question", id: "2@aster.example", text: "What are your bank details?"})
		again := d.handle(m.ID)
		if again.Version != m.Version || d.count(`cases`) != 1 || d.count(`outgoing_messages`) != 1 {
			t.Errorf("the second run changed something: %+v", again)
		}
	})

	t.Run("somebody at a customer's domain is of that customer", func(t *testing.T) {
		t.Parallel()
		d := setup(t)
		c := d.caseOf(d.deliver(post{from: "new@aster.example", subject: "Hello", id: "3@aster.example", text: "A question."}))
		if c.CustomerID == nil || *c.CustomerID != d.aster || c.ContactID != nil {
			t.Errorf("opened %+v", c)
		}
	})

	t.Run("a stranger who quotes an invoice gets a case without customer", func(t *testing.T) {
		t.Parallel()
		d := setup(t)
		c := d.caseOf(d.deliver(post{from: "stranger@elsewhere.example", subject: "Invoice " + d.astersInvoice.Number, id: "4@elsewhere.example", text: "This invoice is wrong."}))
		if c.CustomerID != nil || d.count(`case_invoices`) != 0 || !d.warned(c, intake.WarnUnknownSender) {
			t.Errorf("opened %+v", c)
		}
		body := value[string](t, d.db, `select subject || text_body || html_body from outgoing_messages`)
		if strings.Contains(strings.ReplaceAll(body, "Re: Invoice "+d.astersInvoice.Number, ""), "Customer C-1") {
			t.Errorf("the acknowledgement tells of the customer: %s", body)
		}
	})

	t.Run("a foreign invoice is a warning, never a link", func(t *testing.T) {
		t.Parallel()
		d := setup(t)
		c := d.caseOf(d.deliver(post{from: anna, subject: "Wrong invoice", id: "5@aster.example", text: "Please see " + d.borealisInvoice.Number + ", 119,00 EUR is wrong."}))
		if d.count(`case_invoices`) != 0 || d.count(`dispute_lines`) != 0 || !d.warned(c, intake.WarnForeignInvoice) {
			t.Errorf("opened %+v", c)
		}
		if body := value[string](t, d.db, `select text_body || html_body from outgoing_messages`); strings.Contains(body, d.borealisInvoice.Number) {
			t.Errorf("the acknowledgement names the foreign invoice: %s", body)
		}
	})

	t.Run("a partner may ask about its end customer's invoice, the end customer not about its partner's", func(t *testing.T) {
		t.Parallel()
		d := setup(t)
		c := d.caseOf(d.deliver(post{from: "pat@partner.example", subject: d.clientsInvoice.Number, id: "6@partner.example", text: "A question."}))
		if d.count(`case_invoices where case_id = $1`, c.ID) != 1 {
			t.Error("not linked for the partner")
		}
		c = d.caseOf(d.deliver(post{from: "eve@client.example", subject: d.astersInvoice.Number, id: "7@client.example", text: "A question."}))
		if d.count(`case_invoices where case_id = $1`, c.ID) != 0 || !d.warned(c, intake.WarnForeignInvoice) {
			t.Error("linked for somebody else")
		}
	})

	t.Run("a number written carelessly links with less confidence", func(t *testing.T) {
		t.Parallel()
		d := setup(t)
		c := d.caseOf(d.deliver(post{from: anna, subject: "Question", id: "8@aster.example", text: "It is about invoice " + strings.ReplaceAll(d.astersInvoice.Number, "-", " ") + "."}))
		links, err := d.cases.Invoices(t.Context(), d.db, c.ID)
		d.must(err)
		if len(links) != 1 || links[0].Confidence != 80 || links[0].Evidence != "body" {
			t.Errorf("links %+v", links)
		}
	})

	t.Run("a second mail about the same invoice says there is a case", func(t *testing.T) {
		t.Parallel()
		d := setup(t)
		first := d.caseOf(d.deliver(post{from: anna, subject: d.astersInvoice.Number, id: "9@aster.example", text: "One."}))
		second := d.caseOf(d.deliver(post{from: anna, subject: d.astersInvoice.Number, id: "10@aster.example", text: "Two."}))
		if first.ID == second.ID || !d.warned(second, intake.WarnSameMatter) {
			t.Errorf("first %s second %s", first.Number, second.Number)
		}
	})

	t.Run("a forged sender opens a case without customer and is not answered", func(t *testing.T) {
		t.Parallel()
		d := setup(t)
		c := d.caseOf(d.deliver(post{from: anna, subject: d.astersInvoice.Number, id: "11@aster.example", text: "Wrong.", headers: []string{dmarc("fail")}}))
		if c.CustomerID != nil || !d.warned(c, intake.WarnFailedDMARC) || d.count(`outgoing_messages`) != 0 {
			t.Errorf("opened %+v", c)
		}
	})

	t.Run("what another server says of the sender does not count", func(t *testing.T) {
		t.Parallel()
		d := setup(t)
		c := d.caseOf(d.deliver(post{
			from: anna, subject: "Hello", id: "12@aster.example", text: "Hi.",
			headers: []string{"Authentication-Results: evil.example; dmarc=fail"},
		}))
		if c.CustomerID == nil {
			t.Error("somebody else's result was believed")
		}
	})
}

func TestReply(t *testing.T) {
	t.Parallel()
	d := setup(t)
	opened := d.caseOf(d.deliver(post{from: anna, subject: "Question", id: "1@aster.example", text: "When is it due?"}))
	token := d.acknowledgements(opened)[0]
	reply := func(from, id string, headers ...string) inbox.Inbound {
		return d.deliver(post{from: from, subject: "Re: Question", id: id, text: "One thing more.", headers: append([]string{"In-Reply-To: " + token}, headers...)})
	}

	d.want(reply(anna, "2@aster.example", "Cc: Carl <carl@aster.example>, accounts@nordlicht.example"), inbox.Attached, intake.ReasonJoined)
	people, err := d.cases.Participants(t.Context(), d.db, opened.ID)
	d.must(err)
	for _, p := range people {
		if p.Accepted != (p.Address == anna) {
			t.Errorf("participant %+v", p)
		}
	}
	if len(people) != 2 {
		t.Errorf("participants %+v", people)
	}

	before := d.count(`outgoing_messages`)
	for id, m := range map[string]inbox.Inbound{
		"somebody in copy":      reply("carl@aster.example", "3@aster.example"),
		"a stranger with token": reply("stranger@elsewhere.example", "4@elsewhere.example"),
		"a forged participant":  reply(anna, "5@aster.example", dmarc("fail")),
	} {
		if m.Fate != inbox.Held || m.FateReason != intake.ReasonUnverified || m.CaseID != nil || m.FateParams["number"] != opened.Number {
			t.Errorf("%s: %s %s %v", id, m.Fate, m.FateReason, m.FateParams)
		}
	}
	if n := d.count(`outgoing_messages`); n != before {
		t.Errorf("a held message was answered")
	}
	if n := d.count(`case_messages where case_id = $1 and kind = 'inbound'`, opened.ID); n != 2 {
		t.Errorf("%d messages in the case", n)
	}

	t.Run("after the case was closed a new one follows", func(t *testing.T) {
		dropCase(d, opened.ID)
		m := reply(anna, "6@aster.example")
		d.want(m, inbox.NewCase, intake.ReasonFollows)
		if c := d.caseOf(m); c.FollowsID == nil || *c.FollowsID != opened.ID {
			t.Errorf("opened %+v", c)
		}
	})
}

// dropCase closes a case without the ceremony that is cases' own matter.
func dropCase(d *desk, id cases.ID) {
	d.t.Helper()
	d.do(func(tx *db.Tx) error {
		_, err := tx.Exec(d.t.Context(), `update cases set status = 'closed', waiting_on = '', closed_at = $2 where id = $1`, id, tx.Now())
		return err
	})
}

func TestMachineMail(t *testing.T) {
	t.Parallel()
	d := setup(t)
	opened := d.caseOf(d.deliver(post{from: anna, subject: "Question", id: "1@aster.example", text: "When is it due?"}))
	token := d.acknowledgements(opened)[0]
	dropCase(d, opened.ID)
	sent := d.count(`outgoing_messages`)

	auto := d.deliver(post{
		from: anna, subject: "Automatic reply: Question", id: "2@aster.example", text: "I am away.",
		headers: []string{"Auto-Submitted: auto-replied", "In-Reply-To: " + token},
	})
	d.want(auto, inbox.AutoReply, intake.ReasonAutoReply)
	if c := d.caseOf(auto); c.ID != opened.ID || c.Status != cases.StatusClosed {
		t.Errorf("the automatic reply moved the case: %+v", c)
	}
	if d.count(`case_messages where inbound_message_id = $1 and machine`, auto.ID) != 1 {
		t.Error("the automatic reply is not in the conversation")
	}
	d.want(d.deliver(post{
		from: anna, subject: "Abwesenheitsnotiz: x", id: "3@aster.example", text: "Ich bin nicht im Büro.",
		headers: []string{"Auto-Submitted: auto-replied"},
	}), inbox.AutoReply, intake.ReasonAutoReply)
	d.want(d.deliver(post{from: anna, subject: "News", id: "4@aster.example", text: "News.", headers: []string{"List-Id: <news.aster.example>"}}),
		inbox.Ignored, intake.ReasonList)
	d.want(d.deliver(post{
		from: "no-reply@shop.example", subject: "Your order", id: "5@shop.example", text: "Shipped.",
		headers: []string{"Auto-Submitted: auto-generated"},
	}), inbox.AutoReply, intake.ReasonNotification)
	d.want(d.deliver(post{from: ours, subject: "Copy", id: "6@nordlicht.example", text: "Copy."}), inbox.Ignored, intake.ReasonOwnMail)
	d.want(d.deliver(post{from: anna, subject: "Copy", id: strings.Trim(token, "<>"), text: "Copy."}), inbox.Ignored, intake.ReasonOwnMail)

	if n := d.count(`outgoing_messages`); n != sent {
		t.Errorf("%d answers to machines", n-sent)
	}
}

func TestBounce(t *testing.T) {
	t.Parallel()
	d := setup(t)
	opened := d.caseOf(d.deliver(post{from: anna, subject: "Question", id: "1@aster.example", text: "When is it due?"}))
	token := d.acknowledgements(opened)[0]
	d.do(func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update outgoing_messages set state = 'sent'`)
		return err
	})
	m := d.handle(d.store(d.box, bounce(anna, token)))
	d.want(m, inbox.Bounce, intake.ReasonBounce)
	if m.CaseID == nil || *m.CaseID != int64(opened.ID) || !d.warned(opened, intake.WarnBounced) {
		t.Errorf("bounce %+v", m)
	}
	if state := value[string](t, d.db, `select state from outgoing_messages`); state != "bounced" {
		t.Errorf("the mail is %s", state)
	}
	if d.count(`dead_addresses where address = $1 and cause like '5.1.1%' and released_at is null`, anna) != 1 {
		t.Error("the address does not count as dead")
	}
	if d.count(`contacts where email = $1 and bounced_at is not null`, anna) != 1 {
		t.Error("the contact is not marked")
	}
	if d.count(`cases`) != 1 || d.count(`outgoing_messages`) != 1 {
		t.Error("a bounce opened or answered something")
	}
}

func TestDuplicates(t *testing.T) {
	t.Parallel()
	d := setup(t)
	mail := post{from: anna, subject: "Question", id: "1@aster.example", text: "When is it due?"}
	first := d.deliver(mail)
	same := d.deliver(mail)
	d.want(same, inbox.Duplicate, intake.ReasonSameBytes)
	if same.OriginalID == nil || *same.OriginalID != first.ID || same.CaseID == nil || *same.CaseID != *first.CaseID {
		t.Errorf("duplicate %+v", same)
	}
	otherWay := mail
	otherWay.headers = []string{"Received: from a by b; Tue, 12 May 2026 09:00:01 +0200"}
	d.want(d.deliver(otherWay), inbox.Duplicate, intake.ReasonSameMessage)
	d.want(d.handle(d.store(d.otherBox, otherWay.raw())), inbox.Duplicate, intake.ReasonOtherMailbox)
	otherText := mail
	otherText.text = "Something else."
	d.want(d.deliver(otherText), inbox.NewCase, intake.ReasonOpened)
	nameless := post{from: anna, subject: "No id", text: "A mail without Message-ID."}
	d.want(d.deliver(nameless), inbox.NewCase, intake.ReasonOpened)
	d.want(d.deliver(nameless), inbox.Duplicate, intake.ReasonSameBytes)
	otherWay = nameless
	otherWay.headers = []string{"Delivered-To: accounts@nordlicht.example", "Received: from a by c; Tue, 12 May 2026 09:00:02 +0200"}
	d.want(d.handle(d.store(d.otherBox, otherWay.raw())), inbox.Duplicate, intake.ReasonOtherMailbox)
	d.want(d.handle(d.store(d.otherBox, nameless.rawOn("Tue, 12 May 2026 09:00:01 +0200"))), inbox.NewCase, intake.ReasonOpened) // written anew
	nameless.text = "Another mail without Message-ID."
	d.want(d.deliver(nameless), inbox.NewCase, intake.ReasonOpened)
	if n := d.count(`cases`); n != 5 {
		t.Errorf("%d cases", n)
	}
}

func TestTwoCopiesAtOnce(t *testing.T) {
	t.Parallel()
	d := setup(t)
	const rounds = 20
	for round := range rounds {
		mail := post{from: anna, subject: "Question", text: "Round " + strings.Repeat("x", round+1)}
		if round%2 == 0 {
			mail.id = strings.Repeat("y", round+1) + "@aster.example"
		}
		there := mail
		there.headers = []string{"Delivered-To: accounts@nordlicht.example"}
		ids := []inbox.InboundID{d.store(d.box, mail.raw()), d.store(d.otherBox, there.raw())}
		var group sync.WaitGroup
		for _, id := range append(ids, ids...) { // each job run twice as well
			group.Go(func() {
				if err := d.intake.Handle(t.Context(), inbox.MessageArrived{ID: id}); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		fates := map[inbox.FateKind]int{d.message(ids[0]).Fate: 1}
		fates[d.message(ids[1]).Fate]++
		if fates[inbox.NewCase] != 1 || fates[inbox.Duplicate] != 1 {
			t.Fatalf("round %d: %v", round, fates)
		}
	}
	if d.count(`cases`) != rounds || d.count(`outgoing_messages where kind = 'acknowledgement'`) > rounds || d.count(`case_messages where kind = 'inbound'`) != rounds {
		t.Errorf("%d cases, %d messages", d.count(`cases`), d.count(`case_messages where kind = 'inbound'`))
	}
}

func TestOversize(t *testing.T) {
	t.Parallel()
	d := setup(t)
	arrive := func(p post) inbox.Inbound {
		var id inbox.InboundID
		uid := d.uid.Add(1)
		d.do(func(tx *db.Tx) error {
			var err error
			id, _, err = d.inbox.StoreTx(t.Context(), tx, inbox.Arrived{
				Source: inbox.SourceIMAP, MailboxID: &d.box, UIDValidity: new(int64(1)), UID: &uid, Raw: p.raw(), Oversize: true, Size: 40_000_000,
			})
			return err
		})
		return d.handle(id)
	}
	m := arrive(post{from: anna, subject: "Scans", id: "1@aster.example"})
	d.want(m, inbox.Held, intake.ReasonOversize)
	arrive(post{from: anna, subject: "Scans again", id: "2@aster.example"})
	arrive(post{from: "list@aster.example", subject: "Bulk", id: "3@aster.example", headers: []string{"Precedence: bulk"}})
	if n := d.count(`outgoing_messages where kind = 'oversize' and to_address = $1 and case_id is null`, anna); n != 1 || d.count(`outgoing_messages`) != 1 {
		t.Errorf("%d letters", d.count(`outgoing_messages`))
	}
}

func TestQuarantine(t *testing.T) {
	t.Parallel()
	d := setup(t)
	id := d.store(d.box, post{from: anna, subject: "Poison", id: "1@aster.example", text: "x"}.raw())
	dbtest.AsOwner(t, d.db, `alter table case_messages add constraint poison check (subject <> 'Poison')`)
	for attempt := 1; attempt <= 3; attempt++ {
		err := d.intake.Handle(t.Context(), inbox.MessageArrived{ID: id})
		if (err != nil) != (attempt < 3) {
			t.Fatalf("attempt %d: %v", attempt, err)
		}
	}
	m := d.message(id)
	d.want(m, inbox.Quarantined, intake.ReasonFailed)
	if m.Subject != "Poison" || m.FateParams["error"] != "error.internal" || d.count(`cases`) != 0 {
		t.Errorf("quarantined %+v", m)
	}
	dbtest.AsOwner(t, d.db, `alter table case_messages drop constraint poison`)
	again, err := d.intake.Retry(t.Context(), id, agent())
	d.must(err)
	d.want(again, inbox.NewCase, intake.ReasonOpened)
}
