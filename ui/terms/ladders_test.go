package terms_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"makegood/internal/access"
)

// steps is the form of a ladder with a step at the deadline and one two hours later.
func steps() url.Values {
	return url.Values{
		"at.0": {"breach"}, "notify.0": {"assignee", "lead"}, "does.0": {"urgent"}, "at.1": {""}, "after.1": {"4h"},
		"at.2": {"breach"}, "after.2": {"2h"}, "notify.2": {"manager"}, "does.2": {"reassign", "raise"},
		"over.0": {"5000"}, "higher.0": {"2"}, "over.1": {""}, "higher.1": {""}, "vip_higher": {"1"}, "high_impact_over": {""}, "owner_id": {""},
		"comment": {"Managers hear of it too"},
	}
}

func TestALadderIsChangedOnScreen(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.Dispute("100")
	agent, supervisor := r.As(access.Agent), r.As(access.Supervisor)
	has(t, agent.Get("/settings/ladders"), 200, "75 % of the time is used: the assignee is told", "Nobody has changed anything yet.")
	if a := agent.Get("/settings/ladders/1"); a.Status != 200 || strings.Contains(a.HTML, `name="at.0"`) {
		t.Errorf("an agent is offered the form: %d", a.Status)
	}
	if a := agent.Post("/settings/ladders/1", steps()); a.Status != http.StatusForbidden {
		t.Errorf("an agent got %d", a.Status)
	}
	has(t, supervisor.Get("/settings/ladders/1"), 200, `name="at.5"`, "no step")
	if a := supervisor.Post("/settings/ladders/1", steps()); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	has(t, agent.Get("/settings/ladders"), 200, "the deadline has passed: the assignee, the team lead are told, in quiet hours too",
		"2h after the deadline: the manager is told; the first of them gets the case; the priority goes one step up",
		"Over 5,000.00 EUR: 2 people further up", "Platinum customers: 1 person further up", "Managers hear of it too", "0 of 1 open case looked at")
	r.Must(r.Registry.Work(t.Context(), "cases.move_clocks", []byte(`{"id":1}`)))
	has(t, agent.Get("/settings/ladders"), 200, "moved 1 case")
	has(t, supervisor.Get("/settings/ladders/2"), 200, `value="2h"`, `value="5000"`)
	has(t, supervisor.Get("/settings/ladders/1"), 200, "This version is out of use.")
	has(t, supervisor.Post("/settings/ladders/1", steps()), 409, "Somebody else has changed it meanwhile.")
	has(t, supervisor.Post("/settings/ladders/2", steps()), 422)
}

func TestWhatTheFormOfALadderRefuses(t *testing.T) {
	t.Parallel()
	r := open(t)
	supervisor := r.As(access.Supervisor)
	for field, refused := range map[string][2]string{
		"after.2":          {"soon", "soon is not a time span."},
		"at.2":             {"warn75", "The rungs are not in the order of time."},
		"at.0":             {"warn33", "The policy gives no warning at this point."},
		"higher.0":         {"-1", "A case cannot start lower than the ladder."},
		"over.0":           {"much", `value="much"`},
		"vip_higher":       {"x", `value="x"`},
		"high_impact_over": {"90000", "A high-impact amount needs an escalation owner."},
		"comment":          {"", "Say why it is changed."},
	} {
		form := steps()
		form.Set(field, refused[0])
		has(t, supervisor.Post("/settings/ladders/1", form), 422, refused[1], "mg-err")
	}
}
