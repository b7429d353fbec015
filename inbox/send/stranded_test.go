package send_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"makegood/inbox"
	"makegood/internal/dbtest"
)

// TestMailWithoutJobIsSent: a mail whose job is gone leaves all the same; one that was cut off is in doubt, as if its job had come back.
func TestMailWithoutJobIsSent(t *testing.T) {
	t.Parallel()
	r := startRelay(t, "250 ok", "250 ok", "250 ok")
	o := setup(t, r)
	lost, cut, kept := o.queue("ada@lumen.example"), o.queue("carl@lumen.example"), o.queue("kept@lumen.example")
	dbtest.AsOwner(t, o.db, `delete from river_job where kind like 'inbox.send%'`)
	dbtest.AsOwner(t, o.db, `update outgoing_messages set state = 'sending', claimed_at = created_at where to_address = 'carl@lumen.example'`)
	dbtest.AsOwner(t, o.db, `update outgoing_messages set awaits_attachment = true where to_address = 'kept@lumen.example'`)
	if n, err := o.inbox.SendStranded(t.Context()); err != nil || n != 0 {
		t.Fatalf("at once %d are stranded, %v", n, err)
	}
	o.clock.Add(15 * time.Minute)
	faults := func(want ...string) {
		t.Helper()
		list, err := o.inbox.Verify(t.Context())
		o.must(err)
		var got []string
		for _, f := range list {
			got = append(got, f.Check+" "+f.Row)
		}
		if !slices.Equal(got, want) {
			t.Errorf("verify finds %q, want %q", got, want)
		}
	}
	faults() // the sweep has its time
	o.clock.Add(20 * time.Minute)
	faults(fmt.Sprintf("mail_has_its_job mail %d", lost), fmt.Sprintf("mail_has_its_job mail %d", cut))
	for round, want := range []int{2, 0} {
		if n, err := o.inbox.SendStranded(t.Context()); err != nil || n != want {
			t.Errorf("round %d: %d are stranded, %v", round, n, err)
		}
	}
	faults()
	o.work()
	for id, want := range map[inbox.OutgoingID]inbox.OutgoingState{lost: inbox.Sent, cut: inbox.Unknown, kept: inbox.Queued} {
		if m, _ := o.mail(id); m.State != want {
			t.Errorf("mail to %s is %s, not %s", m.ToAddress, m.State, want)
		}
	}
	if n := len(r.mails()); n != 1 {
		t.Errorf("%d mails left", n)
	}
}
