package send_test

import (
	"maps"
	"regexp"
	"strings"
	"testing"

	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

func TestServersAnswerIsKept(t *testing.T) {
	t.Parallel()
	r := startRelay(t, "250 2.0.0 queued as 77AB", "550 5.7.1 not from you")
	o := setup(t, r)
	taken := o.queue("ada@lumen.example")
	o.work()
	m, steps := o.mail(taken)
	if m.State != inbox.Sent || m.Error != "" || len(steps) != 1 || steps[0].State != inbox.Sent || !strings.Contains(steps[0].Answer, "queued as 77AB") {
		t.Errorf("%+v %+v", m, steps)
	}
	refused := o.queue("carl@lumen.example")
	o.work()
	m, steps = o.mail(refused)
	if m.State != inbox.Failed || len(steps) != 1 || !strings.Contains(steps[0].Answer, "550") || !strings.Contains(m.Error, "550") {
		t.Errorf("%+v %+v", m, steps)
	}
}

// TestLineBreaksAfterAcceptance: the server takes the mail and dies before it says so. The mail stays in doubt, is not
// repeated by itself, and goes out once more, as the same mail, when somebody says why.
func TestLineBreaksAfterAcceptance(t *testing.T) {
	t.Parallel()
	r := startRelay(t, "")
	o := setup(t, r)
	id := o.queue("ada@lumen.example")
	o.work()
	if m, steps := o.mail(id); m.State != inbox.Unknown || len(steps) != 1 || steps[0].State != inbox.Unknown || steps[0].Answer == "" {
		t.Fatalf("%+v %+v", m, steps)
	}
	o.clock.Add(48 * 3600e9)
	o.work()
	if n := len(r.mails()); n != 1 {
		t.Fatalf("%d copies left by themselves", n)
	}
	mara := access.Actor{Kind: access.Person, UserID: 5, Name: "Mara Lindt"}
	resend := func(caseID int64, reason string) error {
		return o.db.Do(t.Context(), func(tx *db.Tx) error {
			_, err := o.inbox.ResendTx(t.Context(), tx, inbox.ResendInput{ID: id, CaseID: caseID, Reason: reason, By: mara})
			return err
		})
	}
	for name, c := range map[string]struct {
		caseID int64
		reason string
		want   string
	}{
		"without a reason":  {7, "  ", "inbox.needs_reason"},
		"with an essay":     {7, strings.Repeat("ä", 501), "inbox.long_reason"},
		"from another case": {8, "They got nothing", "inbox.no_such_message"},
	} {
		if err := resend(c.caseID, c.reason); err == nil || !strings.Contains(err.Error(), c.want) && errs.KeyOf(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	o.must(resend(7, " They got nothing "))
	if err := resend(7, "Again"); errs.KeyOf(err) != inbox.ErrNotInDoubt.Key {
		t.Errorf("one on its way was queued again: %v", err)
	}
	o.work()
	m, steps := o.mail(id)
	if m.State != inbox.Sent || m.Attempts != 2 || len(steps) != 3 || steps[1].Reason != "They got nothing" || steps[1].UserName != "Mara Lindt" || *steps[1].UserID != 5 {
		t.Errorf("%+v %+v", m, steps)
	}
	if err := resend(7, "Again"); errs.KeyOf(err) != inbox.ErrNotInDoubt.Key {
		t.Errorf("one that was sent was queued again: %v", err)
	}
	ids := map[string]bool{}
	for _, raw := range r.mails() {
		ids[regexp.MustCompile(`(?im)^Message-ID:\s*\S+`).FindString(raw)] = true
	}
	if len(r.mails()) != 2 || len(ids) != 1 || ids[""] {
		t.Errorf("%d copies with the ids %v", len(r.mails()), ids)
	}
}

func TestCancelledDoesNotLeave(t *testing.T) {
	t.Parallel()
	r := startRelay(t)
	o := setup(t, r)
	id := o.queue("ada@lumen.example")
	mara := access.Actor{Kind: access.Person, UserID: 5, Name: "Mara Lindt"}
	cancel := func(caseID int64) error {
		return o.db.Do(t.Context(), func(tx *db.Tx) error { return o.inbox.CancelOfTx(t.Context(), tx, id, caseID, mara) })
	}
	if err := cancel(8); errs.KeyOf(err) != inbox.ErrNoMessage.Key {
		t.Errorf("taken back from another case: %v", err)
	}
	o.must(cancel(7))
	o.work()
	m, steps := o.mail(id)
	if m.State != inbox.Cancelled || len(steps) != 1 || steps[0].UserName != "Mara Lindt" || len(r.mails()) != 0 {
		t.Errorf("%+v %+v, %d left", m, steps, len(r.mails()))
	}
	if err := cancel(7); errs.KeyOf(err) != inbox.ErrSent.Key {
		t.Errorf("taken back twice: %v", err)
	}
}

// TestWhatFailedIsSentOnceMore: the relay refused it, its cause is gone, and somebody says so.
func TestWhatFailedIsSentOnceMore(t *testing.T) {
	t.Parallel()
	r := startRelay(t, "550 5.7.1 not from you")
	o := setup(t, r)
	id := o.queue("ada@lumen.example")
	o.work()
	mara := access.Actor{Kind: access.Person, UserID: 5, Name: "Mara Lindt"}
	o.do(func(tx *db.Tx) error {
		_, err := o.inbox.ResendTx(t.Context(), tx, inbox.ResendInput{ID: id, CaseID: 7, Reason: "The relay knows us now", By: mara})
		return err
	})
	o.work()
	m, steps := o.mail(id)
	if m.State != inbox.Sent || m.Error != "" || m.Attempts != 2 || len(steps) != 3 || steps[1].Reason != "The relay knows us now" || len(r.mails()) != 2 {
		t.Errorf("%+v %+v", m, steps)
	}
	want := map[inbox.OutgoingState]int64{inbox.Sent: 1, inbox.Failed: 1}
	if got := o.inbox.Attempts(); !maps.Equal(got, want) {
		t.Errorf("counted %v, want %v", got, want)
	}
}
