package send_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"testing"
	"time"

	"makegood/inbox"
)

// sendOne works the job of one mail.
func (o *office) sendOne(ctx context.Context, id inbox.OutgoingID) error {
	o.t.Helper()
	args, err := json.Marshal(inbox.SendMessage{ID: id})
	o.must(err)
	return o.jobs.Work(ctx, inbox.SendMessage{}.Kind(), args)
}

// leaves waits for the client to hang up, no longer than d, and tells whether it did.
func leaves(c net.Conn, d time.Duration) bool {
	_ = c.SetReadDeadline(time.Now().Add(d))
	_, err := c.Read(make([]byte, 1))
	_ = c.SetReadDeadline(time.Time{})
	return err != nil && !errors.Is(err, os.ErrDeadlineExceeded)
}

// A server that filters before it answers has its time for that: who hangs up does not know what became of the mail.
func TestTheServerMayThinkAboutAMail(t *testing.T) {
	t.Parallel()
	r := startRelay(t)
	r.waits, r.wait = ".", func(c net.Conn) {
		if leaves(c, 3*time.Second) {
			t.Error("hung up on a server that had the mail and was about to answer")
		}
	}
	o := setup(t, r)
	o.sender.Patience(2*time.Second, time.Hour, time.Hour)
	id := o.queue("ada@lumen.example")
	o.must(o.sendOne(t.Context(), id))
	if m, _ := o.mail(id); m.State != inbox.Sent {
		t.Errorf("%s: %s", m.State, m.Error)
	}
	if takes := (inbox.SendMessage{}).Takes(); takes < 11*time.Minute || (inbox.SendMessages{IDs: make([]inbox.OutgoingID, 3)}).Takes() < 3*takes {
		t.Errorf("the job has %s", takes)
	}
}

// Up to the mail itself answers are short ones, and a server that gives none has taken nothing.
func TestTheServerMayNotThinkAboutAReader(t *testing.T) {
	t.Parallel()
	r := startRelay(t)
	r.waits, r.wait = "RCPT", func(c net.Conn) {
		if !leaves(c, time.Minute) {
			t.Error("waited for ever")
		}
	}
	o := setup(t, r)
	o.sender.Patience(time.Second, time.Hour, time.Hour)
	id := o.queue("ada@lumen.example")
	if err := o.sendOne(t.Context(), id); err == nil {
		t.Error("not tried again")
	}
	if m, _ := o.mail(id); m.State != inbox.Queued {
		t.Errorf("%s: %s", m.State, m.Error)
	}
}

// A program that is being stopped does not wait for minutes, and says what it does not know.
func TestStoppedWhileTheServerThinks(t *testing.T) {
	t.Parallel()
	r := startRelay(t)
	ctx, stop := context.WithCancel(t.Context())
	r.waits, r.wait = ".", func(c net.Conn) {
		stop()
		if !leaves(c, time.Minute) {
			t.Error("waited for ever")
		}
	}
	o := setup(t, r)
	o.sender.Patience(time.Minute, time.Hour, 10*time.Millisecond)
	id := o.queue("ada@lumen.example")
	_ = o.sendOne(ctx, id) // what it says goes nowhere any more
	if m, _ := o.mail(id); m.State != inbox.Unknown {
		t.Errorf("%s: %s", m.State, m.Error)
	}
}
