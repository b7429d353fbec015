package app_test

import (
	"strconv"
	"strings"
	"testing"

	"makegood/internal/access"
	"makegood/internal/api"
	"makegood/internal/scenario"
)

// TestAuthorityChangesThroughTheAPI: policy, levels and holders change by two people there as on screen, and what is wrong is named.
func TestAuthorityChangesThroughTheAPI(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	controller, director := h.as(access.Controller), h.as(access.Director)
	var levels struct{ Items []api.AuthorityLevel }
	controller.ask(200, "GET", "/authority/levels", nil, &levels)
	second := levels.Items[1]
	terms := map[string]any{"signatures": 1, "comment": "Fewer small ones go up", "limits": []map[string]any{{"kind": "billing_error", "max": "1500", "own": "20"}}}
	var change api.AuthorityChange
	path := "/authority/levels/" + number(second.ID) + "/changes"
	controller.ask(201, "POST", path, terms, &change)
	if change.State != "proposed" || change.LevelID != second.ID || !strings.Contains(string(change.Content), "1500") || !strings.Contains(string(change.Before), "1000") {
		t.Fatalf("%+v", change)
	}
	confirm := "/authority/changes/" + number(change.ID) + "/confirm"
	controller.ask(403, "POST", confirm, map[string]any{}, nil)
	h.as(access.Agent).ask(403, "POST", confirm, map[string]any{}, nil)
	director.ask(422, "POST", "/authority/changes/"+number(change.ID)+"/refuse", map[string]any{}, nil)
	director.ask(200, "POST", confirm, map[string]any{}, &change)
	controller.ask(200, "GET", "/authority/levels", nil, &levels)
	if change.State != "confirmed" || len(levels.Items[1].Limits) != 1 || levels.Items[1].Limits[0].Max.Amount != "1500.00" {
		t.Errorf("%+v %+v", change, levels.Items[1])
	}
	var holder api.AuthorityChange
	controller.ask(201, "POST", "/authority/levels/"+number(second.ID)+"/holders", map[string]any{
		"user_id": h.Users[access.Agent].ID, "holds": true, "comment": "Grows into it",
	}, &holder)
	controller.ask(200, "POST", "/authority/changes/"+number(holder.ID)+"/withdraw", map[string]any{}, &holder)
	if holder.State != "withdrawn" {
		t.Errorf("%+v", holder)
	}
	draft := "cooling_days: 3\nrules:\n  - name: A director looks\n    when: {kinds: [billing_error]}\n    then: {step: {role: director}}\n"
	var replay api.Replay
	controller.ask(200, "POST", "/authority/policy/replay", map[string]any{"yaml": draft}, &replay)
	if len(replay.Differences) == 0 {
		t.Errorf("%+v", replay)
	}
	controller.ask(422, "POST", "/authority/policy/changes", map[string]any{"yaml": strings.Replace(draft, "role: director", "role: wizard", 1), "comment": "x"}, nil)
	controller.ask(201, "POST", "/authority/policy/changes", map[string]any{"yaml": draft, "comment": "The director wants to see them"}, &change)
	director.ask(200, "POST", "/authority/changes/"+number(change.ID)+"/confirm", map[string]any{}, nil)
	var now api.AuthorityPolicy
	controller.ask(200, "GET", "/authority/policy", nil, &now)
	if !strings.Contains(now.YAML, "A director looks") {
		t.Errorf("%s", now.YAML)
	}
	wrong := map[string]any{"signatures": 1, "comment": "x", "limits": []map[string]any{{"kind": "billing_error", "max": "a lot"}}}
	if got := controller.try("POST", path, wrong); got.status != 422 || !strings.Contains(string(got.body), "limits.0.max") {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func number(id int64) string { return strconv.FormatInt(id, 10) }
