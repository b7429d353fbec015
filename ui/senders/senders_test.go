package senders_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/internal/web"
	"makegood/ui/screentest"
	"makegood/ui/senders"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func TestSenders(t *testing.T) {
	t.Parallel()
	room := screentest.Open(t)
	s := senders.New(room.Desk, room.Billing, room.Inbox)
	need := web.Need(access.Administer)
	room.Echo.GET("/settings/senders", s.List, need)
	room.Echo.POST("/settings/senders/:entity", s.Save, need)
	entities, err := room.Billing.Entities(t.Context())
	room.Must(err)
	code := entities[0].Code
	if a := room.As(access.Agent).Get("/settings/senders"); a.Status != http.StatusForbidden {
		t.Errorf("an agent got %d", a.Status)
	}
	admin := room.As(access.Admin)
	if a := admin.Get("/settings/senders"); a.Status != http.StatusOK || !strings.Contains(a.HTML, entities[0].SupportAddress) {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	form := url.Values{"version": {"0"}, "address": {"nowhere"}, "name": {"Ostwind & Co"}, "signature": {"Yours <always>"}}
	wrong := admin.Post("/settings/senders/"+code, form)
	if wrong.Status != http.StatusUnprocessableEntity || !strings.Contains(wrong.Text, "This is not a mail address.") || !strings.Contains(wrong.HTML, "Yours &lt;always&gt;") {
		t.Errorf("%d %s", wrong.Status, wrong.HTML)
	}
	form.Set("address", "post@elsewhere.example")
	if a := admin.Post("/settings/senders/"+code, form); a.Status != http.StatusConflict || !strings.Contains(a.Text, "changed meanwhile") || !strings.Contains(a.HTML, "post@elsewhere.example") {
		t.Errorf("a stale form: %d %s", a.Status, a.Text)
	}
	_, rest, _ := strings.Cut(wrong.HTML, `name="version" value="`)
	version, _, _ := strings.Cut(rest, `"`)
	form.Set("version", version)
	if a := admin.Post("/settings/senders/"+code, form); a.Status != http.StatusSeeOther {
		t.Fatalf("not saved: %d %s", a.Status, a.Text)
	}
	if a := admin.Get("/settings/senders"); !strings.Contains(a.HTML, "Ostwind &amp; Co") || !strings.Contains(a.Text, "No mailbox that is read has the address post@elsewhere.example") {
		t.Errorf("%s", a.Text)
	}
}
