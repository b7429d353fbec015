package terms_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"makegood/internal/access"
)

// policy is the form of the company's policy as it stands, but for the first response.
func policy(first string) url.Values {
	form := url.Values{"name": {"Everybody"}, "based_on": {"1"}, "position": {"1"}, "calendar": {"Round the clock"}, "pause.resolution": {"customer", "upstream"}, "cap.resolution": {"8h"}, "warn_at": {"50, 90"}, "reopen_within": {"14d"}}
	for _, priority := range []string{"P1", "P2", "P3", "P4"} {
		form.Set("target.first_response."+priority, first)
		form.Set("target.resolution."+priority, "72h calendar")
	}
	return form
}

func TestAPolicyIsTriedAndPutInForceOnScreen(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.Dispute("100")
	agent, supervisor := r.As(access.Agent), r.As(access.Supervisor)
	has(t, agent.Get("/settings/sla"), 200, "Everybody", "every case", "72h calendar / 72h calendar")
	page := agent.Get("/settings/sla/policies/1")
	has(t, page, 200, "Targets", "72h calendar")
	if strings.Contains(page.HTML, "<form method=\"post\" action=\"/settings/sla") {
		t.Error("an agent is offered the form")
	}
	for path, status := range map[string]int{"/settings/sla/new": http.StatusForbidden, "/settings/sla/drafts/1": http.StatusForbidden, "/settings/sla/policies/99": http.StatusNotFound} {
		if a := agent.Get(path); a.Status != status {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	has(t, supervisor.Get("/settings/sla/policies/1"), 200, `name="target.resolution.P1"`, `value="72h calendar"`, "Try it on the last quarter")
	r.Clock.Add(2 * time.Hour) // the case is one of the past
	kept := supervisor.Post("/settings/sla/drafts", policy("1h calendar"))
	to := kept.Header.Get("Location")
	if kept.Status != http.StatusSeeOther || to != "/settings/sla/drafts/1" {
		t.Fatalf("%d to %s: %s", kept.Status, to, kept.Text)
	}
	has(t, supervisor.Get(to), 200, "0 of 1 case tried")
	r.Must(r.Registry.Work(t.Context(), "cases.simulate_draft", []byte(`{"id":1}`)))
	has(t, supervisor.Get(to), 200, "tried on 1 case. 1 case would have been under it", "First response", "0 %", "Put it in force")
	has(t, supervisor.Get("/settings/sla"), 200, "Drafts", "tried on 1 case")
	has(t, supervisor.Post(to, url.Values{"comment": {""}}), 422, "Say why it is changed.")
	if a := supervisor.Post(to, url.Values{"comment": {"Promised in the contracts"}}); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	has(t, supervisor.Post(to, url.Values{"comment": {"Twice"}}), 409, "This draft was put in force or replaced meanwhile.", "It is in force.")
	has(t, agent.Get("/settings/sla"), 200, "Promised in the contracts", "1h calendar / 1h calendar", "0 of 1 open case looked at")
	r.Must(r.Registry.Work(t.Context(), "cases.move_clocks", []byte(`{"id":1}`)))
	has(t, agent.Get("/settings/sla"), 200, "moved 1 case")
	has(t, agent.Get("/settings/sla/policies/1"), 200, "This version is out of use.", "Version 2,")
	has(t, supervisor.Post("/settings/sla/drafts", policy("2h")), 409, "Somebody else has changed it meanwhile.", `value="2h"`)
}

func TestWhatTheFormOfAPolicyRefuses(t *testing.T) {
	t.Parallel()
	r := open(t)
	supervisor := r.As(access.Supervisor)
	for field, value := range map[string]string{
		"position": "first", "target.resolution.P2": "soon", "cap.resolution": "30d", "warn_at": "many", "reopen_within": "late", "amount_from": "much",
		"calendar": "Atlantis", "target.statutory.P1": "4h", "last_days": "some", "first_days": "11", "month_end.first_response.P2": "5h", "priority": "P9",
	} {
		form := policy("4h")
		form.Set(field, value)
		a := supervisor.Post("/settings/sla/drafts", form)
		if a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.HTML, "mg-err") && !strings.Contains(a.HTML, "mg-note") {
			t.Errorf("%s: %d %s", field, a.Status, a.Text)
		}
		if field != "calendar" && field != "priority" && !strings.Contains(a.HTML, `value="`+value+`"`) {
			t.Errorf("%s is lost", field)
		}
	}
	fresh := policy("4h")
	fresh.Set("name", "Gold in the north")
	fresh.Set("based_on", "0")
	fresh.Set("regions", "north, west")
	fresh.Set("amount_from", "1000")
	fresh.Set("last_days", "3")
	fresh.Set("first_days", "2")
	fresh.Set("month_end.first_response.P1", "1h")
	fresh["tier"], fresh["type"], fresh["priority"], fresh["entity"] = []string{"gold"}, []string{"dispute"}, []string{"P1", "P2"}, []string{"1"}
	if a := supervisor.Post("/settings/sla/drafts", fresh); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	has(t, supervisor.Get("/settings/sla/drafts/1"), 200, "dispute; P1 or P2; gold; north or west;", "from 1,000.00 EUR")
	has(t, supervisor.Get("/settings/sla/new"), 200, "A new policy", `name="name"`)
}
