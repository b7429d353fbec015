package notices_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"makegood/cases/telling"
	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/notices"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func TestNotices(t *testing.T) {
	t.Parallel()
	room := screentest.Open(t)
	words, err := i18n.Load()
	room.Must(err)
	s := notices.New(room.Desk, telling.New(telling.Services{DB: room.DB, Billing: room.Billing, Inbox: room.Inbox}, words, "https://desk.ostwind.example", nil), room.Cases)
	need := web.Need(access.ReadCases)
	room.Echo.GET("/settings/notices", s.Show, need)
	room.Echo.POST("/settings/notices", s.Save, need)
	agent := room.As(access.Agent)
	if a := agent.Get("/settings/notices"); a.Status != http.StatusOK || !strings.Contains(a.HTML, `value="none" selected`) || !strings.Contains(a.HTML, `value="08:00"`) {
		t.Errorf("%d %s", a.Status, a.HTML)
	}
	form := url.Values{"version": {"0"}, "mail": {"at_once"}, "quiet_from": {"20:15"}, "quiet_to": {""}, "digest_at": {"25:00"}}
	if a := agent.Post("/settings/notices", form); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Text, "This is no time of day.") || !strings.Contains(a.HTML, `value="20:15"`) {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	form.Set("digest_at", "07:30")
	if a := agent.Post("/settings/notices", form); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Text, "Quiet hours need a beginning and an end.") {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	form.Set("quiet_to", "06:45")
	if a := agent.Post("/settings/notices", form); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	if a := agent.Post("/settings/notices", form); a.Status != http.StatusConflict || !strings.Contains(a.Text, "You changed this meanwhile") {
		t.Errorf("a stale form: %d %s", a.Status, a.Text)
	}
	if a := agent.Get("/settings/notices?saved=1"); !strings.Contains(a.HTML, `value="at_once" selected`) || !strings.Contains(a.HTML, `value="06:45"`) || !strings.Contains(a.Text, "Saved.") {
		t.Errorf("%s", a.HTML)
	}
	if a := room.As(access.Supervisor).Get("/settings/notices"); !strings.Contains(a.HTML, `value="none" selected`) {
		t.Error("another's choice is shown")
	}
}
