package intake_test

import (
	"strings"
	"testing"

	"makegood/cases/intake"
	"makegood/inbox"
	"makegood/internal/db"
)

// TestBounceWithoutACase: what we send beside cases comes back too, a code for the portal or a notice. The mail and the address are
// marked, unless the report can be anybody's.
func TestBounceWithoutACase(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(raw, token string) string
		marked int
	}{
		"of a mail server":   {func(raw, _ string) string { return raw }, 1},
		"that only delays":   {func(raw, _ string) string { return strings.Replace(raw, "Action: failed", "Action: delayed", 1) }, 0},
		"of a person":        {func(raw, _ string) string { return strings.Replace(raw, "mailer-daemon@", "joe@", 1) }, 0},
		"of a forged sender": {func(raw, _ string) string { return dmarc("fail") + "\r\n" + raw }, 0},
		"with a token made up": {func(raw, token string) string {
			return strings.Replace(raw, token, "<c0.code-1."+strings.Repeat("a", 26)+"@mail.nordlicht.example>", 1)
		}, 0},
		"that only says: an answer": {func(raw, token string) string {
			return "In-Reply-To: " + token + "\r\n" + strings.Replace(raw, "Message-ID: "+token, "Message-ID: <x@y.example>", 1)
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := setup(t)
			d.do(func(tx *db.Tx) error {
				_, err := d.inbox.QueueTx(t.Context(), tx, inbox.Outgoing{Key: "code:1", Kind: "portal_code", Automatic: true, FromAddress: ours, ToAddress: anna, Subject: "Your code", Text: "123456"})
				return err
			})
			token := value[string](t, d.db, `update outgoing_messages set state = 'sent' returning message_id`)
			d.want(d.handle(d.store(d.box, []byte(c.change(string(bounce(anna, token)), token)))), inbox.Bounce, intake.ReasonBounce)
			for _, where := range []string{`outgoing_messages where state = 'bounced'`, `dead_addresses`, `contacts where bounced_at is not null`} {
				if n := d.count(where); n != c.marked {
					t.Errorf("%d %s", n, where)
				}
			}
		})
	}
}
