package cases_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"makegood/cases"
	"makegood/cases/clock"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
	"makegood/internal/jobs/jobstest"
	"makegood/internal/raced"
)

// bulk does the same to many cases, to the end.
func (k *desk) bulk(in cases.BulkInput) cases.BulkRun {
	k.t.Helper()
	run, err := k.cases.StartBulk(k.t.Context(), in)
	k.must(err)
	k.work()
	run, err = k.cases.Bulk(k.t.Context(), run.ID, in.By)
	k.must(err)
	if run.FinishedAt == nil || run.Done+run.Refused != run.Total {
		k.t.Fatalf("not at its end: %+v", run)
	}
	return run
}

// asked is a plain question.
func (k *desk) asked() cases.Case {
	k.t.Helper()
	in := k.mail()
	in.Type = cases.Inquiry
	return k.open(in)
}

func (k *desk) work() {
	k.t.Helper()
	jobstest.Drain(k.t, k.db, k.jobs, k.clock, k.clock.Now())
}

func (k *desk) undone(run cases.BulkRun, by access.Actor) cases.BulkRun {
	k.t.Helper()
	_, err := k.cases.UndoBulk(k.t.Context(), run.ID, by)
	k.must(err)
	k.work()
	run, err = k.cases.Bulk(k.t.Context(), run.ID, by)
	k.must(err)
	return run
}

func TestBulkDoesEachActionAndItsUndoing(t *testing.T) {
	t.Parallel()
	k := setup(t)
	first, second := k.asked(), k.asked()
	numbers := []string{first.Number, second.Number}
	for name, c := range map[string]struct {
		action cases.BulkAction
		value  string
		is     func(cases.Case, []string) bool
	}{
		"assign":     {cases.BulkAssign, strconv.FormatInt(k.second.UserID, 10), func(c cases.Case, _ []string) bool { return c.AssigneeID != nil && *c.AssigneeID == k.second.UserID }},
		"wait":       {cases.BulkStatus, "waiting:upstream", func(c cases.Case, _ []string) bool { return c.WaitingOn == cases.OnUpstream }},
		"resolve":    {cases.BulkStatus, "resolved", func(c cases.Case, _ []string) bool { return c.Status == cases.StatusResolved }},
		"tag":        {cases.BulkTag, "audit", func(_ cases.Case, tags []string) bool { return len(tags) == 1 }},
		"root cause": {cases.BulkRootCause, strconv.FormatInt(k.root, 10), func(c cases.Case, _ []string) bool { return c.RootCauseID != nil }},
	} {
		run := k.bulk(cases.BulkInput{By: k.supervisor, Numbers: numbers, Action: c.action, Value: c.value})
		if run.Done != 2 || run.Refused != 0 {
			t.Errorf("%s: %+v", name, run)
		}
		for _, id := range []cases.ID{first.ID, second.ID} {
			tags, err := k.cases.Tags(t.Context(), k.db, id)
			k.must(err)
			if now := k.reload(id); !c.is(now, tags) {
				t.Errorf("%s: %+v %q", name, now, tags)
			}
		}
		back := k.undone(run, k.supervisor)
		if back.Restored != 2 {
			t.Errorf("%s undone: %+v", name, back)
		}
		for _, id := range []cases.ID{first.ID, second.ID} {
			tags, err := k.cases.Tags(t.Context(), k.db, id)
			k.must(err)
			if now := k.reload(id); c.is(now, tags) || !now.Status.Active() {
				t.Errorf("%s undone: %+v %q", name, now, tags)
			}
		}
		if _, err := k.cases.UndoBulk(t.Context(), run.ID, k.supervisor); errs.KindOf(err) != errs.Conflict {
			t.Errorf("%s undone twice: %v", name, err)
		}
	}
	k.sound()
}

func TestBulkAsksForEachCase(t *testing.T) {
	t.Parallel()
	k := setup(t)
	free, disputed := k.asked(), func() cases.Case { c, _ := k.disputed("50"); return c }()
	run := k.bulk(cases.BulkInput{By: k.agent, Filter: cases.Filter{View: cases.ViewAllOpen}, Action: cases.BulkStatus, Value: "resolved"})
	if run.Total != 2 || run.Done != 1 || run.Refused != 1 {
		t.Fatalf("%+v", run)
	}
	list, err := k.cases.BulkResults(t.Context(), k.agent, cases.BulkPage{Run: run.ID, States: []string{"refused"}, Limit: 10})
	k.must(err)
	if len(list) != 1 || list[0].Number != disputed.Number || list[0].Reason != "case.undecided_dispute" || list[0].Params["number"] != disputed.Number {
		t.Errorf("%+v", list)
	}

	if _, err := k.cases.BulkResults(t.Context(), k.second, cases.BulkPage{Run: run.ID, States: []string{"refused"}, Limit: 10}); errs.KindOf(err) != errs.NotFound {
		t.Errorf("another reads the results: %v", err)
	}

	t.Run("what one took goes back, and one gives one's own back", func(t *testing.T) {
		own := strconv.FormatInt(k.agent.UserID, 10)
		taken := k.bulk(cases.BulkInput{By: k.agent, Numbers: []string{disputed.Number}, Action: cases.BulkAssign, Value: own})
		if back := k.undone(taken, k.agent); back.Restored != 1 || k.reload(disputed.ID).AssigneeID != nil {
			t.Errorf("%+v", back)
		}
		k.bulk(cases.BulkInput{By: k.agent, Numbers: []string{disputed.Number}, Action: cases.BulkAssign, Value: own})
		if given := k.bulk(cases.BulkInput{By: k.agent, Numbers: []string{disputed.Number}, Action: cases.BulkAssign}); given.Done != 1 || k.reload(disputed.ID).AssigneeID != nil {
			t.Errorf("%+v", given)
		}
	})
	t.Run("who had the case anyway keeps it untouched", func(t *testing.T) {
		own := strconv.FormatInt(k.agent.UserID, 10)
		k.bulk(cases.BulkInput{By: k.agent, Numbers: []string{disputed.Number}, Action: cases.BulkAssign, Value: own})
		again := k.bulk(cases.BulkInput{By: k.agent, Numbers: []string{disputed.Number}, Action: cases.BulkAssign, Value: own})
		was, told := k.reload(disputed.ID), k.events(disputed.ID, "case.assigned")
		if back := k.undone(again, k.agent); back.Restored != 1 {
			t.Errorf("%+v", back)
		}
		if is := k.reload(disputed.ID); is.Version != was.Version || is.AssigneeID == nil || k.events(disputed.ID, "case.assigned") != told {
			t.Errorf("%+v, was %+v", is, was)
		}
		k.bulk(cases.BulkInput{By: k.agent, Numbers: []string{disputed.Number}, Action: cases.BulkAssign})
	})
	t.Run("what was resolved is resolved again", func(t *testing.T) {
		opened := k.bulk(cases.BulkInput{By: k.agent, Numbers: []string{free.Number}, Action: cases.BulkStatus, Value: "open"})
		if now := k.reload(free.ID); opened.Done != 1 || now.Status != cases.StatusOpen {
			t.Fatalf("%+v %+v", opened, now)
		}
		if back := k.undone(opened, k.agent); back.Restored != 1 || k.reload(free.ID).Status != cases.StatusResolved {
			t.Errorf("%+v", back)
		}
	})
	t.Run("a tag taken off comes back", func(t *testing.T) {
		k.bulk(cases.BulkInput{By: k.agent, Numbers: []string{disputed.Number}, Action: cases.BulkTag, Value: "loose"})
		off := k.bulk(cases.BulkInput{By: k.agent, Numbers: []string{disputed.Number, free.Number}, Action: cases.BulkUntag, Value: "loose"})
		tagged := func() int { return value2(k, `select count(*) from case_tags where tag = 'loose'`) }
		if off.Done != 2 || tagged() != 0 {
			t.Errorf("%+v, %d", off, tagged())
		}
		if k.undone(off, k.agent); tagged() != 1 { // only where it was
			t.Errorf("%d", tagged())
		}
	})
	t.Run("who may not give cases to others may not give many", func(t *testing.T) {
		run := k.bulk(cases.BulkInput{By: k.agent, Numbers: []string{disputed.Number}, Action: cases.BulkAssign, Value: strconv.FormatInt(k.second.UserID, 10)})
		if run.Refused != 1 || k.reload(disputed.ID).AssigneeID != nil {
			t.Errorf("%+v", run)
		}
	})
	t.Run("a token does no more as a job than it may itself", func(t *testing.T) {
		narrow, own := k.supervisor, strconv.FormatInt(k.supervisor.UserID, 10)
		narrow.Scopes = []string{string(access.ReadCases), string(access.WorkCases)}
		in := cases.BulkInput{By: narrow, Numbers: []string{disputed.Number}, Action: cases.BulkAssign, Value: strconv.FormatInt(k.second.UserID, 10)}
		run := k.bulk(in)
		if run.Refused != 1 || k.reload(disputed.ID).AssigneeID != nil {
			t.Errorf("%+v", run)
		}
		in.By.Scopes = append(in.By.Scopes, string(access.AssignOthers))
		if run := k.bulk(in); run.Done != 1 {
			t.Errorf("with the scope: %+v", run)
		} else if back := k.undone(run, narrow); back.Restored != 1 { // what it took away it may give back
			t.Errorf("%+v", back)
		}
		in.By, in.Value = narrow, own
		if run := k.bulk(in); run.Done != 1 {
			t.Errorf("one's own: %+v", run)
		}
		k.bulk(cases.BulkInput{By: k.supervisor, Numbers: in.Numbers, Action: cases.BulkAssign})
		in.By.Scopes = []string{string(access.ReadCases)}
		if _, err := k.cases.StartBulk(t.Context(), in); errs.KindOf(err) != errs.Forbidden {
			t.Errorf("a token that only reads: %v", err)
		}
	})
	t.Run("an assistant decides no more as a job than it may itself", func(t *testing.T) {
		assistant := k.supervisor
		assistant.Assistant = true
		in := cases.BulkInput{By: assistant, Numbers: []string{disputed.Number}, Action: cases.BulkAssign, Value: strconv.FormatInt(k.second.UserID, 10)}
		if run := k.bulk(in); run.Refused != 1 || k.reload(disputed.ID).AssigneeID != nil {
			t.Errorf("%+v", run)
		}
		in.By = k.supervisor
		run := k.bulk(in)
		if run.Done != 1 {
			t.Fatalf("its owner: %+v", run)
		}
		back, err := k.cases.UndoBulk(t.Context(), run.ID, assistant)
		k.must(err)
		if !back.Assistant || value2(k, `select count(*) from bulk_runs where id = $1 and assistant`, run.ID) != 1 {
			t.Errorf("what it takes back is its owner's work: %+v", back)
		}
		k.work()
	})
	t.Run("a case of a legal entity that one does not see is not in it", func(t *testing.T) {
		elsewhere := k.agent
		elsewhere.EntityIDs = []int64{int64(k.other)}
		_, err := k.cases.StartBulk(t.Context(), cases.BulkInput{By: elsewhere, Numbers: []string{disputed.Number}, Action: cases.BulkTag, Value: "x"})
		if errs.KeyOf(err) != "bulk.no_cases" {
			t.Error(err)
		}
	})
	t.Run("a right that is lost meanwhile is lost for the rest", func(t *testing.T) {
		run, err := k.cases.StartBulk(t.Context(), cases.BulkInput{By: k.second, Numbers: []string{disputed.Number}, Action: cases.BulkTag, Value: "x"})
		k.must(err)
		dbtest.AsOwner(t, k.db, `update users set active = false where name = 'Tom Adler'`)
		k.work()
		run, err = k.cases.Bulk(t.Context(), run.ID, k.second)
		k.must(err)
		if run.Refused != 1 || run.Done != 0 {
			t.Errorf("%+v", run)
		}
	})
	t.Run("what somebody changed since is kept", func(t *testing.T) {
		run := k.bulk(cases.BulkInput{By: k.lead, Numbers: []string{disputed.Number, free.Number}, Action: cases.BulkTag, Value: "later"})
		_, err := k.cases.Claim(t.Context(), cases.On{By: k.agent, ID: disputed.ID})
		k.must(err)
		if back := k.undone(run, k.lead); back.Restored != 1 {
			t.Errorf("%+v", back)
		}
		list, err := k.cases.BulkResults(t.Context(), k.lead, cases.BulkPage{Run: run.ID, States: []string{"kept", "undone"}, Limit: 10})
		k.must(err)
		for _, r := range list {
			if (r.State == "kept") != (r.CaseID == disputed.ID) {
				t.Errorf("%+v", r)
			}
		}
	})
	t.Run("another's run is not there, and after ten minutes it stands", func(t *testing.T) {
		run := k.bulk(cases.BulkInput{By: k.lead, Numbers: []string{disputed.Number}, Action: cases.BulkTag, Value: "stands"})
		if _, err := k.cases.UndoBulk(t.Context(), run.ID, k.agent); errs.KindOf(err) != errs.NotFound {
			t.Error(err)
		}
		k.clock.Add(cases.BulkUndo + time.Second)
		if _, err := k.cases.UndoBulk(t.Context(), run.ID, k.lead); errs.KindOf(err) != errs.Conflict {
			t.Error(err)
		}
	})
	for value, action := range map[string]cases.BulkAction{"x": cases.BulkAssign, "closed": cases.BulkStatus, "waiting": cases.BulkStatus, "A": cases.BulkTag, "": cases.BulkRootCause, "y": "burn"} {
		if _, err := k.cases.StartBulk(t.Context(), cases.BulkInput{By: k.lead, Numbers: []string{disputed.Number}, Action: action, Value: value}); errs.KindOf(err) != errs.Invalid {
			t.Errorf("%s %q: %v", action, value, err)
		}
	}
}

// Resolving many takes their customers' questions for answered; taken back, they wait again, since when they did, also after a message
// went to a case of its own.
func TestBulkUndoneWaitsForAnAnswerAgain(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c := k.asked()
	k.clock.Add(time.Hour)
	k.said(c.ID, "And another matter.")
	aside := k.lastSaid(c.ID)
	was := k.set(k.reload(c.ID), cases.StatusWaiting, cases.OnUpstream)
	run := k.bulk(cases.BulkInput{By: k.agent, Numbers: []string{c.Number}, Action: cases.BulkStatus, Value: "resolved"})
	if now := k.reload(c.ID); run.Done != 1 || now.UnansweredSince != nil || now.Status != cases.StatusResolved {
		t.Fatalf("%+v %+v", run, now)
	}
	k.undone(run, k.agent)
	k.asBefore(was)
	k.split(c.ID, aside)
	if now := k.reload(c.ID); now.UnansweredSince == nil || !now.UnansweredSince.Equal(*was.UnansweredSince) {
		t.Errorf("%+v", now)
	}
	k.sound()
}

// To the clocks, what was resolved by mistake never was, whatever the policy says of cases that are opened again: they go on where they were,
// with the time in between.
func TestBulkUndoneGoesOnWithItsDeadlines(t *testing.T) {
	t.Parallel()
	k := setup(t)
	dbtest.AsOwner(t, k.db, `update sla_policies set definition = definition - 'reopen_within'`)
	fresh, worked, waits := k.asked(), k.reply(k.asked()).Case, k.set(k.asked(), cases.StatusWaiting, cases.OnCustomer)
	all := []cases.Case{fresh, worked, waits}
	var numbers []string
	before := map[cases.ID][]cases.ClockView{}
	for _, c := range all {
		numbers, before[c.ID] = append(numbers, c.Number), k.stored(c.ID)
	}
	k.clock.Add(time.Hour)
	run := k.bulk(cases.BulkInput{By: k.agent, Numbers: numbers, Action: cases.BulkStatus, Value: "resolved"})
	if run.Done != 3 || k.theClock(fresh.ID, clock.Resolution).Outcome != clock.Met {
		t.Fatalf("%+v", run)
	}
	k.clock.Add(9 * time.Minute)
	k.undone(run, k.agent)
	for n, status := range []cases.Status{cases.StatusOpen, cases.StatusOpen, cases.StatusWaiting} {
		c := all[n]
		if now := k.reload(c.ID); now.Status != status {
			t.Errorf("what was %s is %s", c.Status, now.Status)
		}
		after := k.stored(c.ID)
		if len(after) != len(before[c.ID]) {
			t.Fatalf("what was %s has %d clocks, had %d", c.Status, len(after), len(before[c.ID]))
		}
		for n, was := range before[c.ID] {
			is := after[n].Clock
			is.Version = was.Version
			if text, want := fmt.Sprintf("%+v", clockText(is)), fmt.Sprintf("%+v", clockText(was.Clock)); text != want {
				t.Errorf("what was %s:\n is %s\nwas %s", c.Status, text, want)
			}
		}
	}
	k.drain("2026-05-12 13:31")
	if first := k.theClock(fresh.ID, clock.FirstResponse); k.events(fresh.ID, "clock.breached") != 1 || first.BreachedAt == nil {
		t.Errorf("nobody waits for its deadline any more: %+v", first)
	}
	again := k.set(k.reload(worked.ID), cases.StatusResolved, "")
	k.clock.Add(time.Minute)
	if again = k.set(again, cases.StatusOpen, ""); k.theClock(worked.ID, clock.Resolution).Instance != 2 {
		t.Errorf("opened again by hand, it goes on: %+v", again)
	}
	k.sound()
}

// clockText is a clock with its moments instead of pointers to them.
func clockText(c cases.Clock) []any {
	at := func(t *time.Time) string {
		if t == nil {
			return "-"
		}
		return t.UTC().Format(time.RFC3339Nano)
	}
	moments := []any{at(c.DueAt), at(c.PausedSince), at(c.EndedAt), at(c.BreachedAt), c.StartedAt.UTC().Format(time.RFC3339Nano)}
	c.DueAt, c.PausedSince, c.EndedAt, c.BreachedAt, c.StartedAt = nil, nil, nil, nil, time.Time{}
	return append(moments, c)
}

// Five thousand cases: previewed, done, each with its result, and undone.
func TestBulkOfThousands(t *testing.T) {
	t.Parallel()
	k := setup(t)
	n := raced.Runs(5000)
	k.do(func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `insert into cases (type, subject, status, priority, customer_id, entity_id, opened_at)
			select 'inquiry', 'Many ' || i, case when i % 10 = 0 then 'closed' else 'new' end, 'P3', $2, $3, $4 from generate_series(1, $1::int) i`,
			n, k.customer, k.entity, k.clock.Now())
		return err
	})
	in := cases.BulkInput{By: k.supervisor, Filter: cases.Filter{Query: "subject:many"}, Action: cases.BulkAssign, Value: strconv.FormatInt(k.agent.UserID, 10)}
	preview, err := k.cases.PreviewBulk(t.Context(), in)
	k.must(err)
	if preview.Total != n || len(preview.First) != 10 {
		t.Fatalf("%d, %d", preview.Total, len(preview.First))
	}
	run := k.bulk(in)
	if run.Done != n-n/10 || run.Refused != n/10 {
		t.Errorf("%+v", run)
	}
	given := `select count(*) from cases where assignee_id = $1`
	if got := value2(k, given, k.agent.UserID); got != run.Done {
		t.Errorf("%d given, %d done", got, run.Done)
	}
	if back := k.undone(run, k.supervisor); back.Restored != run.Done || value2(k, given, k.agent.UserID) != 0 {
		t.Errorf("%+v", back)
	}
}

func value2(k *desk, query string, args ...any) int {
	k.t.Helper()
	n, err := db.Value[int](k.t.Context(), k.db, query, args...)
	k.must(err)
	return n
}
