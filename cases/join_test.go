package cases_test

import (
	"testing"
	"time"

	"makegood/cases"
	"makegood/cases/clock"
	"makegood/internal/access"
	"makegood/internal/errs"
)

func TestJoin(t *testing.T) {
	t.Parallel()
	k := setup(t)
	first := k.open(k.mail())
	first, err := k.cases.Claim(t.Context(), cases.On{By: k.agent, ID: first.ID})
	k.must(err)
	sent, err := k.cases.Reply(t.Context(), cases.ReplyInput{On: k.on(first), Body: "Which one?", Then: cases.StatusWaiting, WaitingOn: cases.OnCustomer})
	k.must(err)
	first = sent.Case
	k.clock.Add(time.Hour)
	again := k.mail()
	again.Subject = "One more thing"
	second := k.open(again)
	k.clock.Add(time.Minute)

	joined, err := k.cases.Join(t.Context(), cases.JoinInput{On: k.on(second), Into: first.ID})
	k.must(err)
	if joined.Status != cases.StatusClosed || joined.MergedInto == nil || *joined.MergedInto != first.ID || joined.UnansweredSince != nil {
		t.Errorf("joined %+v", joined)
	}
	now := k.reload(first.ID)
	if now.Status != cases.StatusOpen || now.UnansweredSince == nil {
		t.Errorf("the other case does not know that the customer wrote: %+v", now)
	}
	k.conversation(first.ID, 3)
	k.conversation(second.ID, 0)
	k.stopped(second.ID, true)
	k.sound()

	t.Run("what cannot be joined", func(t *testing.T) {
		third := k.open(k.mail())
		withMoney, _ := k.disputed("119")
		for name, c := range map[string]struct{ from, into cases.Case }{
			"to itself":                       {third, third},
			"one that is joined":              {joined, third},
			"to one that is joined":           {third, joined},
			"with a dispute line of its own":  {withMoney, third},
			"of another customer than nobody": {k.open(cases.OpenInput{Type: cases.Inquiry, Subject: "x", By: access.SystemActor("intake")}), third},
		} {
			if _, err := k.cases.Join(t.Context(), cases.JoinInput{On: k.on(c.from), Into: c.into.ID}); errs.KindOf(err) != errs.Conflict {
				t.Errorf("%s: %v", name, err)
			}
		}
	})

	t.Run("and is undone", func(t *testing.T) {
		back, err := k.cases.Unjoin(t.Context(), k.on(k.reload(second.ID)))
		k.must(err)
		if back.Status != second.Status || back.MergedInto != nil || back.ClosedAt != nil || !back.UnansweredSince.Equal(*second.UnansweredSince) {
			t.Errorf("%+v, was %+v", back, second)
		}
		k.conversation(first.ID, 2)
		k.conversation(second.ID, 1)
		k.stopped(second.ID, false)
		k.sound()
		_, err = k.cases.Unjoin(t.Context(), k.on(back))
		if errs.KindOf(err) != errs.Conflict {
			t.Errorf("undone twice: %v", err)
		}
	})
}

func (k *desk) conversation(id cases.ID, want int) {
	k.t.Helper()
	list, err := k.cases.Messages(k.t.Context(), k.db, id)
	k.must(err)
	if len(list) != want {
		k.t.Errorf("%d messages, want %d", len(list), want)
	}
}

// stopped tells whether the resolution clock of a case runs no more.
func (k *desk) stopped(id cases.ID, want bool) {
	k.t.Helper()
	views, err := k.cases.Clocks(k.t.Context(), k.db, id)
	k.must(err)
	for _, v := range views {
		if v.Kind == clock.Resolution && (v.Outcome != clock.Running) != want {
			k.t.Errorf("resolution is %s", v.Outcome)
		}
	}
}
