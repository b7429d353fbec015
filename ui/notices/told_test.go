package notices_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/web"
	"makegood/ui/notices"
	"makegood/ui/screentest"
)

func toldRoom(t *testing.T) *screentest.Room {
	t.Helper()
	room := screentest.Open(t)
	s := notices.New(room.Desk, nil, room.Cases)
	need := web.Need(access.ReadCases)
	room.Echo.GET("/notices", s.List, need)
	room.Echo.GET("/notices/bell", s.Bell, need)
	room.Echo.GET("/notices/newer", s.Newer, need)
	room.Echo.POST("/notices/read", s.Read, need)
	room.Echo.POST("/notices/:id/acknowledge", s.Acknowledge, need)
	return room
}

// tell says something to the agent about a case, times over, and gives the id of the last.
func tell(t *testing.T, room *screentest.Room, c cases.Case, times int) int64 {
	t.Helper()
	agent := room.Actor(access.Agent).UserID
	room.Clock.Add(time.Minute)
	room.Must(room.DB.Do(t.Context(), func(tx *db.Tx) error {
		for range times {
			if err := room.Cases.NotifyTx(t.Context(), tx, cases.Notice{UserID: agent, CaseID: &c.ID, Key: "notice.mentioned", Params: map[string]string{"by": "Sven <b>Senior</b>", "number": c.Number}}); err != nil {
				return err
			}
		}
		return nil
	}))
	list, err := room.Cases.Notices(t.Context(), agent, true, 1)
	room.Must(err)
	return list[0].ID
}

func TestAnAgentReadsWhatTheyWereTold(t *testing.T) {
	t.Parallel()
	room := toldRoom(t)
	agent := room.As(access.Agent)
	if a := agent.Get("/notices"); a.Status != http.StatusOK || !strings.Contains(a.Text, "Nobody told you anything yet") || strings.Contains(a.HTML, `class="n num"`) {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	c := room.Dispute("10.00")
	id := tell(t, room, c, 1)
	a := agent.Get("/notices")
	shown := strconv.FormatInt(id, 10)
	for _, want := range []string{
		`aria-label="Notices, 1 unread"`, `data-live="user:`, `href="/cases/` + c.Number, `hx-trigger="load"`, `name="shown" value="` + shown + `"`, "&lt;b&gt;Senior",
	} {
		if !strings.Contains(a.HTML, want) {
			t.Errorf("no %s in %s", want, a.HTML)
		}
	}
	if !strings.Contains(a.Text, "New Unread: Sven") || !strings.Contains(a.Text, c.Subject) {
		t.Errorf("%s", a.Text)
	}
	if again := agent.Get("/notices"); !strings.Contains(again.HTML, "1 unread") {
		t.Error("looking ahead marks it as read")
	}
	part := agent.HTMX()
	if a := part.Get("/notices/bell"); !strings.Contains(a.HTML, `id="mg-bell"`) || !strings.Contains(a.HTML, ">1<") {
		t.Errorf("%s", a.HTML)
	}
	if a := part.Post("/notices/read", url.Values{"shown": {shown}}); a.Status != http.StatusOK || strings.Contains(a.HTML, "unread") || !strings.Contains(a.HTML, `id="mg-bell"`) {
		t.Errorf("%d %s", a.Status, a.HTML)
	}
	room.Clock.Add(time.Minute)
	if a := agent.Get("/notices"); !strings.Contains(a.Text, "Earlier Sven") || strings.Contains(a.HTML, `name="shown"`) {
		t.Errorf("%s", a.Text)
	}
	if a := part.Get("/notices/newer?than=" + shown); strings.Contains(a.Text, "newer notice") {
		t.Errorf("%s", a.Text)
	}
	tell(t, room, c, 2)
	if a := part.Get("/notices/newer?than=" + shown); !strings.Contains(a.Text, "2 newer notices") {
		t.Errorf("%s", a.Text)
	}
	if a := room.As(access.Senior).Get("/notices"); !strings.Contains(a.Text, "Nobody told you anything yet") {
		t.Errorf("what another was told: %s", a.Text)
	}
	for form, want := range map[string]int{"shown": http.StatusUnprocessableEntity, "": http.StatusUnprocessableEntity, "all": http.StatusSeeOther} {
		if a := agent.Post("/notices/read", url.Values{form: {"x"}}); a.Status != want {
			t.Errorf("%q: %d %s", form, a.Status, a.Text)
		}
	}
	if a := agent.Get("/notices"); strings.Contains(a.HTML, "unread\"") {
		t.Error("all were marked as read")
	}
}

func TestNoticesArePagedAndCounted(t *testing.T) {
	t.Parallel()
	room := toldRoom(t)
	tell(t, room, room.Dispute("10.00"), 101)
	agent := room.As(access.Agent)
	a := agent.Get("/notices")
	if strings.Count(a.HTML, `id="notice-`) != 50 || !strings.Contains(a.HTML, "99+") {
		t.Errorf("%d shown", strings.Count(a.HTML, `id="notice-`))
	}
	for range 2 {
		_, next, found := strings.Cut(a.HTML, `href="/notices?after=`)
		if !found {
			t.Fatal("no next page")
		}
		next, _, _ = strings.Cut(next, `"`)
		a = agent.Get("/notices?after=" + next)
	}
	if strings.Count(a.HTML, `id="notice-`) != 1 || strings.Contains(a.HTML, "/notices?after=") {
		t.Errorf("the last page: %s", a.Text)
	}
	if a := agent.Get("/notices?after=nonsense"); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("%d %s", a.Status, a.Text)
	}
}

func TestAnAgentTakesNoticeOfAnEscalation(t *testing.T) {
	t.Parallel()
	room := toldRoom(t)
	c := room.Dispute("10.00")
	agent := room.As(access.Agent)
	_, err := room.DB.Pool().Exec(t.Context(), `with climbed as (update case_clocks set rung = 1 where case_id = $1 and kind = 'first_response' returning id)
		insert into notices (user_id, case_id, key, params, created_at)
		select $2, $1, 'escalation.warning', jsonb_build_object('clock', 'first_response', 'clock_id', id::text, 'rung', '1', 'threshold', 'warn75'), now() from climbed`,
		c.ID, room.Actor(access.Agent).UserID)
	room.Must(err)
	a := agent.Get("/notices")
	if !strings.Contains(a.Text, "Wait for your word Unread: First response: The deadline comes near.") || strings.Count(a.HTML, `id="notice-`) != 1 {
		t.Fatalf("%s", a.Text)
	}
	id := regexp.MustCompile(`/notices/(\d+)/acknowledge`).FindStringSubmatch(a.HTML)[1]
	if a := room.As(access.Senior).HTMX().Post("/notices/"+id+"/acknowledge", nil); a.Status != http.StatusNotFound {
		t.Errorf("another's: %d %s", a.Status, a.Text)
	}
	if a := agent.HTMX().Post("/notices/"+id+"/acknowledge", nil); a.Status != http.StatusOK || !strings.Contains(a.Text, "Acknowledged") || strings.Contains(a.HTML, "<form") {
		t.Errorf("%d %s", a.Status, a.HTML)
	}
	if a := agent.Get("/notices"); strings.Contains(a.Text, "Wait for your word") {
		t.Errorf("%s", a.Text)
	}
}
