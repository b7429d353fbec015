package letters_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"makegood/cases/letterbook"
	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/internal/web"
	"makegood/ui/letters"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func TestLetters(t *testing.T) {
	t.Parallel()
	room := screentest.Open(t)
	s := letters.New(room.Desk, letterbook.New(room.DB), room.Billing, room.Cases)
	need := web.Need(access.Administer)
	const one = "/settings/letters/:entity/:kind/:language"
	room.Echo.GET("/settings/letters", s.List, need)
	room.Echo.GET(one, s.Edit, need)
	room.Echo.POST(one, s.Save, need)
	room.Echo.POST(one+"/preview", s.Preview, need)
	room.Echo.POST(one+"/restore", s.Restore, need)
	entities, err := room.Billing.Entities(t.Context())
	room.Must(err)
	at := "/settings/letters/" + entities[0].Code + "/acknowledgement/de"
	if a := room.As(access.Agent).Get(at); a.Status != http.StatusForbidden {
		t.Errorf("an agent got %d", a.Status)
	}
	admin := room.As(access.Admin)
	if a := admin.Get(at); a.Status != http.StatusOK || !strings.Contains(a.HTML, "{{.received}}") || !strings.Contains(a.Text, "Never changed.") {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	if a := admin.Get(strings.Replace(at, "acknowledgement", "spam", 1)); a.Status != http.StatusNotFound {
		t.Errorf("a kind there is not: %d", a.Status)
	}
	form := url.Values{"base": {"0"}, "subject": {"Ihre Nachricht {{.number}}"}, "body": {"Moin,\r\n{{.iban}}"}}
	if a := admin.Post(at, form); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Text, "Line 2: this letter has no variable iban.") || !strings.Contains(a.HTML, "{{.iban}}") {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	form.Set("body", "Moin {{.name}} <b>,\r\n\r\n{{.number}} ist da.")
	if a := admin.Post(at+"/preview", form); a.Status != http.StatusOK || !strings.Contains(a.Text, "MG-004182 ist da.") || !strings.Contains(a.HTML, "&lt;b&gt;") {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	form.Set("as", "html")
	if a := admin.Post(at+"/preview", form); a.Status != http.StatusOK || !strings.Contains(a.HTML, "<p>MG-004182 ist da.</p>") {
		t.Errorf("%d %s", a.Status, a.HTML)
	}
	form.Del("as")
	form.Set("case", "MG-999999")
	if a := admin.Post(at+"/preview", form); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Text, "There is no such case.") {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	if a := admin.Post(at, form); a.Status != http.StatusSeeOther {
		t.Fatalf("not saved: %d %s", a.Status, a.Text)
	}
	if a := admin.Post(at, form); a.Status != http.StatusConflict || !strings.Contains(a.Text, "changed meanwhile") {
		t.Errorf("a stale form: %d %s", a.Status, a.Text)
	}
	if a := admin.Get("/settings/letters"); !strings.Contains(a.Text, "version 1 since 2026-05-12") {
		t.Errorf("%s", a.Text)
	}
	if a := admin.Post(at+"/restore", url.Values{"base": {"1"}, "number": {"0"}}); a.Status != http.StatusSeeOther {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	if a := admin.Get(at); !strings.Contains(a.Text, "In force: as shipped.") || !strings.Contains(a.Text, "Back to the words we ship") || !strings.Contains(a.Text, "Go back to version 1") {
		t.Errorf("%s", a.Text)
	}
}
