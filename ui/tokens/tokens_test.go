package tokens_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/internal/web"
	"makegood/ui/screentest"
	"makegood/ui/tokens"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func TestTokens(t *testing.T) {
	t.Parallel()
	room := screentest.Open(t)
	s := tokens.New(room.Desk, room.People)
	need := web.Need(access.ReadCases)
	room.Echo.GET("/settings/tokens", s.Page, need)
	room.Echo.POST("/settings/tokens", s.Create, need)
	room.Echo.POST("/settings/tokens/:id/revoke", s.Revoke, need)
	me, admin := room.As(access.Agent), room.As(access.Admin)
	for field, form := range map[string]url.Values{
		"name": {"name": {""}, "days": {"9"}, "kind": {"person"}}, "At most 400": {"name": {"x"}, "days": {"401"}, "kind": {"person"}},
		"may not do": {"name": {"x"}, "days": {"9"}, "kind": {"person"}, "scopes": {"settings.administer"}},
	} {
		if a := me.Post("/settings/tokens", form); a.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", field, a.Status, a.Text)
		}
	}
	form := url.Values{"name": {"Nightly <run>"}, "days": {"9"}, "kind": {"person"}, "scopes": {"cases.read"}}
	made := me.Post("/settings/tokens", form)
	token := regexp.MustCompile(`mgd_\w+`).FindString(made.HTML)
	if made.Status != http.StatusOK || token == "" {
		t.Fatalf("%d %s", made.Status, made.Text)
	}
	actor, err := room.People.Bearer(t.Context(), token)
	room.Must(err)
	if !access.May(actor, access.ReadCases) || access.May(actor, access.WorkCases) {
		t.Errorf("%+v", actor)
	}
	page := me.Get("/settings/tokens")
	if strings.Contains(page.HTML, token) || !strings.Contains(page.HTML, "Nightly &lt;run&gt;") || strings.Contains(page.Text, "not yet") {
		t.Errorf("shown twice, or its use not seen: %s", page.Text)
	}
	if a := admin.Get("/settings/tokens"); strings.Contains(a.Text, "Nightly") {
		t.Errorf("another's among one's own: %s", a.Text)
	}
	if a := admin.Get("/settings/tokens?all=1"); !strings.Contains(a.Text, "Nightly") {
		t.Errorf("an admin does not see it: %s", a.Text)
	}
	revoke := regexp.MustCompile(`action="(/settings/tokens/\d+/revoke)"`).FindStringSubmatch(page.HTML)
	if revoke == nil {
		t.Fatal(page.HTML)
	}
	if a := room.As(access.Supervisor).Post(revoke[1], nil); a.Status != http.StatusNotFound {
		t.Errorf("revoked another's: %d", a.Status)
	}
	if a := me.Post(revoke[1], nil); a.Status != http.StatusSeeOther {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	if _, err := room.People.Bearer(t.Context(), token); err == nil {
		t.Error("it still holds")
	}
	room.Clock.Add(16 * time.Minute)
	if a := me.Post("/settings/tokens", form); a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Header.Get("Location"), "/prove") {
		t.Errorf("made without a fresh proof: %d", a.Status)
	}
}
