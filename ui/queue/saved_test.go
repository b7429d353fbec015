package queue_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/internal/web"
	"makegood/ui/queue"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func open(t *testing.T) *screentest.Room {
	t.Helper()
	r := screentest.Open(t)
	s := queue.New(r.Desk, r.Reports.CaseFiles(r.Cases, r.Billing), r.Cases)
	read := web.Need(access.ReadCases)
	r.Echo.GET("/", s.Show, read)
	r.Echo.GET("/queue/more", s.More, read)
	r.Echo.GET("/queue/views/new", s.NewView, read)
	r.Echo.GET("/queue/views/:id", s.EditView, read)
	r.Echo.POST("/queue/views", s.SaveView, read)
	r.Echo.POST("/queue/views/:id/remove", s.RemoveView, read)
	return r
}

func shows(t *testing.T, a screentest.Answer, status int, wanted ...string) {
	t.Helper()
	if a.Status != status {
		t.Fatalf("status %d, want %d: %s", a.Status, status, a.Text)
	}
	for _, w := range wanted {
		if !strings.Contains(a.HTML, w) {
			t.Errorf("no %q in %s", w, a.Text)
		}
	}
}

func TestQueueIsNarrowed(t *testing.T) {
	t.Parallel()
	r := open(t)
	c := r.Dispute("595.00")
	agent := r.As(access.Agent)
	shows(t, agent.Get("/?view=all_open&q="+url.QueryEscape("disputed:>500 -has:tag")), http.StatusOK,
		c.Number, "disputed", "not has", `href="/?q=-has%3Atag&amp;view=all_open"`, "Keep as a view", `href="/queue/views/new?q=disputed%3A%3E500+-has%3Atag&amp;view=all_open"`)
	none := agent.Get("/?view=all_open&q=" + url.QueryEscape("disputed:<500"))
	if shows(t, none, http.StatusOK, "Nothing matches"); strings.Contains(none.HTML, c.Number) {
		t.Error("a case beyond the filter is shown")
	}
	shows(t, agent.Get("/?view=all_open&q="+url.QueryEscape("status:gone")), http.StatusOK, "This filter cannot be read", "status cannot be “gone”", "waiting")
	shows(t, agent.HTMX().Get("/queue/more?view=all_open&q="+url.QueryEscape("status:gone")), http.StatusOK)
}

func TestViewsAreKeptOnScreen(t *testing.T) {
	t.Parallel()
	r := open(t)
	c := r.Dispute("595.00")
	agent, lead := r.As(access.Agent), r.As(access.Supervisor)
	page := agent.Get("/queue/views/new?view=unassigned&q=disputed%3A%3E500&sort=risk")
	shows(t, page, http.StatusOK, `value="disputed:&gt;500"`, `<option value="unassigned" selected>`, `<option value="risk" selected>`, "disputed:1000..5000", "third_party")
	if strings.Contains(page.HTML, `name="shared"`) {
		t.Error("an agent is offered to share")
	}
	form := url.Values{"id": {"0"}, "version": {"0"}, "name": {"Large & free"}, "view": {"unassigned"}, "q": {"disputed:>500"}, "sort": {"risk"}}
	kept := agent.Post("/queue/views", form)
	shows(t, kept, http.StatusSeeOther)
	at := kept.Header.Get("Location")
	shows(t, agent.Get(at), http.StatusOK, c.Number, "Kept by me", "<h2>Large &amp; free</h2>", "Change the view", `aria-current="page"`)
	shows(t, agent.Post("/queue/views", form), http.StatusUnprocessableEntity, "You keep a view called Large &amp; free already.")
	form.Set("q", "status:gone")
	form.Set("name", "")
	shows(t, agent.Post("/queue/views", form), http.StatusUnprocessableEntity, "Give the view a name", "status cannot be")

	form.Set("name", "Everything, largest first")
	form.Set("view", "every")
	form.Set("q", "disputed:>500")
	shows(t, agent.Post("/queue/views", form), http.StatusUnprocessableEntity, "only open work is sorted", `value="Everything, largest first"`)
	shows(t, agent.Get("/?view=every&sort=risk"), http.StatusOK, "This list cannot be sorted so", "narrow it to is:open", "Show it in its own order")
	shows(t, agent.Get("/?view=every&sort=risk&q=is%3Aopen"), http.StatusOK, c.Number)

	number := func(address string) string {
		u, err := url.Parse(address)
		r.Must(err)
		return u.Query().Get("saved")
	}
	shows(t, lead.Get("/queue/views/"+number(at)), http.StatusNotFound)
	shared := lead.Post("/queue/views", url.Values{"id": {"0"}, "version": {"0"}, "name": {"Handover"}, "view": {"every"}, "q": {"is:open"}, "shared": {"on"}})
	shows(t, shared, http.StatusSeeOther)
	shows(t, agent.Get("/"), http.StatusOK, "Shared", "Handover")
	its := "/queue/views/" + number(shared.Header.Get("Location"))
	theirs := agent.Get(its)
	if shows(t, theirs, http.StatusOK, "Somebody else shares this view."); strings.Contains(theirs.HTML, "Remove the view") {
		t.Error("an agent is offered to remove what another shares")
	}
	shows(t, agent.Post(its+"/remove", url.Values{}), http.StatusConflict)
	shows(t, lead.Post(its+"/remove", url.Values{"version": {"1"}}), http.StatusSeeOther)
	if again := agent.Get("/"); strings.Contains(again.HTML, "Handover") {
		t.Error("what was removed is still there")
	}
}
