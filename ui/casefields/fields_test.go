package casefields_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/internal/web"
	"makegood/ui/casefields"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

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

// A supervisor adds a field, corrects what was typed wrong, retires it; an agent reads and changes nothing.
func TestFieldsOnScreen(t *testing.T) {
	t.Parallel()
	r := screentest.Open(t)
	s := casefields.New(r.Desk, r.Cases)
	read, keep := web.Need(access.ReadCases), web.Need(access.ManageReasons)
	r.Echo.GET("/settings/fields", s.List, read)
	r.Echo.GET("/settings/fields/new", s.NewField, keep)
	r.Echo.POST("/settings/fields", s.Save, keep)
	r.Echo.GET("/settings/fields/:code", s.Field, read)
	agent, supervisor := r.As(access.Agent), r.As(access.Supervisor)
	if list := agent.Get("/settings/fields"); list.Status != http.StatusOK || strings.Contains(list.HTML, "New field") {
		t.Errorf("an agent is offered to add one, or sees nothing: %d", list.Status)
	}
	has(t, supervisor.Get("/settings/fields/new"), http.StatusOK, "What it holds", `value="choice"`)
	has(t, supervisor.Get("/settings/fields/nothing"), http.StatusNotFound)
	form := url.Values{"new": {"on"}, "code": {"Sold by"}, "name": {"Sold by"}, "kind": {"choice"}, "position": {"x"}, "types": {"dispute", "refund"}}
	has(t, agent.Post("/settings/fields", form), http.StatusForbidden)
	has(t, supervisor.Post("/settings/fields", form), http.StatusUnprocessableEntity, "A code has two to forty", "A place is a number", "A choice needs what can be chosen", `value="refund" checked`)
	form.Set("code", "sold_by")
	form.Set("choices", "Direct\r\nPartner\r\n")
	form.Del("position")
	has(t, supervisor.Post("/settings/fields", form), http.StatusSeeOther)
	has(t, supervisor.Post("/settings/fields", form), http.StatusConflict, "is there already")
	has(t, agent.Get("/settings/fields"), http.StatusOK, "sold_by", "Direct, Partner", "Dispute, Refund")
	has(t, agent.Get("/settings/fields/sold_by"), http.StatusOK, "Direct\nPartner")
	change := url.Values{"version": {"1"}, "code": {"sold_by"}, "name": {"Sold by"}, "kind": {"choice"}, "choices": {"Direct"}, "retired": {"on"}}
	has(t, supervisor.Post("/settings/fields", change), http.StatusSeeOther)
	has(t, supervisor.Post("/settings/fields", change), http.StatusConflict, "was changed meanwhile")
	has(t, agent.Get("/settings/fields"), http.StatusOK, "retired")
}
