package contracts_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"makegood/internal/access"
	"makegood/ui/screentest"
)

const contractPath = "/contracts/K%202026%2F7"

func with(form url.Values, field string, values ...string) url.Values {
	changed := url.Values{}
	for name, list := range form {
		changed[name] = slices.Clone(list)
	}
	changed[field] = values
	return changed
}

func went(t *testing.T, a screentest.Answer) {
	t.Helper()
	if a.Status != http.StatusSeeOther {
		t.Errorf("status %d: %s", a.Status, a.Text)
	}
}

// refusedAt wants a form shown again with a sentence at one field.
func refusedAt(t *testing.T, a screentest.Answer, field, says string) {
	t.Helper()
	said := regexp.MustCompile(`(?s)id="` + regexp.QuoteMeta(field) + `-error">.*?</p>`).FindString(a.HTML)
	if a.Status != http.StatusUnprocessableEntity || !strings.Contains(said, says) {
		t.Errorf("%s: %d, at the field: %q", field, a.Status, said)
	}
}

func TestAnIncidentIsRecordedAndEndedOnThePage(t *testing.T) {
	t.Parallel()
	r := open(t)
	agent := r.As(access.Agent)
	service := regexp.MustCompile(`name="service" value="([0-9]+)"`).FindStringSubmatch(agent.Get(contractPath).HTML)
	if service == nil {
		t.Fatal("no service to tick")
	}
	form := url.Values{
		"title": {"Cooling failed"}, "source": {"monitor"}, "reference": {"T-5"}, "kind": {"outage"}, "cause": {""}, "from": {"2026-04-10T14:00"}, "until": {""}, "service": service[1:],
	}
	went(t, agent.Post(contractPath+"/incidents", form))
	page := agent.Get(contractPath)
	has(t, page, "Cooling failed", "monitor T-5", "10 Apr 2026, 14:00 – …", "not over", "It is over", "Rack 4")
	action := regexp.MustCompile(`action="(/contracts/[^"]+/end)"`).FindStringSubmatch(page.HTML)
	if action == nil {
		t.Fatal("the incident cannot be ended")
	}
	id := regexp.MustCompile(`/incidents/([0-9]+)/`).FindStringSubmatch(action[1])[1]
	refusedAt(t, agent.Post(action[1], url.Values{"until": {"2026-04-10T13:00"}}), "f-end-"+id, "end lies before")
	went(t, agent.Post(action[1], url.Values{"until": {"2026-04-10T20:30"}}))
	has(t, agent.Get(contractPath), "10 Apr 2026, 14:00 – 20:30", "6 h 30 min", "Owed, not claimed", "61.73 EUR")

	has(t, agent.Post(contractPath+"/incidents", with(form, "title", "Something else")), "Nothing was recorded.")
	for field, wrong := range map[string][2]string{
		"title": {"", "This is needed."}, "reference": {" ", "This is needed."}, "from": {"2026-06-01T10:00", "future"}, "until": {"yesterday", "yesterday"},
	} {
		refusedAt(t, agent.Post(contractPath+"/incidents", with(form, field, wrong[0])), "f-incident-"+field, wrong[1])
	}
	has(t, agent.Post(contractPath+"/incidents", with(form, "service", "999999")), "This is needed.")
	if a := agent.Post(contractPath+"/incidents/999/end", url.Values{"until": {"2026-04-10T20:30"}}); a.Status != http.StatusNotFound {
		t.Errorf("no such incident: %d", a.Status)
	}
}

func TestTimeIsLeftOutOnThePage(t *testing.T) {
	t.Parallel()
	r := open(t)
	agent := r.As(access.Agent)
	form := url.Values{"kind": {"maintenance"}, "service": {""}, "from": {"2026-04-10T14:00"}, "until": {"2026-04-10T14:10"}, "reason": {"Announced on 2 April"}}
	went(t, agent.Post(contractPath+"/exclusions", form))
	went(t, agent.Post(contractPath+"/exclusions", form)) // the same window again is the same
	page := agent.Get(contractPath)
	has(t, page, "10 Apr 2026, 14:00 – 14:10", "planned maintenance · all services · Announced on 2 April")
	if n := strings.Count(page.Text, "Announced on 2 April"); n != 1 {
		t.Errorf("the window is there %d times", n)
	}
	refusedAt(t, agent.Post(contractPath+"/exclusions", with(form, "until", "2026-04-10T13:00")), "f-exclusion-until", "end lies before")
	refusedAt(t, agent.Post(contractPath+"/exclusions", with(form, "reason", "")), "f-exclusion-reason", "This is needed.")
	auditor := r.As(access.Auditor)
	for _, path := range []string{"/incidents", "/exclusions"} {
		if a := auditor.Post(contractPath+path, form); a.Status != http.StatusForbidden {
			t.Errorf("an auditor at %s: %d", path, a.Status)
		}
	}
	if a := auditor.Get(contractPath); strings.Contains(a.Text, "Record an incident") || strings.Contains(a.Text, "Leave time out") {
		t.Error("an auditor is led to forms that it may not send")
	}
}
