package roster_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/internal/web"
	"makegood/ui/roster"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func open(t *testing.T) *screentest.Room {
	t.Helper()
	room := screentest.Open(t)
	s := roster.New(room.Desk, room.People, room.Billing)
	read, write, confirm := web.Need(access.ReadPeople), web.Need(access.Administer), web.Need(access.ConfirmPeople)
	room.Echo.GET("/settings/users", s.List, read)
	room.Echo.POST("/settings/users", s.Add, write)
	room.Echo.GET("/settings/users/new", s.New, write)
	room.Echo.GET("/settings/users/changes", s.Changes, read)
	room.Echo.POST("/settings/users/changes/:change/:verdict", s.Decide, confirm)
	room.Echo.GET("/settings/users/rules", s.Rules, read)
	room.Echo.POST("/settings/users/rules", s.ChangeRules, write)
	room.Echo.GET("/settings/users/:id", s.Person, read)
	room.Echo.POST("/settings/users/:id", s.Change, write)
	room.Echo.POST("/settings/users/:id/:act", s.Act, write)
	return room
}

func TestAChangeOfRolesOnTheScreen(t *testing.T) {
	t.Parallel()
	room := open(t)
	admin := room.As(access.Admin)
	if a := room.As(access.Agent).Get("/settings/users"); a.Status != http.StatusForbidden {
		t.Errorf("an agent reads the roster: %d", a.Status)
	}
	agent := room.Company.Users[access.Agent]
	page := fmt.Sprintf("/settings/users/%d", agent.ID)
	if a := admin.Get("/settings/users?q=" + url.QueryEscape(strings.ToUpper(agent.Name[:4]))); !strings.Contains(a.HTML, page) || strings.Contains(a.HTML, room.Company.Users[access.Auditor].Email) {
		t.Errorf("not found by name: %s", a.Text)
	}
	form := url.Values{
		"version": {"1"}, "name": {agent.Name}, "email": {agent.Email}, "roles": {"agent", "cook"}, "time_zone": {"Nowhere/Land"}, "language": {agent.Language}, "active": {"on"},
	}
	if a := admin.Post(page, form); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Text, "There is no such role.") || !strings.Contains(a.Text, "There is no such time zone.") {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	form["roles"], form["time_zone"], form["reason"] = []string{"agent", "senior"}, []string{agent.TimeZone}, []string{"Two years here <now>"}
	if a := admin.Post(page, form); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	changes := admin.Get("/settings/users/changes")
	if !strings.Contains(changes.Text, "Roles: Agent → Agent, Senior") || !strings.Contains(changes.HTML, "Two years here &lt;now&gt;") || strings.Contains(changes.HTML, "/confirm") {
		t.Errorf("%s", changes.HTML)
	}
	director, err := room.People.UserByEmail(t.Context(), room.Company.Users[access.Director].Email)
	room.Must(err)
	second := room.AsUser(director.Email)
	confirm := regexp.MustCompile(`action="(/settings/users/changes/\d+/confirm)"`).FindStringSubmatch(second.Get("/settings/users/changes").HTML)
	if confirm == nil {
		t.Fatal("a director cannot confirm")
	}
	if a := admin.Post(confirm[1], nil); a.Status != http.StatusForbidden {
		t.Errorf("confirmed one's own: %d", a.Status)
	}
	if a := second.Post(confirm[1], url.Values{"note": {"Well earned <now>"}}); a.Status != http.StatusSeeOther {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	if a := admin.Get("/settings/users/changes"); !strings.Contains(a.HTML, "“Well earned &lt;now&gt;”") {
		t.Errorf("the note is not shown: %s", a.Text)
	}
	if now, err := room.People.User(t.Context(), agent.ID); err != nil || strings.Join(now.Roles, " ") != "agent senior" {
		t.Errorf("%v %v", now.Roles, err)
	}
	form["roles"] = []string{"supervisor"}
	stale := admin.Post(page, form)
	if stale.Status != http.StatusConflict || !strings.Contains(stale.Text, "Somebody changed this meanwhile.") {
		t.Errorf("a form of yesterday: %d %s", stale.Status, stale.Text)
	}
	form.Set("version", version(t, stale.HTML))
	if a := admin.Post(page, form); a.Status != http.StatusSeeOther {
		t.Errorf("sent again with what is known now: %d %s", a.Status, a.Text)
	}
}

// version is the one that a page's form would send.
func version(t *testing.T, html string) string {
	t.Helper()
	found := regexp.MustCompile(`name="version" value="(\d+)"`).FindStringSubmatch(html)
	if found == nil {
		t.Fatal("no form")
	}
	return found[1]
}

func TestActsAtOnce(t *testing.T) {
	t.Parallel()
	room := open(t)
	admin, agent := room.As(access.Admin), room.Company.Users[access.Agent]
	page, them := fmt.Sprintf("/settings/users/%d", agent.ID), room.As(access.Agent)
	if a := admin.Get(page); !strings.Contains(a.Text, "Signed in on 1 browser.") {
		t.Errorf("%s", a.Text)
	}
	for _, act := range []string{"link", "sign-out", "deactivate"} {
		if a := admin.Post(page+"/"+act, nil); a.Status != http.StatusSeeOther {
			t.Errorf("%s: %d %s", act, a.Status, a.Text)
		}
	}
	if a := admin.Post(page+"/forget-factors", nil); a.Status != http.StatusConflict {
		t.Errorf("there are none: %d", a.Status)
	}
	if a := admin.Post(page+"/promote", nil); a.Status != http.StatusNotFound {
		t.Errorf("an act there is not: %d", a.Status)
	}
	if a := them.Get("/settings/users"); a.Status != http.StatusSeeOther {
		t.Errorf("still signed in: %d", a.Status)
	}
	if a := admin.Get(page); !strings.Contains(a.Text, "Shut out.") {
		t.Errorf("%s", a.Text)
	}
}

func TestRulesAndSomebodyNew(t *testing.T) {
	t.Parallel()
	room := open(t)
	admin := room.As(access.Admin)
	if a := admin.Get("/settings/users/rules"); !strings.Contains(a.HTML, `value="15"`) {
		t.Errorf("%s", a.Text)
	}
	form := url.Values{"version": {"1"}, "step_up_minutes": {"often"}, "roles": {"admin"}, "reason": {"Audit"}}
	if a := admin.Post("/settings/users/rules", form); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Text, "From 0 to 720 minutes.") {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	form.Set("step_up_minutes", "30")
	if a := admin.Post("/settings/users/rules", form); a.Status != http.StatusSeeOther {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	form.Set("version", "7")
	stale := admin.Post("/settings/users/rules", form)
	if stale.Status != http.StatusConflict {
		t.Errorf("rules of another day: %d", stale.Status)
	}
	form.Set("version", version(t, stale.HTML))
	if a := admin.Post("/settings/users/rules", form); a.Status != http.StatusSeeOther {
		t.Errorf("sent again with what is known now: %d %s", a.Status, a.Text)
	}
	person := url.Values{"name": {"Lena Brink"}, "email": {room.Company.Users[access.Agent].Email}, "roles": {"agent"}, "time_zone": {"UTC"}, "reason": {"New"}}
	if a := admin.Post("/settings/users", person); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Text, "Somebody already uses this mail address.") {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	person.Set("email", "Lena@Ostwind.example")
	if a := admin.Post("/settings/users", person); a.Status != http.StatusSeeOther {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	if a := admin.Get("/settings/users/changes"); !strings.Contains(a.Text, "New: Lena Brink, lena@ostwind.example") || !strings.Contains(a.Text, "Fresh proof after: 15 minutes → 30 minutes") {
		t.Errorf("%s", a.Text)
	}
}
