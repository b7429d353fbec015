package assignment_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/internal/web"
	"makegood/ui/assignment"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func TestRulesAndPeopleAreSetOnScreen(t *testing.T) {
	t.Parallel()
	room := screentest.Open(t)
	s, need := assignment.New(room.Desk, room.Cases, room.Billing, room.People), web.Need(access.ManageDealing)
	room.Echo.GET("/settings/assignment", s.Show, need)
	room.Echo.GET("/settings/assignment/rules/new", s.AddRule, need)
	room.Echo.POST("/settings/assignment/rules", s.SaveRule, need)
	room.Echo.GET("/settings/assignment/rules/:id", s.EditRule, need)
	room.Echo.POST("/settings/assignment/rules/:id/remove", s.RemoveRule, need)
	room.Echo.GET("/settings/assignment/people/:id", s.EditAgent, need)
	room.Echo.POST("/settings/assignment/people/:id", s.SaveAgent, need)
	agent, boss := room.Actor(access.Agent), room.As(access.Supervisor)
	if a := room.As(access.Agent).Get("/settings/assignment"); a.Status != http.StatusForbidden {
		t.Errorf("an agent: %d", a.Status)
	}
	wants := func(a screentest.Answer, status int, parts ...string) {
		t.Helper()
		for _, part := range parts {
			if a.Status != status || !strings.Contains(a.HTML, part) {
				t.Errorf("%d, want %d with %q: %s", a.Status, status, part, a.Text)
			}
		}
	}
	wants(boss.Get("/settings/assignment"), http.StatusOK, "No rule yet", agent.Name)
	wants(boss.Get("/settings/assignment/rules/new"), http.StatusOK, `value="by_load" checked`, agent.Name)
	form := url.Values{
		"id": {"0"}, "version": {"0"}, "name": {"North"}, "position": {"10"}, "active": {"on"}, "types": {"dispute", "refund"}, "tiers": {"gold"},
		"countries": {"de, Austria"}, "users": {fmt.Sprint(agent.UserID)}, "how": {"in_turn"}, "team": {""},
	}
	wants(boss.Post("/settings/assignment/rules", form), http.StatusUnprocessableEntity, "Countries are written as two letters", `value="North"`, `value="de, Austria"`,
		`value="refund" checked`, `value="in_turn" checked`, fmt.Sprintf(`value="%d" checked`, agent.UserID))
	form.Set("countries", "de, at")
	wants(boss.Post("/settings/assignment/rules", form), http.StatusSeeOther, "")
	wants(boss.Get("/settings/assignment"), http.StatusOK, "type dispute, refund; tier gold; country DE, AT", "In turn", "/settings/assignment/rules/1")
	wants(boss.Get("/settings/assignment/rules/1"), http.StatusOK, `value="DE, AT"`, `value="dispute" checked`)
	form.Set("id", "1")
	wants(boss.Post("/settings/assignment/rules", form), http.StatusConflict, "Somebody changed this meanwhile")
	wants(boss.Get("/settings/assignment/rules/99"), http.StatusNotFound, "There is no such rule")

	person := fmt.Sprintf("/settings/assignment/people/%d", agent.UserID)
	wants(boss.Get(person), http.StatusOK, "Open cases at most", agent.Name)
	wants(boss.Post(person, url.Values{"version": {"0"}, "capacity": {"many"}, "languages": {"de"}}), http.StatusUnprocessableEntity, "A number of cases", `value="many"`, `value="de"`)
	wants(boss.Post(person, url.Values{"version": {"0"}, "capacity": {"12"}, "languages": {"de"}}), http.StatusSeeOther, "")
	wants(boss.Post(person, url.Values{"version": {"0"}, "capacity": {"13"}}), http.StatusConflict, "Somebody changed this meanwhile")
	wants(boss.Get("/settings/assignment"), http.StatusOK, "of 12")
	if _, err := room.DB.Pool().Exec(t.Context(), `update users set active = false where id = $1`, agent.UserID); err != nil {
		t.Fatal(err)
	}
	wants(boss.Get("/settings/assignment"), http.StatusOK, "somebody who is gone")
	wants(boss.Get("/settings/assignment/rules/1"), http.StatusOK, "somebody who is gone", fmt.Sprintf(`value="%d" checked`, agent.UserID))
	wants(boss.Post("/settings/assignment/rules/1/remove", url.Values{"version": {"1"}}), http.StatusSeeOther, "")
	wants(boss.Get("/settings/assignment"), http.StatusOK, "No rule yet")
}
