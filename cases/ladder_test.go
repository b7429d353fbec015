package cases_test

import (
	"testing"
	"time"

	"makegood/cases"
	"makegood/cases/clock"
	"makegood/cases/escalation"
	"makegood/internal/access"
)

// ladder is that of the company's policy with another step, and the version it is of.
func (k *desk) ladder(change func(l *escalation.Ladder)) cases.LadderInput {
	k.t.Helper()
	list, err := k.cases.Policies(k.t.Context(), k.agent)
	k.must(err)
	l := escalation.Ladder{Rungs: []escalation.Rung{{At: escalation.Breach, Notify: []escalation.Audience{escalation.Supervisor}}}}
	change(&l)
	return cases.LadderInput{By: k.supervisor, Policy: list[0].ID, Ladder: l, Comment: "The lead is told sooner"}
}

func TestAChangedLadderIsClimbed(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c := k.open(k.mail())
	in := k.ladder(func(l *escalation.Ladder) {
		l.Rungs = []escalation.Rung{{At: escalation.Warn50, Notify: []escalation.Audience{escalation.Supervisor}, RaisePriority: true}}
	})
	id, change, err := k.cases.SaveLadder(t.Context(), in)
	k.must(err)
	if change.What != cases.LadderSetting || change.Version != 2 || change.Total != 1 || id == in.Policy {
		t.Errorf("%d %+v", id, change)
	}
	k.drain("2026-05-12 09:32")
	k.due(c.ID, clock.FirstResponse, "2026-05-12 13:30") // what is promised stays
	if now := k.reload(c.ID); now.PolicyID == nil || *now.PolicyID != id || now.Priority == cases.P2 {
		t.Errorf("%+v", now)
	}
	k.drain("2026-05-12 11:31") // half of the four hours
	if now := k.reload(c.ID); now.Priority != cases.P2 {
		t.Errorf("nobody climbed the new ladder: %+v", now)
	}
	told, err := k.cases.Notices(t.Context(), k.supervisor.UserID, true, 5)
	k.must(err)
	if len(told) == 0 {
		t.Error("the supervisor was not told")
	}
	k.sound()
}

func TestWhatALadderIsRefusedFor(t *testing.T) {
	t.Parallel()
	k := setup(t)
	refuse := func(name, key string, change func(l *escalation.Ladder)) {
		t.Helper()
		_, _, err := k.cases.SaveLadder(t.Context(), k.ladder(change))
		k.field(err, name, key)
	}
	refuse("rungs", "escalation.no_rungs", func(l *escalation.Ladder) { l.Rungs = nil })
	refuse("rungs.0", "escalation.no_such_warning", func(l *escalation.Ladder) { l.Rungs[0].At = "warn33" })
	refuse("rungs.1", "escalation.out_of_order", func(l *escalation.Ladder) {
		l.Rungs = append(l.Rungs, escalation.Rung{At: escalation.Warn75, Notify: []escalation.Audience{escalation.Lead}})
	})
	refuse("rungs.0", "escalation.after_needs_breach", func(l *escalation.Ladder) {
		l.Rungs[0].At, l.Rungs[0].After = escalation.Warn75, escalation.Duration(time.Hour)
	})
	refuse("owner_id", "escalation.no_owner", func(l *escalation.Ladder) { l.HighImpactOver = new(d("10000")) })
	refuse("owner_id", "case.no_such_person", func(l *escalation.Ladder) { l.HighImpactOver, l.OwnerID = new(d("10000")), 4711 })
	refuse("higher", "escalation.negative_start", func(l *escalation.Ladder) { l.VIPHigher = -1 })
	good := k.ladder(func(*escalation.Ladder) {})
	without := good
	without.Comment = " "
	_, _, err := k.cases.SaveLadder(t.Context(), without)
	k.field(err, "comment", "clock_setting.needs_reason")
	stranger := good
	stranger.By = k.agent
	_, _, err = k.cases.SaveLadder(t.Context(), stranger)
	k.refused(err, access.ErrForbidden)
	nowhere := good
	nowhere.Policy = 4711
	_, _, err = k.cases.SaveLadder(t.Context(), nowhere)
	k.refused(err, cases.ErrNoPolicy)
	id, _, err := k.cases.SaveLadder(t.Context(), good)
	k.must(err)
	_, _, err = k.cases.SaveLadder(t.Context(), good)
	k.refused(err, cases.ErrStaleSetting)
	good.Policy = id
	_, _, err = k.cases.SaveLadder(t.Context(), good)
	k.key(err, "clock_setting.unchanged")
}
