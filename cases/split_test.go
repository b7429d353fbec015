package cases_test

import (
	"testing"
	"time"

	"makegood/cases"
	"makegood/cases/clock"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// Messages about another matter get a case of their own, with the deadlines of the day they came; this one forgets them.
func TestSplit(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c := k.open(k.mail())
	c = k.reply(c).Case
	k.clock.Add(time.Hour)
	aside := k.clock.Now()
	c = k.receive(c.ID, cases.InboundMessage{AuthorName: "Lena Voss", AuthorAddress: "lena@ritter.example", Body: "And where is the refund of March?", At: aside})
	k.clock.Add(2 * time.Hour)
	before := k.theClock(c.ID, clock.NextResponse)
	list, err := k.cases.Messages(t.Context(), k.db, c.ID)
	k.must(err)
	moved := list[len(list)-1].ID
	people, err := k.cases.Participants(t.Context(), k.db, c.ID)
	k.must(err)

	for name, ids := range map[string][]cases.MessageID{"none": nil, "all": {list[0].ID, moved}, "our own": {list[1].ID}, "another's": {moved, 9999}} {
		if _, err := k.cases.Split(t.Context(), cases.SplitInput{On: k.on(c), Messages: ids}); errs.KindOf(err) != errs.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err = k.cases.Split(t.Context(), cases.SplitInput{On: cases.On{By: k.agent, ID: c.ID, Version: c.Version - 1}, Messages: []cases.MessageID{moved}})
	k.refused(err, cases.ErrStaleVersion)

	own, err := k.cases.Split(t.Context(), cases.SplitInput{On: k.on(c), Messages: []cases.MessageID{moved}, Subject: "Refund of March", Type: cases.Refund})
	k.must(err)
	if own.Type != cases.Refund || own.Subject != "Refund of March" || !own.OpenedAt.Equal(aside) || own.UnansweredSince == nil || !own.UnansweredSince.Equal(aside) ||
		own.Snippet != "And where is the refund of March?" || own.CustomerID == nil || own.Number == c.Number {
		t.Errorf("%+v", own)
	}
	k.conversation(own.ID, 1)
	k.conversation(c.ID, len(list)-1)
	there, err := k.cases.Participants(t.Context(), k.db, own.ID)
	k.must(err)
	if len(there) != len(people) {
		t.Errorf("%d people, were %d", len(there), len(people))
	}
	if first := k.theClock(own.ID, clock.FirstResponse); !first.DueAt.Equal(*before.DueAt) {
		t.Errorf("due %s, the customer waited for an answer by %s", first.DueAt, before.DueAt)
	}
	c = k.reload(c.ID)
	if c.UnansweredSince != nil || c.NextClock == clock.NextResponse {
		t.Errorf("the case still waits to be answered: %+v", c)
	}
	k.sound()

	t.Run("and is joined again", func(t *testing.T) {
		_, err := k.cases.Join(t.Context(), cases.JoinInput{On: k.on(k.reload(own.ID)), Into: c.ID})
		k.must(err)
		k.conversation(c.ID, len(list))
		if now := k.reload(c.ID); now.UnansweredSince == nil {
			t.Error("the message does not count again")
		}
		k.sound()
	})
}

// A dispute line goes along only when that is said, comes back with its decision, and stays when a credit of the other case is for it.
func TestJoinWithDisputes(t *testing.T) {
	t.Parallel()
	k := setup(t)
	plain := k.asked()
	disputed, line := k.disputed("50")
	in := cases.JoinInput{On: k.on(disputed), Into: plain.ID}
	_, err := k.cases.Join(t.Context(), in)
	if errs.KeyOf(err) != "case.join_has_money" {
		t.Fatal(err)
	}
	in.WithDisputes = true
	_, err = k.cases.Join(t.Context(), in)
	k.must(err)
	both := k.reload(plain.ID)
	if !both.Disputed.Equal(line.Contested) || both.Type != cases.Dispute || !k.reload(disputed.ID).Disputed.IsZero() {
		t.Errorf("%+v", both)
	}
	k.sound()
	_, err = k.cases.DecideDispute(t.Context(), cases.DecideDisputeInput{On: k.on(both), DisputeID: line.ID, Explanation: "As agreed."})
	k.must(err)
	back, err := k.cases.Unjoin(t.Context(), k.on(k.reload(disputed.ID)))
	k.must(err)
	lines, err := k.cases.Disputes(t.Context(), k.db, disputed.ID)
	k.must(err)
	if len(lines) != 1 || lines[0].Status != cases.DisputeRejected || back.MergedInto != nil || k.reload(plain.ID).Type != plain.Type {
		t.Errorf("%+v %+v", back, lines)
	}
	k.sound()

	t.Run("what a credit is for stays", func(t *testing.T) {
		again, _ := k.disputed("20")
		_, err := k.cases.Join(t.Context(), cases.JoinInput{On: k.on(again), Into: plain.ID, WithDisputes: true})
		k.must(err)
		k.do(func(tx *db.Tx) error {
			return k.cases.MarkCreditTx(t.Context(), tx, plain.ID, cases.CreditMark{Request: 5, State: cases.CreditPending}, k.agent)
		})
		if _, err := k.cases.Unjoin(t.Context(), k.on(k.reload(again.ID))); errs.KeyOf(err) != "case.unjoin_has_credit" {
			t.Error(err)
		}
		third := k.asked()
		if _, err := k.cases.Join(t.Context(), cases.JoinInput{On: k.on(k.reload(plain.ID)), Into: third.ID, WithDisputes: true}); errs.KeyOf(err) != "case.join_has_credit" {
			t.Error(err)
		}
	})
	if _, err := k.cases.Join(t.Context(), cases.JoinInput{On: cases.On{By: access.Actor{}, ID: plain.ID}, Into: disputed.ID}); err == nil {
		t.Error("nobody joins cases")
	}
}
