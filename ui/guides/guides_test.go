package guides_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/internal/web"
	"makegood/ui/guides"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func open(t *testing.T) *screentest.Room {
	t.Helper()
	r := screentest.Open(t)
	s := guides.New(r.Desk, r.Cases)
	read, keep := web.Need(access.ReadCases), web.Need(access.ManagePlaybooks)
	r.Echo.GET("/settings/checklists", s.Checklists, read)
	r.Echo.GET("/settings/checklists/:type", s.Checklist, keep)
	r.Echo.POST("/settings/checklists/:type", s.SaveChecklist, keep)
	r.Echo.GET("/settings/playbooks", s.Playbooks, read)
	r.Echo.GET("/settings/playbooks/edit", s.Playbook, keep)
	r.Echo.POST("/settings/playbooks", s.SavePlaybook, keep)
	return r
}

func has(t *testing.T, a screentest.Answer, status int, texts ...string) {
	t.Helper()
	if a.Status != status {
		t.Errorf("status %d, want %d: %s", a.Status, status, a.Text)
	}
	for _, text := range texts {
		if !strings.Contains(a.HTML, text) {
			t.Errorf("%q is not on the page: %s", text, a.Text)
		}
	}
}

// A supervisor writes a list; what is wrong stands with its line and what was typed stays, and whoever is slower is told. An agent reads.
func TestChecklistsOnScreen(t *testing.T) {
	t.Parallel()
	r := open(t)
	agent, supervisor := r.As(access.Agent), r.As(access.Supervisor)
	list := agent.Get("/settings/checklists")
	has(t, list, http.StatusOK, "Refund requests", "Nothing is asked for.")
	if strings.Contains(list.HTML, "/settings/checklists/refund") {
		t.Error("an agent is offered to change one")
	}
	has(t, agent.Get("/settings/checklists/refund"), http.StatusForbidden)
	has(t, supervisor.Get("/settings/checklists/party"), http.StatusNotFound)
	has(t, supervisor.Get("/settings/checklists/refund"), http.StatusOK, `name="base" value="0"`, "Point 3")
	form := func(base string, texts ...string) url.Values {
		v := url.Values{"base": {base}, "text": texts, "code": make([]string, len(texts)), "hint": make([]string, len(texts)), "required": make([]string, len(texts))}
		v["required"][0], v["hint"][0] = "on", "In the bank's file"
		return v
	}
	has(t, supervisor.Post("/settings/checklists/refund", form("0", "Payment found", "", "payment found")), http.StatusUnprocessableEntity, "Point 2: Say each point once", "In the bank&#39;s file")
	has(t, supervisor.Post("/settings/checklists/refund", form("0", "Payment found", "", "Account checked")), http.StatusSeeOther)
	has(t, supervisor.Post("/settings/checklists/refund", form("0", "Something else")), http.StatusConflict, "Somebody changed this checklist meanwhile", "Something else")
	has(t, supervisor.Get("/settings/checklists/refund"), http.StatusOK, `name="base" value="1"`, `value="payment_found"`, "Version 1, ")
	has(t, agent.Get("/settings/checklists"), http.StatusOK, "Payment found", "required", "Account checked", "Version 1, ")
	has(t, supervisor.Post("/settings/checklists/refund", form("1", "")), http.StatusSeeOther)
	if page := agent.Get("/settings/checklists"); strings.Contains(page.HTML, "Payment found") {
		t.Error("the list has not ended")
	}
}

// A supervisor writes how a claim is worked, looks at it first, and is told of what is wrong and of who was quicker. An agent reads.
func TestPlaybooksOnScreen(t *testing.T) {
	t.Parallel()
	r := open(t)
	agent, supervisor := r.As(access.Agent), r.As(access.Supervisor)
	has(t, agent.Get("/settings/playbooks"), http.StatusOK, "There is none yet.")
	has(t, agent.Get("/settings/playbooks/edit"), http.StatusForbidden)
	has(t, supervisor.Get("/settings/playbooks"), http.StatusOK, "Reasons without one", "/settings/playbooks/edit?reason=overcharge&amp;type=")
	has(t, supervisor.Get("/settings/playbooks/edit"), http.StatusOK, "whatever is claimed", "of every type")
	has(t, supervisor.Get("/settings/playbooks/edit?reason=overcharge&type="), http.StatusOK, `name="base" value="0"`, `name="reason" value="overcharge"`)
	form := url.Values{"base": {"0"}, "check": {"The **price list** of the day <script>x</script>"}}
	has(t, supervisor.Post("/settings/playbooks", form), http.StatusUnprocessableEntity, "Say for which reason")
	form.Set("reason", "overcharge")
	form.Set("preview", "on")
	has(t, supervisor.Post("/settings/playbooks", form), http.StatusOK, "As it will read", "<strong>price list</strong>", "The **price list** of the day &lt;script&gt;")
	has(t, agent.Get("/settings/playbooks"), http.StatusOK, "There is none yet.")
	form.Del("preview")
	has(t, supervisor.Post("/settings/playbooks", form), http.StatusSeeOther)
	has(t, supervisor.Post("/settings/playbooks", form), http.StatusConflict, "Somebody changed this playbook meanwhile", "The **price list**")
	page := agent.Get("/settings/playbooks")
	has(t, page, http.StatusOK, "What to check", "<strong>price list</strong>", "Version 1, ")
	if strings.Contains(page.HTML, "<script>x") {
		t.Error("a script is on the page")
	}
	form.Set("reason", "nothing")
	has(t, supervisor.Post("/settings/playbooks", form), http.StatusUnprocessableEntity, "There is no reason nothing")
	has(t, supervisor.Post("/settings/playbooks", url.Values{"base": {"1"}, "reason": {"overcharge"}, "fixed": {"on"}}), http.StatusSeeOther)
	has(t, agent.Get("/settings/playbooks"), http.StatusOK, "There is none yet.")
}
