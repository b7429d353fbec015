package webhooks_test

import (
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"makegood/cases"
	hooks "makegood/cases/webhooks"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/jobs/jobstest"
	"makegood/internal/outside"
	"makegood/internal/secrets"
	"makegood/internal/web"
	"makegood/ui/screentest"
	"makegood/ui/webhooks"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func TestWebhooks(t *testing.T) {
	t.Parallel()
	room := screentest.Open(t)
	keys, err := secrets.New("only for the tests of this package, 0123456789 abcdef")
	room.Must(err)
	service := hooks.New(room.DB, keys, outside.New(outside.Options{}), slog.New(slog.DiscardHandler))
	service.Register(room.Registry)
	s := webhooks.New(room.Desk, service)
	need := web.Need(access.Administer)
	room.Echo.GET("/settings/webhooks", s.List, need)
	room.Echo.POST("/settings/webhooks", s.Add, need)
	room.Echo.POST("/settings/webhooks/:id", s.Save, need)
	room.Echo.POST("/settings/webhooks/deliveries/:id/replay", s.Replay, need)
	if a := room.As(access.Agent).Get("/settings/webhooks"); a.Status != http.StatusForbidden {
		t.Errorf("an agent got %d", a.Status)
	}
	admin := room.As(access.Admin)
	form := url.Values{"url": {"https://127.0.0.1/in"}, "events": {"case.opened\r\ninvoice.*"}, "active": {"on"}}
	if a := admin.Post("/settings/webhooks", form); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Text, "There is no event invoice.*.") || !strings.Contains(a.HTML, "https://127.0.0.1/in") {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	form.Set("events", "case.opened\r\nsla.*")
	if a := admin.Post("/settings/webhooks", form); a.Status != http.StatusOK || !strings.Contains(a.Text, "whsec_") {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	page := admin.Get("/settings/webhooks")
	if strings.Contains(page.Text, "whsec_") || !strings.Contains(page.HTML, `action="/settings/webhooks/1"`) {
		t.Errorf("%s", page.Text)
	}
	t.Run("what cannot be delivered is given up, and seen", func(t *testing.T) {
		_, err := room.Cases.Open(t.Context(), cases.OpenInput{Type: cases.Inquiry, Subject: "Which line?", Source: "agent", By: room.Company.Actor(access.Agent)})
		room.Must(err)
		room.Must(room.DB.Do(t.Context(), func(tx *db.Tx) error { return tx.Enqueue(t.Context(), hooks.HandOut{}) }))
		jobstest.Drain(t, room.DB, room.Registry, room.Clock, room.Clock.Now().Add(48*time.Hour))
		admin = room.As(access.Admin) // a sign-in does not last that long
		if a := admin.Get("/settings/webhooks"); !strings.Contains(a.Text, "Given up") || !strings.Contains(a.Text, "case.opened") {
			t.Fatalf("%s", a.Text)
		}
		if a := admin.Post("/settings/webhooks/deliveries/1/replay", nil); a.Status != http.StatusSeeOther {
			t.Errorf("%d %s", a.Status, a.Text)
		}
		if a := admin.Post("/settings/webhooks/deliveries/1/replay", nil); a.Status != http.StatusConflict || !strings.Contains(a.Text, "still on its way") {
			t.Errorf("%d %s", a.Status, a.Text)
		}
	})
	form.Set("version", "1")
	form.Del("active")
	if a := admin.Post("/settings/webhooks/1", form); a.Status != http.StatusSeeOther {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	if a := admin.Post("/settings/webhooks/1", form); a.Status != http.StatusConflict || !strings.Contains(a.Text, "Somebody changed this webhook meanwhile.") {
		t.Errorf("%d %s", a.Status, a.Text)
	}
}
