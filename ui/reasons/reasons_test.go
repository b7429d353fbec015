package reasons_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/internal/web"
	"makegood/ui/reasons"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func open(t *testing.T) *screentest.Room {
	t.Helper()
	r := screentest.Open(t)
	s := reasons.New(r.Desk, r.Cases)
	read, keep := web.Need(access.ReadCases), web.Need(access.ManageReasons)
	r.Echo.GET("/settings/reasons", s.List, read)
	r.Echo.GET("/settings/reasons/new", s.NewReason, keep)
	r.Echo.POST("/settings/reasons", s.SaveReason, keep)
	r.Echo.POST("/settings/reasons/starter", s.Starter, keep)
	r.Echo.GET("/settings/reasons/:code", s.Reason, read)
	r.Echo.GET("/settings/root-causes/new", s.NewCause, keep)
	r.Echo.POST("/settings/root-causes", s.SaveCause, keep)
	r.Echo.GET("/settings/root-causes/:code", s.Cause, read)
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

// A supervisor adds a reason with its wordings, corrects what was typed wrong, retires it; an agent reads and changes nothing.
func TestReasonOnScreen(t *testing.T) {
	t.Parallel()
	r := open(t)
	agent, supervisor := r.As(access.Agent), r.As(access.Supervisor)
	list := agent.Get("/settings/reasons")
	has(t, list, http.StatusOK, "overcharge", "Sales operations")
	if strings.Contains(list.HTML, "New reason") {
		t.Error("an agent is offered to add one")
	}
	has(t, agent.Get("/settings/reasons/overcharge"), http.StatusOK, "overcharge")
	has(t, agent.Post("/settings/reasons", url.Values{"new": {"on"}, "code": {"late"}, "name": {"Late"}, "type": {"dispute"}}), http.StatusForbidden)
	has(t, supervisor.Get("/settings/reasons/nothing"), http.StatusNotFound)
	has(t, supervisor.Get("/settings/reasons/new"), http.StatusOK, "What customers read")
	form := url.Values{"new": {"on"}, "code": {"Late!"}, "name": {"Late delivery"}, "type": {"dispute"}, "wording_de": {"Verspätet geliefert"}, "position": {"x"}}
	has(t, supervisor.Post("/settings/reasons", form), http.StatusUnprocessableEntity, "A code has two to forty", "A place is a number", "Verspätet geliefert")
	form.Set("code", "late_delivery")
	form.Del("position")
	has(t, supervisor.Post("/settings/reasons", form), http.StatusSeeOther)
	has(t, supervisor.Post("/settings/reasons", form), http.StatusConflict, "is there already")
	has(t, supervisor.Get("/settings/reasons/late_delivery"), http.StatusOK, "Verspätet geliefert", `name="version" value="1"`)
	change := url.Values{"version": {"1"}, "code": {"late_delivery"}, "name": {"Late delivery"}, "type": {"dispute"}, "retired": {"on"}}
	has(t, supervisor.Post("/settings/reasons", change), http.StatusSeeOther)
	has(t, supervisor.Post("/settings/reasons", change), http.StatusConflict, "was changed meanwhile")
	has(t, agent.Get("/settings/reasons"), http.StatusOK, "late_delivery", "retired")
}

// Root causes are kept beside, and the set to begin with is added where it is missing.
func TestRootCauseAndStarter(t *testing.T) {
	t.Parallel()
	r := open(t)
	supervisor := r.As(access.Supervisor)
	has(t, supervisor.Get("/settings/root-causes/new"), http.StatusOK, "Who upstream mends it")
	has(t, supervisor.Post("/settings/root-causes", url.Values{"new": {"on"}, "code": {"stock"}, "name": {"Stock list"}}), http.StatusUnprocessableEntity, "who upstream mends it.")
	has(t, supervisor.Post("/settings/root-causes", url.Values{"new": {"on"}, "code": {"stock"}, "name": {"Stock list"}, "owner": {"Warehouse"}}), http.StatusSeeOther)
	has(t, supervisor.Get("/settings/root-causes/stock"), http.StatusOK, "Warehouse")
	has(t, supervisor.Post("/settings/root-causes", url.Values{"code": {"stock"}, "name": {"Stock"}, "owner": {"Stores"}}), http.StatusUnprocessableEntity)
	has(t, supervisor.Post("/settings/root-causes", url.Values{"version": {"1"}, "code": {"stock"}, "name": {"Stock"}, "owner": {"Stores"}}), http.StatusSeeOther)
	has(t, supervisor.Post("/settings/reasons/starter", nil), http.StatusSeeOther)
	has(t, supervisor.Get("/settings/reasons"), http.StatusOK, "Stores", "Usage metering counted twice")
}
