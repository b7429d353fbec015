package here_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/internal/live"
	"makegood/internal/scenario"
	"makegood/internal/web"
	"makegood/ui/here"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func open(t *testing.T) (*screentest.Room, *live.Presence) {
	t.Helper()
	r := screentest.Open(t)
	quiet := slog.New(slog.DiscardHandler)
	p := live.NewPresence(live.NewHub("", quiet), r.DB, quiet, live.PresenceOptions{Linger: time.Millisecond, Typing: time.Hour})
	s := here.New(r.Desk, p, r.Reports.CaseFiles(r.Cases, r.Billing))
	read, work := web.Need(access.ReadCases), web.Need(access.WorkCases)
	r.Echo.GET("/live/cases/:number", s.Stream, read)
	r.Echo.GET("/queue/here", s.Queue, read)
	r.Echo.GET("/cases/:number/here", s.Case, read)
	r.Echo.POST("/cases/:number/typing", s.Types, work)
	return r, p
}

// Beside a case stands who else looks at it and who writes, never oneself; in the queue, at the rows that somebody may see.
func TestWhoElseIsThere(t *testing.T) {
	t.Parallel()
	r, p := open(t)
	c := r.Dispute("59.50")
	of := strconv.FormatInt(int64(c.ID), 10)
	agent, senior, auditor := r.As(access.Agent), r.As(access.Senior), r.As(access.Auditor)
	look := func(v *screentest.Visitor, path, want string) {
		t.Helper()
		if got := v.HTMX().Get(path); got.Status != http.StatusOK || got.Text != want {
			t.Errorf("%s: %d %q, want %q", path, got.Status, got.Text, want)
		}
	}
	beside, queue := "/cases/"+c.Number+"/here", "/queue/here?of="+of+"&of=99&of=x"
	look(agent, beside, "")
	leave := p.Enter(r.Actor(access.Agent).UserID, int64(c.ID))
	defer leave()
	name := r.Actor(access.Agent).Name
	look(agent, beside, "")
	if got := senior.HTMX().Get(beside); !strings.Contains(got.HTML, name+" is looking at it") || !strings.Contains(got.HTML, `data-on="looking"`) {
		t.Error(got.HTML)
	}
	if got := agent.Post("/cases/"+c.Number+"/typing", nil); got.Status != http.StatusNoContent {
		t.Errorf("%d %s", got.Status, got.Text)
	}
	if got := auditor.Post("/cases/"+c.Number+"/typing", nil); got.Status != http.StatusForbidden {
		t.Errorf("%d %s", got.Status, got.Text)
	}
	p.Enter(r.Actor(access.Controller).UserID, int64(c.ID))
	if got := senior.HTMX().Get(beside); !strings.Contains(got.HTML, name+" is writing, "+r.Actor(access.Controller).Name+" is looking at it") {
		t.Error(got.HTML)
	}
	got := senior.HTMX().Get(queue)
	if got.Status != http.StatusOK || !strings.Contains(got.HTML, `hx-target="#here-`+of+`"`) || !strings.Contains(got.HTML, `data-on="typing"`) || !strings.Contains(got.HTML, `hx-target="#here-99"`) {
		t.Error(got.HTML)
	}
	if got := agent.HTMX().Get("/cases/MG-009999/here"); got.Status != http.StatusNotFound {
		t.Errorf("%d %s", got.Status, got.Text)
	}
}

// An open page keeps its reader there; closed, they are gone.
func TestStreamKeepsItsReader(t *testing.T) {
	t.Parallel()
	r, p := open(t)
	c := r.Dispute("59.50")
	token, _, err := r.People.SignIn(t.Context(), r.Company.Users[access.Agent].Email, scenario.Password, "test")
	r.Must(err)
	server := httptest.NewServer(r.Echo)
	t.Cleanup(server.Close)
	ctx, hangUp := context.WithCancel(t.Context())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/live/cases/"+c.Number, nil)
	r.Must(err)
	request.AddCookie(&http.Cookie{Name: "mg_session", Value: token})
	answer, err := http.DefaultClient.Do(request)
	r.Must(err)
	defer func() { _ = answer.Body.Close() }()
	if kind := answer.Header.Get(echo.HeaderContentType); answer.StatusCode != http.StatusOK || kind != "text/event-stream" {
		t.Fatalf("%d %s", answer.StatusCode, kind)
	}
	there := func(want int) {
		t.Helper()
		for deadline := time.After(time.Minute); len(p.At(int64(c.ID))[int64(c.ID)]) != want; {
			select {
			case <-deadline:
				t.Fatalf("%+v, want %d", p.At(int64(c.ID)), want)
			case <-time.After(5 * time.Millisecond):
			}
		}
	}
	there(1)
	hangUp()
	there(0)
}
