package teams_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"makegood/cases"
	"makegood/cases/assignment"
	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/internal/people"
	"makegood/internal/web"
	"makegood/ui/screentest"
	"makegood/ui/teams"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func TestTeamsAreKeptOnScreen(t *testing.T) {
	t.Parallel()
	room := screentest.Open(t)
	s, need := teams.New(room.Desk, room.People), web.Need(access.ManageTeams)
	room.Echo.GET("/settings/teams", s.List, need)
	room.Echo.GET("/settings/teams/new", s.Add, need)
	room.Echo.GET("/settings/teams/:id", s.Edit, need)
	room.Echo.POST("/settings/teams", s.Save, need)
	room.People.OnRetire(room.Cases.RefuseRetiredTx)
	if a := room.As(access.Agent).Get("/settings/teams"); a.Status != http.StatusForbidden {
		t.Errorf("an agent: %d", a.Status)
	}
	boss, lead := room.As(access.Supervisor), room.Actor(access.Senior)
	wants := func(a screentest.Answer, status int, parts ...string) {
		t.Helper()
		for _, part := range parts {
			if a.Status != status || !strings.Contains(a.HTML, part) {
				t.Errorf("%d, want %d with %q: %s", a.Status, status, part, a.Text)
			}
		}
	}
	wants(boss.Get("/settings/teams"), http.StatusOK, "Billing", lead.Name, "set by the administrator")
	wants(boss.Get("/settings/teams/new"), http.StatusOK, "New team", lead.Name)
	form := url.Values{"id": {"0"}, "version": {"0"}, "name": {"billing"}, "lead": {fmt.Sprint(lead.UserID)}}
	wants(boss.Post("/settings/teams", form), http.StatusUnprocessableEntity, "There is a team with this name already", `value="billing"`, fmt.Sprintf(`value="%d" selected`, lead.UserID))
	form.Set("name", "Tax & <Duties>")
	wants(boss.Post("/settings/teams", form), http.StatusSeeOther, "")
	rows, err := room.People.TeamRows(t.Context(), room.Actor(access.Supervisor))
	room.Must(err)
	if len(rows) != 2 || rows[1].Name != "Tax & <Duties>" {
		t.Fatalf("kept: %+v", rows)
	}
	page := fmt.Sprintf("/settings/teams/%d", rows[1].ID)
	wants(boss.Get("/settings/teams"), http.StatusOK, "Tax &amp; &lt;Duties&gt;", page)
	wants(boss.Get(page), http.StatusOK, `name="version" value="1"`, "Nobody is in this team")
	wants(boss.Get("/settings/teams/99"), http.StatusNotFound, "There is no such team")

	form = url.Values{"id": {fmt.Sprint(rows[1].ID)}, "version": {"1"}, "name": {"Tax"}, "lead": {""}, "retired": {"on"}}
	wants(boss.Post("/settings/teams", form), http.StatusSeeOther, "")
	wants(boss.Post("/settings/teams", form), http.StatusConflict, "Somebody changed this team meanwhile")
	wants(boss.Get("/settings/teams"), http.StatusOK, "Retired")
	wants(room.As(access.Admin).Get(page), http.StatusOK, "checked", "/settings/users")

	form = url.Values{"id": {fmt.Sprint(rows[0].ID)}, "version": {fmt.Sprint(rows[0].Version)}, "name": {"Billing"}, "retired": {"on"}}
	if len(rows[0].People) > 0 {
		wants(boss.Post("/settings/teams", form), http.StatusUnprocessableEntity, "Somebody is still in this team", "checked")
	} else {
		t.Error("nobody is in the team of the company")
	}
}

// A team to which a rule sends cases is not retired before the rule is changed, and no rule is made for a retired one.
func TestATeamOfARuleIsNotRetired(t *testing.T) {
	t.Parallel()
	room := screentest.Open(t)
	room.People.OnRetire(room.Cases.RefuseRetiredTx)
	by := room.Actor(access.Supervisor)
	team, err := room.People.SaveTeam(t.Context(), people.TeamInput{By: by, Name: "Tax"})
	room.Must(err)
	rule := cases.AssignmentRule{Position: 10, Name: "North", Active: true, How: assignment.ByLoad, TeamID: &team.ID}
	kept, err := room.Cases.SaveAssignmentRule(t.Context(), rule, by)
	room.Must(err)
	retire := people.TeamInput{By: by, ID: team.ID, Version: 1, Name: "Tax", Retired: true}
	if _, err := room.People.SaveTeam(t.Context(), retire); err == nil || !strings.Contains(err.Error(), "assignment.team_named") {
		t.Errorf("with a rule: %v", err)
	}
	room.Must(room.Cases.RemoveAssignmentRule(t.Context(), kept.ID, kept.Version, by))
	_, err = room.People.SaveTeam(t.Context(), retire)
	room.Must(err)
	if _, err := room.Cases.SaveAssignmentRule(t.Context(), rule, by); err == nil || !strings.Contains(err.Error(), "assignment.unknown_team") {
		t.Errorf("a rule for a retired team: %v", err)
	}
}
