package queue_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/jobs/jobstest"
	"makegood/internal/web"
	"makegood/ui/queue"
	"makegood/ui/screentest"
)

func openMany(t *testing.T) *screentest.Room {
	t.Helper()
	r := screentest.Open(t)
	s := queue.New(r.Desk, r.Reports.CaseFiles(r.Cases, r.Billing), r.Cases)
	r.Echo.GET("/", s.Show, web.Need(access.ReadCases))
	work := web.Need(access.WorkCases)
	r.Echo.GET("/queue/bulk", s.Bulk, work)
	r.Echo.POST("/queue/bulk", s.Bulk, work)
	r.Echo.POST("/queue/bulk/start", s.StartBulk, work)
	r.Echo.GET("/queue/bulk/:id", s.Run, work)
	r.Echo.POST("/queue/bulk/:id/stop", s.StopRun, work)
	r.Echo.POST("/queue/bulk/:id/undo", s.UndoRun, work)
	return r
}

// Many cases are chosen by a filter or by hand, what would happen is shown, it is done by a job, and undone.
func TestManyCasesOnScreen(t *testing.T) {
	t.Parallel()
	r := openMany(t)
	disputed := r.Dispute("595.00")
	plain, err := r.Cases.Open(t.Context(), cases.OpenInput{Type: cases.Inquiry, Subject: "A copy, please", CustomerID: &r.Company.Lumen.ID, Source: "agent", By: r.Actor(access.Agent)})
	r.Must(err)
	agent := r.As(access.Agent)
	shows(t, agent.Get("/?view=all_open&q=is%3Aopen"), http.StatusOK, `href="/queue/bulk?q=is%3Aopen&amp;view=all_open"`, `formaction="/queue/bulk"`)
	page := agent.Get("/queue/bulk?view=all_open&q=is%3Aopen")
	shows(t, page, http.StatusOK, "All of “All open” that match “is:open”", "Choose what becomes of 2 cases", "(you)", "waiting on upstream")
	if strings.Contains(page.HTML, "Katrin") || strings.Contains(page.HTML, "Do it to") {
		t.Error("an agent is offered to give cases to others, or to begin with nothing chosen")
	}

	form := url.Values{"view": {"all_open"}, "q": {"is:open"}, "action": {"status"}, "status": {"resolved"}, "foreseen": {"status:resolved"}}
	shows(t, agent.Post("/queue/bulk/start", form), http.StatusUnprocessableEntity, "not what was shown before")
	foreseen := agent.HTMX().Post("/queue/bulk", form)
	shows(t, foreseen, http.StatusOK, "Make resolved", "Do it to 1 case", disputed.Number, "not decided yet", plain.Number)
	if strings.Contains(foreseen.HTML, "<html") {
		t.Error("the preview is a whole page")
	}
	form.Set("foreseen", asked(t, foreseen))
	hasty := url.Values{"view": {"all_open"}, "action": {"status"}, "status": {"open"}, "foreseen": {asked(t, foreseen)}}
	shows(t, agent.Post("/queue/bulk/start", hasty), http.StatusUnprocessableEntity, "Make open")
	begun := agent.Post("/queue/bulk/start", form)
	shows(t, begun, http.StatusSeeOther)
	at := begun.Header.Get("Location")
	shows(t, agent.Get(at), http.StatusOK, "0 of 2 cases worked", "To do")
	jobstest.Drain(t, r.DB, r.Registry, r.Clock, r.Clock.Now())
	shows(t, agent.Get(at), http.StatusOK, "2 of 2 cases worked", "Not changed", "Changed", "Undo", "back to what they were?")
	refused := agent.Get(at + "?show=refused")
	if shows(t, refused, http.StatusOK, disputed.Number); strings.Contains(refused.HTML, plain.Number) {
		t.Error("more is shown than was refused")
	}
	shows(t, r.As(access.Supervisor).Get(at), http.StatusNotFound)
	shows(t, agent.Post(at+"/undo", url.Values{}), http.StatusSeeOther)
	jobstest.Drain(t, r.DB, r.Registry, r.Clock, r.Clock.Now())
	shows(t, agent.Get(at), http.StatusOK, "1 of 1 case looked at again", "Undone")
	shows(t, agent.Get("/queue/bulk"), http.StatusOK, "What you did before", "Make resolved", at)

	t.Run("by hand", func(t *testing.T) {
		chosen := url.Values{"case": {plain.Number}, "assignee": {"1"}}
		shows(t, agent.Post("/queue/bulk", chosen), http.StatusOK, "1 chosen case", `name="case" value="`+plain.Number+`"`)
		chosen.Set("action", "tag")
		chosen.Set("tag", " Audit ")
		shows(t, agent.HTMX().Post("/queue/bulk", chosen), http.StatusOK, "Tag as “audit”")
		chosen.Set("tag", "a,b")
		chosen.Set("foreseen", "tag:a,b")
		shows(t, agent.HTMX().Post("/queue/bulk", chosen), http.StatusOK, "Choose what the cases should become.")
		shows(t, agent.Post("/queue/bulk/start", chosen), http.StatusUnprocessableEntity, "Choose what the cases should become.", `value="a,b"`)
	})
	t.Run("after ten minutes it stands", func(t *testing.T) {
		again := agent.Post("/queue/bulk/start", form)
		shows(t, again, http.StatusSeeOther)
		jobstest.Drain(t, r.DB, r.Registry, r.Clock, r.Clock.Now())
		r.Clock.Add(cases.BulkUndo + time.Second)
		late := again.Header.Get("Location")
		if p := agent.Get(late); strings.Contains(p.HTML, "/undo") {
			t.Error("undoing is offered too late")
		}
		shows(t, agent.Post(late+"/undo", url.Values{}), http.StatusConflict)
	})
}

// asked is what the page's button sends: what was shown, so that just that is done.
func asked(t *testing.T, a screentest.Answer) string {
	t.Helper()
	found := regexp.MustCompile(`name="foreseen" value="([^"]+)"`).FindStringSubmatch(a.HTML)
	if found == nil {
		t.Fatalf("nothing to begin: %s", a.Text)
	}
	return found[1]
}

// What came since a run was shown is not in it: it is shown anew. One under way is stopped, and what is left stays as it is.
func TestARunIsWhatWasShownAndIsStopped(t *testing.T) {
	t.Parallel()
	r := openMany(t)
	agent := r.As(access.Agent)
	ask := func() {
		_, err := r.Cases.Open(t.Context(), cases.OpenInput{Type: cases.Inquiry, Subject: "A copy, please", CustomerID: &r.Company.Lumen.ID, Source: "agent", By: r.Actor(access.Agent)})
		r.Must(err)
	}
	ask()
	form := url.Values{"view": {"all_open"}, "action": {"tag"}, "tag": {"audit"}}
	form.Set("foreseen", asked(t, agent.HTMX().Post("/queue/bulk", form)))
	ask()
	again := agent.Post("/queue/bulk/start", form)
	shows(t, again, http.StatusUnprocessableEntity, "not what was shown before", "Do it to 2 cases")
	form.Set("foreseen", asked(t, again))
	begun := agent.Post("/queue/bulk/start", form)
	shows(t, begun, http.StatusSeeOther)
	at := begun.Header.Get("Location")
	shows(t, agent.Get(at), http.StatusOK, "0 of 2 cases worked", "Stop")
	shows(t, r.As(access.Supervisor).Post(at+"/stop", url.Values{}), http.StatusNotFound)
	shows(t, agent.Post(at+"/stop", url.Values{}), http.StatusSeeOther)
	jobstest.Drain(t, r.DB, r.Registry, r.Clock, r.Clock.Now())
	shows(t, agent.Get(at), http.StatusOK, "2 of 2 cases worked", "Not changed", "stopped")
	shows(t, agent.Post(at+"/stop", url.Values{}), http.StatusSeeOther)
}
