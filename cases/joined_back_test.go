package cases_test

import (
	"slices"
	"testing"
	"time"

	"makegood/cases"
	"makegood/cases/assignment"
)

// A case that was put off is put off again when it is taken out of the other, and comes back at its moment.
func TestATakenOutCaseIsPutOffAgain(t *testing.T) {
	t.Parallel()
	k := setup(t)
	first, second, plain := k.asked(), k.asked(), k.asked()
	k.putOff(second, "2026-05-20 10:00")
	k.join(second.ID, first.ID)
	if now := k.reload(second.ID); now.FollowUpAt != nil || slices.Contains(k.shows(cases.ViewSnoozed), second.Number) {
		t.Errorf("put off while it is joined: %v", now.FollowUpAt)
	}
	if n := value[int](t, k.db, `select count(*) from audit_log where data::text like '%ask the bank%'`); n != 0 {
		t.Errorf("the note stands in %d events, where nobody can erase it", n)
	}
	k.unjoin(second.ID)
	back := k.reload(second.ID)
	if back.FollowUpAt == nil || !back.FollowUpAt.Equal(berlin("2026-05-20 10:00")) || back.FollowUpNote != "ask the bank" || back.FollowUpDue {
		t.Fatalf("put off until %v: %q", back.FollowUpAt, back.FollowUpNote)
	}
	if !slices.Contains(k.shows(cases.ViewSnoozed), second.Number) || slices.Contains(k.shows(cases.ViewAllOpen), second.Number) {
		t.Error("it is at work again")
	}
	k.join(plain.ID, first.ID)
	k.unjoin(plain.ID)
	if back := k.reload(plain.ID); back.FollowUpAt != nil || back.FollowUpNote != "" {
		t.Errorf("put off, though it never was: %v", back.FollowUpAt)
	}
	k.join(second.ID, first.ID)
	k.clock.Add(9 * 24 * time.Hour) // its moment comes while it is joined
	k.unjoin(second.ID)
	k.must(k.jobs.Work(t.Context(), cases.SweepClocks{}.Kind(), []byte(`{}`)))
	if now := k.reload(second.ID); !now.FollowUpDue || !slices.Contains(k.shows(cases.ViewFollowUps), second.Number) {
		t.Errorf("due %v", now.FollowUpDue)
	}
	k.sound()
}

// A case that waited for the rules of assignment waits again, one that nobody asked them about does not.
func TestATakenOutCaseIsDealt(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.rule(cases.AssignmentRule{Name: "All", UserIDs: []int64{k.second.UserID}, How: assignment.InTurn})
	first, second := k.asked(), k.asked()
	k.join(second.ID, first.ID)
	k.handOut()
	k.unjoin(second.ID)
	k.handOut()
	k.isWith(second, k.second)

	given, err := k.cases.Assign(t.Context(), cases.AssignInput{On: cases.On{By: k.lead, ID: second.ID, Version: k.reload(second.ID).Version}})
	k.must(err)
	k.join(given.ID, first.ID)
	k.unjoin(given.ID)
	k.handOut()
	if now := k.reload(given.ID); now.AssigneeID != nil {
		t.Error("dealt, though somebody gave it back to the team")
	}
	k.sound()
}

// What was joined to another is in no list of what was resolved, and in no run over all of it either.
func TestAJoinedCaseWasNotResolved(t *testing.T) {
	t.Parallel()
	k := setup(t)
	first, second, third := k.asked(), k.asked(), k.asked()
	k.join(second.ID, first.ID)
	k.set(third, cases.StatusResolved, "")
	if got := k.shows(cases.ViewResolved); !slices.Equal(got, []string{third.Number}) {
		t.Errorf("the list holds %q", got)
	}
	p, err := k.cases.PreviewBulk(t.Context(), cases.BulkInput{By: k.agent, Filter: cases.Filter{View: cases.ViewResolved}})
	k.must(err)
	if p.Total != 1 || p.First[0].Number != third.Number {
		t.Errorf("a run would hold %d cases: %+v", p.Total, p.First)
	}
	page, err := k.cases.Queue(t.Context(), cases.Filter{Query: "is:merged"}, k.agent)
	k.must(err)
	if len(page.Rows) != 1 || page.Rows[0].Number != second.Number {
		t.Errorf("%+v", page.Rows)
	}
}
