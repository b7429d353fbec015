package cases_test

import (
	"testing"

	"makegood/cases"
)

// A case stays with its team whoever gets it, until somebody says another, or none.
func TestACaseStaysWithItsTeam(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c := k.open(k.mail())
	nowhere, none := int64(4711), int64(0)
	give := func(to, team *int64) error {
		now := k.reload(c.ID)
		_, err := k.cases.Assign(t.Context(), cases.AssignInput{On: cases.On{By: k.supervisor, ID: c.ID, Version: now.Version}, AssigneeID: to, TeamID: team})
		return err
	}
	with := func(who, team int64) {
		t.Helper()
		now := k.reload(c.ID)
		if now.AssigneeID == nil || *now.AssigneeID != who || (now.TeamID == nil) != (team == 0) || now.TeamID != nil && *now.TeamID != team {
			t.Errorf("it is with %v of team %v, want %d of %d", now.AssigneeID, now.TeamID, who, team)
		}
	}
	k.must(give(&k.agent.UserID, &k.agent.TeamID))
	with(k.agent.UserID, k.agent.TeamID)
	k.must(give(&k.second.UserID, nil))
	with(k.second.UserID, k.agent.TeamID)
	k.field(give(&k.lead.UserID, &nowhere), "team_id", "case.no_such_team")
	with(k.second.UserID, k.agent.TeamID)
	k.must(give(&k.lead.UserID, &none))
	with(k.lead.UserID, 0)
}

// Who says what was really wrong stands in the history, whatever else was done with it, and a cause that is not there is refused.
func TestARootCauseIsNotedAndKnown(t *testing.T) {
	t.Parallel()
	k := setup(t)
	const set = "root_cause.set"
	c := k.open(k.mail())
	unknown := int64(4711)
	_, err := k.cases.SetStatus(t.Context(), cases.StatusInput{On: k.on(c), To: cases.StatusWaiting, WaitingOn: cases.OnUpstream, RootCause: &unknown})
	k.field(err, "root_cause", "case.no_such_cause")
	_, err = k.cases.Reply(t.Context(), cases.ReplyInput{On: k.on(c), Body: "We look into it.", RootCause: &unknown})
	k.field(err, "root_cause", "case.no_such_cause")
	c = k.set(c, cases.StatusWaiting, cases.OnUpstream)
	if k.events(c.ID, set) != 1 || c.RootCauseID == nil || *c.RootCauseID != k.root {
		t.Errorf("set with a status: %d events, %v", k.events(c.ID, set), c.RootCauseID)
	}
	c = k.set(c, cases.StatusOpen, "")
	if k.events(c.ID, set) != 1 {
		t.Errorf("the same again: %d events", k.events(c.ID, set))
	}
	replied := k.open(k.mail())
	sent, err := k.cases.Reply(t.Context(), cases.ReplyInput{On: k.on(replied), Body: "We look into it.", RootCause: &k.root})
	k.must(err)
	if k.events(replied.ID, set) != 1 || *sent.Case.RootCauseID != k.root {
		t.Errorf("set with a reply: %d events", k.events(replied.ID, set))
	}
	_, err = k.db.Pool().Exec(t.Context(), `update root_causes set active = false where id = $1`, k.root)
	k.must(err)
	_, err = k.cases.SetStatus(t.Context(), cases.StatusInput{On: k.on(k.open(k.mail())), To: cases.StatusResolved, RootCause: &k.root})
	k.field(err, "root_cause", "case.no_such_cause")
	_, err = k.cases.SetStatus(t.Context(), cases.StatusInput{On: k.on(c), To: cases.StatusResolved, RootCause: &k.root})
	k.must(err) // it was said before it was retired
	k.sound()
}
