package cases_test

import (
	"testing"
	"time"

	"makegood/cases"
	"makegood/cases/clock"
	"makegood/internal/db"
	"makegood/internal/jobs/jobstest"
)

func TestOpeningStartsClocks(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c := k.open(k.mail())
	t.Run("each promised clock runs from the moment the case was received", func(t *testing.T) {
		k.due(c.ID, clock.FirstResponse, "2026-05-12 13:30")
		k.due(c.ID, clock.Resolution, "2026-05-14 15:30")
		k.due(c.ID, clock.Statutory, "2026-06-11 09:30")
	})
	t.Run("each threshold has a timer", func(t *testing.T) {
		n := value[int](t, k.db, `select count(*) from river_job where kind = 'cases.check_clock' and state = 'scheduled'`)
		if n != 12 {
			t.Fatalf("%d timers, want four for each of three clocks", n)
		}
	})
	t.Run("the case repeats the tightest clock", func(t *testing.T) {
		if c.NextClock != clock.FirstResponse || c.NextDueAt == nil || !c.NextDueAt.Equal(berlin("2026-05-12 13:30")) {
			t.Fatalf("next %s %v", c.NextClock, c.NextDueAt)
		}
	})
	t.Run("the deadline can be explained", func(t *testing.T) {
		why, err := k.theClock(c.ID, clock.FirstResponse).Derived.Explain()
		k.must(err)
		if len(why.Counted) != 1 || !why.Due.Equal(berlin("2026-05-12 13:30")) {
			t.Fatalf("%+v", why)
		}
	})
	t.Run("mail that was under way counts from its arrival", func(t *testing.T) {
		in := k.mail()
		in.ReceivedAt = berlin("2026-05-11 17:00")
		late := k.open(in)
		k.due(late.ID, clock.FirstResponse, "2026-05-12 12:00")
	})
	k.sound()
}

func TestClocksFollowTheCase(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c := k.open(k.mail())
	t.Run("a reply meets the first response, at its own moment", func(t *testing.T) {
		k.drain("2026-05-12 10:30")
		c = k.reply(c).Case
		first := k.theClock(c.ID, clock.FirstResponse)
		if first.Outcome != clock.Met || !first.EndedAt.Equal(berlin("2026-05-12 10:30")) || c.Status != cases.StatusOpen {
			t.Fatalf("%s %v %s", first.Outcome, first.EndedAt, c.Status)
		}
	})
	t.Run("a note stops nothing", func(t *testing.T) {
		c = k.receive(c.ID, cases.InboundMessage{AuthorAddress: "anna@brandung.example", Body: "And?"})
		c2, err := k.cases.AddNote(t.Context(), cases.NoteInput{On: k.on(c), Body: "Prices checked."})
		k.must(err)
		c = c2
		if k.theClock(c.ID, clock.NextResponse).Outcome != clock.Running {
			t.Fatal("the next response stopped")
		}
	})
	t.Run("waiting for the customer pauses the resolution", func(t *testing.T) {
		c = k.set(c, cases.StatusWaiting, cases.OnCustomer)
		if r := k.theClock(c.ID, clock.Resolution); r.DueAt != nil || r.PausedSince == nil {
			t.Fatalf("due %v paused %v", r.DueAt, r.PausedSince)
		}
		k.drain("2026-05-12 12:00")
	})
	t.Run("the customer's answer ends the wait, with the time added", func(t *testing.T) {
		c = k.receive(c.ID, cases.InboundMessage{AuthorAddress: "anna@brandung.example", Body: "Here it is."})
		if c.Status != cases.StatusOpen {
			t.Fatal(c.Status)
		}
		k.due(c.ID, clock.Resolution, "2026-05-14 17:00")
	})
	t.Run("machine mail changes nothing", func(t *testing.T) {
		before := k.set(c, cases.StatusWaiting, cases.OnCustomer)
		c = k.receive(c.ID, cases.InboundMessage{AuthorAddress: "anna@brandung.example", Body: "I am away.", Machine: true})
		if c.Status != cases.StatusWaiting || c.Version != before.Version {
			t.Fatalf("%s version %d, was %d", c.Status, c.Version, before.Version)
		}
	})
	k.sound()
}

func TestResolvedAndReopened(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c := k.reply(k.open(k.mail())).Case
	t.Run("resolving meets the resolution", func(t *testing.T) {
		k.drain("2026-05-12 14:00")
		c = k.set(c, cases.StatusResolved, "")
		if r := k.theClock(c.ID, clock.Resolution); r.Outcome != clock.Met || c.NextClock != "" || c.NextDueAt != nil {
			t.Fatalf("%s, next %s", r.Outcome, c.NextClock)
		}
	})
	t.Run("a mail within the window reopens and continues the clock", func(t *testing.T) {
		k.drain("2026-05-14 09:00")
		c = k.receive(c.ID, cases.InboundMessage{AuthorAddress: "anna@brandung.example", Body: "It is not solved."})
		r := k.theClock(c.ID, clock.Resolution)
		if c.Status != cases.StatusOpen || r.Outcome != clock.Running || r.Instance != 1 {
			t.Fatalf("%s %s instance %d", c.Status, r.Outcome, r.Instance)
		}
	})
	t.Run("after the window the clock starts anew", func(t *testing.T) {
		c = k.set(c, cases.StatusResolved, "")
		k.drain("2026-05-27 09:00")
		c = k.set(k.reload(c.ID), cases.StatusOpen, "")
		if r := k.theClock(c.ID, clock.Resolution); r.Instance != 2 {
			t.Fatalf("instance %d", r.Instance)
		}
	})
	t.Run("a closed case refuses mail", func(t *testing.T) {
		c = k.set(k.set(c, cases.StatusResolved, ""), cases.StatusClosed, "")
		err := k.db.Do(t.Context(), func(tx *db.Tx) error {
			_, err := k.cases.ReceiveTx(t.Context(), tx, c.ID, cases.InboundMessage{Body: "Hello?"})
			return err
		})
		k.refused(err, cases.ErrClosed)
	})
	k.sound()
}

func TestMailReadLateIsOrdered(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c := k.reply(k.open(k.mail())).Case
	k.drain("2026-05-12 10:00")
	c = k.set(c, cases.StatusWaiting, cases.OnCustomer)
	k.drain("2026-05-12 10:30")
	// It came at 09:45, before the case began to wait, and is read only now: the wait is over all the same.
	c = k.receive(c.ID, cases.InboundMessage{Body: "Here.", At: berlin("2026-05-12 09:45")})
	if c.Status != cases.StatusOpen {
		t.Fatal(c.Status)
	}
	if r := k.theClock(c.ID, clock.Resolution); r.PausedSince != nil {
		t.Fatal("the clock still stands still")
	}
	k.sound()
}

func TestPriorityChangeSupersedes(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c := k.open(k.mail())
	k.drain("2026-05-12 10:30")
	c, err := k.cases.SetPriority(t.Context(), cases.PriorityInput{On: k.on(c), Priority: cases.P2, Reason: "The director called."})
	k.must(err)
	k.due(c.ID, clock.FirstResponse, "2026-05-12 11:30") // one of two hours was used
	first := k.stored(c.ID)[0]
	if first.Kind != clock.FirstResponse || first.Outcome != clock.Superseded || first.Priority != cases.P3 {
		t.Fatalf("%+v", first.Clock)
	}
	_, err = k.cases.SetPriority(t.Context(), cases.PriorityInput{On: k.on(c), Priority: cases.P1})
	k.field(err, "reason", "case.override_needs_reason")
	c, err = k.cases.SetPriority(t.Context(), cases.PriorityInput{On: k.on(c), Computed: true})
	k.must(err)
	if c.Priority != cases.P3 || c.PriorityReason != "" {
		t.Fatalf("%s %q", c.Priority, c.PriorityReason)
	}
	k.due(c.ID, clock.FirstResponse, "2026-05-12 13:30")
	k.sound()
}

func TestUndoneReplyNeverHappened(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c := k.open(k.mail())
	k.drain("2026-05-12 10:30")
	sent, err := k.cases.Reply(t.Context(), cases.ReplyInput{On: k.on(c), Body: "Which line?", Then: cases.StatusWaiting, WaitingOn: cases.OnCustomer})
	k.must(err)
	k.clock.Add(5 * time.Second)
	c, err = k.cases.UndoReply(t.Context(), cases.UndoReplyInput{By: k.agent, ID: c.ID, MessageID: sent.MessageID})
	k.must(err)
	t.Run("status and clocks are as before", func(t *testing.T) {
		if c.Status != cases.StatusNew || c.UnansweredSince == nil || c.LastReplyAt != nil {
			t.Fatalf("%s %v %v", c.Status, c.UnansweredSince, c.LastReplyAt)
		}
		k.due(c.ID, clock.FirstResponse, "2026-05-12 13:30")
		k.due(c.ID, clock.Resolution, "2026-05-14 15:30")
	})
	t.Run("the mail does not leave, the text is a draft again", func(t *testing.T) {
		if state := value[string](t, k.db, `select state from outgoing_messages where id = $1`, sent.OutgoingID); state != "cancelled" {
			t.Fatal(state)
		}
		drafts, err := k.cases.Drafts(t.Context(), k.db, c.ID, k.agent.UserID)
		k.must(err)
		if len(drafts) != 1 || drafts[0].Body != "Which line?" {
			t.Fatalf("%+v", drafts)
		}
	})
	t.Run("after the window it is too late", func(t *testing.T) {
		again := k.reply(c)
		k.clock.Add(10 * time.Second)
		_, err := k.cases.UndoReply(t.Context(), cases.UndoReplyInput{By: k.agent, ID: c.ID, MessageID: again.MessageID})
		k.refused(err, cases.ErrUndoTooLate)
	})
	t.Run("a resolved case that was answered and reopened is resolved again", func(t *testing.T) {
		resolved := k.set(k.reload(c.ID), cases.StatusResolved, "")
		sent, err := k.cases.Reply(t.Context(), cases.ReplyInput{On: k.on(resolved), Body: "One more thing.", Then: cases.StatusOpen})
		k.must(err)
		back, err := k.cases.UndoReply(t.Context(), cases.UndoReplyInput{By: k.agent, ID: c.ID, MessageID: sent.MessageID})
		k.must(err)
		if back.Status != cases.StatusResolved || back.ResolvedAt == nil {
			t.Fatalf("%s %v", back.Status, back.ResolvedAt)
		}
	})
	t.Run("nobody takes back another's reply", func(t *testing.T) {
		again := k.reply(k.reload(c.ID))
		_, err := k.cases.UndoReply(t.Context(), cases.UndoReplyInput{By: k.second, ID: c.ID, MessageID: again.MessageID})
		k.refused(err, cases.ErrNoMessage)
	})
	k.sound()
}

func TestStepsAndPostingHaveClocks(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c, _ := k.disputed("100")
	mark := func(work func(tx *db.Tx) error) { k.do(work) }
	mark(func(tx *db.Tx) error {
		if err := k.cases.MarkCreditTx(t.Context(), tx, c.ID, cases.CreditMark{Request: 5, State: cases.CreditPending}, k.agent); err != nil {
			return err
		}
		return k.cases.StepOpenedTx(t.Context(), tx, c.ID, 5, k.agent)
	})
	k.due(c.ID, clock.ApprovalStep, "2026-05-12 17:30")
	if now := k.reload(c.ID); now.Status != cases.StatusWaiting || now.WaitingOn != cases.OnApprover || now.CreditState != cases.CreditPending {
		t.Fatalf("%s %s %s", now.Status, now.WaitingOn, now.CreditState)
	}
	jobstest.Drain(t, k.db, k.jobs, k.clock, berlin("2026-05-12 10:00"))
	mark(func(tx *db.Tx) error {
		if err := k.cases.StepDecidedTx(t.Context(), tx, c.ID, 5, k.supervisor); err != nil {
			return err
		}
		return k.cases.MarkCreditTx(t.Context(), tx, c.ID, cases.CreditMark{Request: 5, State: cases.CreditApproved}, k.supervisor)
	})
	if step := k.theClock(c.ID, clock.ApprovalStep); step.Outcome != clock.Met || step.SubjectID != 5 {
		t.Fatalf("%s of %d", step.Outcome, step.SubjectID)
	}
	k.due(c.ID, clock.Posting, "2026-05-12 11:00")
	mark(func(tx *db.Tx) error {
		return k.cases.MarkCreditTx(t.Context(), tx, c.ID, cases.CreditMark{Request: 5, State: cases.CreditPosted}, k.agent)
	})
	if now := k.reload(c.ID); now.Status != cases.StatusOpen || now.CreditState != cases.CreditPosted || k.theClock(c.ID, clock.Posting).Outcome != clock.Met {
		t.Fatalf("%s %s", now.Status, now.CreditState)
	}
	k.sound()
}
