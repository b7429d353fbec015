package webhooks_test

import (
	"fmt"
	"testing"
	"time"

	"makegood/cases/webhooks"
	"makegood/internal/db"
	"makegood/internal/secrets"
)

// What waits for a slow address takes workers' time once, and then as few at a time as it may take; nothing counts as an attempt meanwhile,
// and others are told as ever.
func TestABacklogOfASlowAddressTakesNoWorkers(t *testing.T) {
	t.Parallel()
	h := setup(t)
	busy, _ := h.add("case.opened")
	letGo := h.hooks.Occupy(busy.ID)
	const many = 40
	for range many {
		h.open()
	}
	jobs := func() int {
		t.Helper()
		n, err := db.Value[int](t.Context(), h.DB, `select count(*) from river_job where kind = 'webhooks.deliver'`)
		h.Must(err)
		return n
	}
	h.work(time.Second)
	for _, d := range h.deliveries(false) {
		if d.State != "new" || d.Attempts != 0 {
			t.Fatalf("%+v", d)
		}
	}
	if n := jobs(); n != many || h.asked() != 0 {
		t.Fatalf("%d jobs, asked %d times", n, h.asked())
	}
	h.work(time.Second) // too soon
	if n := jobs(); n != many {
		t.Errorf("handed out again at once: %d jobs", n)
	}
	h.Clock.Add(3 * time.Second)
	h.work(time.Second)
	if n := jobs(); n != many+10 {
		t.Errorf("%d jobs while it is busy, want 10 more", n-many)
	}
	other, _, err := h.hooks.Add(t.Context(), webhooks.EndpointInput{By: h.admin, URL: h.other.URL + "/other", Events: []string{"case.opened"}, Active: true})
	h.Must(err)
	h.open()
	h.work(time.Second)
	if h.asked() != 1 || h.got[0].URL.Path != "/other" {
		t.Errorf("told %d times", h.asked())
	}
	letGo()
	for range many/10 + 2 {
		h.Clock.Add(3 * time.Second)
		h.work(time.Second)
	}
	told := map[string]bool{}
	for n, d := range h.deliveries(false) {
		told[fmt.Sprint(d.EndpointID, " ", d.EventID)] = true
		if d.State != "delivered" || d.Attempts != 1 {
			t.Errorf("%d: %+v", n, d)
		}
	}
	if len(told) != many+2 || h.asked() != many+2 || other.ID == busy.ID {
		t.Errorf("told of %d, %d times", len(told), h.asked())
	}
}

// A secret sealed with a key that is not here is a failure like another: tried for about a day, then given up, where a person sees it.
func TestADeliveryThatCannotBeSignedIsGivenUp(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.add("case.opened")
	sealed, err := db.Value[[]byte](t.Context(), h.DB, `select secret_sealed from webhook_endpoints`)
	h.Must(err)
	elsewhere, err := secrets.New("the key of another time, 0123456789 abcdef ghijkl")
	h.Must(err)
	with := func(secret []byte) {
		t.Helper()
		_, err := h.DB.Pool().Exec(t.Context(), `update webhook_endpoints set secret_sealed = $1`, secret)
		h.Must(err)
	}
	with(elsewhere.Seal("whsec_c2VhbGVkIGVsc2V3aGVyZQ=="))
	h.open()
	h.work(time.Second)
	if list := h.deliveries(false); list[0].State != "waiting" || list[0].Attempts != 1 || list[0].Error != "webhooks.secret_closed" {
		t.Fatalf("%+v", list)
	}
	h.work(48 * time.Hour)
	dead := h.deliveries(true)
	if len(dead) != 1 || dead[0].Attempts != 14 || h.asked() != 0 {
		t.Fatalf("%+v", h.deliveries(false))
	}
	with(sealed)
	h.Must(h.hooks.Replay(t.Context(), h.admin, dead[0].ID))
	h.work(time.Second)
	if list := h.deliveries(false); list[0].State != "delivered" || h.asked() != 1 {
		t.Errorf("%+v", list)
	}
}
