package send_test

import (
	"strings"
	"testing"

	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

func (o *office) markDead(id inbox.OutgoingID, address string) {
	o.t.Helper()
	o.do(func(tx *db.Tx) error { return o.inbox.MarkDeadTx(o.t.Context(), tx, id, address, "5.1.1 no such user") })
}

func TestMailToADeadAddressIsStopped(t *testing.T) {
	t.Parallel()
	r := startRelay(t)
	o := setup(t, r)
	first := o.queue("Ada@lumen.example")
	o.work()
	for range 2 { // a second report of the same changes nothing
		o.markDead(first, "ADA@lumen.example")
	}
	o.clock.Add(60e9)
	next, other := o.queue("Ada@lumen.example"), o.queue("carl@lumen.example")
	o.work()
	m, steps := o.mail(next)
	if m.State != inbox.Stopped || m.Attempts != 0 || !strings.Contains(m.Error, "no such user") || len(steps) != 1 || steps[0].State != inbox.Stopped {
		t.Errorf("%+v %+v", m, steps)
	}
	if m, _ := o.mail(other); m.State != inbox.Sent || len(r.mails()) != 2 {
		t.Errorf("%s, %d left", m.State, len(r.mails()))
	}
	mara := access.Actor{Kind: access.Person, UserID: 5, Name: "Mara Lindt"}
	release := func(id inbox.OutgoingID, caseID int64, reason string) error {
		return o.db.Do(t.Context(), func(tx *db.Tx) error {
			address, err := o.inbox.ReleaseTx(t.Context(), tx, inbox.ReleaseInput{ID: id, CaseID: caseID, Reason: reason, By: mara})
			if err == nil && address != "ada@lumen.example" {
				t.Errorf("released %q", address)
			}
			return err
		})
	}
	for _, c := range []struct {
		id     inbox.OutgoingID
		caseID int64
		reason string
		want   error
	}{
		{next, 8, "Moved back", inbox.ErrNoMessage}, {other, 7, "Moved back", inbox.ErrNotStopped}, {next, 7, " ", errs.InvalidField("reason", "inbox.needs_reason")},
	} {
		if err := release(c.id, c.caseID, c.reason); errs.KeyOf(err) != errs.KeyOf(c.want) {
			t.Errorf("%v, not %v", err, c.want)
		}
	}
	o.must(release(next, 7, "The mailbox is back"))
	o.work()
	m, steps = o.mail(next)
	if m.State != inbox.Sent || len(steps) != 3 || steps[1].Reason != "The mailbox is back" || steps[1].UserName != "Mara Lindt" {
		t.Errorf("%+v %+v", m, steps)
	}
	o.clock.Add(60e9)
	later := o.queue("ada@lumen.example")
	o.work()
	if m, _ := o.mail(later); m.State != inbox.Sent {
		t.Errorf("the address is released and its mail %s", m.State)
	}
	o.markDead(later, "ada@lumen.example")
	o.clock.Add(60e9)
	again := o.queue("ada@lumen.example")
	o.work()
	if m, _ := o.mail(again); m.State != inbox.Stopped {
		t.Errorf("the address died again and its mail is %s", m.State)
	}
	o.do(func(tx *db.Tx) error { return o.inbox.CancelOfTx(t.Context(), tx, again, 7, mara) })
	if m, _ := o.mail(again); m.State != inbox.Cancelled {
		t.Errorf("a stopped mail that was taken back is %s", m.State)
	}
}

func TestDeadCopyIsLeftOut(t *testing.T) {
	t.Parallel()
	r := startRelay(t)
	o := setup(t, r)
	o.markDead(o.queue("carl@lumen.example"), "carl@lumen.example")
	var id, proof inbox.OutgoingID
	o.do(func(tx *db.Tx) error {
		var err error
		mail := inbox.Outgoing{
			Key: "1", CaseID: new(int64(7)), Kind: "reply", FromAddress: "billing@us.example", ToAddress: "ada@lumen.example",
			Cc: []string{"Carl@lumen.example", "eve@lumen.example"}, Subject: "s", Text: "t",
		}
		if id, err = o.inbox.QueueTx(t.Context(), tx, mail); err != nil {
			return err
		}
		// what has no case answers something its reader did a moment ago
		proof, err = o.inbox.QueueTx(t.Context(), tx, inbox.Outgoing{Key: "2", Kind: "contact_proof", FromAddress: "billing@us.example", ToAddress: "carl@lumen.example", Subject: "s", Text: "t"})
		return err
	})
	o.work()
	m, steps := o.mail(id)
	if m.State != inbox.Sent || len(m.Cc) != 2 || len(steps) != 1 || !strings.Contains(steps[0].Answer, "Carl@lumen.example") || strings.Contains(steps[0].Answer, "eve@") {
		t.Errorf("%+v %+v", m, steps)
	}
	if m, _ := o.mail(proof); m.State != inbox.Sent {
		t.Errorf("the proof is %s", m.State)
	}
	for _, raw := range r.mails() {
		if strings.Contains(raw, "ada@lumen.example") && (strings.Contains(raw, "Carl@") || !strings.Contains(raw, "eve@lumen.example")) {
			t.Errorf("copies: %s", raw)
		}
	}
}

func TestWhomAReportIsAbout(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		cc          []string
		named, want string
	}{
		"the reader":         {nil, " ADA@lumen.example ", "ada@lumen.example"},
		"where it forwards":  {nil, "a.b@mail.lumen.example", "ada@lumen.example"},
		"nobody named":       {nil, "", "ada@lumen.example"},
		"a copy":             {[]string{"Eve@lumen.example"}, "eve@lumen.example", "eve@lumen.example"},
		"one of several":     {[]string{"eve@lumen.example"}, "a.b@mail.lumen.example", ""},
		"none named of many": {[]string{"eve@lumen.example"}, "", ""},
	} {
		if got := (inbox.OutgoingMessage{ToAddress: "Ada@lumen.example", Cc: c.cc}).ReaderOf(c.named); got != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}
