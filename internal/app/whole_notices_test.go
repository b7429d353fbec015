package app_test

import (
	"fmt"
	"strings"
	"testing"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/api"
	"makegood/internal/db"
	"makegood/internal/scenario"
)

// What an agent was told reaches them: the bell hears of it, the page lists it, and by the API it is read and acknowledged, by nobody else.
func TestNoticesReachAnAgent(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	agent, me := h.browse(access.Agent), h.Users[access.Agent].ID
	c := h.caseOf(h.as(access.Agent))
	id := cases.ID(count(t, h.app.DB, `select id from cases where number = $1`, c.Number))
	heard := agent.follow(fmt.Sprintf("user:%d", me))
	must(t, h.app.DB.Do(t.Context(), func(tx *db.Tx) error {
		return h.app.Cases.NotifyTx(t.Context(), tx, cases.Notice{UserID: me, CaseID: &id, Key: "notice.mentioned", Params: map[string]string{"number": c.Number, "by": "Sven"}})
	}))
	until(t, "the bell to hear of it", heard, func() bool { return strings.Contains(agent.page("/notices/bell"), "1 unread") })
	if page := agent.page("/notices"); !strings.Contains(page, "/cases/"+c.Number) {
		t.Errorf("the page does not lead to %s:\n%s", c.Number, page)
	}
	type told struct {
		Items  []api.Notice `json:"items"`
		Unread int          `json:"unread"`
	}
	var list told
	h.as(access.Agent).ask(200, "GET", "/me/notices/received", nil, &list)
	if list.Unread != 1 || len(list.Items) != 1 || list.Items[0].Case != c.Number || list.Items[0].Text != "Sven mentioned you in "+c.Number+"." || list.Items[0].Asks {
		t.Fatalf("%+v", list)
	}
	path := fmt.Sprintf("/me/notices/received/%d/acknowledge", list.Items[0].ID)
	h.as(access.Supervisor).ask(404, "POST", path, map[string]any{}, nil)
	var one api.Notice
	h.as(access.Agent).ask(200, "POST", path, map[string]any{}, &one)
	if one.AcknowledgedAt == nil || one.ReadAt == nil {
		t.Errorf("%+v", one)
	}
	var left struct {
		Unread int `json:"unread"`
	}
	h.as(access.Agent).ask(200, "POST", "/me/notices/received/read", map[string]any{}, &left)
	if left.Unread != 0 {
		t.Errorf("%+v", left)
	}
}
