package authority_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/web"
	"makegood/ui/authority"
	"makegood/ui/screentest"
)

func openDelegations(t *testing.T) *screentest.Room {
	t.Helper()
	r := screentest.Open(t)
	s := authority.New(r.Desk, r.Billing, r.Credits, r.People, r.Cases)
	r.Echo.GET("/settings/delegations", s.Delegations, web.Need(access.ReadCredits))
	r.Echo.POST("/settings/delegations", s.Delegate, web.Need(access.Decide))
	r.Echo.POST("/settings/delegations/:id/revoke", s.Revoke, web.Need(access.ReadCredits))
	r.Echo.GET("/settings/authority/coverage", s.Coverage, web.Need(access.ReadCredits))
	return r
}

func TestSomebodyDecidesInOnesPlace(t *testing.T) {
	t.Parallel()
	r := openDelegations(t)
	lead := r.As(access.Supervisor)
	has(t, lead.Get("/settings/delegations"), 200, "Nobody stands in for anybody.", "Somebody decides in your place")
	form := url.Values{
		"to": {strconv.FormatInt(r.Actor(access.Senior).UserID, 10)}, "from": {r.Clock.Now().Format(time.DateOnly)}, "until": {r.Clock.Now().AddDate(0, 0, 5).Format(time.DateOnly)},
		"kind": {"concession", "refund"}, "max_amount": {"2,500.00"}, "note": {"Holiday"},
	}
	went(t, lead.Post("/settings/delegations", form))
	has(t, lead.Get("/settings/delegations"), 200, "Sven Senior", "Concession, Refund, up to 2,500.00 EUR", "now", "Holiday")
	form.Set("kind", "concession")
	has(t, lead.Post("/settings/delegations", form), http.StatusUnprocessableEntity, "Somebody stands in for you for the same kinds and places in this time already.")
	form.Set("until", "tomorrow")
	has(t, lead.Post("/settings/delegations", form), http.StatusUnprocessableEntity, "tomorrow")
	if a := r.As(access.Senior).Post("/settings/delegations/1/revoke", nil); a.Status != http.StatusNotFound && a.Status != http.StatusForbidden {
		t.Errorf("somebody else's was revoked: %d", a.Status)
	}
	went(t, lead.Post("/settings/delegations/1/revoke", url.Values{}))
	has(t, lead.Get("/settings/delegations"), 200, "Nobody stands in for anybody.")
	has(t, r.As(access.Auditor).Get("/settings/authority/coverage"), 200, "Levels without a backup", "Sina Supervisor")
}

// With several legal entities somebody can stand in for one of them; one that is not there is refused.
func TestSomebodyDecidesInOneLegalEntity(t *testing.T) {
	t.Parallel()
	r := openDelegations(t)
	lead := r.As(access.Supervisor)
	if page := lead.Get("/settings/delegations"); strings.Contains(page.Text, "In which legal entities") {
		t.Error("asked although there is one alone")
	}
	dbtest.AsOwner(t, r.DB, `insert into legal_entities (code, name, base_currency, country, tax_id, address, support_address, support_name, time_zone, language, bank_details)
		select 'ZZ', 'Zweite GmbH', base_currency, country, tax_id || '9', address, 'zz@ostwind.example', support_name, time_zone, language, bank_details from legal_entities limit 1`)
	id, err := db.Value[int64](t.Context(), r.DB, `select id from legal_entities where code = 'ZZ'`)
	r.Must(err)
	has(t, lead.Get("/settings/delegations"), 200, "In which legal entities", "Zweite GmbH")
	form := url.Values{
		"to": {strconv.FormatInt(r.Actor(access.Senior).UserID, 10)}, "from": {r.Clock.Now().Format(time.DateOnly)},
		"until": {r.Clock.Now().AddDate(0, 0, 5).Format(time.DateOnly)}, "entity": {"4711"},
	}
	has(t, lead.Post("/settings/delegations", form), http.StatusUnprocessableEntity, "There is no such legal entity.")
	form.Set("entity", strconv.FormatInt(id, 10))
	went(t, lead.Post("/settings/delegations", form))
	has(t, lead.Get("/settings/delegations"), 200, "Everything, in Zweite GmbH")
}
