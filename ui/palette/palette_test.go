package palette_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/internal/people"
	"makegood/internal/scenario"
	"makegood/internal/web"
	"makegood/ui/palette"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func open(t *testing.T) *screentest.Room {
	t.Helper()
	r := screentest.Open(t)
	s := palette.New(r.Desk, r.Cases, r.Billing, r.Reports)
	r.Echo.GET("/palette", s.Find, web.Need(access.ReadCases))
	r.Echo.GET("/search", s.Search, web.Need(access.ReadCases))
	return r
}

func TestPaletteFinds(t *testing.T) {
	t.Parallel()
	r := open(t)
	c := r.Dispute("595.00")
	agent := r.As(access.Agent).HTMX()
	number := r.Company.LumenBill.Number
	for _, want := range []struct{ q, href string }{
		{c.Number, "/cases/" + c.Number},
		{strings.TrimLeft(strings.TrimPrefix(c.Number, "MG-"), "0"), "/cases/" + c.Number},
		{strings.ToLower(number), "/invoices/" + url.PathEscape(number)},
		{"lumen opt", "/customers/100001"},
		{"network was down", "/cases/" + c.Number},
		{"network w", "/cases/" + c.Number},
		{"is:open type:dispute", "/cases/" + c.Number},
		{"intake", "/intake"},
	} {
		found := agent.Get("/palette?q=" + url.QueryEscape(want.q))
		if found.Status != http.StatusOK || !strings.Contains(found.HTML, `href="`+want.href+`"`) {
			t.Errorf("%q does not find %s (%d): %s", want.q, want.href, found.Status, found.Text)
		}
		if n := strings.Count(found.HTML, `role="option"`); n > 8 {
			t.Errorf("%q gives %d results", want.q, n)
		}
	}
	if found := agent.Get("/palette?q=status:gon"); found.Status != http.StatusOK {
		t.Errorf("a condition still being typed: %d", found.Status)
	}
	if found := agent.Get("/palette?q=qwertz"); strings.Contains(found.HTML, `role="option"`) {
		t.Errorf("something was found: %s", found.Text)
	}
}

func TestPaletteShowsOnlyRoomsOneMayEnter(t *testing.T) {
	t.Parallel()
	r := open(t)
	agent, auditor := r.As(access.Agent).HTMX().Get("/palette"), r.As(access.Auditor).HTMX().Get("/palette")
	if strings.Contains(agent.Text, "Board") || !strings.Contains(auditor.Text, "Board") || !strings.Contains(agent.Text, "Queue") {
		t.Errorf("agent: %s; auditor: %s", agent.Text, auditor.Text)
	}
}

// What is found is found among one's own legal entities, however much of others comes before it.
func TestPaletteFindsOnesOwnCustomers(t *testing.T) {
	t.Parallel()
	r := open(t)
	lumen := r.Company.Lumen
	dbtest.AsOwner(t, r.DB, `with e as (insert into legal_entities (code, name, base_currency, country, support_address, support_name, time_zone)
			values ('SE', 'Sydwind AB', 'SEK', 'SE', 'billing@sydwind.example', 'Billing', 'Europe/Stockholm') returning id)
		insert into customers (id, family_id, account, name, kind, tier, country, language, currency, entity_id, created_at)
		select 900 + n, 900 + n, '0' || n, 'Lumen of elsewhere', 'direct', 'silver', 'SE', 'en', 'SEK', e.id, now() from e, generate_series(10, 40) n`)
	scoped, err := r.People.AddUser(t.Context(), people.NewUser{
		Email: "here@ostwind.example", Name: "Of here", Password: scenario.Password, Roles: []access.Role{access.Agent}, EntityIDs: []int64{int64(lumen.EntityID)}, By: access.SystemActor("test"),
	})
	r.Must(err)
	here := r.AsUser(scoped.Email).HTMX().Get("/palette?q=lumen")
	if !strings.Contains(here.HTML, `href="/customers/`+lumen.Account+`"`) || strings.Contains(here.HTML, "elsewhere") {
		t.Errorf("%s", here.Text)
	}
}

func TestSearchWithoutScript(t *testing.T) {
	t.Parallel()
	r := open(t)
	c := r.Dispute("595.00")
	agent := r.As(access.Agent)
	for path, want := range map[string]string{
		"/search?q=" + c.Number: "/cases/" + c.Number, "/search?q=lumen+optik": "/?q=lumen+optik", "/search": "/",
	} {
		if a := agent.Get(path); a.Status != http.StatusSeeOther || a.Header.Get("Location") != want {
			t.Errorf("%s: %d %s", path, a.Status, a.Header.Get("Location"))
		}
	}
}
