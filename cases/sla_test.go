package cases_test

import (
	"testing"
	"time"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/clock"
	"makegood/internal/access"
	"makegood/internal/db"
)

// draftOf is a policy in force as a draft that changes nothing.
func (k *desk) draftOf(name string) cases.PolicyDraftInput {
	k.t.Helper()
	list, err := k.cases.Policies(k.t.Context(), k.agent)
	k.must(err)
	for _, p := range list {
		if p.Name == name {
			return cases.PolicyDraftInput{By: k.supervisor, Name: name, BasedOn: p.Version, Position: p.Position, Match: p.Match, Definition: p.Definition, Calendar: p.Calendar}
		}
	}
	k.t.Fatalf("no policy %s", name)
	return cases.PolicyDraftInput{}
}

// tried keeps a draft and waits until it has been tried.
func (k *desk) tried(in cases.PolicyDraftInput, until string) cases.PolicyDraft {
	k.t.Helper()
	draft, err := k.cases.DraftPolicy(k.t.Context(), in)
	k.must(err)
	k.drain(until)
	draft, err = k.cases.PolicyDraft(k.t.Context(), k.supervisor, draft.ID)
	k.must(err)
	if draft.FinishedAt == nil || draft.Done != draft.Total {
		k.t.Fatalf("%d of %d tried", draft.Done, draft.Total)
	}
	return draft
}

func simulated(d cases.PolicyDraft, kind clock.Kind) cases.SimulatedClock {
	for _, c := range d.Result.Clocks {
		if c.Kind == kind {
			return c
		}
	}
	return cases.SimulatedClock{}
}

// quarter is a past with a case answered after two hours, one answered after six, one older than a quarter, one that got another priority,
// and one that was over before it was brought in.
func (k *desk) quarter() (soon, slow, raised cases.Case) {
	k.t.Helper()
	k.reply(k.open(k.mail()))
	k.clock.Set(berlin("2026-09-15 09:30"))
	soon, slow, raised = k.open(k.mail()), k.open(k.mail()), k.open(k.mail())
	k.do(func(tx *db.Tx) error {
		over := k.mail()
		over.Past = true
		_, err := k.cases.OpenTx(k.t.Context(), tx, over)
		return err
	})
	k.clock.Set(berlin("2026-09-15 11:30"))
	k.reply(soon)
	raised, err := k.cases.SetPriority(k.t.Context(), cases.PriorityInput{On: k.on(raised), Priority: clock.P1, Reason: "VIP"})
	k.must(err)
	k.clock.Set(berlin("2026-09-15 15:30"))
	k.reply(k.reload(slow.ID))
	k.clock.Set(berlin("2026-09-16 09:30"))
	return soon, slow, raised
}

func TestADraftThatChangesNothingChangesNoCase(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.policy("Urgent", cases.Match{Priorities: []cases.Priority{clock.P1}}, 5, nil)
	_, _, raised := k.quarter()
	draft := k.tried(k.draftOf("Standard"), "2026-09-16 09:35")
	r := draft.Result
	if draft.Total != 3 || r.Changed != 0 || r.Stuck != 0 || r.Matched != 3 || len(r.First) != 0 {
		t.Errorf("%+v", r)
	}
	for _, c := range r.Clocks {
		if c.Now != c.Then {
			t.Errorf("%s: now %+v, then %+v", c.Kind, c.Now, c.Then)
		}
	}
	// And what it says of now is what is stored, as the policies have not changed since.
	first := simulated(draft, clock.FirstResponse)
	if first.Now.InTime != 1 || first.Now.Late != 2 {
		t.Errorf("%+v", first)
	}
	if got := k.theClock(raised.ID, clock.FirstResponse); got.BreachedAt == nil || got.Revision == 1 {
		t.Errorf("%+v", got.Clock)
	}
}

func TestADraftIsTriedOnTheLastQuarter(t *testing.T) {
	t.Parallel()
	k := setup(t)
	soon, _, _ := k.quarter()
	in := k.draftOf("Standard")
	in.Definition.Targets[clock.FirstResponse][clock.P3] = clock.Within(time.Hour)
	delete(in.Definition.Targets, clock.Statutory)
	draft := k.tried(in, "2026-09-16 09:35")
	first, statutory := simulated(draft, clock.FirstResponse), simulated(draft, clock.Statutory)
	if first.Now.InTime != 1 || first.Now.Late != 2 || first.Then.InTime != 0 || first.Then.Late != 3 {
		t.Errorf("%+v", first)
	}
	if statutory.Now.Open != 3 || statutory.Then != (cases.Kept{}) {
		t.Errorf("%+v", statutory)
	}
	if draft.Result.Changed != 4 || draft.Result.First[0].Number != soon.Number || draft.Result.First[0].Then != clock.BreachedMetLate ||
		!draft.Result.First[0].Due.Equal(berlin("2026-09-15 10:30")) {
		t.Errorf("%+v", draft.Result)
	}
	if k.due(soon.ID, clock.Resolution, "2026-09-17 15:30"); value[int](t, k.db, `select count(*)::int from sla_policies`) != 1 {
		t.Error("a draft is a policy already")
	}
	// The ones before it, at another place, or for others, take its cases away.
	narrow := k.draftOf("Standard")
	narrow.Match.Tiers = []billing.Tier{billing.Platinum}
	if none := k.tried(narrow, "2026-09-16 09:40"); none.Result.Matched != 0 || simulated(none, clock.Resolution).Then != (cases.Kept{}) {
		t.Errorf("%+v", none.Result)
	}
	if got, err := k.cases.PolicyDraft(t.Context(), k.supervisor, draft.ID); err != nil || got.State != cases.DraftDropped {
		t.Errorf("the draft before is %s, %v", got.State, err)
	}
}

func TestADraftIsPutInForce(t *testing.T) {
	t.Parallel()
	k := setup(t)
	running, done := k.open(k.mail()), k.open(k.mail())
	k.clock.Set(berlin("2026-05-12 10:30"))
	k.reply(done)
	why, err := k.theClock(done.ID, clock.FirstResponse).Derived.Explain()
	k.must(err)
	in := k.draftOf("Standard")
	in.Definition.Targets[clock.FirstResponse][clock.P3] = clock.Within(6 * time.Hour)
	draft := k.tried(in, "2026-05-12 10:30")
	_, err = k.cases.PutInForce(t.Context(), k.agent, draft.ID, "x")
	k.refused(err, access.ErrForbidden)
	_, err = k.cases.PutInForce(t.Context(), k.supervisor, draft.ID, "")
	k.field(err, "comment", "clock_setting.needs_reason")
	change, err := k.cases.PutInForce(t.Context(), k.supervisor, draft.ID, "Four hours were too few")
	k.must(err)
	if change.Version != 2 || change.Name != "Standard" || change.What != cases.PolicySetting || change.Total != 2 {
		t.Errorf("%+v", change)
	}
	_, err = k.cases.PutInForce(t.Context(), k.supervisor, draft.ID, "Twice")
	k.refused(err, cases.ErrDraftEnded)
	k.drain("2026-05-12 10:31")
	k.due(running.ID, clock.FirstResponse, "2026-05-12 15:30")
	list, err := k.cases.Policies(t.Context(), k.agent)
	k.must(err)
	_, versions, err := k.cases.Policy(t.Context(), k.agent, list[0].ID)
	k.must(err)
	if len(list) != 1 || list[0].Version != 2 || len(versions) != 2 || len(list[0].Ladder.Rungs) == 0 {
		t.Errorf("%+v of %d", list, len(versions))
	}
	// The clock that ended under the old version is explained by it still.
	old := k.theClock(done.ID, clock.FirstResponse)
	again, err := old.Derived.Explain()
	k.must(err)
	if old.PolicyID == list[0].ID || old.Outcome != clock.Met || !old.DueAt.Equal(berlin("2026-05-12 13:30")) || len(again.Steps) != len(why.Steps) {
		t.Errorf("%+v", old.Clock)
	}
	stale := k.draftOf("Standard")
	stale.BasedOn = 1
	_, err = k.cases.DraftPolicy(t.Context(), stale)
	k.refused(err, cases.ErrStaleSetting)
	k.sound()
}

func TestWhatADraftIsRefusedFor(t *testing.T) {
	t.Parallel()
	k := setup(t)
	refuse := func(name, key string, change func(in *cases.PolicyDraftInput)) {
		t.Helper()
		in := k.draftOf("Standard")
		change(&in)
		_, err := k.cases.DraftPolicy(t.Context(), in)
		k.field(err, name, key)
	}
	refuse("name", "case.policy_needs_name", func(in *cases.PolicyDraftInput) { in.Name = " " })
	refuse("position", "sla.bad_position", func(in *cases.PolicyDraftInput) { in.Position = 0 })
	refuse("calendar", "calendar.none", func(in *cases.PolicyDraftInput) { in.Calendar = "Atlantis" })
	refuse("match.types", "case.unknown_type", func(in *cases.PolicyDraftInput) { in.Match.Types = []cases.Type{"quarrel"} })
	refuse("match.priorities", "case.unknown_priority", func(in *cases.PolicyDraftInput) { in.Match.Priorities = []cases.Priority{"P0"} })
	refuse("match.amount_from", "sla.bad_amount", func(in *cases.PolicyDraftInput) { in.Match.AmountFrom = new(d("-1")) })
	refuse("targets.statutory.P1", "clock.statutory_in_calendar_time", func(in *cases.PolicyDraftInput) {
		in.Definition.Targets[clock.Statutory][clock.P1] = clock.Within(time.Hour)
	})
	in := k.draftOf("Standard")
	in.By = k.agent
	_, err := k.cases.DraftPolicy(t.Context(), in)
	k.refused(err, access.ErrForbidden)
	_, err = k.cases.PolicyDraft(t.Context(), k.supervisor, 4711)
	k.refused(err, cases.ErrNoDraft)
	_, _, err = k.cases.Policy(t.Context(), k.agent, 4711)
	k.refused(err, cases.ErrNoPolicy)
}

// A simulation that was cut off goes on where it was, and counts no case twice.
func TestASimulationGoesOn(t *testing.T) {
	t.Parallel()
	k := setup(t)
	for range 3 {
		k.open(k.mail())
	}
	k.clock.Set(berlin("2026-05-12 10:30"))
	draft := k.tried(k.draftOf("Standard"), "2026-05-12 10:31")
	k.do(func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update sla_drafts set finished_at = null where id = $1`, draft.ID)
		return err
	})
	k.must(k.jobs.Work(t.Context(), "cases.simulate_draft", []byte(`{"id":1}`)))
	again, err := k.cases.PolicyDraft(t.Context(), k.supervisor, draft.ID)
	k.must(err)
	if again.Done != 3 || again.Result.Matched != 3 || again.FinishedAt == nil {
		t.Errorf("%+v", again)
	}
}
