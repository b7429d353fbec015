package cases_test

import (
	"strconv"
	"testing"

	"makegood/cases"
	"makegood/internal/access"
)

// What a preview says would be refused is what the run then refuses, case by case and for the same reason.
func TestBulkPreviewSaysWhatTheRunRefuses(t *testing.T) {
	t.Parallel()
	k := setup(t)
	plain, taken, waiting := k.asked(), k.asked(), k.asked()
	_, err := k.cases.Claim(t.Context(), cases.On{By: k.second, ID: taken.ID})
	k.must(err)
	_, err = k.cases.SetStatus(t.Context(), cases.StatusInput{On: k.on(waiting), To: cases.StatusWaiting, WaitingOn: cases.OnUpstream})
	k.must(err)
	disputed, _ := k.disputed("50")
	done := k.asked()
	_, err = k.cases.SetStatus(t.Context(), cases.StatusInput{On: k.on(done), To: cases.StatusResolved})
	k.must(err)
	numbers := []string{plain.Number, taken.Number, waiting.Number, disputed.Number, done.Number}
	own := func(a access.Actor) string { return strconv.FormatInt(a.UserID, 10) }
	for _, c := range []struct {
		name    string
		by      access.Actor
		action  cases.BulkAction
		value   string
		refused int
	}{
		{"an agent gives away", k.agent, cases.BulkAssign, own(k.second), 4}, // one is theirs already
		{"an agent takes", k.agent, cases.BulkAssign, own(k.agent), 1},
		{"a supervisor gives", k.supervisor, cases.BulkAssign, own(k.agent), 1},
		{"to wait upstream", k.agent, cases.BulkStatus, "waiting:upstream", 1},
		{"to open", k.agent, cases.BulkStatus, "open", 0},
		{"to resolve", k.agent, cases.BulkStatus, "resolved", 1},
		{"a tag", k.agent, cases.BulkTag, "audit", 0},
		{"a cause", k.agent, cases.BulkRootCause, strconv.FormatInt(k.root, 10), 0},
		{"no such cause", k.agent, cases.BulkRootCause, "9999", 5},
	} {
		in := cases.BulkInput{By: c.by, Numbers: numbers, Action: c.action, Value: c.value}
		foreseen, err := k.cases.PreviewBulk(t.Context(), in)
		k.must(err)
		run := k.bulk(in)
		if foreseen.Total != len(numbers) || foreseen.Refused != run.Refused || run.Refused != c.refused || len(foreseen.Refusals) != c.refused {
			t.Errorf("%s: foreseen %+v, became %+v", c.name, foreseen.Refusals, run)
		}
		list, err := k.cases.BulkResults(t.Context(), c.by, cases.BulkPage{Run: run.ID, States: []string{"refused"}, Limit: 10})
		k.must(err)
		why := map[string]string{}
		for _, r := range list {
			why[r.Number] = r.Reason
		}
		for _, f := range foreseen.Refusals {
			if why[f.Number] != f.Reason {
				t.Errorf("%s: %s was to be refused for %s, was for %q", c.name, f.Number, f.Reason, why[f.Number])
			}
		}
		if run.Done > 0 {
			k.undone(run, c.by)
		}
	}
	runs, err := k.cases.BulkRuns(t.Context(), k.supervisor, 10)
	k.must(err)
	if len(runs) != 1 || runs[0].UndoneAt == nil || runs[0].OwnerID != k.supervisor.UserID {
		t.Errorf("%+v", runs)
	}
	if _, err := k.cases.PreviewBulk(t.Context(), cases.BulkInput{By: k.agent, Numbers: numbers, Action: "burn"}); err == nil {
		t.Error("an unknown action is previewed")
	}
}
