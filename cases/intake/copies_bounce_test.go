package intake_test

import (
	"strings"
	"testing"

	"makegood/cases/intake"
	"makegood/inbox"
	"makegood/internal/db"
)

// TestBounceOfACopy: a report tells of the reader who did not get the mail, and of every one it names.
func TestBounceOfACopy(t *testing.T) {
	t.Parallel()
	const carl, dora = "carl@aster.example", "dora@aster.example"
	d := setup(t)
	c := d.caseOf(d.deliver(post{from: anna, subject: "Question", id: "1@aster.example", text: "When is it due?"}))
	token := d.acknowledgements(c)[0]
	d.do(func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update outgoing_messages set state = 'sent', cc = $1`, []string{carl, dora})
		return err
	})
	warned := func(address string) int {
		return d.count(`case_warnings where case_id = $1 and key = $2 and params->>'address' = $3`, c.ID, intake.WarnBounced, address)
	}
	state := func() string { return value[string](t, d.db, `select state from outgoing_messages`) }
	both := strings.Replace(string(bounce(carl, token)), "Diagnostic-Code: smtp; 550 no such user",
		"Diagnostic-Code: smtp; 550 no such user\r\n\r\nFinal-Recipient: rfc822; "+dora+"\r\nAction: failed\r\nStatus: 5.2.2\r\nDiagnostic-Code: smtp; 552 mailbox full", 1)
	d.want(d.handle(d.store(d.box, []byte(both))), inbox.Bounce, intake.ReasonBounce)
	if warned(carl) != 1 || warned(dora) != 1 || warned(anna) != 0 || state() != "sent" {
		t.Errorf("copies came back: %d, %d and %d warnings, the mail is %s", warned(carl), warned(dora), warned(anna), state())
	}
	if d.count(`dead_addresses where address = $1`, carl) != 1 || d.count(`dead_addresses`) != 1 {
		t.Error("the address that is not there is not the dead one")
	}
	d.handle(d.store(d.box, []byte(strings.Replace(string(bounce(anna, token)), "<b@mx", "<c@mx", 1))))
	if warned(anna) != 1 || state() != "bounced" {
		t.Errorf("then the addressee: %d warnings, the mail is %s", warned(anna), state())
	}
	late := strings.Replace(strings.Replace(string(bounce("eve@aster.example", token)), "<b@mx", "<d@mx", 1), "Status: 5.1.1", "Status: 5.4.4", 1)
	d.handle(d.store(d.box, []byte(late)))
	if warned("eve@aster.example") != 1 || state() != "bounced" || d.count(`dead_addresses`) != 2 {
		t.Error("a report about somebody else of a mail that came back is lost")
	}
}
