package intake_test

import (
	"testing"

	"makegood/cases/intake"
	"makegood/inbox"
	"makegood/internal/db"
)

// statement puts mail that nobody asked for into the hands of anna, as a statement of account is, and gives its Message-ID.
func (d *desk) statement(t *testing.T) string {
	t.Helper()
	d.do(func(tx *db.Tx) error {
		_, err := d.inbox.QueueTx(t.Context(), tx, inbox.Outgoing{Key: "statement:1", Kind: "statement", Automatic: true, Unasked: true, FromAddress: ours, ToAddress: anna, Subject: "Statement of your account", Text: "To be paid now"})
		return err
	})
	return value[string](t, d.db, `update outgoing_messages set state = 'sent' returning message_id`)
}

// An answer to a statement of account opens a case of the customer whom it went to, and further ones join it.
func TestAnswersToAStatement(t *testing.T) {
	t.Parallel()
	to := func(token string) []string { return []string{"In-Reply-To: " + token} }
	t.Run("the first opens a case, the second joins it", func(t *testing.T) {
		t.Parallel()
		d := setup(t)
		token := d.statement(t)
		first := d.deliver(post{from: anna, subject: "Re: Statement of your account", id: "1@aster.example", text: "We paid that in April.", headers: to(token)})
		d.want(first, inbox.NewCase, intake.ReasonOpened)
		opened := d.caseOf(first)
		if opened.CustomerID == nil || *opened.CustomerID != d.aster || !d.warned(opened, intake.WarnAnswersMail) {
			t.Errorf("the case is %v's, and says that it answers something: %v", opened.CustomerID, d.warned(opened, intake.WarnAnswersMail))
		}
		second := d.deliver(post{from: anna, subject: "Re: Statement of your account", id: "2@aster.example", text: "Here is the proof.", headers: to(token)})
		d.want(second, inbox.Attached, intake.ReasonJoined)
		if *second.CaseID != *first.CaseID {
			t.Errorf("it joined case %d, not %d", *second.CaseID, *first.CaseID)
		}
		if n := d.count(`cases`); n != 1 {
			t.Errorf("%d cases", n)
		}
	})
	t.Run("whoever else saw it leads nobody anywhere", func(t *testing.T) {
		t.Parallel()
		d := setup(t)
		token := d.statement(t)
		theirs := d.deliver(post{from: mallory, subject: "Re: Statement of your account", id: "1@evil.example", text: "Pay here instead.", headers: to(token)})
		d.want(theirs, inbox.NewCase, intake.ReasonOpened)
		hers := d.deliver(post{from: anna, subject: "Re: Statement of your account", id: "1@aster.example", text: "We paid that.", headers: to(token)})
		d.want(hers, inbox.NewCase, intake.ReasonOpened)
		if *theirs.CaseID == *hers.CaseID {
			t.Error("she joined a stranger's case")
		}
		d.want(d.deliver(post{from: mallory, subject: "Re: Statement of your account", id: "2@evil.example", text: "Well?", headers: to(token)}), inbox.Held, intake.ReasonUnverified)
	})
	t.Run("one in her name does not", func(t *testing.T) {
		t.Parallel()
		d := setup(t)
		token := d.statement(t)
		d.deliver(post{from: anna, subject: "Re: Statement of your account", id: "1@evil.example", text: "New bank account.", headers: append(to(token), dmarc("fail"))})
		if n := d.count(`outgoing_messages where answered_case_id is not null`); n != 0 {
			t.Error("a forged answer keeps hers")
		}
	})
	t.Run("a report still finds the mail once it was answered", func(t *testing.T) {
		t.Parallel()
		d := setup(t)
		token := d.statement(t)
		opened := d.caseOf(d.deliver(post{from: anna, subject: "Re: Statement of your account", id: "1@aster.example", text: "We paid.", headers: to(token)}))
		d.want(d.handle(d.store(d.box, bounce(anna, token))), inbox.Bounce, intake.ReasonBounce)
		if n := d.count(`outgoing_messages where state = 'bounced' and kind = 'statement'`); n != 1 || !d.warned(opened, intake.WarnBounced) {
			t.Errorf("%d marked, warned %v", n, d.warned(opened, intake.WarnBounced))
		}
	})
}
