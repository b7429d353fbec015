package intake_test

import (
	"strings"

	"makegood/cases/intake"
	"makegood/inbox"
	"makegood/internal/db"
)

// What is tried with mail that says of itself that a machine wrote it.

// markOfMachine: a stolen token and the mark of a machine.
func markOfMachine(v *victim) {
	m := v.deliver(post{
		from: mallory, subject: "Re: Invoice", id: "2@evil.example", text: "Our new bank account is 12345.",
		headers: []string{"In-Reply-To: " + v.token, "Auto-Submitted: auto-replied"},
	})
	v.onlyNamed(m, inbox.AutoReply, intake.ReasonAutoReply)
}

// forgedMarkOfMachine: a forged sender and the mark of a machine.
func forgedMarkOfMachine(v *victim) {
	m := v.deliver(post{
		from: anna, subject: "Re: Invoice", id: "2@evil.example", text: "Our new bank account is 12345.",
		headers: []string{"In-Reply-To: " + v.token, "Precedence: bulk", dmarc("fail")},
	})
	v.onlyNamed(m, inbox.AutoReply, intake.ReasonNotification)
}

// forgedReport: a report of a bounce whose sender is forged.
func forgedReport(v *victim) {
	m := v.report(bounce(anna, v.token, "Return-Path: <>", dmarc("fail")))
	v.want(m, inbox.Held, intake.ReasonUnverified)
	v.alive()
	v.untouched()
}

// readersReport: a report of a bounce from somebody who read the mail.
func readersReport(v *victim) {
	m := v.report(bounce(anna, v.token, "Return-Path: <"+mallory+">"))
	v.onlyNamed(m, inbox.Bounce, intake.ReasonBounce)
	v.warnedOnly()
}

// answeringReport: a report of a bounce that only answers our mail.
func answeringReport(v *victim) {
	m := v.report(bounce(anna, "<else@evil.example>", "Return-Path: <>", "In-Reply-To: "+v.token))
	v.onlyNamed(m, inbox.Bounce, intake.ReasonBounce)
	v.warnedOnly()
}

// reportOfTheirs: a report of a bounce of a mail that came to us.
func reportOfTheirs(v *victim) {
	m := v.report(bounce(anna, "<first@aster.example>", "Return-Path: <>"))
	v.want(m, inbox.Bounce, intake.ReasonBounce)
	v.alive()
	v.untouched()
}

// onlyNamed proves that a message has a fate that names the case, and that nobody reads its words there.
func (v *victim) onlyNamed(m inbox.Inbound, fate inbox.FateKind, reason string) {
	v.t.Helper()
	v.want(m, fate, reason)
	if m.CaseID == nil || *m.CaseID != int64(v.c.ID) {
		v.t.Errorf("the message names the case %v", m.CaseID)
	}
	if n := v.count(`case_messages where inbound_message_id = $1`, m.ID); n != 0 {
		v.t.Error("a stranger's words are in the conversation")
	}
	v.alive()
	v.silent()
}

// report delivers a report, after the mail it may be about has left.
func (v *victim) report(raw []byte) inbox.Inbound {
	v.t.Helper()
	v.do(func(tx *db.Tx) error {
		_, err := tx.Exec(v.t.Context(), `update outgoing_messages set state = 'sent'`)
		return err
	})
	return v.handle(v.store(v.box, raw))
}

// alive proves that Anna is still written to.
func (v *victim) alive() {
	v.t.Helper()
	if n := v.count(`dead_addresses`) + v.count(`contacts where bounced_at is not null`) + v.count(`outgoing_messages where state = 'bounced'`); n != 0 {
		v.t.Errorf("%d marks of a bounce", n)
	}
}

// warnedOnly proves that the agents hear of a report that nobody believes.
func (v *victim) warnedOnly() {
	v.t.Helper()
	if !v.warned(v.c, intake.WarnDoubtfulReport) || v.warned(v.c, intake.WarnBounced) {
		v.t.Error("the agents were not warned of a doubtful report")
	}
}

// bounce is a report that mail to an address came back for good, as a daemon of the reader's server would send it.
func bounce(to, original string, headers ...string) []byte {
	return []byte(strings.Join(append(append([]string{}, headers...),
		"From: Mail Delivery System <mailer-daemon@mx.aster.example>", "To: "+ours, "Subject: Undelivered Mail Returned to Sender", "Message-ID: <b@mx.aster.example>",
		"Auto-Submitted: auto-replied", "MIME-Version: 1.0", `Content-Type: multipart/report; report-type=delivery-status; boundary="b"`, "",
		"--b", "Content-Type: text/plain", "", "It could not be delivered.", "--b", "Content-Type: message/delivery-status", "",
		"Reporting-MTA: dns; mx.aster.example", "", "Final-Recipient: rfc822; "+to, "Action: failed", "Status: 5.1.1", "Diagnostic-Code: smtp; 550 no such user", "",
		"--b", "Content-Type: text/rfc822-headers", "", "From: "+ours, "To: "+to, "Message-ID: "+original, "", "--b--", "",
	), "\r\n"))
}
