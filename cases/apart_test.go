package cases_test

import (
	"testing"
	"time"

	"makegood/cases"
	"makegood/cases/clock"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
)

// said is a further message of the customer, now.
func (k *desk) said(id cases.ID, body string) cases.Case {
	k.t.Helper()
	return k.receive(id, cases.InboundMessage{AuthorName: "Anna Behn", AuthorAddress: "anna@brandung.example", Body: body, At: k.clock.Now()})
}

// lastSaid is the latest message of a case.
func (k *desk) lastSaid(id cases.ID) cases.MessageID {
	k.t.Helper()
	list, err := k.cases.Messages(k.t.Context(), k.db, id)
	k.must(err)
	return list[len(list)-1].ID
}

func (k *desk) join(from, into cases.ID) {
	k.t.Helper()
	_, err := k.cases.Join(k.t.Context(), cases.JoinInput{On: k.on(k.reload(from)), Into: into, WithDisputes: true})
	k.must(err)
}

func (k *desk) unjoin(id cases.ID) {
	k.t.Helper()
	_, err := k.cases.Unjoin(k.t.Context(), cases.On{By: k.agent, ID: id})
	k.must(err)
}

func (k *desk) split(id cases.ID, messages ...cases.MessageID) cases.Case {
	k.t.Helper()
	own, err := k.cases.Split(k.t.Context(), cases.SplitInput{On: k.on(k.reload(id)), Messages: messages, Type: cases.Inquiry})
	k.must(err)
	return own
}

// asBefore compares where a case stands with where it stood.
func (k *desk) asBefore(was cases.Case) {
	k.t.Helper()
	is := k.reload(was.ID)
	same := func(name string, a, b *time.Time) {
		k.t.Helper()
		if (a == nil) != (b == nil) || a != nil && !a.Equal(*b) {
			k.t.Errorf("%s of %s is %v, was %v", name, was.Number, a, b)
		}
	}
	if is.Status != was.Status || is.WaitingOn != was.WaitingOn || is.Snippet != was.Snippet || is.MergedInto != nil || is.NextClock != was.NextClock ||
		is.ClockPaused != was.ClockPaused || is.Type != was.Type || is.Priority != was.Priority || !is.Disputed.Equal(was.Disputed) {
		k.t.Errorf("is %+v\nwas %+v", is, was)
	}
	same("resolved", is.ResolvedAt, was.ResolvedAt)
	same("closed", is.ClosedAt, was.ClosedAt)
	same("unanswered", is.UnansweredSince, was.UnansweredSince)
	same("replied", is.LastReplyAt, was.LastReplyAt)
	same("asked", is.LastCustomerAt, was.LastCustomerAt)
	same("due", is.NextDueAt, was.NextDueAt)
}

// A case that was joined to one that was joined onward comes out in the reverse order, each to where it stood.
func TestUnjoinInOrder(t *testing.T) {
	t.Parallel()
	k := setup(t)
	first, line := k.disputed("50")
	k.clock.Add(time.Minute)
	second, third := k.asked(), k.asked()
	k.clock.Add(time.Hour)
	third = k.set(k.reply(third).Case, cases.StatusWaiting, cases.OnCustomer)
	first, second = k.reload(first.ID), k.reload(second.ID)
	k.join(first.ID, second.ID)
	joined := k.reload(second.ID)
	k.join(second.ID, third.ID)
	k.sound()

	_, err := k.cases.Unjoin(t.Context(), cases.On{By: k.agent, ID: first.ID})
	if errs.KeyOf(err) != "case.unjoin_in_order" || errs.KindOf(err) != errs.Conflict {
		t.Fatalf("torn out of the middle: %v", err)
	}
	k.conversation(third.ID, 4)
	k.unjoin(second.ID)
	k.asBefore(joined)
	k.asBefore(third)
	k.unjoin(first.ID)
	k.asBefore(first)
	k.asBefore(second)
	lines, err := k.cases.Disputes(t.Context(), k.db, first.ID)
	k.must(err)
	if len(lines) != 1 || lines[0].ID != line.ID {
		t.Errorf("%+v", lines)
	}
	k.conversation(first.ID, 1)
	k.conversation(second.ID, 1)
	k.conversation(third.ID, 2)
	k.sound()

	t.Run("it takes the right to the other case", func(t *testing.T) {
		elsewhere := k.mail()
		elsewhere.EntityID = &k.other
		into := k.open(elsewhere)
		k.join(second.ID, into.ID)
		of := k.second
		of.EntityIDs = []int64{int64(k.entity)}
		_, err := k.cases.Unjoin(t.Context(), cases.On{By: of, ID: second.ID})
		k.refused(err, cases.ErrNoCase)
		k.unjoin(second.ID)
	})
	t.Run("what was split off since is brought back first", func(t *testing.T) {
		k.said(first.ID, "And line 2.")
		was := k.reload(first.ID)
		k.join(first.ID, second.ID)
		own := k.split(second.ID, k.lastSaid(second.ID))
		_, err := k.cases.Unjoin(t.Context(), cases.On{By: k.agent, ID: first.ID})
		if errs.KeyOf(err) != "case.unjoin_in_order" {
			t.Fatalf("torn out of a third case: %v", err)
		}
		k.join(own.ID, second.ID)
		k.unjoin(first.ID)
		k.asBefore(was)
		k.sound()
	})
	t.Run("a joined case is not moved", func(t *testing.T) {
		k.join(first.ID, second.ID)
		_, err := k.cases.SetStatus(t.Context(), cases.StatusInput{On: k.on(k.reload(first.ID)), To: cases.StatusOpen})
		k.refused(err, cases.ErrBadMove)
	})
}

// Messages that go away take with them what they did to where the case stood.
func TestSplitBringsTheStatusBack(t *testing.T) {
	t.Parallel()
	for name, rest := range map[string]func(k *desk, c cases.Case) cases.Case{
		"resolved": func(k *desk, c cases.Case) cases.Case { return k.set(c, cases.StatusResolved, "") },
		"waiting for the customer": func(k *desk, c cases.Case) cases.Case {
			return k.set(k.reply(c).Case, cases.StatusWaiting, cases.OnCustomer)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := setup(t)
			was := k.reload(rest(k, k.asked()).ID)
			k.clock.Add(time.Hour)
			if c := k.said(was.ID, "Another matter."); c.Status != cases.StatusOpen {
				t.Fatalf("%+v", c)
			}
			aside := k.lastSaid(was.ID)
			k.clock.Add(time.Minute)
			k.split(was.ID, aside)
			k.asBefore(was)
			k.sound()

			t.Run("and what came later stays", func(t *testing.T) {
				k.said(was.ID, "Yet another matter.")
				aside := k.lastSaid(was.ID)
				k.clock.Add(time.Minute)
				since := k.clock.Now()
				k.said(was.ID, "About the old one.")
				k.clock.Add(time.Minute)
				k.split(was.ID, aside)
				c := k.reload(was.ID)
				if c.Status != cases.StatusOpen || c.ResolvedAt != nil || c.UnansweredSince == nil || !c.UnansweredSince.Equal(since) {
					t.Errorf("%+v", c)
				}
				k.stopped(was.ID, false)
				k.sound()
			})
			t.Run("and a move made since", func(t *testing.T) {
				c := k.set(k.reply(k.reload(was.ID)).Case, cases.StatusResolved, "")
				k.clock.Add(time.Minute)
				k.said(c.ID, "A third matter.")
				k.set(k.reload(c.ID), cases.StatusWaiting, cases.OnUpstream)
				k.split(c.ID, k.lastSaid(c.ID))
				if c = k.reload(c.ID); c.Status != cases.StatusWaiting || c.WaitingOn != cases.OnUpstream || c.ResolvedAt != nil {
					t.Errorf("%+v", c)
				}
				k.stopped(c.ID, false)
				k.sound()
			})
		})
	}
}

// A case does not go back to rest over what came to be undecided in it since.
func TestSplitLeavesOpenWhatIsUndecided(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c, line := k.disputed("50")
	_, err := k.cases.DecideDispute(t.Context(), cases.DecideDisputeInput{On: k.on(c), DisputeID: line.ID, Explanation: "As agreed."})
	k.must(err)
	k.set(k.reload(c.ID), cases.StatusResolved, "")
	k.clock.Add(time.Hour)
	k.said(c.ID, "And the other invoice.")
	aside, invoice := k.lastSaid(c.ID), k.invoice()
	_, err = k.cases.AddDispute(t.Context(), cases.AddDisputeInput{On: k.on(k.reload(c.ID)), NewDispute: cases.NewDispute{
		InvoiceID: invoice.ID, InvoiceLineID: &invoice.Lines[0].ID, Contested: d("10"), ReasonCode: "wrong_price",
	}})
	k.must(err)
	k.split(c.ID, aside)
	if c = k.reload(c.ID); c.Status != cases.StatusOpen || c.ResolvedAt != nil {
		t.Errorf("%+v", c)
	}
	k.stopped(c.ID, false)
	k.sound()
}

// A resolved case that a join opened again is resolved as before, since when it was.
func TestUnjoinFromResolved(t *testing.T) {
	t.Parallel()
	k := setup(t)
	rests := k.set(k.asked(), cases.StatusResolved, "")
	k.clock.Add(time.Hour)
	asked := k.asked()
	k.join(asked.ID, rests.ID)
	if c := k.reload(rests.ID); c.Status != cases.StatusOpen || c.ResolvedAt != nil {
		t.Fatalf("%+v", c)
	}
	k.clock.Add(time.Hour)
	k.unjoin(asked.ID)
	k.asBefore(rests)
	k.asBefore(asked)
	if c := k.theClock(rests.ID, clock.Resolution); c.Outcome != clock.Met {
		t.Errorf("resolution is %s", c.Outcome)
	}
	k.sound()
}

// Joins of before it was written down what the other case was are undone too.
func TestUnjoinOfOldJoin(t *testing.T) {
	t.Parallel()
	k := setup(t)
	into := k.set(k.asked(), cases.StatusWaiting, cases.OnUpstream)
	asked := k.asked()
	k.join(asked.ID, into.ID)
	dbtest.AsOwner(t, k.db, `update audit_log set data = data - 'target' - 'became' - 'disputes' - 'unanswered_since' where what = 'case.merged'`)
	k.unjoin(asked.ID)
	k.asBefore(into)
	k.asBefore(asked)
	k.sound()
}

// A reply that was written before its case was joined to another is not taken back from there.
func TestUndoReplyAcrossAJoin(t *testing.T) {
	t.Parallel()
	k := setup(t)
	asked, into := k.asked(), k.asked()
	sent := k.reply(asked)
	k.join(asked.ID, into.ID)
	_, err := k.cases.UndoReply(t.Context(), cases.UndoReplyInput{By: k.agent, ID: into.ID, MessageID: sent.MessageID})
	k.refused(err, cases.ErrUndoTooLate)
}
