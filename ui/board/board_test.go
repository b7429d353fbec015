package board_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/web"
	"makegood/ui/board"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func open(t *testing.T) *screentest.Room {
	t.Helper()
	r := screentest.Open(t)
	s := board.New(r.Desk, r.Reports, r.Cases, r.Inbox)
	r.Echo.GET("/board", s.Show, web.Need(access.ReadBoard))
	r.Echo.GET("/board/people", s.People, web.Need(access.AssignOthers))
	r.Echo.POST("/board/assign", s.Assign, web.Need(access.AssignOthers))
	r.Echo.POST("/board/notices/:id/acknowledge", s.Acknowledge, web.Need(access.ReadBoard))
	r.Echo.GET("/board/:part", s.Part, web.Need(access.ReadBoard))
	return r
}

func has(t *testing.T, a screentest.Answer, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(a.Text, want) {
			t.Errorf("answer (%d) lacks %q: %s", a.Status, want, a.Text)
		}
	}
}

func TestBoardShowsOpenWork(t *testing.T) {
	t.Parallel()
	r := open(t)
	c := r.Dispute("595.00")
	page := r.As(access.Supervisor).Get("/board")
	has(t, page, "Breached 0", "Unassigned 1", "Contested in open cases 595.00 EUR", "1 open case", "Lumen Optik GmbH", "First response", "Nobody", "8:00", "Waiting on 1")
	if !strings.Contains(page.HTML, `href="/cases/`+c.Number) || !strings.Contains(page.HTML, `data-live="board queue"`) {
		t.Error("figures do not open their cases or do not follow news")
	}
	has(t, r.As(access.Supervisor).Get("/board?wall=1"), "Billing desk", "09:30")
}

func TestDeadlineShowsAtOnce(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.Dispute("595.00")
	r.Clock.Add(7*time.Hour + 50*time.Minute)
	lead := r.As(access.Supervisor).HTMX()
	has(t, lead.Get("/board/figures"), "Due in 15 min 1 next 0:10, Lumen Optik GmbH", "one of them unassigned")
	r.Clock.Add(time.Hour) // no timer has run: the board does not wait for one
	figures := lead.Get("/board/figures")
	has(t, figures, "Breached 1 worst −0:50, Lumen Optik GmbH")
	if strings.Contains(figures.HTML, "<html") || !strings.Contains(figures.HTML, `data-tone="bad"`) {
		t.Errorf("not an alarming fragment: %s", figures.HTML)
	}
}

func TestEveryPartIsFetchedAlone(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.Dispute("595.00")
	lead := r.As(access.Supervisor).HTMX()
	for _, part := range []string{"figures", "next", "load", "approvals", "flow", "risk", "mail", "outgoing", "clock"} {
		answer := lead.Get("/board/" + part)
		if answer.Status != http.StatusOK || strings.Contains(answer.HTML, "<html") {
			t.Errorf("%s: status %d: %s", part, answer.Status, answer.Text)
		}
		if part != "clock" && !strings.Contains(answer.HTML, `id="bd-`+part+`"`) {
			t.Errorf("%s does not replace itself", part)
		}
	}
	if answer := lead.Get("/board/secrets"); answer.Status != http.StatusNotFound {
		t.Errorf("unknown part: status %d", answer.Status)
	}
}

func TestReassign(t *testing.T) {
	t.Parallel()
	r := open(t)
	c := r.Dispute("595.00")
	agent := r.Company.Users[access.Agent]
	team, err := db.Value[int64](t.Context(), r.DB, `select min(id) from teams`)
	r.Must(err)
	c, err = r.Cases.Assign(t.Context(), cases.AssignInput{On: cases.On{By: r.Actor(access.Supervisor), ID: c.ID, Version: c.Version}, TeamID: &team})
	r.Must(err)
	lead := r.As(access.Supervisor).HTMX()
	has(t, lead.Get("/board/people"), "Alma Agent", "Sven Senior")
	form := url.Values{"case": {strconv.FormatInt(int64(c.ID), 10)}, "version": {strconv.Itoa(c.Version)}, "assignee": {strconv.FormatInt(agent.ID, 10)}}
	has(t, lead.Post("/board/assign", form), "Alma")
	if stale := lead.Post("/board/assign", form); stale.Status != http.StatusConflict {
		t.Errorf("a stale version: status %d, want 409", stale.Status)
	}
	if c, err = r.Cases.CaseByID(t.Context(), r.DB, c.ID, r.Actor(access.Supervisor)); err != nil || c.TeamID == nil || *c.TeamID != team {
		t.Errorf("it is with team %v, want %d: %v", c.TeamID, team, err)
	}
}

func TestAgentHasNoBoard(t *testing.T) {
	t.Parallel()
	if page := open(t).As(access.Agent).Get("/board"); page.Status != http.StatusForbidden {
		t.Errorf("status %d, want 403", page.Status)
	}
}

// Around the end of a month the board says until when a legal entity closes, what would slip past it, and where those cases are.
func TestBoardSaysThatAMonthCloses(t *testing.T) {
	t.Parallel()
	r := open(t)
	_, err := r.DB.Pool().Exec(t.Context(), `update sla_policies set definition = definition || '{"month_end": {"last_days": 3, "first_days": 2, "targets": {}}}'`)
	r.Must(err)
	r.Dispute("595.00")
	if a := r.As(access.Supervisor).Get("/board"); strings.Contains(a.Text, "Month end of") {
		t.Errorf("in the middle of the month: %s", a.Text)
	}
	r.Clock.Set(time.Date(2026, 5, 30, 9, 0, 0, 0, time.UTC))
	_, err = r.DB.Pool().Exec(t.Context(), `update cases set next_due_at = '2026-06-04'`)
	r.Must(err)
	a := r.As(access.Supervisor).HTMX().Get("/board/closing")
	has(t, a, "Month end of DE until", "1 open case holds up the close.", "1 open case would slip past it.", "Show them")
	if !strings.Contains(a.HTML, `href="/?view=closing&amp;q=entity%3ADE"`) {
		t.Errorf("%s", a.HTML)
	}
	_, err = r.DB.Pool().Exec(t.Context(), `update cases set status = 'resolved'`)
	r.Must(err)
	if a := r.As(access.Supervisor).HTMX().Get("/board/closing"); strings.Contains(a.Text, "Month end of") {
		t.Errorf("nothing holds the close up: %s", a.Text)
	}
}
