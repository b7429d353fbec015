package intake_test

import (
	"testing"

	"makegood/cases/intake"
	"makegood/inbox"
)

// TestOurOwnList: people who write to a list or group of ours write to us, whatever marks the list puts on their mail; a program does
// not become a person there.
func TestOurOwnList(t *testing.T) {
	t.Parallel()
	d := setup(t)
	for id, headers := range map[string][]string{
		"by where it is posted": {"Precedence: list", "List-ID: <finance.groups.example>", "List-Post: <https://groups.example/post>, <mailto:Billing@nordlicht.example>"},
		"by its identifier":     {"Precedence: list", "Mailing-list: list billing@nordlicht.example", `List-ID: "Billing" <billing.nordlicht.example>`},
	} {
		c := d.caseOf(d.deliver(post{from: anna, subject: id, id: id[:5] + "1@aster.example", text: "When is it due?", headers: headers}))
		if n := len(d.acknowledgements(c)); n != 1 {
			t.Errorf("%s: %d acknowledgements", id, n)
		}
		d.want(d.deliver(post{from: "robot@aster.example", subject: id, id: id[:5] + "2@aster.example", text: "Done.", headers: append(headers, "Auto-Submitted: auto-generated")}),
			inbox.AutoReply, intake.ReasonNotification)
	}
}

// foreignList: a list we only read is no person, whatever it was delivered to, and what it calls ours is not by looking like it.
func foreignList(v *victim) {
	for n, headers := range [][]string{
		{"List-ID: <news.evil.example>", "Delivered-To: " + ours, "X-Original-To: " + ours},
		{"List-ID: <billing.nordlicht.example.evil.example>", "List-Post: <mailto:billing@nordlicht.example.evil.example>"},
		{"List-ID: <mailto:" + ours + ">", "List-Post: NO"},
	} {
		m := v.deliver(post{from: mallory, subject: "News", id: string(rune('a'+n)) + "@evil.example", text: "Buy.", headers: headers})
		v.want(m, inbox.Ignored, intake.ReasonList)
	}
	v.untouched()
}
