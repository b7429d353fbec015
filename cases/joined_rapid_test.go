package cases_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/clock"
	"makegood/internal/errs"
	"makegood/internal/jobs/jobstest"
)

// Whatever is joined, split, taken apart, done to many and taken back, in whatever order, with mails and answers between: the chains, the
// books, the clocks and where the cases stand agree.
func TestAnythingJoinedAndSplitIsSound(t *testing.T) {
	t.Parallel()
	k := setup(t)
	rapid.Check(t, func(r *rapid.T) {
		round := &round{desk: k, r: r, ids: []cases.ID{k.asked().ID, k.asked().ID}}
		disputed, line := k.disputed("10")
		round.ids, round.bill = append(round.ids, disputed.ID), line.InvoiceID
		for range rapid.IntRange(3, 8).Draw(r, "steps") {
			k.clock.Add(time.Duration(rapid.IntRange(0, 300).Draw(r, "minutes")) * time.Minute)
			jobstest.DrainNow(t, k.db, k.jobs, k.clock)
			round.step()
		}
		for _, id := range round.ids {
			round.agrees(k.reload(id))
		}
	})
	k.sound()
	proof, err := k.billing.Examine(t.Context(), true) // audit chains too
	k.must(err)
	for _, point := range proof.Points {
		if point.Faults > 0 {
			t.Errorf("%s: %s", point.Name, point.First)
		}
	}
	mails, err := k.inbox.Verify(t.Context())
	k.must(err)
	for _, f := range mails {
		if f.Check == "mail_has_its_job" {
			continue // nobody here sends mail
		}
		t.Errorf("%s %s: %s", f.Check, f.Row, f.Detail)
	}
}

// round is a handful of cases of one customer that things are done to.
type round struct {
	*desk

	r    *rapid.T
	ids  []cases.ID
	bill billing.InvoiceID
}

func (o *round) anyOf(name string) cases.Case {
	return o.reload(rapid.SampledFrom(o.ids).Draw(o.r, name))
}

// step does one thing, as it comes; what the rules refuse is no fault.
func (o *round) step() {
	c := o.anyOf("case")
	var err error
	switch what := rapid.SampledFrom([]string{"work", "work", "join", "unjoin", "there and back", "split", "many", "money", "decide"}).Draw(o.r, "what"); what {
	case "work":
		o.anyStep(o.r, c)
	case "join":
		_, err = o.cases.Join(o.t.Context(), cases.JoinInput{On: o.on(c), Into: o.anyOf("into").ID, WithDisputes: true})
	case "unjoin":
		_, err = o.cases.Unjoin(o.t.Context(), o.on(c))
	case "there and back":
		err = o.thereAndBack(c, o.anyOf("into"))
	case "split":
		err = o.splitAny(c)
	case "many":
		o.many()
	case "money":
		o.moves()
	case "decide":
		err = o.decideAny(c)
	}
	o.addsUp()
	if kind := errs.KindOf(err); err != nil && kind != errs.Conflict && kind != errs.Invalid {
		o.r.Fatalf("%v", err)
	}
}

// thereAndBack joins a case and takes it out again: both are as they were.
func (o *round) thereAndBack(c, into cases.Case) error {
	if _, err := o.cases.Join(o.t.Context(), cases.JoinInput{On: o.on(c), Into: into.ID, WithDisputes: true}); err != nil {
		return err
	}
	if _, err := o.cases.Unjoin(o.t.Context(), cases.On{By: o.agent, ID: c.ID}); err != nil {
		return err // a credit of the other case holds the dispute lines there
	}
	o.asBefore(c)
	o.asBefore(into)
	return nil
}

func (o *round) splitAny(c cases.Case) error {
	list, err := o.cases.Messages(o.t.Context(), o.db, c.ID)
	o.must(err)
	if len(list) == 0 {
		return nil
	}
	own, err := o.cases.Split(o.t.Context(), cases.SplitInput{
		On: o.on(c), Messages: []cases.MessageID{rapid.SampledFrom(list).Draw(o.r, "message").ID}, Type: cases.Inquiry,
	})
	if err == nil {
		o.ids = append(o.ids, own.ID)
	}
	return err
}

// many does the same to all of the round's cases, and mostly takes it back.
func (o *round) many() {
	in := cases.BulkInput{By: o.supervisor}
	for _, id := range o.ids {
		in.Numbers = append(in.Numbers, o.reload(id).Number)
	}
	what := rapid.SampledFrom([]string{"status resolved", "status open", "status waiting:customer", "status waiting:upstream", "tag late", fmt.Sprint("assign ", o.second.UserID)}).Draw(o.r, "many")
	_, err := fmt.Sscan(what, &in.Action, &in.Value)
	o.must(err)
	run := o.bulk(in)
	if rapid.IntRange(0, 3).Draw(o.r, "stands") == 0 || run.Done == 0 {
		return
	}
	o.undone(run, o.supervisor)
}

// agrees holds where a case stands against its clocks and its conversation.
func (o *round) agrees(c cases.Case) {
	open := func(kind clock.Kind) bool {
		return slices.ContainsFunc(o.stored(c.ID), func(v cases.ClockView) bool { return v.Kind == kind && v.Outcome.Open() })
	}
	messages, err := o.cases.Messages(o.t.Context(), o.db, c.ID)
	o.must(err)
	heard := slices.ContainsFunc(messages, func(m cases.Message) bool { return m.Kind == cases.Inbound && !m.Machine })
	running := open(clock.Resolution)
	switch {
	case c.Status.Active() != running:
		o.r.Errorf("%s is %s and its resolution runs: %v", c.Number, c.Status, running)
	case (c.Status == cases.StatusResolved) != (c.ResolvedAt != nil) && c.Status != cases.StatusClosed:
		o.r.Errorf("%s is %s since %v", c.Number, c.Status, c.ResolvedAt)
	case (c.Status == cases.StatusClosed) != (c.ClosedAt != nil):
		o.r.Errorf("%s is %s, closed %v", c.Number, c.Status, c.ClosedAt)
	case (c.Status == cases.StatusWaiting) != (c.WaitingOn != cases.OnNobody):
		o.r.Errorf("%s is %s on %q", c.Number, c.Status, c.WaitingOn)
	case c.UnansweredSince != nil && !heard:
		o.r.Errorf("%s waits for an answer to nothing", c.Number)
	}
	if c.Status == cases.StatusResolved || c.Status == cases.StatusClosed {
		lines, err := o.cases.Disputes(o.t.Context(), o.db, c.ID)
		o.must(err)
		if slices.ContainsFunc(lines, func(d cases.DisputeLine) bool { return !d.Status.Decided() }) {
			o.r.Errorf("%s rests with a line undecided", c.Number)
		}
	}
}
