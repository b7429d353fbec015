package send_test

import (
	"fmt"
	"testing"
	"time"

	"makegood/inbox"
	"makegood/internal/db"
)

func (o *office) bound(sender, reader int) {
	o.t.Helper()
	b, err := o.inbox.Bounds(o.t.Context(), o.db)
	o.must(err)
	b.SenderPerHour, b.RecipientPerHour = sender, reader
	_, err = o.inbox.SetBounds(o.t.Context(), admin(), b)
	o.must(err)
}

// hours lets time pass a minute at a time, and tells how many mails had left after each half hour.
func (o *office) hours(r *relay, halves int) []int {
	o.t.Helper()
	var left []int
	for n := range halves * 30 {
		o.work()
		if n%30 == 0 {
			left = append(left, len(r.mails()))
		}
		o.clock.Add(time.Minute)
	}
	return left
}

// TestMoreThanMayLeaveWaitsItsTurn: as many as the bound at once, the others evenly; none is lost and none leaves twice.
func TestMoreThanMayLeaveWaitsItsTurn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sender, reader int
		to             func(n int) string
	}{
		"of a sender": {20, 0, func(n int) string { return fmt.Sprintf("reader%d@lumen.example", n) }},
		"to a reader": {0, 20, func(int) string { return "ada@lumen.example" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := startRelay(t)
			o := setup(t, r)
			o.bound(c.sender, c.reader)
			ids := make([]inbox.OutgoingID, 45)
			for n := range ids {
				ids[n] = o.queue(c.to(n))
				o.clock.Add(time.Microsecond)
			}
			left := o.hours(r, 4)
			if fmt.Sprint(left) != "[20 30 40 45]" {
				t.Errorf("left after each half hour: %v", left)
			}
			for _, id := range ids {
				if m, _ := o.mail(id); m.State != inbox.Sent || m.Attempts != 1 {
					t.Errorf("mail %d is %s after %d attempts", id, m.State, m.Attempts)
				}
			}
			if m, steps := o.mail(ids[40]); !m.Paced || len(steps) != 2 || steps[0].State != inbox.Queued {
				t.Errorf("%+v %+v", m, steps)
			}
		})
	}
}

// TestOneSenderDoesNotSlowAnother: each has turns of its own, and without a bound nobody waits.
func TestOneSenderDoesNotSlowAnother(t *testing.T) {
	t.Parallel()
	r := startRelay(t)
	o := setup(t, r)
	o.bound(3, 2)
	for n := range 5 {
		o.queue(fmt.Sprintf("reader%d@lumen.example", n))
		o.clock.Add(time.Microsecond)
	}
	o.work()
	if n := len(r.mails()); n != 3 {
		t.Fatalf("%d left at once", n)
	}
	if h, err := o.inbox.OutgoingHealth(t.Context(), nil); err != nil || h.Delayed != 2 || h.Queued != 0 {
		t.Errorf("%+v %v", h, err)
	}
	o.do(func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update outgoing_messages set from_address = 'rechnung@de.example' where state = 'queued' and not paced`)
		return err
	})
	o.bound(0, 0)
	for n := range 30 {
		o.queue(fmt.Sprintf("other%d@lumen.example", n%2))
		o.clock.Add(time.Microsecond)
	}
	o.work()
	if n := len(r.mails()); n != 33 {
		t.Errorf("%d left", n)
	}
}
