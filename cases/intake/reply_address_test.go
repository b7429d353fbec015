package intake_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"makegood/cases/intake"
	"makegood/inbox"
	"makegood/internal/db"
)

// tagged has the mailbox ask for answers at addresses of their cases, sends what waits, and gives the address in the first mail.
func (v *victim) tagged() string {
	v.t.Helper()
	v.do(func(tx *db.Tx) error {
		_, err := tx.Exec(v.t.Context(), `update mailboxes set tagged_replies = true where id = $1`, v.box)
		return err
	})
	for _, raw := range v.send() {
		if m := regexp.MustCompile(`(?m)^Reply-To: <(.+)>`).FindStringSubmatch(raw); m != nil {
			return m[1]
		}
	}
	v.t.Fatal("no mail asks for answers at an address of its case")
	return ""
}

// TestReplyAddress: an answer whose program dropped every reference finds its case by the address it went to, whatever the letters of
// it were made of on the way, and nobody takes the address for a person in copy.
func TestReplyAddress(t *testing.T) {
	t.Parallel()
	v := newVictim(t)
	address := v.tagged()
	want := fmt.Sprintf(`^billing\+c%d\.[a-z2-7]{26}@nordlicht\.example$`, v.c.ID)
	if !regexp.MustCompile(want).MatchString(address) {
		t.Fatalf("%s is not %s", address, want)
	}
	for n, p := range []post{
		{to: address},
		{to: "Nordlicht <" + strings.ToUpper(address) + ">"},
		{to: "undisclosed-recipients:;", headers: []string{"Delivered-To: " + address}},
		{headers: []string{"X-Original-To: " + address}},
	} {
		p.from, p.subject, p.id, p.text = anna, "Answer", fmt.Sprintf("a%d@aster.example", n), fmt.Sprintf("Answer %d.", n)
		m := v.deliver(p)
		v.want(m, inbox.Attached, intake.ReasonJoined)
		if m.CaseID == nil || *m.CaseID != int64(v.c.ID) {
			t.Errorf("%+v", m)
		}
	}
	if n := v.count(`case_participants where case_id = $1`, v.c.ID); n != 1 {
		t.Errorf("%d take part", n)
	}
	together := []inbox.InboundID{
		v.store(v.box, post{from: anna, to: address, subject: "Answer", id: "b1@aster.example", text: "One."}.raw()),
		v.store(v.box, post{from: "bo@borealis.example", subject: "New", id: "b2@borealis.example", text: "Two."}.raw()),
		v.store(v.box, post{from: "pat@partner.example", subject: "New", id: "b3@partner.example", text: "Three."}.raw()),
	}
	v.must(v.intake.HandleAll(t.Context(), inbox.MessagesArrived{IDs: together}))
	v.want(v.message(together[0]), inbox.Attached, intake.ReasonJoined)
	v.want(v.message(together[1]), inbox.NewCase, intake.ReasonOpened)
}

func stolenReplyAddress(v *victim) {
	address := v.tagged()
	for n, p := range []post{{from: mallory}, {from: anna, headers: []string{dmarc("fail")}}, {from: anna + ", " + mallory}, {from: "bo@borealis.example"}} {
		p.to, p.subject, p.id, p.text = address, "Invoice", fmt.Sprintf("%d@evil.example", n), "Send everything to me."
		v.want(v.deliver(p), inbox.Held, intake.ReasonUnverified)
	}
	v.untouched()
}

func forgedReplyAddress(v *victim) {
	address := v.tagged()
	other := v.caseOf(v.deliver(post{from: "bo@borealis.example", subject: "Another", id: "o@borealis.example", text: "Hello."}))
	tag := address[strings.IndexByte(address, '.')+1 : strings.IndexByte(address, '@')]
	for n, to := range []string{
		fmt.Sprintf("billing+c%d@nordlicht.example", v.c.ID),
		fmt.Sprintf("billing+c%d.%s@nordlicht.example", v.c.ID, strings.Repeat("a", 26)),
		fmt.Sprintf("billing+c%d.%s@nordlicht.example", other.ID, tag), // the token of another case
		fmt.Sprintf("billing+c%s.%s@nordlicht.example", strings.Repeat("9", 18), tag),
	} {
		m := v.deliver(post{from: anna, to: to, subject: "Invoice", id: fmt.Sprintf("%d@evil.example", n), text: "And?"})
		v.want(m, inbox.NewCase, intake.ReasonOpened)
	}
	v.untouched()
}

// reportToReplyAddress: who has the address of a case writes nothing into its conversation as a mail server.
func reportToReplyAddress(v *victim) {
	address := v.tagged()
	raw := strings.ReplaceAll(string(bounce(anna, "", "Return-Path: <>")), "To: "+ours, "To: "+address)
	v.want(v.handle(v.store(v.box, []byte(raw))), inbox.Bounce, intake.ReasonBounce)
	if n := v.count(`case_messages where case_id = $1 and kind = 'inbound'`, v.c.ID); n != 1 {
		v.t.Errorf("%d messages", n)
	}
	v.alive()
}
