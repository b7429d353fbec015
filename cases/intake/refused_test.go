package intake_test

import (
	"encoding/json"
	"testing"

	"makegood/cases/intake"
	"makegood/inbox"
	"makegood/internal/jobs"
)

// refuse has the job worked that says whom the mail server refused.
func (d *desk) refuse(in inbox.ReaderRefused) {
	d.t.Helper()
	registry := jobs.NewRegistry()
	d.intake.Register(registry)
	args, err := json.Marshal(in)
	d.must(err)
	d.must(registry.Work(d.t.Context(), in.Kind(), args))
}

// TestRefusedReader: what our mail server refuses at once is told and marked as what comes back later.
func TestRefusedReader(t *testing.T) {
	t.Parallel()
	d := setup(t)
	c := d.caseOf(d.deliver(post{from: anna, subject: "Question", id: "1@aster.example", text: "When is it due?"}))
	id := value[inbox.OutgoingID](t, d.db, `select id from outgoing_messages where case_id = $1`, c.ID)
	d.refuse(inbox.ReaderRefused{ID: id, Address: anna, Status: "5.7.1", Answer: "550 5.7.1 not from you"})
	if !d.warned(c, intake.WarnBounced) || d.count(`dead_addresses`) != 0 {
		t.Error("a mail that is not wanted says nothing of its address, and the case is told")
	}
	for range 2 {
		d.refuse(inbox.ReaderRefused{ID: id, Address: anna, Status: "5.1.1", Answer: "550 5.1.1 no such user"})
	}
	if d.count(`dead_addresses where address = $1 and cause like '5.1.1%' and released_at is null`, anna) != 1 || d.count(`contacts where email = $1 and bounced_at is not null`, anna) != 1 {
		t.Error("the address does not count as dead")
	}
	if n := d.count(`case_warnings where case_id = $1 and key = $2`, c.ID, intake.WarnBounced); n != 1 {
		t.Errorf("warned %d times", n)
	}
}
