package cases_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"makegood/cases"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
	"makegood/internal/jobs/jobstest"
)

func TestRecomputeEqualsStored(t *testing.T) {
	t.Parallel()
	k := setup(t)
	rapid.Check(t, func(r *rapid.T) {
		in := k.mail()
		in.ReceivedAt = k.clock.Now().Add(-time.Duration(rapid.IntRange(0, 600).Draw(r, "minutes under way")) * time.Minute)
		c := k.open(in)
		for range rapid.IntRange(2, 8).Draw(r, "steps") {
			k.clock.Add(time.Duration(rapid.IntRange(0, 400).Draw(r, "minutes")) * time.Minute)
			jobstest.DrainNow(t, k.db, k.jobs, k.clock)
			k.anyStep(r, k.reload(c.ID))
		}
		faults, err := k.cases.Verify(t.Context())
		k.must(err)
		for _, f := range faults {
			r.Errorf("%s %s: %s", f.Number, f.Row, f.Detail)
		}
	})
}

// anyStep does one thing to a case, as it comes; what the rules refuse is no fault.
func (k *desk) anyStep(r *rapid.T, c cases.Case) {
	steps := []string{"reply", "reply and undo", "note", "mail", "late mail", "machine", "wait", "open", "resolve", "close", "priority", "step", "decide", "approve", "post", "void"}
	ctx := k.t.Context()
	var err error
	switch step := rapid.SampledFrom(steps).Draw(r, "step"); step {
	case "reply", "reply and undo":
		var sent cases.Sent
		then := rapid.SampledFrom([]cases.Status{"", cases.StatusWaiting, cases.StatusResolved}).Draw(r, "then")
		sent, err = k.cases.Reply(ctx, cases.ReplyInput{On: k.on(c), Body: "Answer", Then: then, WaitingOn: cases.OnCustomer, RootCause: &k.root})
		if err == nil && step != "reply" {
			k.clock.Add(3 * time.Second)
			_, err = k.cases.UndoReply(ctx, cases.UndoReplyInput{By: k.agent, ID: c.ID, MessageID: sent.MessageID})
		}
	case "note":
		_, err = k.cases.AddNote(ctx, cases.NoteInput{On: k.on(c), Body: "Note"})
	case "mail", "late mail", "machine":
		m := cases.InboundMessage{Body: "More", Machine: step == "machine", At: k.clock.Now()}
		if step == "late mail" {
			m.At = m.At.Add(-time.Duration(rapid.IntRange(1, 500).Draw(r, "late by")) * time.Minute)
		}
		err = k.db.Do(ctx, func(tx *db.Tx) error {
			_, err := k.cases.ReceiveTx(ctx, tx, c.ID, m)
			return err
		})
	case "wait", "open", "resolve", "close":
		to := map[string]cases.Status{"wait": cases.StatusWaiting, "open": cases.StatusOpen, "resolve": cases.StatusResolved, "close": cases.StatusClosed}[step]
		on := rapid.SampledFrom([]cases.WaitingOn{cases.OnCustomer, cases.OnUpstream}).Draw(r, "on")
		_, err = k.cases.SetStatus(ctx, cases.StatusInput{On: k.on(c), To: to, WaitingOn: on, RootCause: &k.root})
	case "priority":
		p := rapid.SampledFrom([]cases.Priority{cases.P1, cases.P2, cases.P3, cases.P4}).Draw(r, "priority")
		_, err = k.cases.SetPriority(ctx, cases.PriorityInput{On: k.on(c), Priority: p, Reason: "because"})
	default:
		err = k.creditStep(r, c, step)
	}
	if kind := errs.KindOf(err); err != nil && kind != errs.Conflict && kind != errs.Invalid {
		r.Fatalf("%v", err)
	}
}

func (k *desk) creditStep(r *rapid.T, c cases.Case, step string) error {
	id := rapid.Int64Range(1, 2).Draw(r, "id")
	ctx := k.t.Context()
	return k.db.Do(ctx, func(tx *db.Tx) error {
		switch step {
		case "step":
			return k.cases.StepOpenedTx(ctx, tx, c.ID, id, k.agent)
		case "decide":
			return k.cases.StepDecidedTx(ctx, tx, c.ID, id, k.agent)
		case "approve":
			return k.cases.MarkCreditTx(ctx, tx, c.ID, cases.CreditMark{Request: id, State: cases.CreditApproved}, k.agent)
		case "post":
			return k.cases.MarkCreditTx(ctx, tx, c.ID, cases.CreditMark{Request: id, State: cases.CreditPosted}, k.agent)
		}
		return k.cases.MarkCreditTx(ctx, tx, c.ID, cases.CreditMark{Request: id, State: cases.CreditWithdrawn}, k.agent)
	})
}

func TestVerifyFindsTampering(t *testing.T) {
	t.Parallel()
	for what, statement := range map[string]string{
		"a moved deadline":    `update case_clocks set due_at = due_at + interval '1 second' where kind = 'resolution'`,
		"a prettier outcome":  `update case_clocks set outcome = 'met' where kind = 'resolution'`,
		"a clock taken away":  `delete from case_clocks where kind = 'resolution'`,
		"a clock made up":     `update case_clocks set instance = 7 where kind = 'resolution'`,
		"a case's figure":     `update cases set next_due_at = next_due_at + interval '1 hour'`,
		"an event put later":  `update audit_log set at = at + interval '1 minute' where what = 'case.opened'`,
		"an event taken away": `delete from audit_log where what = 'reply.sent'`,
	} {
		t.Run(fmt.Sprintf("%s is found", what), func(t *testing.T) {
			t.Parallel()
			k := setup(t)
			c := k.reply(k.open(k.mail())).Case
			k.sound()
			dbtest.AsOwner(t, k.db, statement)
			faults, err := k.cases.Verify(t.Context())
			k.must(err)
			if len(faults) == 0 || faults[0].Number != c.Number {
				t.Fatalf("%+v", faults)
			}
		})
	}
}
