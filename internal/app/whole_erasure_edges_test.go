package app_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"makegood/cases"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/erasure"
	"makegood/internal/scenario"
)

// undelivered is a report of a mail server that a mail to somebody did not arrive.
func undelivered(id, address string) []byte {
	return []byte(strings.Join([]string{
		"Return-Path: <>", "From: Mail Delivery System <mailer-daemon@lumen.example>", "To: " + scenario.SupportAddress, "Subject: Undelivered Mail Returned to Sender",
		"Message-ID: <" + id + ">", "Date: Thu, 12 Nov 2026 09:30:00 +0100", "Auto-Submitted: auto-replied", "MIME-Version: 1.0",
		`Content-Type: multipart/report; report-type=delivery-status; boundary="bb"`, "", "--bb", "Content-Type: text/plain", "", "It could not be delivered to " + address + ".",
		"--bb", "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mx.lumen.example", "", "Final-Recipient: rfc822; " + address, "Action: failed", "Status: 5.1.1", "", "--bb--", "",
	}, "\r\n"))
}

// fated imports a mail that is to have a fate.
func (h *house) fated(raw []byte, fate inbox.FateKind) inbox.InboundID {
	h.t.Helper()
	id := p2(h.app.Intake.Ingest(h.t.Context(), raw, inbox.SourceFile))(h.t)
	if m := p2(h.app.Inbox.Message(h.t.Context(), h.app.DB, id.ID))(h.t); m.Fate != fate {
		h.t.Fatalf("%s %s, want %s", m.Fate, m.FateReason, fate)
	}
	return id.ID
}

func (h *house) text(query string) string {
	h.t.Helper()
	return p2(db.Value[string](h.t.Context(), h.app.DB, query))(h.t)
}

// An erasure destroys what is theirs, and nothing of whoever has an address like theirs, or whose program answered.
func TestAnErasureTakesNobodyElse(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	desk, admin := h.Actor(access.Agent), h.Actor(access.Admin)
	c := h.asked(mail("Ada Lumen <"+ada+">", "edges-1@lumen.example", "A question", "When is it due?"))
	const note = "x.ada@lumen.example and ada@lumen.example.au; ada@lumen.example, <ADA@lumen.example>. Lumen called, then Ada Lumen; Lumenada@lumen.example"
	p2(h.app.Cases.AddNote(t.Context(), cases.NoteInput{On: cases.On{By: desk, ID: c.ID}, Body: note}))(t)
	away := "Auto-Submitted: auto-replied"
	theirReport := h.fated(undelivered("edges-2@lumen.example", "ADA@lumen.example"), inbox.Bounce)
	others := []inbox.InboundID{
		h.fated(undelivered("edges-3@lumen.example", "x.ada@lumen.example"), inbox.Bounce),
		h.fated(undelivered("edges-4@lumen.example", "ada@lumen.example.au"), inbox.Bounce),
		h.fated(mail("Finn Ferro <finn@ferro.example>", "edges-5@ferro.example", "Out of office: Ada Lumen", "I am away; write to ada@lumen.example.", away), inbox.AutoReply),
	}
	daemon := h.fated(mail("Robot <robot@ferro.example>", "edges-6@ferro.example", "Out of office", "Not read: ada@lumen.example", away), inbox.AutoReply)
	h.awaitMails(1)
	h.atRest()
	dbtest.AsOwner(t, h.app.DB, fmt.Sprintf(`update inbound_messages set sender = 'MAILER-DAEMON@ferro.example' where id = %d`, daemon),
		`insert into payment_promises (entity_id, customer_id, currency, amount, promised_on, promised_by, note, state, made_at, made_by)
			select entity_id, id, 'EUR', 10, current_date + 9, 'Ada Lumen', '', 'open', now(), 1 from customers where account = '`+h.Lumen.Account+`'`,
		`update contacts set email = 'moved@lumen.example' where email = 'ada@lumen.example'`,
		fmt.Sprintf(`insert into queue_views (owner_id, name, shared, within, query, created_at) select %d, name, false, '', 'x', now() from unnest('{Ada Lumen,ada@lumen.example,Mine}'::text[]) name`, desk.UserID),
		fmt.Sprintf(`insert into erasures (addresses, reason, state, asked_by, asked_at, decided_by, decided_at, decision_note)
			values ('{}', 'Ada Lumen wrote', 'refused', %d, now(), %d, now(), 'Not ada@lumen.example'), ('{}', 'Somebody wrote', 'refused', %[1]d, now(), %[2]d, now(), 'No')`, admin.UserID, h.Actor(access.Director).UserID))
	who := erasure.Who{Addresses: []string{ada}}
	if all := filesIn(t, p2(h.app.Erasure.Copy(t.Context(), admin, who.Addresses, 0))(t).ZIP); !strings.Contains(all["promises.json"], "Ada Lumen") {
		t.Errorf("the promise is not in the copy: %s", all["promises.json"])
	}
	p := p2(h.app.Erasure.Preview(t.Context(), admin, who))(t)
	if p.Obstacle != nil || p.Counts["mails_in"] != 3 || p.Counts["promises"] != 1 || p.Remains["mails_of_others"] != 1 || !slices.Equal(p.Names, []string{"Ada Lumen"}) {
		t.Errorf("%+v", p)
	}
	h.erased(who)
	if got := h.text(`select body from case_messages where kind = 'note'`); got !=
		"x.ada@lumen.example and ada@lumen.example.au; [erased], <[erased]>. Lumen called, then [erased]; Lumenada@lumen.example" {
		t.Errorf("the note says %q", got)
	}
	if n := count(t, h.app.DB, `select count(*) from inbound_raw where inbound_message_id = any ($1)`, others); n != len(others) {
		t.Errorf("%d of %d mails of others have their bytes", n, len(others))
	}
	if n := count(t, h.app.DB, `select count(*) from inbound_raw where inbound_message_id = any ($1)`, []inbox.InboundID{theirReport, daemon}); n != 0 {
		t.Errorf("%d reports that name her have their bytes", n)
	}
	if got := h.text(fmt.Sprintf(`select subject from inbound_messages where id = %d`, others[2])); strings.Contains(got, "Ada Lumen") {
		t.Errorf("the subject of another's answer is %q", got)
	}
	if got := h.text(`select string_agg(regexp_replace(name, '\d+', 'N'), '|' order by id) from queue_views`); got != "[erased] N|[erased] N|Mine" {
		t.Errorf("views are called %q", got)
	}
	if got := h.text(`select string_agg(reason || ': ' || decision_note, '|' order by id) from erasures where state = 'refused'`); got != "[erased] wrote: Not [erased]|Somebody wrote: No" {
		t.Errorf("erasures that were refused say %q", got)
	}
	h.sound()
	err := h.app.DB.Do(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update erasures set reason = 'Another' where reason = 'Somebody wrote'`)
		return err
	})
	if !db.Violates(err, "erasure_stands") {
		t.Errorf("a reason that names nobody was changed: %v", err)
	}
}

// Parts of names go only where somebody typed the names, and a name with a firm's in it is not taken unasked.
func TestNamesThatNobodyTyped(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	admin := h.Actor(access.Admin)
	c := h.asked(mail("Accounts Payable <"+ada+">", "typed-1@lumen.example", "A question", "When is it due?"))
	p2(h.app.Cases.AddNote(t.Context(), cases.NoteInput{On: cases.On{By: h.Actor(access.Agent), ID: c.ID}, Body: "Two Accounts are Payable, says Accounts Payable"}))(t)
	h.awaitMails(1)
	h.atRest()
	kept := func() []string {
		return p2(h.app.Erasure.Preview(t.Context(), admin, erasure.Who{Addresses: []string{ada}}))(t).Names
	}
	if got := kept(); !slices.Equal(got, []string{"Accounts Payable", "Ada Lumen"}) {
		t.Errorf("kept: %v", got)
	}
	for table, firm := range map[string]string{"customers": h.Lumen.Name, "legal_entities": h.text(`select name from legal_entities order by id limit 1`)} {
		dbtest.AsOwner(t, h.app.DB, `update contacts set name = '`+strings.ToUpper(firm)+`, Billing Team' where email = 'ada@lumen.example'`)
		if got := kept(); !slices.Equal(got, []string{"Accounts Payable"}) && !slices.Equal(got, []string{"Accounts Payable", "Ada Lumen"}) {
			t.Errorf("with the name of one of %s in it: %v", table, got)
		}
		dbtest.AsOwner(t, h.app.DB, `update contacts set name = 'Ada Lumen' where email = 'ada@lumen.example'`, `update customers set name = 'The Accounts payable' where account = '`+h.Lumen.Account+`'`)
		if got := kept(); slices.Contains(got, "Accounts Payable") {
			t.Errorf("a part of a customer's name: %v", got)
		}
		dbtest.AsOwner(t, h.app.DB, `update customers set name = '`+h.Lumen.Name+`' where account = '`+h.Lumen.Account+`'`)
	}
	asked := func(names []string) erasure.Erasure {
		return p2(h.app.Erasure.Ask(t.Context(), erasure.AskInput{By: admin, Who: erasure.Who{Addresses: []string{ada}, Names: names}, Reason: "Ada Lumen asked from ADA@lumen.example; Lumen is hers"}))(t)
	}
	for _, typed := range []bool{false, true} {
		names := []string(nil)
		if typed {
			names = []string{"Ada Lumen"}
		}
		e := asked(names)
		e = p2(h.app.Erasure.Decide(t.Context(), admin, e.ID, "withdraw", "Ada Lumen took it back"))(t)
		want := map[bool]string{false: "[erased] asked from [erased]; Lumen is hers", true: "[erased] asked from [erased]; [erased] is hers"}[typed]
		if e.Reason != want || e.DecisionNote != "[erased] took it back" {
			t.Errorf("typed %t: %q, %q", typed, e.Reason, e.DecisionNote)
		}
	}
	for query, want := range map[string]string{"": "Names: Accounts Payable, Ada Lumen", "&names=Ada+Lumen": "Names: Ada Lumen"} {
		page := h.browse(access.Admin).page("/settings/erasures?addresses=" + ada + query)
		if typed := strings.Contains(page, `name="names" value="Ada Lumen"`); !strings.Contains(page, want) || typed != (query != "") {
			t.Errorf("%q: names are asked for as typed: %t; %s", query, typed, page)
		}
	}
	h.erased(erasure.Who{Addresses: []string{ada}})
	if got := h.text(`select body from case_messages where kind = 'note'`); got != "Two Accounts are Payable, says [erased]" {
		t.Errorf("the note says %q", got)
	}
}

// An erasure takes its time, and waits for nobody who has a mail of theirs in hand.
func TestTimeAndLocksOfAnErasure(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	h.asked(mail("Ada Lumen <"+ada+">", "locks-1@lumen.example", "A question", "When is it due?"))
	h.awaitMails(1)
	h.atRest()
	who := erasure.Who{Addresses: []string{ada}}
	must(t, h.app.DB.Do(t.Context(), func(tx *db.Tx) error {
		if _, err := tx.Exec(t.Context(), `select from inbound_messages for update`); err != nil {
			return err
		}
		p := p2(h.app.Erasure.Preview(t.Context(), h.Actor(access.Admin), who))(t)
		if !errors.Is(p.Obstacle, inbox.ErrErasePending) {
			t.Errorf("while a mail is in hand: %v", p.Obstacle)
		}
		return nil
	}))
	dbtest.AsOwner(t, h.app.DB, `create function takes_its_time() returns trigger language plpgsql as $$
		begin
			if new.state = 'tried' and current_setting('statement_timeout') <> '2min' or new.state = 'done' and current_setting('statement_timeout') <> '0' then
				raise exception 'a statement may take %', current_setting('statement_timeout');
			end if;
			return new;
		end $$`, `create trigger takes_its_time before insert or update on erasures for each row execute function takes_its_time()`)
	p2(h.app.Erasure.Preview(t.Context(), h.Actor(access.Admin), who))(t)
	h.erased(who)
}
