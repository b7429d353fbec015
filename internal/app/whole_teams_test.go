package app_test

import (
	"fmt"
	"strings"
	"testing"

	"makegood/internal/access"
	"makegood/internal/api"
	"makegood/internal/scenario"
)

// TestTeamsThroughTheAPI: a team is added, gets a lead and a rule for mail, and is retired when no rule sends cases to it any more; no
// rule is made for a retired one.
func TestTeamsThroughTheAPI(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	boss := h.as(access.Supervisor)
	var team api.Team
	boss.ask(201, "POST", "/teams", map[string]any{"name": "Tax"}, &team)
	if team.Name != "Tax" || team.Lead != nil || team.Version != 1 {
		t.Errorf("added: %+v", team)
	}
	at := fmt.Sprintf("/teams/%d", team.ID)
	lead := h.Users[access.Senior]
	boss.ask(200, "PUT", at, map[string]any{"name": "Tax and duties", "lead_id": lead.ID, "version": 1}, &team)
	if team.Name != "Tax and duties" || team.LeadName != lead.Name || team.Version != 2 {
		t.Errorf("changed: %+v", team)
	}
	if got := boss.try("PUT", at, map[string]any{"name": "Tax", "version": 1}); got.status != 409 {
		t.Errorf("a stale version: %d %s", got.status, got.body)
	}
	var list struct {
		Items []api.Team `json:"items"`
	}
	boss.ask(200, "GET", "/teams", nil, &list)
	if len(list.Items) != 2 || len(list.Items[0].People) == 0 || list.Items[1].Name != team.Name {
		t.Errorf("list: %+v", list.Items)
	}

	var rules api.SortingRules
	boss.ask(200, "GET", "/sorting/rules", nil, &rules)
	forTeam := func(version int64) map[string]any {
		return map[string]any{"version": version, "rules": []any{map[string]any{
			"id": 0, "name": "Duties", "active": true, "when": []any{map[string]any{"field": "subject", "op": "contains", "values": []string{"duty"}}},
			"then": map[string]any{"team_id": team.ID},
		}}}
	}
	boss.ask(200, "PUT", "/sorting/rules", forTeam(rules.Version), &rules)
	retired := map[string]any{"name": team.Name, "version": 2, "retired": true}
	if got := boss.try("PUT", at, retired); got.status != 422 || !strings.Contains(string(got.body), "Change the rule first") {
		t.Errorf("with a rule: %d %s", got.status, got.body)
	}
	boss.ask(200, "PUT", "/sorting/rules", map[string]any{"version": rules.Version, "rules": []any{}}, &rules)
	var now api.Team
	boss.ask(200, "PUT", at, retired, &now)
	if !now.Retired || now.Lead != nil || now.Version != 3 {
		t.Errorf("retired: %+v", now)
	}
	if got := boss.try("PUT", "/sorting/rules", forTeam(rules.Version)); got.status != 422 {
		t.Errorf("a rule for a retired team: %d %s", got.status, got.body)
	}
}
