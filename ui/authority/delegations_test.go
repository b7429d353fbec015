package authority_test

import (
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"makegood/internal/access"
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
