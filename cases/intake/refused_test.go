package intake_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"

	"makegood/cases/intake"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/blob"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
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
	d.refuse(inbox.ReaderRefused{ID: id, Address: anna, Status: "4.4.7", Answer: "given up after four days: 450 4.1.1 user unknown"})
	if d.count(`dead_addresses`) != 0 {
		t.Error("who was waited for in vain may take mail tomorrow")
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

// TestWhatTheServerWouldNotGive: nobody lets in a mail that is not there. Set aside, it comes back once the server gives it.
func TestWhatTheServerWouldNotGive(t *testing.T) {
	t.Parallel()
	d := setup(t)
	open := d.caseOf(d.deliver(post{from: anna, subject: "Question", id: "1@aster.example", text: "When is it due?"}))
	arrive := func(a inbox.Arrived) inbox.InboundID {
		a.Source, a.MailboxID, a.UIDValidity, a.UID = inbox.SourceIMAP, &d.box, new(int64(1)), new(int64(77))
		var id inbox.InboundID
		d.do(func(tx *db.Tx) error {
			var err error
			id, _, err = d.inbox.StoreTx(t.Context(), tx, a)
			return err
		})
		return id
	}
	id := arrive(inbox.Arrived{Refusal: "NO [SERVERBUG] Internal error", Size: 10})
	d.want(d.handle(id), inbox.Quarantined, intake.ReasonRefused)
	if _, err := d.intake.ReleaseAsNewCase(t.Context(), intake.ReleaseInput{By: agent(), ID: id}); !errors.Is(err, intake.ErrNoBytes) {
		t.Errorf("released as a case: %v", err)
	}
	if err := d.intake.ReleaseToCase(t.Context(), intake.ReleaseInput{By: agent(), ID: id, CaseID: open.ID}); !errors.Is(err, intake.ErrNoBytes) {
		t.Errorf("released to a case: %v", err)
	}
	d.must(d.intake.Discard(t.Context(), intake.DiscardInput{By: agent(), ID: id, Reason: "Nobody asks for it"}))
	stored, err := d.inbox.StoredUIDs(t.Context(), d.box, 1)
	d.must(err)
	aside, err := d.inbox.SetAsideUIDs(t.Context(), d.box, 1)
	d.must(err)
	if !slices.Contains(stored, 77) || !slices.Equal(aside, []int64{77}) {
		t.Errorf("stored %v, set aside %v", stored, aside)
	}
	raw := post{from: anna, subject: "Second", id: "2@aster.example", text: "The position is charged twice."}.raw()
	if again := arrive(inbox.Arrived{Raw: raw}); again != id {
		t.Errorf("it came as message %d, was %d", again, id)
	}
	d.want(d.handle(id), inbox.NewCase, intake.ReasonOpened)
	if kept, err := d.inbox.Raw(t.Context(), d.db, id); err != nil || !bytes.Equal(kept, raw) {
		t.Errorf("its bytes are %q: %v", kept, err)
	}
}

// TestLostBytesCanBeDiscarded: of a mail whose bytes are lost, what was noted is enough to set it aside, and not to let it in.
func TestLostBytesCanBeDiscarded(t *testing.T) {
	t.Parallel()
	d := setup(t)
	_, m := d.held()
	dbtest.AsOwner(t, d.db, fmt.Sprintf(`update inbound_raw set content = 'forged' where inbound_message_id = %d`, m.ID))
	if _, err := d.intake.ReleaseAsNewCase(t.Context(), intake.ReleaseInput{By: agent(), ID: m.ID}); !errors.Is(err, blob.ErrAltered) {
		t.Errorf("released: %v", err)
	}
	if err := d.intake.Discard(t.Context(), intake.DiscardInput{By: access.Actor{Kind: access.Person, UserID: 6, Roles: []access.Role{access.Auditor}}, ID: m.ID, Reason: "Lost"}); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("discarded by somebody who may not: %v", err)
	}
	d.must(d.intake.Discard(t.Context(), intake.DiscardInput{By: agent(), ID: m.ID, Reason: "Lost"}))
	now := d.message(m.ID)
	d.want(now, inbox.Ignored, intake.ReasonDiscarded)
	if now.Sender != m.Sender || now.Subject != m.Subject || now.MessageID != m.MessageID || now.Kind != m.Kind || !d.recorded("message.discarded") {
		t.Errorf("what was noted is lost: %+v", now)
	}
}
