package send_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/jobs"
)

// tells has the office note whom the case is told of, with the status.
func (o *office) tells() *[]string {
	var told []string
	jobs.Handle(o.jobs, func(_ context.Context, refused inbox.ReaderRefused) error {
		told = append(told, refused.Address+" "+refused.Status)
		return nil
	})
	return &told
}

// wantState sends a mail once more and says what that has to come to.
func (o *office) wantState(id inbox.OutgoingID, want inbox.OutgoingState) inbox.OutgoingMessage {
	o.t.Helper()
	if err := o.sendOne(o.t.Context(), id); (err != nil) != (want == inbox.Queued) {
		o.t.Errorf("worked with %v", err)
	}
	m, _ := o.mail(id)
	if m.State != want {
		o.t.Fatalf("%s, want %s: %s", m.State, want, m.Error)
	}
	return m
}

// A copy that is not taken for now is waited for a while, and then keeps the mail from nobody else.
func TestACopyThatIsNotTakenForNow(t *testing.T) {
	t.Parallel()
	r := startRelay(t)
	r.refuses = map[string]string{"carl@lumen.example": "452 4.2.2 mailbox full", "eve@lumen.example": "451 try again"}
	o := setup(t, r)
	told := o.tells()
	id := o.copied("Carl@lumen.example", "eve@lumen.example", "bob@lumen.example")
	o.wantState(id, inbox.Queued)
	o.clock.Add(3 * time.Hour)
	o.wantState(id, inbox.Queued)
	o.clock.Add(2 * time.Hour)
	o.wantState(id, inbox.Sent)
	mails := r.mails()
	if len(mails) != 1 || strings.Contains(mails[0], "arl@") || strings.Contains(mails[0], "eve@") || !strings.Contains(mails[0], "bob@") {
		t.Errorf("sent %q", mails)
	}
	_, steps := o.mail(id)
	if said := steps[len(steps)-1].Answer; !strings.Contains(said, "mailbox full") || !strings.Contains(said, "try again") {
		t.Errorf("nobody is told who was left out: %q", said)
	}
	o.work()
	if slices.Sort(*told); !slices.Equal(*told, []string{"carl@lumen.example 4.2.2", "eve@lumen.example 4.0.0"}) {
		t.Errorf("told of %q", *told)
	}
}

// A mail that its reader's server does not take ends after days, and those who know its case are told. Sent once more by a person it
// has its days again.
func TestAMailThatIsNeverTaken(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]*relay{
		"its reader": {refuses: map[string]string{"ada@lumen.example": "450 4.1.2 domain not found"}},
		"its text":   {script: slices.Repeat([]string{"451 4.7.1 later"}, 20)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			running := startRelay(t, r.script...)
			running.refuses = r.refuses
			o := setup(t, running)
			told := o.tells()
			id := o.copied("eve@lumen.example")
			for range 3 {
				o.wantState(id, inbox.Queued)
				o.clock.Add(31 * time.Hour)
			}
			o.clock.Add(4 * time.Hour) // four days since the first no
			if m := o.wantState(id, inbox.Failed); !strings.Contains(m.Error, "given up after four days") {
				t.Errorf("failed with %q", m.Error)
			}
			o.work()
			if !slices.Equal(*told, []string{"ada@lumen.example 4.4.7"}) {
				t.Errorf("told of %q", *told)
			}
			o.do(func(tx *db.Tx) error {
				_, err := o.inbox.ResendTx(t.Context(), tx, inbox.ResendInput{ID: id, CaseID: 7, Reason: "It works again", By: access.Actor{Name: "Ina"}})
				return err
			})
			o.wantState(id, inbox.Queued)
		})
	}
}

// Our own relay that is away for a week is no fault of any mail: all of it leaves when the relay is back.
func TestARelayThatIsAwayForDays(t *testing.T) {
	t.Parallel()
	r := startRelay(t)
	r.hangsUp = true
	o := setup(t, r)
	id := o.queue("ada@lumen.example")
	for range 3 {
		o.wantState(id, inbox.Queued)
		o.clock.Add(72 * time.Hour)
	}
	r.mu.Lock()
	r.hangsUp, r.script = false, []string{"451 4.7.1 busy"}
	r.mu.Unlock()
	o.wantState(id, inbox.Queued)
	o.wantState(id, inbox.Sent)
}
