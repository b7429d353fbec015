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
