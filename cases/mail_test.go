package cases_test

import (
	"strings"
	"testing"
	"time"

	"makegood/cases"
	"makegood/cases/clock"
	"makegood/inbox"
	"makegood/internal/db"
)

func TestQueuedReplyIsTakenBackByAColleague(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c := k.open(k.mail())
	k.drain("2026-05-12 10:30")
	sent, err := k.cases.Reply(t.Context(), cases.ReplyInput{On: k.on(c), Body: "Which line?", Then: cases.StatusWaiting, WaitingOn: cases.OnCustomer})
	k.must(err)
	k.must(k.cases.SaveDraft(t.Context(), cases.DraftInput{By: k.second, ID: c.ID, Kind: cases.PublicReply, Body: "Dear Ada,"}))
	k.clock.Add(time.Hour) // long after the window of its author: the server does not answer
	in := cases.MailInput{By: k.second, ID: c.ID, Mail: inbox.OutgoingID(sent.OutgoingID)}
	c, err = k.cases.CancelMail(t.Context(), in)
	k.must(err)
	if c.Status != cases.StatusNew || c.LastReplyAt != nil || c.UnansweredSince == nil {
		t.Errorf("%s %v %v", c.Status, c.LastReplyAt, c.UnansweredSince)
	}
	k.due(c.ID, clock.FirstResponse, "2026-05-12 13:30")
	drafts, err := k.cases.Drafts(t.Context(), k.db, c.ID, k.second.UserID)
	k.must(err)
	if len(drafts) != 1 || drafts[0].Body != "Which line?\n\nDear Ada," {
		t.Errorf("%+v", drafts)
	}
	_, err = k.cases.CancelMail(t.Context(), in)
	k.refused(err, inbox.ErrSent)
	k.sound()
}

// What somebody wrote after a reply is not lost with the reply that comes back.
func TestAReplyTakenBackStandsAboveWhatWasBegunSince(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c := k.open(k.mail())
	sent := k.reply(c)
	for _, d := range []cases.DraftInput{{Kind: cases.PublicReply, Body: "One more thing:"}, {Kind: cases.Note, Body: "Ask metering."}} {
		d.By, d.ID = k.agent, c.ID
		k.must(k.cases.SaveDraft(t.Context(), d))
	}
	_, err := k.cases.UndoReply(t.Context(), cases.UndoReplyInput{By: k.agent, ID: c.ID, MessageID: sent.MessageID})
	k.must(err)
	drafts, err := k.cases.Drafts(t.Context(), k.db, c.ID, k.agent.UserID)
	k.must(err)
	if len(drafts) != 2 || drafts[0].Body != "Ask metering." || drafts[1].Body != "We look into it.\n\nOne more thing:" {
		t.Errorf("%+v", drafts)
	}
}

func TestEarlierReplyIsTakenBack(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c := k.open(k.mail())
	first := k.reply(c)
	k.clock.Add(time.Minute)
	second := k.reply(k.reload(c.ID))
	now, err := k.cases.CancelMail(t.Context(), cases.MailInput{By: k.agent, ID: c.ID, Mail: inbox.OutgoingID(first.OutgoingID)})
	k.must(err)
	if now.Status != cases.StatusOpen || now.LastReplyAt == nil || !now.LastReplyAt.Equal(*second.Case.LastReplyAt) || now.UnansweredSince != nil {
		t.Errorf("the later answer counts for nothing: %s %v %v", now.Status, now.LastReplyAt, now.UnansweredSince)
	}
	k.sound()
}

func TestMailOfAnotherCaseIsNotThere(t *testing.T) {
	t.Parallel()
	k := setup(t)
	sent := k.reply(k.open(k.mail()))
	other := k.open(k.mail())
	in := cases.MailInput{By: k.agent, ID: other.ID, Mail: inbox.OutgoingID(sent.OutgoingID), Reason: "They got nothing"}
	_, err := k.cases.CancelMail(t.Context(), in)
	k.refused(err, inbox.ErrNoMessage)
	_, err = k.cases.ResendMail(t.Context(), in)
	k.refused(err, inbox.ErrNoMessage)
}

func TestResendIsWrittenDown(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c := k.open(k.mail())
	sent := k.reply(c)
	_, err := k.db.Pool().Exec(t.Context(), `update outgoing_messages set state = 'unknown' where id = $1`, sent.OutgoingID)
	k.must(err)
	in := cases.MailInput{By: k.second, ID: c.ID, Mail: inbox.OutgoingID(sent.OutgoingID)}
	_, err = k.cases.ResendMail(t.Context(), in)
	k.field(err, "reason", "inbox.needs_reason")
	in.Reason = "They got nothing"
	_, err = k.cases.ResendMail(t.Context(), in)
	k.must(err)
	if n := k.events(c.ID, "mail.resent"); n != 1 {
		t.Errorf("%d notes of it", n)
	}
	if in, beside := value[int](t, k.db, `select count(*) from audit_log where data::text ~ 'got nothing'`), value[int](t, k.db, `select count(*) from audit_personal where said ~ 'got nothing'`); in != 0 || beside != 1 {
		t.Errorf("the reason, which may name its reader, stands %d times in the trail and %d times beside it", in, beside)
	}
	if state := value[string](t, k.db, `select state from outgoing_messages where id = $1`, sent.OutgoingID); state != "queued" {
		t.Errorf("the mail is %s", state)
	}
}

func TestStoppedMailIsLetGo(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c := k.open(k.mail())
	sent := k.reply(c)
	to := value[string](t, k.db, `select to_address from outgoing_messages where id = $1`, sent.OutgoingID)
	k.do(func(tx *db.Tx) error {
		if _, err := tx.Exec(t.Context(), `insert into contacts (customer_id, name, email, created_at) values ($1, 'Ada', $2, $3)
			on conflict (email) do nothing`, k.customer, to, tx.Now()); err != nil {
			return err
		}
		if err := k.billing.MarkContactTx(t.Context(), tx, strings.ToUpper(to), new(tx.Now())); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), `update outgoing_messages set state = 'stopped' where id = $1`, sent.OutgoingID)
		return err
	})
	bounced := func() bool {
		return value[bool](t, k.db, `select bounced_at is not null from contacts where email = $1`, to)
	}
	if !bounced() {
		t.Fatal("the contact is not marked")
	}
	in := cases.MailInput{By: k.second, ID: c.ID, Mail: inbox.OutgoingID(sent.OutgoingID)}
	_, err := k.cases.ReleaseMail(t.Context(), in)
	k.field(err, "reason", "inbox.needs_reason")
	in.Reason = "The mailbox is back"
	_, err = k.cases.ReleaseMail(t.Context(), in)
	k.must(err)
	if bounced() || k.events(c.ID, "mail.released") != 1 {
		t.Error("the contact is still marked, or nothing is noted")
	}
	_, err = k.cases.ReleaseMail(t.Context(), in)
	k.refused(err, inbox.ErrNotStopped)
}
