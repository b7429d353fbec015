package send_test

import (
	"fmt"
	"testing"

	"makegood/inbox"
)

func (r *relay) called() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.calls
}

func TestMailsInARowShareAConnection(t *testing.T) {
	t.Parallel()
	r := startRelay(t)
	o := setup(t, r)
	send := func(n int) {
		t.Helper()
		id := o.queue(fmt.Sprintf("reader%d@lumen.example", n))
		o.work()
		if m, _ := o.mail(id); m.State != inbox.Sent {
			t.Errorf("mail %d: %+v", n, m)
		}
	}
	for n := range 3 {
		send(n)
	}
	if r.called() != 1 || len(r.mails()) != 3 {
		t.Errorf("%d connections for %d mails", r.called(), len(r.mails()))
	}
	t.Run("one that the server has closed is made anew, and the mail leaves once", func(t *testing.T) {
		r.hangUp()
		send(3)
		if r.called() != 2 || len(r.mails()) != 4 {
			t.Errorf("%d connections for %d mails", r.called(), len(r.mails()))
		}
	})
}
