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

// TestTheCopyOfAListKeepsOutNobody: a copy that came by a list of others, or that a server on its way marked as a machine's, is not the mail that
// its writer sent to us.
func TestTheCopyOfAListKeepsOutNobody(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		headers []string
		fate    inbox.FateKind
		reason  string
	}{
		"a list":            {[]string{"List-ID: <finance.aster.example>", "Precedence: list"}, inbox.Ignored, intake.ReasonList},
		"an automatic mark": {[]string{"Auto-Submitted: auto-replied", "Precedence: bulk"}, inbox.AutoReply, intake.ReasonAutoReply},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := setup(t)
			copied := post{from: anna, subject: "Invoice", id: "1@aster.example", text: "The position is charged twice.", headers: c.headers}
			direct := post{from: anna, subject: "Invoice", id: "1@aster.example", text: "The position is charged twice."}
			first := d.deliver(copied)
			d.want(first, c.fate, c.reason)
			m := d.deliver(direct)
			d.want(m, inbox.NewCase, intake.ReasonOpened)
			if n := len(d.acknowledgements(d.caseOf(m))); n != 1 {
				t.Errorf("%d acknowledgements", n)
			}
			d.want(d.message(first.ID), c.fate, c.reason)
			direct.headers = []string{"X-Copy: 2"}
			d.want(d.deliver(direct), inbox.Duplicate, intake.ReasonSameMessage)
			copied.headers = append(copied.headers, "X-Copy: 3")
			if again := d.deliver(copied); again.Fate != inbox.Duplicate || d.count(`cases`) != 1 {
				t.Errorf("the list's second copy is %s; %d cases", again.Fate, d.count(`cases`))
			}
		})
	}
}
